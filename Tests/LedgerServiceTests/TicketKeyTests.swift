import BoxOffice
import Foundation
import HTTPEdge
import LedgerService
import Schemas
import Stage
import Store
import Testing
import Tickets
import Values

@Suite struct TicketKeyTests {
    /// A data folder that goes with the test.
    private final class Folder: Sendable {
        let path = FileManager.default.temporaryDirectory.appending(path: "ring-\(UUID().uuidString)").path
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private func open(_ folder: Folder, at time: ManualTime) async throws -> LedgerService {
        let settings = try #require(
            LedgerSettings(
                issuer: "https://ledger.test", audience: "https://gateway.test", sandboxTopups: true,
                policies: try PolicyBook(json: PolicyPresets.json), policy: "guichet-demo-2026"))
        return try await LedgerService.open(
            database: try Database.ledger(at: folder.path + "/ledger.db"), settings: settings,
            keys: KeyFolder(folder.path), clock: time.clock)
    }

    private func kid(_ token: String) throws -> String {
        let header = try #require(token.split(separator: ".").first.flatMap { Base64URL.decode($0) })
        let members = try JSONSerialization.jsonObject(with: Data(header)) as? [String: String]
        return try #require(members?["kid"])
    }

    @Test
    func `tickets before and after a rotation hold, repeats give the same bytes, and the old key leaves by itself`()
        async throws
    {
        let folder = try Folder()
        let time = ManualTime(try #require(Instant("2026-03-02T12:00:00Z")))
        var service = try await open(folder, at: time)
        let host = try await service.createHost(name: "Ana", by: .operator).host.host
        let doors = try #require(Instant("2026-03-02T12:00:00Z"))
        let draft = RoomDraft(
            title: "T", language: "en", doorsOpenAt: doors, startsAt: doors, endsAt: doors.advanced(bySeconds: 3_600),
            capacity: 9)
        let room = try await service.createRoom(draft, price: Money(100, .eur), by: .host(host)).room
        let holder = try await service.createWallet().holder
        let wallet = Caller.wallet(holder)
        _ = try await service.topUp(
            holder, Money(5_000, .eur), key: try #require(IdempotencyKey("top")), by: .operator)
        func buy(_ name: String) async throws -> String {
            try await service.buy(
                room, at: Money(100, .eur), key: try #require(IdempotencyKey(name)), by: wallet
            ).token
        }
        let old = try await buy("one")
        let cursor = try await service.snapshot().cursor
        let once = try #require(IdempotencyKey("rotate"))
        let new = try await service.rotateTicketKey(key: once, by: .operator)
        #expect(new.state == .announced)
        #expect(try await service.rotateTicketKey(key: once, by: .operator) == new)
        // Gateways and the key set know it a minute before its first ticket.
        let told = try await service.feed(after: cursor).events
        #expect(told.count == 1)
        guard case .keys(let jwks)? = told.first?.change else {
            Issue.record("The feed tells of something else.")
            return
        }
        #expect(try KeyRing(jwks: jwks)[new.kid] != nil)
        #expect(jwks == service.keyRing.jwks)
        #expect(try kid(try await buy("two")) == kid(old))
        time.advance(bySeconds: 60)
        let fresh = try await buy("three")
        #expect(try kid(fresh) == new.kid)
        // Repeats of both sides of the rotation, also in a process that was started later.
        for _ in 0..<2 {
            #expect(try await buy("one") == old)
            #expect(try await buy("three") == fresh)
            for token in [old, fresh] { #expect(try await service.verify(token).valid) }
            await service.database.close()
            service = try await open(folder, at: time)
        }
        let first = try #require(try service.ticketKeyViews(by: .auditor).first)
        await #expect(throws: KeyRotationRefusal.self) {
            try await service.retireTicketKey(first.kid, by: .operator)
        }
        #expect(try service.ticketKeyViews(by: .auditor).map(\.state) == [.verifying, .signing])
        try await service.refreshTicketKeys()
        #expect(service.keyRing.keys.count == 2)
        // The room is over, and a minute more.
        time.advance(bySeconds: 3_600)
        try await service.refreshTicketKeys()
        #expect(service.keyRing.keys.map(\.id) == [new.kid])
        #expect(try service.ticketKeyViews(by: .auditor).map(\.state) == [.retired, .signing])
        #expect(throws: EdgeRefusal.self) { try service.ticketKeyViews(by: .finance) }
        await service.database.close()
    }

    @Test func `a stolen key leaves at once, and its tickets can be fetched again`() async throws {
        let folder = try Folder()
        let time = ManualTime(try #require(Instant("2026-03-02T12:00:00Z")))
        let service = try await open(folder, at: time)
        let host = try await service.createHost(name: "Ana", by: .operator).host.host
        let doors = time.clock.now()
        let draft = RoomDraft(
            title: "T", language: "en", doorsOpenAt: doors, startsAt: doors, endsAt: doors.advanced(bySeconds: 3_600),
            capacity: 9)
        let room = try await service.createRoom(draft, price: Money(100, .eur), by: .host(host)).room
        let holder = try await service.createWallet().holder
        _ = try await service.topUp(
            holder, Money(100, .eur), key: try #require(IdempotencyKey("top")), by: .operator)
        let wallet = Caller.wallet(holder)
        let sold = try await service.buy(
            room, at: Money(100, .eur), key: try #require(IdempotencyKey("one")), by: wallet)
        let stolen = try kid(sold.token)
        await #expect(throws: KeyRotationRefusal.signs) {
            try await service.retireTicketKey(stolen, compromised: true, by: .operator)
        }
        time.advance(bySeconds: 1)
        let new = try await service.rotateTicketKey(signsInSeconds: 0, by: .operator)
        #expect(new.state == .signing)
        let gone = try await service.retireTicketKey(stolen, compromised: true, by: .operator)
        #expect(gone.state == .retired && gone.reason == "compromised")
        #expect(try await service.verify(sold.token).code == "ticket_key_unknown")
        let again = try #require(try await service.ticket(sold.ticket, by: wallet).token)
        #expect(try kid(again) == new.kid)
        #expect(try await service.verify(again).valid)
        await service.database.close()
    }

    @Test func `a server does not start with a private key that others can read`() async throws {
        let folder = try Folder()
        let time = ManualTime(try #require(Instant("2026-03-02T12:00:00Z")))
        let service = try await open(folder, at: time)
        let new = try await service.rotateTicketKey(by: .operator)
        await service.database.close()
        let file = "\(folder.path)/ticket-keys/\(new.kid).pem"
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        await #expect(throws: KeyRefusal.fileExposed(path: file, mode: "644")) { try await open(folder, at: time) }
    }

    @Test func `a signed snapshot is checked with the key set alone and says until when it holds`() async throws {
        let house = try await House()
        try await house.api { api in
            let key = try await api.post("/v1/keys", #"{"scope":"gateway"}"#, key: House.operatorKey).text("key")
            let answer = try await api.get("/v1/gateway/snapshot.jws", key: key)
            #expect(answer.status == 200)
            let ring = try KeyRing(
                jwks: String(decoding: try await api.get("/.well-known/jwks.json").bytes, as: UTF8.self))
            let payload = try #require(
                SignedStatement.open(
                    String(decoding: answer.bytes, as: UTF8.self), type: SignedStatement.snapshotType, with: ring))
            let members = try #require(JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any])
            #expect(members["issuedAt"] as? String == "2026-03-02T12:00:00Z")
            #expect(members["staleAfter"] as? String == "2026-03-02T12:10:00Z")
            let inner = try JSONSerialization.data(withJSONObject: try #require(members["snapshot"]))
            let snapshot = try JSONDecoder().decode(GatewaySnapshot.self, from: inner)
            #expect(try await snapshot == house.service.snapshot())
        }
    }
}

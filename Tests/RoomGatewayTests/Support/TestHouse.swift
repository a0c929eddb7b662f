import AsyncHTTPClient
import Foundation
import HTTPEdge
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NIOHTTP1
import RoomClient
import RoomGateway
import Stage
import Tickets
import Values

/// A gateway with real sockets, a real spool and real tickets, beside a scripted ledger.
struct TestHouse: Sendable {
    static let issuer = "https://ledger.test"
    static let audience = "gateways.test"

    let room: RoomBrief
    let ledger: ScriptedLedger
    let gateway: RoomGateway
    var http: HTTPClient
    let origin: String
    private let signer: TicketSigner

    /// Opens everything on loopback, runs the body, closes everything.
    static func open(
        capacity: Int = 10, spool: String? = nil, key: SigningKey = .generate(), room: RoomBrief? = nil,
        ledger: ScriptedLedger? = nil, configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: @Sendable @escaping (TestHouse) async throws -> Void
    ) async throws {
        let path = spool ?? temporarySpool()
        defer { if spool == nil { removeSpool(path) } }
        let room = room ?? brief(capacity: capacity)
        let ledger = ledger ?? ScriptedLedger(jwks: KeyRing([key.verifyingKey]).jwks, rooms: [room])
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var configuration = GatewayConfiguration(spoolPath: path)
        configuration.allowedOrigins = ["https://tickets.test"]
        configuration.feedWaitSeconds = 1
        configure(&configuration)
        let gateway = try await RoomGateway(configuration: configuration, link: ledger, logger: logger)
        let running = Task { await gateway.run() }
        let router = Router(context: GatewayRequestContext.self)
        // Tests say where a person comes from.
        router.add(middleware: TrustedProxies(["127.0.0.1", "::1"].compactMap { IPRange($0) }))
        gateway.addRoutes(to: router)
        gateway.addHealth(to: router)
        let application = Application(router: router, logger: logger)
        let http = HTTPClient.forSessions()
        let outcome: Result<Void, any Error>
        do {
            try await application.test(.live) { client in
                guard let port = client.port else { throw Unready() }
                let house = TestHouse(
                    room: room, ledger: ledger, gateway: gateway, http: http, origin: "http://127.0.0.1:\(port)",
                    signer: TicketSigner(key: key))
                try await house.waitUntilReady()
                do { try await body(house) } catch {
                    gateway.shutdown()
                    throw error
                }
                // Live views end with the gateway; only then can the server finish its responses.
                gateway.shutdown()
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        gateway.shutdown()
        await running.value
        try await http.shutdown()
        try outcome.get()
    }

    struct Unready: Error {}

    private func waitUntilReady() async throws {
        for _ in 0..<500 {
            if gateway.isReady { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Unready()
    }

    static func temporarySpool() -> String {
        FileManager.default.temporaryDirectory.appending(path: "spool-\(UUID().uuidString).sqlite").path
    }

    static func removeSpool(_ path: String) {
        for suffix in ["", "-wal", "-shm", ".lock", "-lock"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
    }

    static func id<Kind>(_ kind: Identifier<Kind>.Type = Identifier<Kind>.self) -> Identifier<Kind> {
        var generator = SystemRandomNumberGenerator()
        return .make(at: WallClock.system.now(), using: &generator)
    }

    static func brief(
        capacity: Int = 10, state: RoomBrief.State = .open, holderKey: HolderKeyPolicy = .none
    ) -> RoomBrief {
        let now = WallClock.system.now()
        return RoomBrief(
            room: id(), host: id(), title: "An evening of tests", startsAt: now.advanced(bySeconds: -60),
            endsAt: now.advanced(bySeconds: 3_600), doorsOpenAt: now.advanced(bySeconds: -600), capacity: capacity,
            state: state, holderKey: holderKey)
    }

    // MARK: - Tickets

    /// A ticket and its text.
    struct Held: Sendable {
        let id: TicketID
        let token: String
        let holder: Subject
    }

    func ticket(
        _ role: Role, holder: Subject? = nil, room other: RoomID? = nil, from: Int64 = -60, seconds: Int64 = 3_600,
        signedBy foreign: SigningKey? = nil, boundTo key: SigningKey? = nil, again earlier: Held? = nil
    ) -> Held {
        let now = WallClock.system.now()
        let holder = holder ?? earlier?.holder ?? (role == .host ? .host(room.host) : .holder(Self.id()))
        let id = earlier?.id ?? Self.id(TicketID.self)
        guard
            let claims = TicketClaims(
                issuer: Self.issuer, audience: Self.audience, subject: holder, ticket: id, room: other ?? room.room,
                role: role, notBefore: now.advanced(bySeconds: from), expiresAt: now.advanced(bySeconds: seconds),
                issuedAt: now.advanced(bySeconds: from), policy: "test/1", confirmationThumbprint: key?.id)
        else { preconditionFailure("These claims are in bounds.") }
        return Held(id: id, token: (foreign.map { TicketSigner(key: $0) } ?? signer).sign(claims), holder: holder)
    }

    // MARK: - Requests

    struct Answer: Sendable {
        let status: UInt
        let headers: [(String, String)]
        let body: String

        func header(_ name: String) -> String? { headers.first { $0.0.lowercased() == name.lowercased() }?.1 }
        /// The code of problem details.
        var code: String? { member("code") as? String }
        func member(_ name: String) -> Any? {
            (try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])?[name]
        }
    }

    func url(_ path: String) -> String { "\(origin)/rooms/\(room.room)/\(path)" }

    func send(
        _ method: String, _ path: String, token: String? = nil, type: String? = nil, body: String? = nil,
        headers: [(String, String)] = []
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: path.hasPrefix("/") ? origin + path : url(path))
        request.method = .init(rawValue: method)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let type { request.headers.add(name: "Content-Type", value: type) }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await http.execute(request, timeout: .seconds(120))
        let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
        return Answer(
            status: UInt(response.status.code), headers: response.headers.map { ($0.name, $0.value) }, body: text)
    }

    func offer(_ verb: String, _ token: String?, _ offer: String) async throws -> Answer {
        try await send("POST", verb, token: token, type: "application/sdp", body: offer)
    }
}

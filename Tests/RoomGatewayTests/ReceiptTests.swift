import AudioRelay
import Foundation
import HTTPEdge
import MediaWire
import Stage
import Testing
import Tickets
import Values

@testable import RoomGateway

@Suite("Receipts", .serialized, .timeLimit(.minutes(2)))
struct ReceiptTests {
    private static func listenersOffer() throws -> String {
        var generator = SystemRandomNumberGenerator()
        return try ClientPeer(
            .listen(slots: 1), certificate: RelayCertificate(),
            candidates: [SocketAddress(ipv4: 0x7F00_0001, port: 9)], using: &generator
        ).offer
    }

    @Test("a gateway that dies with people inside, beside a ledger that is away, loses and doubles nothing")
    func crash() async throws {
        let (spool, afterCrash) = (TestHouse.temporarySpool(), TestHouse.temporarySpool())
        defer {
            TestHouse.removeSpool(spool)
            TestHouse.removeSpool(afterCrash)
        }
        let key = SigningKey.generate()
        let room = TestHouse.brief()
        let ledger = ScriptedLedger(jwks: KeyRing([key.verifyingKey]).jwks, rooms: [room])
        let tickets = Tickets()
        try await TestHouse.open(spool: spool, key: key, room: room, ledger: ledger) { house in
            let offer = try Self.listenersOffer()
            await ledger.setAway(true)
            for _ in 0..<3 {
                let ticket = house.ticket(.listener)
                #expect(try await house.offer("whep", ticket.token, offer).status == 201)
                await tickets.add(ticket.id)
            }
            #expect(try await holds { await ledger.deliveries > 1 })
            #expect(await ledger.receipts.isEmpty)
            // The files as they are on disk at this moment: what kill -9 leaves behind.
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: spool + suffix, toPath: afterCrash + suffix)
            }
        }
        await ledger.setAway(false)
        await ledger.loseAnswers(2)
        try await TestHouse.open(spool: afterCrash, key: key, room: room, ledger: ledger) { house in
            #expect(try await holds { await ledger.receipts.count >= 6 })
            let receipts = await ledger.receipts
            #expect(receipts.map(\.sequence) == Array(1...6))
            #expect(receipts.prefix(3).map(\.kind) == [.entered, .entered, .entered])
            #expect(receipts.suffix(3).map(\.kind.leftReason?.text) == Array(repeating: "gateway_restarted", count: 3))
            let all = await tickets.all
            #expect(Set(receipts.suffix(3).map(\.ticket)) == all)
            // And life goes on in the same chain.
            let offer = try Self.listenersOffer()
            #expect(
                try await house.offer("whep", house.ticket(.listener).token, offer).status == 201)
            #expect(try await ledger.receipt { $0.sequence == 7 && $0.kind == .entered } != nil)
            #expect(await ledger.deliveries >= 3)
        }
    }

    private actor Tickets {
        private(set) var all: Set<TicketID> = []
        func add(_ id: TicketID) { all.insert(id) }
    }

    @Test("an orderly end writes why everybody left")
    func shutdown() async throws {
        let spool = TestHouse.temporarySpool()
        defer { TestHouse.removeSpool(spool) }
        let room = TestHouse.brief()
        let key = SigningKey.generate()
        let ledger = ScriptedLedger(jwks: KeyRing([key.verifyingKey]).jwks, rooms: [room])
        try await TestHouse.open(spool: spool, key: key, room: room, ledger: ledger) { house in
            let offer = try Self.listenersOffer()
            #expect(
                try await house.offer("whep", house.ticket(.listener).token, offer).status == 201)
        }
        let receipts = await ledger.receipts
        #expect(receipts.map(\.kind.leftReason) == [nil, .gatewayStopped])
    }

    @Test("a removal is remembered over a restart")
    func removalOverRestart() async throws {
        let spool = TestHouse.temporarySpool()
        defer { TestHouse.removeSpool(spool) }
        let room = TestHouse.brief()
        let key = SigningKey.generate()
        let ledger = ScriptedLedger(jwks: KeyRing([key.verifyingKey]).jwks, rooms: [room])
        let person = Subject.holder(TestHouse.id())
        try await TestHouse.open(spool: spool, key: key, room: room, ledger: ledger) { house in
            let answer = try await house.offer(
                "whep", house.ticket(.listener, holder: person).token, Self.listenersOffer())
            let admission = try #require(answer.header("Location")?.split(separator: "/").last)
            let removed = try await house.send(
                "POST", "remove", token: house.ticket(.host).token, type: "application/json",
                body: #"{"admission":"\#(admission)"}"#)
            #expect(removed.status == 200)
        }
        try await TestHouse.open(spool: spool, key: key, room: room, ledger: ledger) { house in
            let token = house.ticket(.listener, holder: person).token
            let offer = try Self.listenersOffer()
            #expect(try await house.offer("whep", token, offer).code == "removed_from_room")
        }
    }

    @Test("a valid ticket that is turned away leaves a receipt")
    func turnedAway() async throws {
        try await TestHouse.open(capacity: 0) { house in
            let ticket = house.ticket(.listener)
            let offer = try Self.listenersOffer()
            #expect(try await house.offer("whep", ticket.token, offer).code == "room_full")
            let receipt = try await house.ledger.receipt { $0.ticket == ticket.id }
            #expect(receipt?.kind == ReasonCode("room_full").map { .refused(code: $0) })
        }
    }

    @Test("a spool of another gateway than the configured one is not touched")
    func foreignSpool() async throws {
        let spool = TestHouse.temporarySpool()
        defer { TestHouse.removeSpool(spool) }
        let first: GatewayID = TestHouse.id()
        try await TestHouse.open(spool: spool, configure: { $0.gateway = first }) { house in
            #expect(house.gateway.id == first)
        }
        let second: GatewayID = TestHouse.id()
        await #expect(throws: GatewayFault.foreignSpool(stored: first, configured: second)) {
            try await TestHouse.open(spool: spool, configure: { $0.gateway = second }) { _ in }
        }
    }
}

import AsyncHTTPClient
import AudioRelay
import Foundation
import MediaWire
import NIOCore
import NIOHTTP1
import Stage
import Synchronization
import Testing
import Tickets
import Values

@testable import RoomGateway

@Suite("The gateway's own limits", .serialized, .timeLimit(.minutes(2)))
struct LimitTests {
    private static func listenersOffer() throws -> String {
        var generator = SystemRandomNumberGenerator()
        return try ClientPeer(
            .listen(slots: 1), certificate: RelayCertificate(),
            candidates: [SocketAddress(ipv4: 0x7F00_0001, port: 9)], using: &generator
        ).offer
    }

    @Test("a gateway with as many people as it takes says so, and one that ends lets nobody in")
    func fullAndClosing() async throws {
        try await TestHouse.open(configure: { $0.maximumPeers = 1 }) { house in
            let offer = try Self.listenersOffer()
            #expect(try await house.offer("whep", house.ticket(.listener).token, offer).status == 201)
            #expect(try await house.offer("whep", house.ticket(.listener).token, offer).code == "gateway_full")
            house.gateway.shutdown()
            let isClosing = try await holds {
                try await house.offer("whep", house.ticket(.listener).token, offer).code == "gateway_closing"
            }
            #expect(isClosing)
        }
    }

    @Test("whoever comes with a good ticket and is turned away has a receipt with the reason, whatever it was")
    func receipts() async throws {
        var brief = TestHouse.brief()
        brief.state = .open
        try await TestHouse.open(
            room: brief,
            configure: { $0.maximumPeers = 1 }
        ) { house in
            let (offer, voice) = (try TestHouse.deadOffer(), try TestHouse.deadOffer(.publish))
            func isTold(_ code: String, of ticket: TestHouse.Held) async throws -> Bool {
                let reason = try #require(ReasonCode(code))
                return try await house.ledger.receipt {
                    $0.ticket == ticket.id && $0.kind == .refused(code: reason) && $0.room == house.room.room
                        && $0.holder == ticket.holder
                } != nil
            }
            #expect(try await house.enter(house.ticket(.listener), offer, from: "10.0.0.1").status == 201)
            let full = house.ticket(.listener)
            #expect(try await house.enter(full, offer, from: "10.0.0.2").code == "gateway_full")
            #expect(try await isTold("gateway_full", of: full))
            let mute = house.ticket(.listener)
            #expect(try await house.enter(mute, voice, verb: "whip", from: "10.0.0.2").code == "ticket_role")
            #expect(try await isTold("ticket_role", of: mute))
            let refunded = house.ticket(.listener)
            await house.ledger.say(
                .revoked(.init(ticket: refunded.id, room: house.room.room, reason: .refunded, at: wallNow())))
            #expect(
                try await holds {
                    try await house.enter(refunded, offer, from: "10.0.0.2").code == "ticket_revoked"
                })
            #expect(try await isTold("ticket_revoked", of: refunded))
            let hasty = house.ticket(.listener)
            var codes: [String?] = []
            for _ in 0..<40 { codes.append(try await house.enter(hasty, offer, from: "10.0.0.3").code) }
            #expect(codes.contains("gateway_full") && codes.contains("too_many_joins"))
            #expect(try await isTold("too_many_joins", of: hasty))
            let last = house.ticket(.listener)
            house.gateway.shutdown()
            #expect(
                try await holds { try await house.enter(last, offer, from: "10.0.0.4").code == "gateway_closing" })
            // Not one for each attempt: the door is cheaper than the disk.
            let written = await house.ledger.receipts.filter { $0.ticket == hasty.id }.count
            #expect((20...25).contains(written), "\(written)")
            #expect(await house.ledger.receipts.filter { $0.ticket == full.id }.count == 1)
        }
    }

    @Test("a gateway that stops has written down whom it turned away, and says so when it comes back")
    func closing() async throws {
        let spool = TestHouse.temporarySpool()
        defer { TestHouse.removeSpool(spool) }
        let key = SigningKey.generate()
        let room = TestHouse.brief()
        let ledger = ScriptedLedger(jwks: KeyRing([key.verifyingKey]).jwks, rooms: [room])
        let late = Mutex<TicketID?>(nil)
        try await TestHouse.open(spool: spool, key: key, room: room, ledger: ledger) { house async throws in
            let ticket = house.ticket(.listener)
            let offer = try TestHouse.deadOffer()
            await house.gateway.rooms.close()
            #expect(try await house.enter(ticket, offer).code == "gateway_closing")
            late.withLock { $0 = ticket.id }
        }
        let ticket = try #require(late.withLock { $0 })
        let reason = try #require(ReasonCode("gateway_closing"))
        #expect(try await ledger.receipt { $0.ticket == ticket && $0.kind == .refused(code: reason) } != nil)
    }

    @Test("a ticket has so many live views and no more")
    func views() async throws {
        try await TestHouse.open { house in
            let token = house.ticket(.listener).token
            var open: [HTTPClientResponse] = []
            for _ in 0..<4 {
                var request = HTTPClientRequest(url: house.url("events"))
                request.headers.add(name: "Authorization", value: "Bearer \(token)")
                open.append(try await house.http.execute(request, timeout: .seconds(10)))
            }
            #expect(open.allSatisfy { $0.status == .ok })
            #expect(try await house.send("GET", "events", token: token).code == "too_many_event_streams")
            withExtendedLifetime(open) {}
        }
    }
}

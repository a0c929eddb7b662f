import AudioRelay
import Datagrams
import RoomClient
import RoomGateway
import Stage
import Synchronization
import Testing
import Tickets
import Values

@Suite("Tickets that end at another time", .serialized, .timeLimit(.minutes(2)))
struct EndTests {
    private func end(_ ticket: TestHouse.Held, in house: TestHouse, seconds: Int64) -> FeedEvent.Change {
        .extended(
            TicketEnd(
                ticket: ticket.id, room: house.room.room, endsAt: wallNow().advanced(bySeconds: seconds), at: wallNow())
        )
    }

    @Test("whoever bought more time hears on without a cut, and whoever did not is cut at the old end")
    func extended() async throws {
        try await TestHouse.open { house in
            let (longer, other) = (Ear(), Ear())
            // Ten seconds to come in, on a machine that has other things to do.
            let ticket = house.ticket(.listener, seconds: 10)
            let plain = house.ticket(.listener, seconds: 10)
            let oldEnd = monotonicNanoseconds() + 10_000_000_000
            let tasks = [house.listen(ticket.token, into: longer), house.listen(plain.token, into: other)]
            let publishing = house.publish(house.ticket(.host).token, packets(200))
            #expect(try await longer.hears(10))
            #expect(try await other.hears(10))
            await house.ledger.say(end(ticket, in: house, seconds: 14))
            #expect(try await holds { other.ended.withLock { $0 != nil } })
            #expect(other.count(after: oldEnd + 1_000_000_000) == 0)
            // At the old end nothing happens to the other one: a second of packets behind it, and still there.
            #expect(try await holds { longer.count(after: oldEnd) >= 50 })
            #expect(longer.ended.withLock { $0 } == nil)
            #expect(try await holds { longer.ended.withLock { $0 != nil } })
            let entries = await house.ledger.receipts.filter { $0.ticket == ticket.id }
            #expect(entries.filter { $0.kind == .entered }.count == 1)
            let left = try #require(try await house.ledger.receipt { $0.ticket == ticket.id && $0.kind.isLeft })
            #expect(left.kind.leftReason == .ticketExpired)
            publishing.cancel()
            for task in tasks { task.cancel() }
        }
    }

    @Test("an old token gets the time that was bought meanwhile, and a newer one says it itself")
    func tokens() async throws {
        try await TestHouse.open { house in
            let ticket = house.ticket(.listener, seconds: 6)
            await house.ledger.say(end(ticket, in: house, seconds: 3_600))
            let publishing = house.publish(house.ticket(.host).token, packets(200))
            let started = monotonicNanoseconds()
            // The feed needs a moment; the door knows once another ticket that it tells of is refused.
            let mark = house.ticket(.listener)
            await house.ledger.say(
                .revoked(.init(ticket: mark.id, room: house.room.room, reason: .refunded, at: wallNow())))
            let isTold = try await holds {
                try await house.send("GET", "stage", token: mark.token).code == "ticket_revoked"
            }
            #expect(isTold)
            let ear = Ear()
            let listening = house.listen(ticket.token, into: ear)
            #expect(try await ear.hears(10))
            #expect(try await holds { ear.count(after: started + 6_500_000_000) >= 25 })
            // Behind its own end the old token opens nothing any more.
            #expect(try await house.send("GET", "events", token: ticket.token).code == "ticket_expired")
            publishing.cancel()
            listening.cancel()
        }
    }

    @Test("time that was given back ends the ticket where it ended before, inside and at the door")
    func shortened() async throws {
        try await TestHouse.open { house in
            let ear = Ear()
            let ticket = house.ticket(.listener, seconds: 3_600)
            let listening = house.listen(ticket.token, into: ear)
            let publishing = house.publish(house.ticket(.host).token, packets(200))
            #expect(try await ear.hears(10))
            await house.ledger.say(end(ticket, in: house, seconds: 1))
            #expect(try await ear.hasEnded())
            let isOver = try await holds {
                try await house.send("GET", "stage", token: ticket.token).code == "ticket_expired"
            }
            #expect(isOver)
            publishing.cancel()
            listening.cancel()
        }
    }

    @Test("a gateway that starts later knows the ends from its first snapshot")
    func snapshot() async throws {
        let key = SigningKey.generate()
        let room = TestHouse.brief()
        let ledger = ScriptedLedger(jwks: KeyRing([key.verifyingKey]).jwks, rooms: [room])
        let sold = Mutex<TestHouse.Held?>(nil)
        try await TestHouse.open(key: key, room: room, ledger: ledger) { house in
            let ticket = house.ticket(.listener, seconds: 3_600)
            await ledger.say(end(ticket, in: house, seconds: -1))
            sold.withLock { $0 = ticket }
        }
        let ticket = try #require(sold.withLock { $0 })
        try await TestHouse.open(key: key, room: room, ledger: ledger) { house in
            let answer = try await house.send("GET", "stage", token: ticket.token)
            #expect(answer.code == "ticket_expired")
            #expect(try await house.send("GET", "stage", token: house.ticket(.listener).token).code != "ticket_expired")
        }
    }
}

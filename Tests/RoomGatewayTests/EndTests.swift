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
            // Behind its own end the old token opens what it opened before: its holder paid in time.
            let offer = try TestHouse.deadOffer()
            #expect(try await house.enter(ticket, offer).status == 201)
            publishing.cancel()
            listening.cancel()
        }
    }

    @Test("the stage goes along: behind the old end a host's pass shows it, mutes, removes, leaves and comes back")
    func stage() async throws {
        try await TestHouse.open { house in
            let offer = try TestHouse.deadOffer(.publish)
            // Issued before overtime was announced, and ended a minute ago by its own word.
            let (pass, plain) = (
                house.ticket(.host, from: -120, seconds: -60), house.ticket(.host, from: -120, seconds: -60)
            )
            for path in ["stage", "events"] {
                #expect(try await house.send("GET", path, token: pass.token).code == "ticket_expired")
            }
            #expect(try await house.enter(pass, offer, verb: "whip").code == "ticket_expired")
            await house.ledger.say(end(pass, in: house, seconds: 3_600))
            #expect(try await holds { try await house.send("GET", "stage", token: pass.token).status == 200 })
            let first = try await house.enter(pass, offer, verb: "whip")
            #expect(first.status == 201)
            // A blink of the network: the same seat again, and she leads on.
            let again = try await house.enter(pass, offer, verb: "whip", secret: first.secret)
            #expect(again.status == 201 && again.admission != first.admission)
            let listener = house.ticket(.listener)
            let guest = try #require(try await house.enter(listener, TestHouse.deadOffer()).admission)
            let named = #"{"admission":"\#(guest)"}"#
            #expect(
                try await house.stage("mute", pass.token, #"{"admission":"\#(guest)","muted":true}"#).status == 200)
            #expect(try await house.stage("remove", pass.token, named).status == 200)
            #expect(try await house.leave(again, pass).status == 200)
            // Of this one the ledger has said nothing: its own end stands.
            #expect(try await house.send("GET", "stage", token: plain.token).code == "ticket_expired")
            // An end in another room, or of a ticket that was taken back, helps nobody.
            #expect(
                try await house.send("GET", "/rooms/\(TestHouse.id(RoomID.self))/stage", token: pass.token).code
                    == "ticket_room")
            await house.ledger.say(
                .revoked(.init(ticket: pass.id, room: house.room.room, reason: .withdrawn, at: wallNow())))
            #expect(
                try await holds { try await house.send("GET", "stage", token: pass.token).code == "ticket_revoked" })
        }
    }

    @Test("behind the new end it is over, and a gateway that does not hear of it goes by the token")
    func newEnd() async throws {
        let key = SigningKey.generate()
        let room = TestHouse.brief()
        let ledger = ScriptedLedger(jwks: KeyRing([key.verifyingKey]).jwks, rooms: [room])
        try await TestHouse.open(key: key, room: room, ledger: ledger) { house in
            let pass = house.ticket(.cohost, from: -120, seconds: -60)
            await ledger.say(end(pass, in: house, seconds: 4))
            #expect(try await holds { try await house.send("GET", "stage", token: pass.token).status == 200 })
            #expect(
                try await holds { try await house.send("GET", "stage", token: pass.token).code == "ticket_expired" })
            await ledger.setAway(true)
            let unheard = house.ticket(.cohost, from: -120, seconds: -60)
            await ledger.say(end(unheard, in: house, seconds: 3_600))
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await house.send("GET", "stage", token: unheard.token).code == "ticket_expired")
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

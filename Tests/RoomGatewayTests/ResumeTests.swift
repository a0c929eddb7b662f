import AudioRelay
import Stage
import Testing
import Values

@testable import RoomGateway

@Suite("Who comes back", .serialized, .timeLimit(.minutes(2)))
struct ResumeTests {
    private static func brief(_ sharing: SharingPolicy, capacity: Int = 10) -> RoomBrief {
        var brief = TestHouse.brief(capacity: capacity)
        brief.sharing = sharing
        return brief
    }

    private func kinds(_ house: TestHouse, of ticket: TestHouse.Held) async -> [Receipt.Kind] {
        await house.ledger.receipts.filter { $0.ticket == ticket.id }.map(\.kind)
    }

    @Test("where the first wins a second entry is refused, a reconnect is none, and the receipts say so")
    func firstWins() async throws {
        try await TestHouse.open(room: Self.brief(.firstWins)) { house in
            let offer = try TestHouse.deadOffer()
            let ticket = house.ticket(.listener)
            let first = try await house.enter(ticket, offer)
            #expect(first.status == 201 && first.secret?.utf8.count == 22)
            let second = try await house.enter(ticket, offer)
            #expect(second.status == 409 && second.code == "ticket_in_use" && second.secret == nil)
            let back = try await house.enter(ticket, offer, secret: first.secret)
            #expect(back.status == 201 && back.admission != first.admission)
            // Whoever did not get that answer asks again with the same.
            #expect(back.secret == first.secret)
            let again = try await house.enter(ticket, offer, secret: first.secret)
            #expect(again.status == 201 && again.admission != back.admission)
            #expect(await house.seats.map(\.admission) == [again.admission])
            let admissions = try [first, back, again].map { try #require($0.admission) }
            let isTold = try await holds {
                await kinds(house, of: ticket).filter { $0.leftReason == .resumed }.count == 2
            }
            #expect(isTold)
            let told = await kinds(house, of: ticket).filter { !$0.isLeft }
            let refused = try #require(ReasonCode("ticket_in_use"))
            #expect(
                told == [
                    .entered, .refused(code: refused), .resumed(admissions[0]), .resumed(admissions[1]),
                ])
        }
    }

    @Test("a secret is worth nothing with another ticket, in the other direction, wrong, long, or after the leave")
    func stolen() async throws {
        try await TestHouse.open(room: Self.brief(.firstWins)) { house in
            let (offer, voice) = (try TestHouse.deadOffer(), try TestHouse.deadOffer(.publish))
            let (ticket, thief, host) = (house.ticket(.listener), house.ticket(.listener), house.ticket(.host))
            let first = try await house.enter(ticket, offer)
            let speaking = try await house.enter(host, voice, verb: "whip")
            let secret = try #require(first.secret)
            for (ticket, verb, offer, secret) in [
                (thief, "whep", offer, secret), (host, "whip", voice, secret),
                (host, "whep", offer, try #require(speaking.secret)), (ticket, "whep", offer, "AAAAAAAAAAAAAAAAAAAAAA"),
                (ticket, "whep", offer, ""), (ticket, "whep", offer, String(repeating: "A", count: 4_000)),
            ] {
                let answer = try await house.enter(ticket, offer, verb: verb, secret: secret)
                #expect(answer.status == 410 && answer.code == "resume_over", "\(verb) \(secret.prefix(30))")
            }
            #expect(await house.seats.count == 2)
            #expect(try await house.leave(first, ticket).status == 200)
            #expect(try await house.enter(ticket, offer, secret: secret).code == "resume_over")
            #expect(try await house.enter(ticket, offer).status == 201)
        }
    }

    @Test("a lost connection keeps its seat for its ticket for 20 seconds, in a full room, and not longer")
    func lost() async throws {
        try await TestHouse.open(room: Self.brief(.firstWins, capacity: 1)) { house in
            let offer = try TestHouse.deadOffer()
            let (ticket, other) = (house.ticket(.listener), house.ticket(.listener))
            let first = try await house.enter(ticket, offer)
            try await house.lose(first)
            #expect(try await house.ledger.receipt { $0.kind.leftReason == .consentLost } != nil)
            #expect(await house.gateway.rooms.admissions.isEmpty)
            #expect(try await house.enter(other, offer).code == "room_full")
            #expect(try await house.enter(other, offer, secret: first.secret).code == "resume_over")
            let back = try await house.enter(ticket, offer, secret: first.secret)
            #expect(back.status == 201)
            // The holder may also come without the secret: the lost connection does not live.
            try await house.lose(back)
            let phone = try await house.enter(ticket, offer)
            #expect(phone.status == 201 && phone.secret != first.secret)
            #expect(try await house.enter(ticket, offer, secret: first.secret).code == "resume_replaced")
            // Nobody comes back this time.
            try await house.lose(phone)
            await house.gateway.rooms.freeLostSeats(at: wallNow().advanced(bySeconds: 19))
            #expect(try await house.enter(other, offer).code == "room_full")
            await house.gateway.rooms.freeLostSeats(at: wallNow().advanced(bySeconds: 21))
            #expect(await house.seats.isEmpty)
            #expect(try await house.enter(ticket, offer, secret: phone.secret).code == "resume_over")
            #expect(try await house.enter(other, offer).status == 201)
        }
    }

    @Test("who gives up a lost seat, is removed or loses the ticket does not come back to it")
    func given() async throws {
        try await TestHouse.open(room: Self.brief(.newestWins, capacity: 3)) { house in
            let offer = try TestHouse.deadOffer()
            let tickets = (0..<3).map { _ in house.ticket(.listener) }
            let host = house.ticket(.host)
            var entries: [TestHouse.Entry] = []
            for ticket in tickets {
                entries.append(try await house.enter(ticket, offer))
                try await house.lose(try #require(entries.last))
            }
            #expect(try await house.leave(entries[0], tickets[1]).code == "admission_foreign")
            #expect(try await house.leave(entries[0], tickets[0]).status == 200)
            #expect(try await house.enter(tickets[0], offer, secret: entries[0].secret).code == "resume_over")
            let removed = try await house.send(
                "POST", "remove", token: host.token, type: "application/json",
                body: #"{"admission":"\#(try #require(entries[1].admission))"}"#)
            #expect(removed.status == 200)
            #expect(try await house.enter(tickets[1], offer, secret: entries[1].secret).code == "removed_from_room")
            await house.ledger.say(
                .revoked(.init(ticket: tickets[2].id, room: house.room.room, reason: .refunded, at: wallNow())))
            #expect(try await holds { await house.seats.isEmpty })
            #expect(try await house.enter(tickets[2], offer, secret: entries[2].secret).code == "ticket_revoked")
            #expect(await house.gateway.rooms.resumes.lostCount == 0)
        }
    }

    @Test(
        "a device with a bad line does not take the seat back from the one that its owner moved to, and is told",
        arguments: [false, true])
    func moved(isLost: Bool) async throws {
        try await TestHouse.open(room: Self.brief(.newestWins)) { house in
            let offer = try TestHouse.deadOffer()
            let ticket = house.ticket(.listener)
            let laptop = try await house.enter(ticket, offer)
            // Either the gateway has noticed by then that the line is dead, or it has not.
            if isLost { try await house.lose(laptop) }
            let phone = try await house.enter(ticket, offer)
            #expect(phone.status == 201)
            for _ in 0..<2 {
                let back = try await house.enter(ticket, offer, secret: laptop.secret)
                #expect(back.status == 410 && back.code == "resume_replaced")
            }
            #expect(await house.seats.map(\.admission) == [phone.admission])
            // The secret says so to its own ticket and direction only.
            #expect(try await house.enter(house.ticket(.listener), offer, secret: laptop.secret).code == "resume_over")
            // The window of the laptop follows anew, and has seen nothing of it.
            let mine = try #require(laptop.admission)
            let reader = EventReader(house, token: ticket.token, query: "?admission=\(mine)")
            let ended = try #require(try await reader.event("ended"))
            #expect(ended.member("code") as? String == "replaced" && ended.member("admission") as? String == mine.text)
            #expect(try await holds { reader.hasEnded })
            // Whoever presses the button there comes in by it.
            #expect(try await house.enter(ticket, offer).status == 201)
            #expect(try await house.enter(ticket, offer, secret: phone.secret).code == "resume_replaced")
            let refused = try #require(ReasonCode("resume_replaced"))
            #expect(
                try await house.ledger.receipt { $0.ticket == ticket.id && $0.kind == .refused(code: refused) } != nil)
        }
    }

    @Test("a window that opens behind the end of its admission is told that end, and no other window is")
    func told() async throws {
        try await TestHouse.open(room: Self.brief(.newestWins)) { house in
            let offer = try TestHouse.deadOffer()
            let (ticket, other) = (house.ticket(.listener), house.ticket(.listener))
            let entry = try await house.enter(ticket, offer)
            let mine = try #require(entry.admission)
            let early = EventReader(house, token: ticket.token, query: "?admission=\(mine)")
            #expect(try await early.event("state") != nil)
            let seen = early.last
            early.cut()
            try await house.lose(entry)
            let readers = [nil, seen, "gone-1"].map {
                EventReader(house, token: ticket.token, after: $0, query: "?admission=\(mine)")
            }
            for reader in readers {
                let ended = try #require(try await reader.event("ended"))
                #expect(ended.member("code") as? String == "consent_lost")
                #expect(try await holds { reader.hasEnded })
                #expect(reader.events.filter { $0.name == "ended" }.count == 1)
            }
            let foreign = EventReader(house, token: other.token, query: "?admission=\(mine)")
            let plain = EventReader(house, token: ticket.token)
            for reader in [foreign, plain] {
                #expect(try await reader.event("state") != nil)
                #expect(!reader.hasEnded && !reader.events.contains { $0.name == "ended" })
                reader.cut()
            }
        }
    }

    @Test("three devices listen with one ticket and take one place; a policy that changes moves nobody")
    func devices() async throws {
        try await TestHouse.open(room: Self.brief(.devices(3), capacity: 1)) { house in
            let offer = try TestHouse.deadOffer()
            let ticket = house.ticket(.listener)
            for _ in 0..<3 { #expect(try await house.enter(ticket, offer).status == 201) }
            #expect(try await house.enter(ticket, offer).code == "ticket_in_use")
            #expect(try await house.enter(house.ticket(.listener), offer).code == "room_full")
            var brief = house.room
            brief.sharing = .newestWins
            await house.ledger.say(.room(brief))
            #expect(try await holds { await house.gateway.rooms.briefs[brief.room]?.sharing == .newestWins })
            #expect(await house.seats.count == 3)
            #expect(try await house.enter(ticket, offer).status == 201)
            #expect(await house.seats.count == 1)
        }
    }

    @Test("pages of other origins may send the secret and read it")
    func crossOrigin() async throws {
        try await TestHouse.open { house in
            let answer = try await house.send("OPTIONS", "whep", headers: [("Origin", "https://tickets.test")])
            #expect(answer.header("Access-Control-Allow-Headers")?.contains("Guichet-Resume") == true)
            #expect(answer.header("Access-Control-Expose-Headers")?.contains("Guichet-Resume") == true)
        }
    }

    @Test("of secrets whose seat was replaced as many are remembered as the bound says, the oldest are forgotten")
    func replaced() throws {
        var generator = SystemRandomNumberGenerator()
        var book = ResumeSecrets()
        let ticket: TicketID = TestHouse.id()
        let secrets = (0..<ResumeSecrets.replacedCapacity + 10).map { _ in
            let seat = Seat(
                admission: TestHouse.id(), ticket: ticket, holder: .holder(TestHouse.id()), role: .listener,
                direction: .listening, since: wallNow())
            let secret = book.secret(of: seat.admission, using: &generator)
            book.replace(seat)
            return secret
        }
        let entries = secrets.map { book.entry($0, of: ticket, .listening) }
        #expect(entries.prefix(10).allSatisfy { $0 == .resuming(nil) })
        #expect(entries.dropFirst(10).allSatisfy { $0 == .resumingReplaced })
        let last = try #require(secrets.last)
        let (other, speaking) = (
            book.entry(last, of: TestHouse.id(), .listening), book.entry(last, of: ticket, .speaking)
        )
        #expect(other == .resuming(nil) && speaking == .resuming(nil))
    }

    @Test("secrets that are passed on, lost and forgotten leave nothing behind")
    func book() throws {
        var generator = SystemRandomNumberGenerator()
        var book = ResumeSecrets()
        let room: RoomID = TestHouse.id()
        let start = Instant(seconds: 1_000)
        var secrets: Set<String> = []
        for step in 0..<1_000 {
            let (first, second): (AdmissionID, AdmissionID) = (TestHouse.id(), TestHouse.id())
            let secret = book.secret(of: first, using: &generator)
            let isNew = secrets.insert(secret).inserted
            #expect(isNew && book.admission(of: secret) == first)
            book.pass(from: first, to: second)
            #expect(book.admission(of: secret) == second)
            if step % 3 == 0 {
                book.forget(second)
            } else {
                book.lose(second, in: room, at: start.advanced(bySeconds: Int64(step)))
                if step % 3 == 1 { book.pass(from: second, to: first) }
            }
            if step % 3 == 1 { book.forget(first) }
        }
        #expect(book.lostCount == 333)
        let due = start.advanced(bySeconds: 500 + ResumeSecrets.graceSeconds)
        let over = [due, due, start.advanced(bySeconds: 5_000)].map { book.takeOverdue(at: $0).count }
        #expect(over == [167, 0, 166])
        #expect(book.lostCount == 0 && secrets.allSatisfy { book.admission(of: $0) == nil })
    }
}

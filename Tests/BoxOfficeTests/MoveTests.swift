import BoxOffice
import Testing
import Values

@Suite("Moving a room")
struct MoveTests {
    private func times(_ fixture: Fixture, doors: Int64 = 86_400, starts: Int64 = 87_000, ends: Int64 = 90_000)
        -> RoomTimes
    {
        RoomTimes(doorsOpenAt: fixture.at(doors), startsAt: fixture.at(starts), endsAt: fixture.at(ends))
    }

    private func move(
        _ fixture: Fixture, _ room: Room?, to times: RoomTimes? = nil, notice: String = "Ill", moves: Int = 0,
        policy: MovePolicy = MovePolicy(), at seconds: Int64 = -7_200
    ) throws -> RoomMove {
        try decideMove(
            of: room, to: times ?? self.times(fixture), notice: notice, moves: moves, policy: policy,
            at: fixture.at(seconds))
    }

    @Test("asks holders until shortly before the doors open at the new time, or for as long as the policy says")
    func asks() throws {
        let fixture = try Fixture()
        let near = try move(fixture, fixture.room())
        #expect(try near.number == 1 && near.from == fixture.room().times)
        #expect(near.answerUntil == fixture.at(86_400 - 900))
        // An hour's notice: a quarter of it.
        let soon = try move(fixture, fixture.room(), to: times(fixture, doors: -3_600, starts: 0, ends: 100))
        #expect(soon.answerUntil == fixture.at(-4_500))
        #expect(near.defaultAnswer == .keep)
        let short = try move(
            fixture, fixture.room(), moves: 3, policy: MovePolicy(answerSeconds: 3_600, defaultAnswer: .refund))
        #expect(short.answerUntil == fixture.at(-3_600) && short.number == 4 && short.defaultAnswer == .refund)
    }

    @Test("is refused in the documented order, each for its own reason")
    func ladder() throws {
        let fixture = try Fixture()
        let room = try fixture.room()
        func refusal(_ body: () throws -> RoomMove) -> MoveRefusal? {
            do { _ = try body() } catch { return error as? MoveRefusal }
            return nil
        }
        let wrong = times(fixture, starts: 90_000)
        let long = times(fixture, ends: 86_400 + 86_401)
        #expect(refusal { try move(fixture, nil, to: wrong, notice: "", at: 9_999) } == .roomUnknown)
        let cancelled = try fixture.room(.cancelled(at: fixture.start))
        #expect(refusal { try move(fixture, cancelled, to: wrong, notice: "", at: 9_999) } == .roomCancelled)
        let closed = try fixture.room(.closed(at: fixture.start))
        #expect(refusal { try move(fixture, closed, to: wrong, notice: "", at: 9_999) } == .roomClosed)
        let open = try fixture.room(.open(since: fixture.start))
        #expect(refusal { try move(fixture, open, to: wrong, notice: "", at: 9_999) } == .roomOpen)
        #expect(refusal { try move(fixture, room, to: wrong, notice: "", at: 3_600) } == .roomEnded)
        #expect(
            refusal {
                try decideMove(
                    of: room, to: wrong, notice: "", moves: 0, hasOvertime: true, policy: MovePolicy(),
                    at: fixture.at(-7_200))
            } == .overtime)
        for notice in ["", String(repeating: "x", count: 241), "a\nb"] {
            #expect(refusal { try move(fixture, room, to: wrong, notice: notice) } == .notice(most: 240))
        }
        #expect(refusal { try move(fixture, room, to: wrong) } == .times)
        #expect(refusal { try move(fixture, room, to: times(fixture, doors: 87_001)) } == .times)
        #expect(refusal { try move(fixture, room, to: long) } == .tooLong(hours: 24))
        #expect(refusal { try move(fixture, room, to: room.times, at: 0) } == .unchanged)
        #expect(refusal { try move(fixture, room, at: 82_801) } == .roomEnded)
        let soon = times(fixture, doors: -3_601, starts: 0, ends: 100)
        #expect(refusal { try move(fixture, room, to: soon) } == .tooSoon(earliest: fixture.at(-3_600)))
        #expect(refusal { try move(fixture, room, to: times(fixture, doors: -3_600, starts: 0, ends: 100)) } == nil)
    }

    @Test("takes an answer once, in time, of tickets that were bought before")
    func answers() throws {
        let fixture = try Fixture()
        let room = try fixture.room()
        let move = try move(fixture, room)
        func refusal(_ given: MoveAnswer? = nil, bought: Int64 = -9_999, at seconds: Int64 = 0, room other: Room? = nil)
            -> MoveRefusal?
        {
            do {
                _ = try decideAnswer(
                    in: other ?? room, to: move, boughtAt: fixture.at(bought), given: given, at: fixture.at(seconds))
            } catch { return error }
            return nil
        }
        let cancelled = try fixture.room(.cancelled(at: fixture.start))
        #expect(refusal(.keep, bought: 0, at: 86_400, room: cancelled) == .roomCancelled)
        #expect(refusal(.keep, bought: -7_199, at: 86_400) == .notAsked)
        #expect(refusal(.keep, at: 86_400) == .answered(.keep))
        #expect(refusal(at: 85_500) == .answersOver(fixture.at(85_500)))
        #expect(refusal(at: 85_499) == nil)
        #expect(throws: MoveRefusal.notAsked) {
            try decideAnswer(in: room, to: nil, boughtAt: fixture.start, given: nil, at: fixture.start)
        }
    }

    @Test("refuses in plain words of both languages")
    func words() throws {
        let now = Instant(seconds: 0)
        let all: [MoveRefusal] = [
            .roomUnknown, .roomCancelled, .roomClosed, .roomOpen, .roomEnded, .notice(most: 1), .times,
            .tooLong(hours: 24), .unchanged, .tooSoon(earliest: now), .ticketUnknown, .notAsked, .answered(.keep),
            .answersOver(now), .notDue(now),
        ]
        for refusal in all { try expectWords(refusal) }
    }
}

import BoxOffice
import Testing
import Values

@Suite("Rooms")
struct RoomTests {
    @Test("are created from a draft that fits, with the title trimmed")
    func created() throws {
        var fixture = try Fixture()
        fixture.draft.title = "  Marées \n"
        let room = try Room.create(
            id: .derived(at: fixture.start, from: "r"), host: fixture.host, draft: fixture.draft,
            policy: fixture.policy.id, at: fixture.at(-10))
        #expect(room.title == "Marées")
        #expect(room.state == .scheduled)
        #expect(room.overAt == fixture.draft.endsAt)
    }

    @Test("are refused in the documented order, each for its own reason")
    func refused() throws {
        let fixture = try Fixture()
        func refusal(_ change: (inout RoomDraft) -> Void, at seconds: Int64 = -100) -> RoomRefusal? {
            var draft = fixture.draft
            change(&draft)
            do {
                _ = try Room.create(
                    id: .derived(at: fixture.start, from: "r"), host: fixture.host, draft: draft,
                    policy: fixture.policy.id, at: fixture.at(seconds))
                return nil
            } catch { return error }
        }
        for title in ["", "   ", "a\u{7}b", "a\u{202E}b", "a\nb", String(repeating: "x", count: 121)] {
            #expect(refusal { $0.title = title } == .title)
        }
        #expect(refusal { $0.title = String(repeating: "é", count: 120) } == nil)
        #expect(refusal { $0.title = "🎙️ 夜の話" } == nil)
        for language in ["", "f", "français", "en-", "en_GB", "1n", "en-a-b-c-d"] {
            #expect(refusal { $0.language = language } == .language)
        }
        for language in ["fr", "gsw", "en-GB", "zh-Hant-TW", "es-419"] {
            #expect(refusal { $0.language = language } == nil)
        }
        #expect(refusal { $0.endsAt = $0.startsAt } == .times)
        #expect(refusal { $0.doorsOpenAt = $0.startsAt.advanced(bySeconds: 1) } == .times)
        #expect(refusal { $0.saleOpensAt = $0.endsAt } == .times)
        #expect(refusal({ _ in }, at: 3_600) == .ended)
        #expect(refusal { $0.endsAt = $0.doorsOpenAt.advanced(bySeconds: 86_401) } == .tooLong)
        #expect(refusal { $0.endsAt = $0.doorsOpenAt.advanced(bySeconds: 86_400) } == nil)
        #expect(refusal { $0.capacity = 0 } == .capacity)
        #expect(refusal { $0.capacity = 1_000_001 } == .capacity)
        // The first of several reasons is named.
        #expect(
            refusal({
                $0.title = ""; $0.capacity = 0
            }) == .title)
    }

    @Test("have at most two co-hosts, other people, within the whole")
    func cohosts() throws {
        let fixture = try Fixture()
        func share(_ name: String, _ bp: Int64) -> CohostShare {
            CohostShare(host: .derived(at: fixture.start, from: name), share: BasisPoints(bp))
        }
        func isRefused(_ cohosts: [CohostShare]) -> Bool {
            var draft = fixture.draft
            draft.cohosts = cohosts
            do {
                _ = try Room.create(
                    id: .derived(at: fixture.start, from: "r"), host: fixture.host, draft: draft,
                    policy: fixture.policy.id, at: fixture.at(-100))
                return false
            } catch { return error == .cohosts }
        }
        #expect(!isRefused([share("a", 3_000), share("b", 7_000)]))
        #expect(isRefused([share("a", 3_000), share("b", 7_001)]))
        #expect(isRefused([share("a", 1), share("a", 1)]))
        #expect(isRefused([share("a", 1), share("b", 1), share("c", 1)]))
        #expect(isRefused([share("a", -1)]))
        #expect(isRefused([share("a", .max), share("b", .max)]))
        #expect(isRefused([CohostShare(host: fixture.host, share: BasisPoints(1))]))
    }

    @Test("live as the diagram says, and nothing else")
    func life() throws {
        let fixture = try Fixture()
        let scheduled = try fixture.room()
        let open = try scheduled.opened(at: fixture.at(-60))
        #expect(open.state == .open(since: fixture.at(-60)))
        let closed = try open.closed(at: fixture.at(600))
        #expect(closed.state == .closed(at: fixture.at(600)))
        let cancelled = try open.cancelled(at: fixture.at(600))
        #expect(cancelled.state == .cancelled(at: fixture.at(600)))
        #expect(try scheduled.cancelled(at: fixture.at(-600)).state == .cancelled(at: fixture.at(-600)))

        #expect(throws: RoomStateRefusal.notOpen) { try scheduled.closed(at: fixture.at(0)) }
        #expect(throws: RoomStateRefusal.ended) { try scheduled.opened(at: fixture.at(3_600)) }
        #expect(throws: RoomStateRefusal.ended) { try scheduled.cancelled(at: fixture.at(3_600)) }
        #expect(throws: RoomStateRefusal.ended) { try open.cancelled(at: fixture.at(3_600)) }
        #expect(throws: RoomStateRefusal.closed) { try closed.opened(at: fixture.at(700)) }
        #expect(throws: RoomStateRefusal.closed) { try closed.cancelled(at: fixture.at(700)) }
        #expect(throws: RoomStateRefusal.cancelled) { try cancelled.opened(at: fixture.at(700)) }
        #expect(throws: RoomStateRefusal.cancelled) { try cancelled.closed(at: fixture.at(700)) }

        // A repeated request changes nothing, not even the time.
        #expect(try open.opened(at: fixture.at(0)) == open)
        #expect(try closed.closed(at: fixture.at(900)) == closed)
        #expect(try cancelled.cancelled(at: fixture.at(900)) == cancelled)
    }

    @Test("come back from the name and time under which they are stored")
    func stored() throws {
        let instant = Instant(seconds: 5)
        for state in [RoomState.scheduled, .open(since: instant), .closed(at: instant), .cancelled(at: instant)] {
            #expect(RoomState(name: state.name, since: state.since) == state)
        }
        #expect(RoomState(name: "scheduled", since: instant) == nil)
        #expect(RoomState(name: "open", since: nil) == nil)
        #expect(RoomState(name: "draft", since: nil) == nil)
    }

    @Test("are delivered at their end, or when they were closed before it, but never if cancelled")
    func delivered() throws {
        let fixture = try Fixture()
        let end = fixture.at(3_600)
        #expect(try fixture.room().delivered(before: end) == nil)
        #expect(try fixture.room().delivered(before: end.advanced(byMicroseconds: 1)) == end)
        #expect(try fixture.room(.closed(at: fixture.at(60))).delivered(before: end) == fixture.at(60))
        #expect(try fixture.room(.closed(at: fixture.at(9_000))).overAt == end)
        #expect(try fixture.room(.cancelled(at: fixture.at(60))).delivered(before: fixture.at(99_999)) == nil)
    }
}

@Suite("Prices")
struct PriceTests {
    @Test("are numbered versions, and the same price again is no new one")
    func versions() throws {
        let fixture = try Fixture()
        let room = try fixture.room()
        let first = try decidePrice(
            Money(500, .eur), for: room, current: nil, policy: fixture.policy, at: fixture.at(-90))
        #expect(first == PriceVersion(room: room.id, version: 1, price: Money(500, .eur), since: fixture.at(-90)))
        let same = try decidePrice(
            Money(500, .eur), for: room, current: first, policy: fixture.policy, at: fixture.at(-80))
        #expect(same == first)
        let second = try decidePrice(
            Money(700, .eur), for: room, current: first, policy: fixture.policy, at: fixture.at(-70))
        #expect(second.version == 2)
    }

    @Test("are refused in the documented order, each for its own reason")
    func refused() throws {
        let fixture = try Fixture()
        func refusal(_ price: Money, _ room: Room?, at seconds: Int64 = -90) -> PriceRefusal? {
            do {
                _ = try decidePrice(price, for: room, current: nil, policy: fixture.policy, at: fixture.at(seconds))
                return nil
            } catch { return error }
        }
        let wrong = Money(1, .jpy)
        #expect(refusal(wrong, nil) == .roomUnknown)
        #expect(refusal(wrong, try fixture.room(.cancelled(at: fixture.start))) == .roomCancelled)
        #expect(refusal(wrong, try fixture.room(.closed(at: fixture.start))) == .roomClosed)
        #expect(refusal(wrong, try fixture.room(), at: 3_600) == .roomClosed)
        #expect(refusal(wrong, try fixture.room()) == .currencyNotSold(.jpy))
        let range = PriceRefusal.outOfRange(least: Money(100, .eur), most: Money(99_900, .eur))
        #expect(refusal(Money(99, .eur), try fixture.room()) == range)
        #expect(refusal(Money(99_901, .eur), try fixture.room()) == range)
        #expect(refusal(Money(-500, .eur), try fixture.room()) == range)
        #expect(refusal(Money(99_900, .eur), try fixture.room(.open(since: fixture.start))) == nil)
    }
}

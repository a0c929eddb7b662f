import Payouts
import Simulation
import Testing
import Values

/// R9 once more, second by second: slow, plain, and without a line in common with the rules.
private struct NaiveMinutes {
    let rooms: [FundRoom]
    let terms: ListeningTerms
    let calendar: BusinessCalendar

    /// Times are whole seconds.
    func minutes(_ listener: String, _ intervals: [ListeningInterval], isOwn: (FundRoom) -> Bool) -> [RoomID: Int64] {
        struct Second: Comparable {
            let start: Int64
            let room: RoomID
            let second: Int64
            static func < (lhs: Self, rhs: Self) -> Bool {
                (lhs.start, lhs.room, lhs.second) < (rhs.start, rhs.room, rhs.second)
            }
        }
        var all: [Second] = []
        for room in rooms where !isOwn(room) {
            var heard: Set<Int64> = []
            for interval in intervals where interval.room == room.id {
                for second in interval.from.seconds..<max(interval.from.seconds, interval.to.seconds)
                where room.startsAt.seconds <= second && second < room.endsAt.seconds { heard.insert(second) }
            }
            var start: Int64 = 0
            var last: Int64?
            var left = (terms.roomCapMinutes ?? 1_000_000) * 60
            for second in heard.sorted() where left > 0 {
                if last.map({ $0 + 1 != second }) ?? true { start = second }
                last = second
                left -= 1
                all.append(Second(start: start, room: room.id, second: second))
            }
        }
        var days: [LocalDay: Int64] = [:]
        var kept: [RoomID: Int64] = [:]
        for second in all.sorted() {
            let day = calendar.localDay(of: Instant(seconds: second.start))
            guard days[day, default: 0] < (terms.dayCapMinutes ?? 1_000_000) * 60 else { continue }
            days[day, default: 0] += 1
            kept[second.room, default: 0] += 1
        }
        return kept.filter { $0.value >= max(1, terms.minSeconds) }.mapValues { $0 / 60 }
    }
}

@Suite("Verified minutes")
struct ListeningTests {
    private static let start = Instant(seconds: 1_768_000_000)

    private func host(_ name: String) -> HostID { .derived(at: Self.start, from: name) }
    private func room(_ name: String, _ owner: String, from: Int64, to: Int64, cohosts: [String] = []) -> FundRoom {
        FundRoom(
            id: .derived(at: Self.start, from: name), owner: host(owner), cohosts: cohosts.map(host),
            startsAt: Self.start.advanced(bySeconds: from), endsAt: Self.start.advanced(bySeconds: to))
    }
    private func interval(_ room: FundRoom, _ from: Int64, _ to: Int64) -> ListeningInterval {
        ListeningInterval(
            room: room.id, from: Self.start.advanced(bySeconds: from), to: Self.start.advanced(bySeconds: to))
    }

    @Test("are clipped, united, capped and floored")
    func plain() throws {
        let calendar = try #require(BusinessCalendar(zone: "Europe/Paris"))
        let room = room("r", "ana", from: 0, to: 3_600)
        let rooms = [room.id: room]
        func minutes(_ intervals: [ListeningInterval], cap: Int64? = nil, least: Int64 = 60) -> Int64? {
            verifiedMinutes(
                of: "lea", intervals, in: rooms, own: OwnAccounts(),
                under: ListeningTerms(roomCapMinutes: cap, dayCapMinutes: nil, minSeconds: least), calendar: calendar)[
                    room.id]
        }
        #expect(minutes([interval(room, -600, 2_400), interval(room, 1_800, 4_200)]) == 60)
        #expect(minutes([interval(room, 0, 3_600)], cap: 45) == 45)
        #expect(minutes([interval(room, 0, 659)]) == 10)
        #expect(minutes([interval(room, 0, 59)]) == nil)
        #expect(minutes([interval(room, 0, 30)], least: 10) == 0)
        // Three times twenty-five seconds are more than a minute.
        #expect(minutes([interval(room, 0, 25), interval(room, 100, 125), interval(room, 200, 225)]) == 1)
        #expect(
            heardSeconds([interval(room, 0, 10), interval(room, 5, 20), interval(room, 3_590, 4_000)], of: room) == 30)
    }

    @Test("never count for the rooms of the listener's own hosts, nor of their co-hosts")
    func own() throws {
        let calendar = try #require(BusinessCalendar(zone: "Europe/Paris"))
        let room = room("r", "ana", from: 0, to: 3_600, cohosts: ["bea"])
        var own = OwnAccounts()
        own.link("ana-alt", to: host("ana"))
        own.link("bea-alt", to: host("bea"))
        for (listener, counts) in [
            (host("ana").text, false), (host("bea").text, false), ("ana-alt", false), ("bea-alt", false), ("lea", true),
        ] {
            let minutes = verifiedMinutes(
                of: listener, [interval(room, 0, 600)], in: [room.id: room], own: own,
                under: ListeningTerms(roomCapMinutes: nil, dayCapMinutes: nil, minSeconds: 60), calendar: calendar)
            #expect((minutes[room.id] == 10) == counts, "\(listener)")
        }
        #expect(own.has("ana-alt", of: host("ana")) && !own.has("ana-alt", of: host("bea")))
    }

    @Test("are those of a second-by-second count, over days and clock changes")
    func property() throws {
        let calendar = try #require(BusinessCalendar(zone: "Europe/Paris"))
        // The night of 29 March 2026, when clocks change.
        let start = try #require(Instant("2026-03-28T20:00:00Z"))
        for seed in UInt64(1)...60 {
            var generator = SeededGenerator(seed: seed)
            func number(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &generator) }
            let rooms = (0..<4).map { index -> FundRoom in
                let from = start.advanced(bySeconds: number(0...14_400))
                return FundRoom(
                    id: .derived(at: start, from: "room \(index)"),
                    owner: .derived(at: start, from: "host \(index % 3)"),
                    cohosts: [], startsAt: from, endsAt: from.advanced(bySeconds: number(1...7_200)))
            }
            let terms = ListeningTerms(
                roomCapMinutes: number(0...3) == 0 ? nil : number(0...60),
                dayCapMinutes: number(0...3) == 0 ? nil : number(0...90), minSeconds: number(0...300))
            let intervals = (0..<number(0...12)).map { _ -> ListeningInterval in
                let from = start.advanced(bySeconds: number(-600...20_000))
                return ListeningInterval(
                    room: rooms[Int(number(0...3))].id, from: from, to: from.advanced(bySeconds: number(1...3_000)))
            }
            let own = OwnAccounts()
            let mine = number(0...4) == 0 ? rooms[0].owner.text : "lea"
            let expected = NaiveMinutes(rooms: rooms, terms: terms, calendar: calendar).minutes(
                mine, intervals, isOwn: { $0.owner.text == mine })
            let found = verifiedMinutes(
                of: mine, intervals.shuffled(using: &generator),
                in: Dictionary(uniqueKeysWithValues: rooms.map { ($0.id, $0) }), own: own, under: terms,
                calendar: calendar)
            #expect(found == expected, "seed \(seed)")
            // What is left out, with a reason, and what counts are what was heard.
            let left = listeningExclusions(
                of: mine, intervals, in: Dictionary(uniqueKeysWithValues: rooms.map { ($0.id, $0) }), own: own,
                under: terms, calendar: calendar)
            for room in rooms {
                let heard = heardSeconds(intervals.filter { $0.room == room.id }, of: room)
                let out = left.filter { $0.room == room.id }.reduce(0) { $0 + $1.microseconds } / 1_000_000
                #expect((heard - out) / 60 == found[room.id] ?? 0, "seed \(seed)")
                #expect(heard == out || found[room.id] != nil, "seed \(seed)")
            }
        }
    }
}

import Payouts
import Simulation
import Testing
import Values

/// The fast sum of a month against the rule for one listener, which another test holds against a count of seconds.
@Suite("A month that was heard")
struct HeardMonthTests {
    private struct Connection {
        let listener: String
        let interval: ListeningInterval
    }

    /// Some hosts, rooms and listeners of three days around a change of clocks; hosts and co-hosts listen too, under their
    /// own names and others.
    private struct Month {
        var rooms: [FundRoom] = []
        var left: [FundRoom] = []
        var own = OwnAccounts()
        var connections: [Connection] = []
        let terms: ListeningTerms

        init(seed: UInt64, start: Instant) {
            var generator = SeededGenerator(seed: seed)
            func number(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &generator) }
            let hosts = (0..<5).map { HostID.derived(at: start, from: "host \($0)") }
            for index in 0..<number(1...9) {
                let from = start.advanced(bySeconds: number(0...200_000))
                let owner = Int(number(0...4))
                let room = FundRoom(
                    id: .derived(at: start, from: "room \(index)"), owner: hosts[owner],
                    cohosts: number(0...2) == 0 ? [hosts[(owner + 1) % 5]] : [], startsAt: from,
                    endsAt: from.advanced(bySeconds: number(1...9_000)))
                // Of some rooms was heard although they do not count.
                if index > 0, number(0...6) == 0 { left.append(room) } else { rooms.append(room) }
            }
            terms = ListeningTerms(
                roomCapMinutes: number(0...3) == 0 ? nil : number(0...90),
                dayCapMinutes: number(0...3) == 0 ? nil : number(0...120), minSeconds: number(0...300))
            own.link("listener 1", to: hosts[0])
            own.link("listener 1", to: hosts[3])
            // More names than a small table holds.
            let names = (0..<number(1...150)).map { "listener \($0)" } + hosts.map(\.text)
            for _ in 0..<number(0...900) {
                let room = (rooms + left)[Int(number(0...Int64(rooms.count + left.count - 1)))]
                let from = room.startsAt.advanced(bySeconds: number(-600...9_000))
                connections.append(
                    Connection(
                        listener: names[Int(number(0...Int64(names.count - 1)))],
                        interval: ListeningInterval(
                            room: room.id, from: from, to: from.advanced(bySeconds: number(1...3_000)))))
            }
            connections.shuffle(using: &generator)
        }
    }

    @Test("is the sum of what its listeners are counted one by one")
    func property() throws {
        // Clocks go forward in Paris in the second of the three nights; in St. John's they went back over midnight.
        for (zone, first) in [("Europe/Paris", "2026-03-28T06:00:00Z"), ("America/St_Johns", "2010-11-06T01:00:00Z")] {
            let calendar = try #require(BusinessCalendar(zone: zone))
            let start = try #require(Instant(first))
            var heard = 0
            for seed in UInt64(1)...150 {
                let month = Month(seed: seed, start: start)
                let rooms = Dictionary(uniqueKeysWithValues: month.rooms.map { ($0.id, $0) })
                var sums = ListeningSums()
                for (listener, connections) in Dictionary(grouping: month.connections, by: \.listener) {
                    sums.add(
                        verifiedMinutes(
                            of: listener, connections.map(\.interval), in: rooms, own: month.own, under: month.terms,
                            calendar: calendar), in: rooms)
                }
                var fast = HeardMonth(of: month.rooms.shuffled())
                for connection in month.connections {
                    var (room, listener) = (connection.interval.room.text, connection.listener)
                    room.withUTF8 { room in
                        listener.withUTF8 { listener in
                            fast.add(
                                room: UnsafeRawBufferPointer(room), listener: UnsafeRawBufferPointer(listener),
                                from: connection.interval.from.microseconds, to: connection.interval.to.microseconds)
                        }
                    }
                }
                let found = fast.hosts(own: month.own, under: month.terms, calendar: calendar)
                #expect(found == sums.hosts, "\(zone), seed \(seed)")
                heard += found.count
            }
            #expect(heard > 150, "hardly anybody was heard")
        }
    }
}

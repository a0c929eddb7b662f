public import Values

/// What hosts were heard in a month, from connections in any order: the figures of
/// ``verifiedMinutes(of:_:in:own:under:calendar:)`` and ``ListeningSums``, for a million connections and more.
///
/// Rooms and listeners are numbers here, and buffers are kept from one listener to the next. A connection takes 24 bytes
/// until the sums are made; sorting all of them by their texts takes several times that, and ten times as long.
public struct HeardMonth {
    private struct Connection {
        let listener: Int32
        let room: Int32
        let from: Int64
        let to: Int64
    }

    /// By id, so that the order of numbers is that of ids.
    private let rooms: [FundRoom]
    private var roomNumbers = NameNumbers()
    private var listeners = NameNumbers()
    private var connections: [Connection] = []
    private var counts: [Int32] = []

    /// - Parameter rooms: those that count; what was heard of others is dropped.
    public init(of rooms: some Sequence<FundRoom>) {
        self.rooms = rooms.sorted { $0.id < $1.id }
        for room in self.rooms {
            var text = room.id.text
            _ = text.withUTF8 { roomNumbers.number(of: UnsafeRawBufferPointer($0)) }
        }
    }

    /// Takes one connection; room and listener as their UTF-8.
    public mutating func add(
        room: UnsafeRawBufferPointer, listener: UnsafeRawBufferPointer, from: Int64, to: Int64
    ) {
        guard let room = roomNumbers.known(room) else { return }
        let listener = listeners.number(of: listener)
        if listener == counts.count { counts.append(0) }
        counts[listener] += 1
        connections.append(Connection(listener: Int32(listener), room: Int32(room), from: from, to: to))
    }

    /// Hosts with a listener that counts, by id.
    public consuming func hosts(
        own: OwnAccounts, under terms: ListeningTerms, calendar: BusinessCalendar
    ) -> [HostListening] {
        var count = ListenerCount(rooms: rooms, own: own, terms: terms, calendar: calendar)
        // Connections by listener, without a comparison: where each one's begin follows from the counts.
        var starts: [Int] = [0]
        starts.reserveCapacity(counts.count + 1)
        for count in counts { starts.append(starts[starts.count - 1] + Int(count)) }
        var next = starts
        var order = [UInt32](repeating: 0, count: connections.count)
        for (index, connection) in connections.enumerated() {
            order[next[Int(connection.listener)]] = UInt32(index)
            next[Int(connection.listener)] += 1
        }
        for listener in counts.indices {
            for index in order[starts[listener]..<starts[listener + 1]] {
                let connection = connections[Int(index)]
                count.add(room: Int(connection.room), from: connection.from, to: connection.to)
            }
            count.end(listeners.name(listener))
        }
        return count.hosts
    }
}

/// One listener after the other, by R9.
private struct ListenerCount {
    private struct Heard {
        let room: Int
        /// Where the room's sum stands among those of the listener.
        var place = 0
        var from: Int64
        var to: Int64
    }

    let rooms: [FundRoom]
    let own: OwnAccounts
    let terms: ListeningTerms
    private var days: LocalDayTable

    /// Of the running listener.
    private var heard: [Heard] = []
    private var stretches: [Heard] = []
    private var kept: [(room: Int, length: Int64)] = []
    private var dayLeft: [(day: LocalDay, left: Int64)] = []

    /// Owners by number, and their sums.
    private var owners: [HostID] = []
    private var ownerOfRoom: [Int] = []
    private var sums: [(minutes: Int64, listeners: Int, last: Int)] = []
    private var listener = 0

    init(rooms: [FundRoom], own: OwnAccounts, terms: ListeningTerms, calendar: BusinessCalendar) {
        self.rooms = rooms
        self.own = own
        self.terms = terms
        days = LocalDayTable(calendar)
        var numbers: [HostID: Int] = [:]
        for room in rooms {
            let number = numbers[room.owner] ?? owners.count
            if number == owners.count {
                numbers[room.owner] = number
                owners.append(room.owner)
                sums.append((0, 0, -1))
            }
            ownerOfRoom.append(number)
        }
    }

    mutating func add(room: Int, from: Int64, to: Int64) {
        // Clipped to its room's time.
        let from = max(from, rooms[room].startsAt.microseconds)
        let to = min(to, rooms[room].endsAt.microseconds)
        if from < to { heard.append(Heard(room: room, from: from, to: to)) }
    }

    /// Adds up the listener whose connections were added since the one before.
    mutating func end(_ name: @autoclosure () -> String) {
        defer { heard.removeAll(keepingCapacity: true) }
        guard !heard.isEmpty else { return }
        unite(of: name())
        capDays()
        for (room, length) in kept where length >= max(1, terms.minSeconds * 1_000_000) {
            let owner = ownerOfRoom[room]
            sums[owner].minutes += length / microsecondsPerMinute
            if sums[owner].last != listener {
                sums[owner].last = listener
                sums[owner].listeners += 1
            }
        }
        listener += 1
    }

    /// Unites what overlaps or touches, room by room, and keeps the beginning of each.
    private mutating func unite(of name: String) {
        stretches.removeAll(keepingCapacity: true)
        kept.removeAll(keepingCapacity: true)
        heard.sort { ($0.room, $0.from, $0.to) < ($1.room, $1.from, $1.to) }
        var index = 0
        while index < heard.count {
            let room = heard[index].room
            let first = stretches.count
            let isOwn = own.has(name, ofAnyHostIn: rooms[room])
            while index < heard.count, heard[index].room == room {
                if stretches.count > first, heard[index].from <= stretches[stretches.count - 1].to {
                    stretches[stretches.count - 1].to = max(stretches[stretches.count - 1].to, heard[index].to)
                } else if !isOwn {
                    stretches.append(heard[index])
                    stretches[stretches.count - 1].place = kept.count
                }
                index += 1
            }
            guard stretches.count > first else { continue }
            kept.append((room, 0))
            if let cap = terms.roomCapMinutes { cut(from: first, to: cap * microsecondsPerMinute) }
        }
    }

    /// Keeps so much of the stretches from one on.
    private mutating func cut(from first: Int, to limit: Int64) {
        var left = limit
        var end = first
        while end < stretches.count, left > 0 {
            let length = min(left, stretches[end].to - stretches[end].from)
            stretches[end].to = stretches[end].from + length
            left -= length
            end += 1
        }
        stretches.removeSubrange(end...)
    }

    /// Adds up what the cap of each local day leaves, in the order of start and room.
    private mutating func capDays() {
        guard let cap = terms.dayCapMinutes else {
            for stretch in stretches { kept[stretch.place].length += stretch.to - stretch.from }
            return
        }
        stretches.sort { ($0.from, $0.room) < ($1.from, $1.room) }
        dayLeft.removeAll(keepingCapacity: true)
        for stretch in stretches {
            let day = days.day(of: stretch.from)
            // A listener has few days, and the last one is nearly always it.
            var place = dayLeft.count - 1
            while place >= 0, dayLeft[place].day != day { place -= 1 }
            if place < 0 {
                dayLeft.append((day, cap * microsecondsPerMinute))
                place = dayLeft.count - 1
            }
            let length = min(dayLeft[place].left, stretch.to - stretch.from)
            dayLeft[place].left -= length
            kept[stretch.place].length += length
        }
    }

    var hosts: [HostListening] {
        owners.indices.filter { sums[$0].listeners > 0 }.map {
            HostListening(host: owners[$0], minutes: sums[$0].minutes, listeners: sums[$0].listeners)
        }.sorted { $0.host < $1.host }
    }
}

/// The local days of many instants. A calendar takes a microsecond for one; here each quarter of an hour is asked once.
private struct LocalDayTable {
    private static let quarter: Int64 = 900 * 1_000_000

    private let calendar: BusinessCalendar
    /// `nil` for a quarter in which the day changes.
    private var known: [Int64: LocalDay?] = [:]

    init(_ calendar: BusinessCalendar) { self.calendar = calendar }

    mutating func day(of microseconds: Int64) -> LocalDay {
        let quarter = microseconds / Self.quarter
        if let day = known[quarter] { return day ?? calendar.localDay(of: Instant(microseconds: microseconds)) }
        let first = calendar.localDay(of: Instant(microseconds: quarter * Self.quarter))
        let last = calendar.localDay(of: Instant(microseconds: (quarter + 1) * Self.quarter - 1))
        // Zones differ from UTC by whole quarters, so midnight lies between two of them. A quarter with a change of
        // clocks over midnight has two days; so has every instant before 1970, where division rounds upwards.
        known[quarter] = .some(first == last && microseconds >= 0 ? first : nil)
        return calendar.localDay(of: Instant(microseconds: microseconds))
    }
}

internal import BoxOffice
internal import Payouts
internal import Store
internal import Values

/// What does not count in a month of a fund, in one line a room and reason.
struct FundExclusion {
    let host: HostID
    /// `nil` for what is about all rooms of the host.
    let room: RoomID?
    let reason: FundExclusionReason
    /// In whose words finance took a room out.
    var why: String?
    /// Of listening: how many people, how long, and a chain over them: `h = SHA-256(h LF LISTENER SP MICROSECONDS)`, in
    /// the byte order of listeners, from an empty `h`. Whoever has the listening can run it again; nobody reads a name.
    var listeners: Int?
    var seconds: Int64?
    var digest: String?
}

extension FundFacts {
    /// Everything that the month leaves out, by host, room and reason, from the same facts as its results.
    func exclusions(in transaction: borrowing Transaction) throws -> [FundExclusion] {
        let found: [FundExclusion]
        switch program.scheme {
        case .stipend(let terms): found = try dutyExclusions(terms, in: transaction)
        case .pot(let terms), .userCentric(let terms):
            found = try heardExclusions(
                terms.listening, least: terms.minUniqueListeners, enrolledIn: terms.enrolledIn, in: transaction)
        case .rateCard(let terms):
            found = try heardExclusions(
                terms.listening, least: terms.minUniqueListeners, enrolledIn: nil, in: transaction)
        }
        func key(_ one: FundExclusion) -> (String, String, String) {
            (one.host.text, one.room?.text ?? "", one.reason.rawValue)
        }
        return found.sorted { key($0) < key($1) }
    }

    private func heardExclusions(
        _ terms: ListeningTerms, least: Int, enrolledIn other: String?, in transaction: borrowing Transaction
    ) throws(StoreFault) -> [FundExclusion] {
        let rooms = try rooms(enrolledIn: other, in: transaction)
        var left = LeftOut()
        var sums = ListeningSums()
        try eachListening(in: transaction) { listener, intervals, own in
            for one in listeningExclusions(
                of: listener, intervals, in: rooms, own: own, under: terms, calendar: calendar)
            {
                left.add(one.room, one.reason, one.microseconds, of: listener)
            }
            sums.add(
                verifiedMinutes(of: listener, intervals, in: rooms, own: own, under: terms, calendar: calendar),
                in: rooms)
        }
        var found = left.exclusions(in: rooms)
        for host in sums.hosts where host.listeners < least {
            found.append(
                FundExclusion(
                    host: host.host, room: nil, reason: .fewListeners, listeners: host.listeners,
                    seconds: host.minutes * 60))
        }
        let enrolled = try other.map { other throws(StoreFault) in
            Set(
                try transaction.enrolments(in: other, on: month.firstDay...month.lastDay, before: cutoff).map(\.host))
        }
        for row in try transaction.roomsOut(startingFrom: start, until: end, before: cutoff)
        where enrolled?.contains(row.room.owner) ?? true {
            found.append(exclusion(of: row))
        }
        return found
    }

    private func exclusion(of row: HostRoomRow) -> FundExclusion {
        FundExclusion(
            host: row.room.owner, room: row.room.id, reason: row.isCancelled ? .cancelled : .excluded,
            why: row.isCancelled ? nil : row.excluded)
    }

    private func dutyExclusions(
        _ terms: StipendTerms, in transaction: borrowing Transaction
    ) throws(StoreFault) -> [FundExclusion] {
        guard let first = month.mondays.first, let last = month.mondays.last?.advanced(byDays: 6) else { return [] }
        let hosts = Set(
            try transaction.enrolments(in: program.name, on: first...last, before: cutoff).map(\.host))
        let own = try transaction.ownAccounts(before: cutoff)
        var found: [FundExclusion] = []
        for host in hosts {
            for row in try transaction.rooms(
                of: host, startingFrom: calendar.instant(of: first, minutes: 0),
                until: calendar.instant(of: last.advanced(byDays: 1), minutes: 0), before: cutoff)
            {
                if row.isCancelled || row.excluded != nil {
                    found.append(exclusion(of: row))
                    continue
                }
                let figures = try transaction.stipendRoom(
                    row.room, minSeconds: terms.minSeconds, own: own, calendar: calendar, before: cutoff)
                if figures.seconds < terms.minRoomMinutes * 60 {
                    found.append(
                        FundExclusion(host: host, room: row.room.id, reason: .shortRoom, seconds: figures.seconds))
                } else if figures.listeners < terms.minRoomListeners {
                    found.append(
                        FundExclusion(
                            host: host, room: row.room.id, reason: .fewInRoom, listeners: figures.listeners))
                }
                found += try ownListening(of: row.room, own, in: transaction)
            }
        }
        return found
    }

    /// Of a stipend only the owner's own accounts do not count (R8).
    private func ownListening(
        of room: FundRoom, _ own: OwnAccounts, in transaction: borrowing Transaction
    ) throws(StoreFault) -> [FundExclusion] {
        var left = LeftOut()
        let heard = Dictionary(grouping: try transaction.listening(of: room.id, before: cutoff), by: \.listener)
        for listener in heard.keys.sorted() where own.has(listener, of: room.owner) {
            let microseconds = heardSeconds((heard[listener] ?? []).map(\.interval), of: room) * 1_000_000
            guard microseconds > 0 else { continue }
            left.add(room.id, .ownAccount, microseconds, of: listener)
        }
        return left.exclusions(in: [room.id: room])
    }
}

/// Adds up what was left out, one listener after the other.
private struct LeftOut {
    private struct Key: Hashable {
        let room: RoomID
        let reason: FundExclusionReason
    }

    private var sums: [Key: (listeners: Int, microseconds: Int64, digest: String)] = [:]

    mutating func add(
        _ room: RoomID, _ reason: FundExclusionReason, _ microseconds: Int64, of listener: String
    ) {
        let key = Key(room: room, reason: reason)
        let sum = sums[key] ?? (0, 0, "")
        let digest = SHA256Digest(of: "\(sum.digest)\n\(listener) \(microseconds)").hex
        sums[key] = (sum.listeners + 1, sum.microseconds + microseconds, digest)
    }

    func exclusions(in rooms: [RoomID: FundRoom]) -> [FundExclusion] {
        sums.compactMap { key, sum in
            rooms[key.room].map { room in
                FundExclusion(
                    host: room.owner, room: key.room, reason: key.reason, listeners: sum.listeners,
                    seconds: sum.microseconds / 1_000_000, digest: sum.digest)
            }
        }
    }
}

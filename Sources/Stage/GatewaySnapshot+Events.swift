internal import Values

extension GatewaySnapshot {
    /// Makes it what the ledger would say behind these events, apart from what is over by then: a snapshot of the ledger
    /// leaves out rooms and tickets that have ended, and this keeps them.
    ///
    /// - Parameter events: in their order. Those that the snapshot contains already change nothing.
    public mutating func apply(_ events: [FeedEvent]) {
        let new = events.filter { $0.sequence > cursor }
        guard let last = new.last else { return }
        var rooms = LastByKey(self.rooms) { $0.room }
        var revoked = LastByKey(self.revoked) { $0.ticket }
        var ends = LastByKey(self.ends) { $0.ticket }
        var bindings = LastByKey(self.bindings) { $0.ticket }
        var bans = LastByKey(self.bans) { Ban(host: $0.host, holder: $0.holder) }
        for event in new {
            switch event.change {
            case .room(let brief): rooms.put(brief)
            case .revoked(let notice): revoked.put(notice)
            case .extended(let end): ends.put(end)
            case .bound(let binding): bindings.put(binding)
            case .banned(let notice): bans.put(notice)
            case .keys(let text): jwks = text
            }
        }
        self.rooms = rooms.entries
        self.revoked = revoked.entries
        self.ends = ends.entries
        self.bindings = bindings.entries
        self.bans = bans.entries.filter(\.banned)
        cursor = last.sequence
    }
}

private struct Ban: Hashable {
    let host: HostID
    let holder: Subject
}

/// A list with one entry for each key: what is said later takes the place of what was said before.
private struct LastByKey<Key: Hashable, Entry> {
    private(set) var entries: [Entry]
    private var places: [Key: Int] = [:]
    private let key: (Entry) -> Key

    init(_ entries: [Entry], by key: @escaping (Entry) -> Key) {
        self.entries = entries
        self.key = key
        for (place, entry) in entries.enumerated() where places[key(entry)] == nil { places[key(entry)] = place }
    }

    mutating func put(_ entry: Entry) {
        if let place = places[key(entry)] {
            entries[place] = entry
        } else {
            places[key(entry)] = entries.count
            entries.append(entry)
        }
    }
}

/// A class of listeners that has packets to send, and when.
struct Collecting {
    let room: Int
    let slotClass: Int
    var due: MonotonicInstant
}

extension Relay {
    /// Changes the pace. What was collected under the old one is sent now, so that nothing overtakes it.
    public mutating func setPace(_ pace: Pace, at now: MonotonicInstant, into outbox: inout Outbox) {
        guard pace != self.pace else { return }
        for entry in collecting { flush(entry, all: true, into: &outbox) }
        collecting.removeAll(keepingCapacity: true)
        nextFlush = .never
        self.pace = pace
    }

    /// Remembers a class that has begun to collect, or has to send earlier than known.
    mutating func enqueue(room: Int, slotClass: Int) {
        guard let due = rooms[room]?.pointee.classes[slotClass].beginQueueing() else { return }
        collecting.append(Collecting(room: room, slotClass: slotClass, due: due))
        nextFlush = min(nextFlush, due)
    }

    /// Sends what every class has collected whose time has come.
    mutating func flushDue(at now: MonotonicInstant, into outbox: inout Outbox) {
        nextFlush = .never
        var kept = 0
        for position in collecting.indices {
            var entry = collecting[position]
            if entry.due <= now {
                // What left early may have been followed by something that has time.
                if rooms[entry.room]?.pointee.classes[entry.slotClass].isDue(at: now) == true {
                    flush(entry, all: false, into: &outbox)
                }
                guard let due = rooms[entry.room]?.pointee.classes[entry.slotClass].beginQueueing() else { continue }
                entry.due = due
            }
            nextFlush = min(nextFlush, entry.due)
            collecting[kept] = entry
            kept += 1
        }
        collecting.removeLast(collecting.count - kept)
    }

    private mutating func flush(_ entry: Collecting, all: Bool, into outbox: inout Outbox) {
        rooms[entry.room]?.pointee.classes[entry.slotClass].flush(
            all: all, using: flushSpace, drops: &drops, into: &outbox)
    }
}

/// A packet that is in its slot's ring and on no way yet.
struct PendingPacket {
    var slot = 0
    var index: UInt64 = 0
    /// Without padding.
    var byteCount = 0
    /// How much padding it may get.
    var spare = 0
}

/// One of the packets of a flush, the same for every listener.
struct PlannedPacket {
    var slot = 0
    var ssrc: UInt32 = 0
    var entry = PacketRing.Entry()
    /// Where its payload lies among the payloads of the flush, padding included.
    var start = 0
    var byteCount = 0
}

/// Memory for one flush, taken once by the relay: what is the same for every listener.
struct FlushSpace {
    let payloads: UnsafeMutableBufferPointer<UInt8>
    let packets: UnsafeMutableBufferPointer<PlannedPacket>

    init() {
        // The last arrival may end a group and be a packet itself; a flush ends three groups.
        let count = SlotClass.maximumPending + 5
        payloads = .allocate(capacity: count * (Relay.maximumPayloadBytes + SlotClass.maximumPadding(3)))
        packets = .allocate(capacity: count)
        payloads.initialize(repeating: 0)
        packets.initialize(repeating: PlannedPacket())
    }

    func deallocate() {
        payloads.deallocate()
        packets.deallocate()
    }
}

extension SlotClass {
    /// More than three voices say in any tick; the ring of a slot holds as many of the longest packets.
    static let maximumPending = 16
    /// Padding costs bandwidth: for each frame as much as the headers of a message that it saves.
    static func maximumPadding(_ frames: Int) -> Int { 64 * min(frames, 3) }

    /// Keeps a packet until the tick is over.
    mutating func collect(
        _ entry: PacketRing.Entry, payload: UnsafeBufferPointer<UInt8>, of slot: Int, due: MonotonicInstant,
        at now: MonotonicInstant
    ) {
        let spare = Self.maximumPadding(1)
        slots[slot].ring.keep(entry, payload: payload, waits: spare)
        append(
            PendingPacket(slot: slot, index: entry.index, byteCount: payload.count, spare: spare), due: due, at: now)
    }

    mutating func append(_ packet: PendingPacket, due: MonotonicInstant, at now: MonotonicInstant) {
        pending.append(packet)
        // A full house waits for nobody.
        dueAt = pending.count < Self.maximumPending ? min(dueAt, due) : now
    }

    /// When to call ``flush(all:using:drops:into:)``, if the relay does not know that yet.
    mutating func beginQueueing() -> MonotonicInstant? {
        guard dueAt < queuedFor else { return nil }
        queuedFor = dueAt
        return dueAt
    }

    /// Whether something has to leave, now that an earlier ``beginQueueing()`` has come due.
    mutating func isDue(at now: MonotonicInstant) -> Bool {
        if queuedFor <= now { queuedFor = .never }
        return dueAt <= now
    }

    /// Sends what was collected: to each listener all packets behind each other, equal in size but the last where a
    /// little padding does it, so that one message carries them.
    ///
    /// Cost: the order and padding once, then one seal for each packet and listener; no allocation, no reference
    /// counting.
    ///
    /// - Parameter all: groups of frames too that are not full.
    mutating func flush(
        all: Bool, using space: FlushSpace, drops: inout DropCounters, into outbox: inout Outbox
    ) {
        dueAt = closeGroups(all: all)
        queuedFor = .never
        guard !pending.isEmpty else { return }
        sortPending()
        padPending()
        var planned = 0
        var used = 0
        var homeless = 0
        for packet in pending {
            let found = slots[packet.slot].ring.withPacket(packet.index) { entry, payload in
                guard let source = payload.baseAddress, planned < space.packets.count,
                    used + payload.count <= space.payloads.count,
                    let room = space.payloads.baseAddress
                else {
                    homeless += 1
                    return
                }
                (room + used).update(from: source, count: payload.count)
                space.packets[planned] = PlannedPacket(
                    slot: packet.slot, ssrc: slots[packet.slot].ssrc, entry: entry, start: used,
                    byteCount: payload.count)
                planned += 1
                used += payload.count
            }
            // A source that jumped twice within a tick has overwritten its own place.
            if !found { drops.count(.notSent) }
        }
        // Nobody collects so many; if somebody did, it would be seen.
        for _ in 0..<homeless { drops.count(.notSent) }
        pending.removeAll(keepingCapacity: true)
        let packets = UnsafeBufferPointer(rebasing: space.packets[..<planned])
        let unsent = seal(packets, payloads: space.payloads, into: &outbox)
        for _ in 0..<unsent { drops.count(.notSent) }
    }

    /// - Returns: how many could not be sealed or found no room.
    private mutating func seal(
        _ packets: UnsafeBufferPointer<PlannedPacket>, payloads: UnsafeMutableBufferPointer<UInt8>,
        into outbox: inout Outbox
    ) -> Int {
        var unsent = 0
        withListeners { listeners in
            for position in listeners.indices {
                var joins = false
                for step in packets.indices {
                    let slot = packets[step].slot
                    let lane = listeners[position].lanes[slot]
                    guard listeners[position].participant != packets[step].entry.participant,
                        packets[step].entry.index >= lane.firstIndex
                    else { continue }
                    let index = packets[step].entry.index &- lane.offset
                    let payload = UnsafeBufferPointer(
                        start: payloads.baseAddress.map { UnsafePointer($0 + packets[step].start) },
                        count: packets[step].byteCount)
                    if listeners[position].seal(
                        packets[step].entry, ssrc: packets[step].ssrc, index: index, payload: payload, joins: joins,
                        into: &outbox)
                    {
                        listeners[position].lanes[slot].count(index, packets[step].entry)
                        joins = true
                    } else {
                        unsent += 1
                    }
                }
            }
        }
        return unsent
    }

    /// Longest first, as far as the packets of each slot stay in their order. At most 16: simple loops do.
    private mutating func sortPending() {
        for position in 1..<max(1, pending.count) {
            var place = position
            while place > 0, pending[place - 1].byteCount < pending[place].byteCount {
                pending.swapAt(place - 1, place)
                place -= 1
            }
        }
        for first in pending.indices {
            for second in first + 1..<max(first + 1, pending.count)
            where pending[first].slot == pending[second].slot && pending[first].index > pending[second].index {
                pending.swapAt(first, second)
            }
        }
    }

    /// Makes packets final. One that another follows in the same message gets the size of the first.
    private mutating func padPending() {
        var segment = 0
        for position in pending.indices {
            let size = pending[position].byteCount
            var padding = 0
            if segment == 0 || size > segment { segment = size }
            // The last of a message may be shorter.
            if position + 1 < pending.count, pending[position + 1].byteCount <= segment {
                padding = segment - size <= pending[position].spare ? segment - size : 0
                if padding != segment - size { segment = 0 }
            } else {
                segment = 0
            }
            slots[pending[position].slot].ring.finish(
                pending[position].index, padding: UInt8(truncatingIfNeeded: padding))
        }
    }
}

internal import MediaWire

extension SlotClass {
    /// Samples of 20 ms at 48 kHz.
    static let frameSamples = 960

    /// Keeps a packet's frames until the packet that they share is full: ``frames`` of 20 ms.
    ///
    /// Groups of the slots are kept together, so that one message carries them: once every slot that speaks has a full
    /// packet, all leave. Nobody waits longer than the packet plays.
    ///
    /// - Returns: false when the packet is older than its speaker's turn.
    mutating func merge(
        _ packet: VoicePacket, payload: UnsafeBufferPointer<UInt8>, of slot: Int, isNew: Bool,
        at now: MonotonicInstant
    ) -> Bool {
        let samples = frames * Self.frameSamples
        let bytes = UnsafeRawBufferPointer(payload)
        if slots[slot].join(packet, bytes, samples: samples, at: now) {
            if slots[slot].merger.sampleCount >= samples { close(slot, at: now) }
            return true
        }
        // Gap, jump, another configuration, or a full packet.
        close(slot, at: now)
        guard let entry = slots[slot].place(packet, isFirst: isNew, at: now) else { return false }
        if slots[slot].open(entry, packet, bytes, samples: samples, at: now) {
            dueAt = min(dueAt, Pace.due(after: now, milliseconds: UInt64(20 * frames)))
            if slots[slot].merger.sampleCount >= samples { close(slot, at: now) }
        } else {
            collect(entry, payload: payload, of: slot, due: Pace.tick20.due(after: now), at: now)
        }
        return true
    }

    /// Ends a slot's group, and calls for the flush when no other slot is behind.
    mutating func close(_ slot: Int, at now: MonotonicInstant) {
        guard var closed = slots[slot].close() else { return }
        closed.slot = slot
        append(closed, due: Pace.due(after: now, milliseconds: UInt64(20 * frames)), at: now)
        for other in slots.indices where slots[other].group != nil {
            // A voice that has nothing full yet is on its way to it.
            if !pending.contains(where: { $0.slot == other }) { return }
        }
        dueAt = now
    }

    /// Before a flush: who has a full packet keeps what was begun after it for the next one; who has none gives what
    /// there is.
    ///
    /// - Returns: when what was kept has to leave.
    mutating func closeGroups(all: Bool) -> MonotonicInstant {
        var next = MonotonicInstant.never
        for slot in slots.indices {
            guard let group = slots[slot].group else { continue }
            if !all, pending.contains(where: { $0.slot == slot }) {
                next = min(next, Pace.due(after: group.openedAt, milliseconds: UInt64(20 * frames)))
            } else if var closed = slots[slot].close() {
                closed.slot = slot
                pending.append(closed)
            }
        }
        return next
    }
}

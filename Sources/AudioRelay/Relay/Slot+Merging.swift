internal import MediaWire

extension Slot {
    /// Consecutive frames of one voice that will be one packet. Its number in the slot is taken when it begins; what
    /// joins it takes none.
    struct Group {
        var entry: PacketRing.Entry
        let openedAt: MonotonicInstant
        /// What the next packet must be to join.
        var nextSource: UInt64
        var nextTimestamp: UInt32
    }

    /// Begins a group with a packet that has been placed, if it is one that can be merged.
    mutating func open(
        _ entry: PacketRing.Entry, _ packet: VoicePacket, _ payload: UnsafeRawBufferPointer, samples: Int,
        at now: MonotonicInstant
    ) -> Bool {
        precondition(group == nil, "One group at a time.")
        // Late or repeated numbers are behind the slot's end: nothing follows them.
        guard entry.index + 1 == next, merger.append(payload, maximumSamples: samples) else { return false }
        group = Group(
            entry: entry, openedAt: now, nextSource: packet.index + 1,
            nextTimestamp: entry.timestamp &+ UInt32(truncatingIfNeeded: merger.sampleCount))
        return true
    }

    /// Puts a packet's frames behind those of the open group: the next of the same voice, without a gap in number or
    /// time, of the same configuration, and within `samples` together.
    mutating func join(
        _ packet: VoicePacket, _ payload: UnsafeRawBufferPointer, samples: Int, at now: MonotonicInstant
    ) -> Bool {
        guard var group, var occupant, packet.index == group.nextSource,
            packet.timestamp &+ occupant.timestampOffset == group.nextTimestamp,
            merger.append(payload, maximumSamples: samples)
        else { return false }
        occupant.numbering.absorb(packet.index)
        occupant.note(packet, at: now)
        self.occupant = occupant
        note(sentUpTo: group.nextTimestamp, at: now)
        group.entry.level = louder(group.entry.level, packet.level)
        group.nextSource += 1
        group.nextTimestamp =
            group.entry.timestamp &+ UInt32(truncatingIfNeeded: merger.sampleCount)
        self.group = group
        return true
    }

    /// Ends the open group: its packet is in the ring and waits.
    mutating func close() -> PendingPacket? {
        guard let group else { return nil }
        self.group = nil
        var bytes = 0
        let spare = SlotClass.maximumPadding(merger.frameCount)
        ring.keep(group.entry, capacity: merger.maximumBytes, waits: spare) {
            bytes = merger.write(to: UnsafeMutableRawBufferPointer($0))
            return bytes
        }
        merger.removeAll()
        return PendingPacket(index: group.entry.index, byteCount: bytes, spare: spare)
    }

    /// The louder of two levels (RFC 6464): the lower number, and a voice if one of them is.
    private func louder(_ first: UInt8, _ second: UInt8) -> UInt8 {
        (first | second) & 0x80 | min(first & 0x7F, second & 0x7F)
    }
}

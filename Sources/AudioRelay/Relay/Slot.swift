internal import MediaWire

/// A packet of a speaker that was opened and may be forwarded.
struct VoicePacket {
    /// The same on every shard.
    let speaker: PeerID
    let participant: UInt32
    let isHost: Bool
    /// The speaker's own extended sequence number and time stamp.
    let index: UInt64
    let timestamp: UInt32
    let hasMarker: Bool
    /// The level as claimed, with its voice bit; 127 below full scale when the packet carried none.
    let level: UInt8
    let isVoice: Bool
    let score: Int32
}

/// One slot: a static SSRC whose sequence and time run on while the speaker in it changes.
struct Slot {
    struct Occupant {
        let speaker: PeerID
        let participant: UInt32
        let isHost: Bool
        let since: MonotonicInstant
        var lastVoiceAt: MonotonicInstant
        var score: Int32
        var numbering: SlotNumbering
        var timestampOffset: UInt32
        var highestSource: UInt64

        mutating func note(_ packet: VoicePacket, at now: MonotonicInstant) {
            highestSource = max(highestSource, packet.index)
            score = packet.score
            if packet.isVoice { lastVoiceAt = now }
        }
    }

    let ssrc: UInt32
    var occupant: Occupant?
    /// The index of the next new packet.
    private(set) var next: UInt64 = 0
    private(set) var lastTimestamp: UInt32
    private(set) var lastSentAt = MonotonicInstant(nanoseconds: 0)
    var ring = PacketRing()
    /// Frames that wait for those that will share their packet.
    var group: Group?
    var merger = OpusMerger(capacity: Relay.maximumPayloadBytes)

    /// - Parameter timestamp: random, as RFC 3550, section 5.1, asks.
    init(ssrc: UInt32, timestamp: UInt32) {
        self.ssrc = ssrc
        lastTimestamp = timestamp
    }

    /// A source that jumps by more than this (2 s) begins anew; otherwise one bad sender would use up the numbers.
    static let largestGap: UInt64 = 100
    private static let largestTimestampStep: Int32 = 480_000
    /// One packet of 20 ms at 48 kHz.
    private static let packetSamples: UInt64 = 960

    /// The slot's time stamp at a moment, for sender reports and switches.
    func timestamp(at now: MonotonicInstant) -> UInt32 {
        lastTimestamp &+ UInt32(truncatingIfNeeded: now.nanoseconds(since: lastSentAt) / 1_000 * 48 / 1_000)
    }

    /// What was forwarded last, for sender reports and for the voice that comes next.
    mutating func note(sentUpTo timestamp: UInt32, at now: MonotonicInstant) {
        lastTimestamp = timestamp
        lastSentAt = now
    }

    mutating func vacate() { occupant = nil }

    mutating func seat(_ packet: VoicePacket, at now: MonotonicInstant) {
        occupant = Occupant(
            speaker: packet.speaker, participant: packet.participant, isHost: packet.isHost, since: now,
            lastVoiceAt: now, score: packet.score, numbering: SlotNumbering(source: packet.index, index: next),
            timestampOffset: joiningTimestamp(at: now) &- packet.timestamp, highestSource: packet.index)
    }

    /// What the slot makes of its occupant's packet; `nil` when it is older than the occupant's turn.
    mutating func place(_ packet: VoicePacket, isFirst: Bool, at now: MonotonicInstant) -> PacketRing.Entry? {
        guard var occupant else { return nil }
        var hasMarker = packet.hasMarker || isFirst
        guard occupant.numbering.index(of: packet.index) != nil else { return nil }
        let step = Int32(truncatingIfNeeded: packet.timestamp &+ occupant.timestampOffset &- lastTimestamp)
        let jumps =
            packet.index > occupant.highestSource + Self.largestGap || step > Self.largestTimestampStep
            || step < -Self.largestTimestampStep
        if jumps {
            occupant.numbering = SlotNumbering(source: packet.index, index: next)
            occupant.timestampOffset = joiningTimestamp(at: now) &- packet.timestamp
            hasMarker = true
        }
        occupant.note(packet, at: now)
        guard let index = occupant.numbering.index(of: packet.index) else { return nil }
        let timestamp = packet.timestamp &+ occupant.timestampOffset
        if index >= next {
            next = index + 1
            note(sentUpTo: timestamp, at: now)
        }
        self.occupant = occupant
        var entry = PacketRing.Entry()
        entry.index = index
        entry.timestamp = timestamp
        entry.participant = packet.participant
        entry.level = packet.level
        entry.hasMarker = hasMarker
        return entry
    }

    /// Where a new voice begins: as much later than the last packet as time went by, one packet at least.
    private func joiningTimestamp(at now: MonotonicInstant) -> UInt32 {
        let elapsed = now.nanoseconds(since: lastSentAt) / 1_000 * 48 / 1_000
        return lastTimestamp &+ UInt32(truncatingIfNeeded: max(Self.packetSamples, elapsed))
    }
}

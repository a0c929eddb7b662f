/// Several relays as one: each has a thread, a socket and a part of the peers (a shard). A voice is opened by the relay
/// of its speaker, and handed in the clear to those relays that have listeners of its room; each of them treats it as a
/// speaker of its own and chooses, numbers, merges and seals for its listeners.
///
/// Whoever connects the relays says with ``RelayCommand/spread(_:to:)`` where listeners of a room are. Scores are those
/// of the speaker's relay, so that all of them choose alike. A participant's number is one for the whole room: nobody
/// hears themself from another relay either.
extension Relay {
    /// A thread that stood still plays on from here, and not what was said meanwhile.
    static let oldestVoiceNanoseconds: UInt64 = 500_000_000

    /// From now on voices can be handed to the relay `shard`, which takes them out of the ring.
    public mutating func connect(to shard: Int, by ring: VoiceRing) {
        precondition((0..<ShardSet.maximumShards).contains(shard), "Shards are numbered from 0 to 63.")
        while links.count <= shard { links.append(nil) }
        links[shard] = ring
    }

    /// Takes what another relay has put into a ring, oldest first.
    ///
    /// - Returns: how many records there were, at most `limit`.
    public mutating func takeVoices(
        from ring: VoiceRing, atMost limit: Int, at now: MonotonicInstant, into outbox: inout Outbox
    ) -> Int {
        advance(to: now, into: &outbox)
        var count = 0
        while count < limit, let (record, payload) = ring.next() {
            count += 1
            // What a class collects is bounded: what is full or due leaves before more comes.
            if nextFlush <= now { flushDue(at: now, into: &outbox) }
            take(record, payload, at: now, into: &outbox)
            ring.drop(record)
        }
        takenOver &+= UInt64(count)
        return count
    }

    /// The shards for which something was put into a ring since the last call.
    public mutating func takeShardsToWake() -> ShardSet {
        defer { shardsToWake = ShardSet() }
        return shardsToWake
    }

    private mutating func take(
        _ record: VoiceRing.Record, _ payload: UnsafeBufferPointer<UInt8>, at now: MonotonicInstant,
        into outbox: inout Outbox
    ) {
        // The last listener here may have left while it was on its way.
        guard let room = roomByKey[RoomKey(record.room)] else { return }
        switch record.kind {
        case .skip: break
        case .silenced: silence(PeerID(record.speaker), in: room, at: now)
        case .voice:
            // Turns and ticks count from here: what waited on its way is collected with what comes now, as anywhere.
            guard now.nanoseconds(since: MonotonicInstant(nanoseconds: record.arrivedAt)) <= Self.oldestVoiceNanoseconds
            else { return drops.count(.notHandedOver) }
            forward(
                VoicePacket(
                    speaker: PeerID(record.speaker), participant: record.participant, isHost: record.isHost,
                    index: record.index, timestamp: record.timestamp, hasMarker: record.hasMarker,
                    level: record.level, isVoice: record.isVoice, score: record.score),
                payload, in: room, isOwn: false, at: now, into: &outbox)
        }
    }

    /// Hands an opened packet to the other shards of its room.
    mutating func handOver(
        _ packet: VoicePacket, _ payload: UnsafeBufferPointer<UInt8>, in room: Int, at now: MonotonicInstant
    ) {
        guard let key = rooms[room]?.pointee.key, let shards = rooms[room]?.pointee.elsewhere else { return }
        var record = VoiceRing.Record()
        record.kind = .voice
        record.isHost = packet.isHost
        record.hasMarker = packet.hasMarker
        record.isVoice = packet.isVoice
        record.level = packet.level
        record.participant = packet.participant
        record.timestamp = packet.timestamp
        record.score = packet.score
        record.room = key.number
        record.speaker = packet.speaker.number
        record.index = packet.index
        record.arrivedAt = now.nanoseconds
        put(record, payload, to: shards)
    }

    /// Tells the other shards of a room that a speaker left or was muted.
    mutating func handOverSilence(of speaker: PeerID, in room: Int) {
        guard let key = rooms[room]?.pointee.key, let shards = rooms[room]?.pointee.elsewhere, !shards.isEmpty else {
            return
        }
        var record = VoiceRing.Record()
        record.kind = .silenced
        record.room = key.number
        record.speaker = speaker.number
        put(record, UnsafeBufferPointer(start: nil, count: 0), to: shards)
    }

    private mutating func put(
        _ record: VoiceRing.Record, _ payload: UnsafeBufferPointer<UInt8>, to shards: ShardSet
    ) {
        var left = shards
        while let shard = left.popFirst() {
            guard shard < links.count, let ring = links[shard] else { continue }
            if ring.put(record, payload) {
                handedOver &+= 1
                shardsToWake.insert(shard)
            } else {
                drops.count(.notHandedOver)
            }
        }
    }
}

internal import MediaWire

/// The listeners of a room that offered the same number of slots and take packets of the same length, and those slots.
///
/// ## Who is heard
/// A packet's speaker keeps the slot they have. Somebody without one who speaks (`VoiceLevel`):
/// 1. takes an empty slot at once, or one whose speaker said nothing for 800 ms (the host: 2 s), the longest silent
///    first: the first syllable is not cut;
/// 2. else takes the slot of the quietest speaker, if that one has had it for 600 ms and the newcomer's score is 6 dB
///    higher: two people do not flap;
/// 3. the host, who is never displaced while speaking, takes the quietest speaker's slot at once.
/// Somebody who is not heard costs nothing but the opening of their packets.
struct SlotClass {
    /// How many frames of 20 ms one packet to them may hold: 1, 2 or 3.
    let frames: Int
    var slots: [Slot]
    private(set) var listeners: [Listener] = []
    /// Where each peer is among them: whoever asks for packets again, moves or goes must not make the class look at all the
    /// others.
    private var positions: [Int: Int] = [:]
    /// What was collected and waits for ``flush(all:using:drops:into:)``, in the order of arrival.
    var pending: [PendingPacket] = []
    /// When it has to leave; `never` while nothing waits.
    var dueAt = MonotonicInstant.never
    /// For when the relay knows that something waits.
    var queuedFor = MonotonicInstant.never

    private static let silenceNanoseconds: UInt64 = 800_000_000
    private static let hostSilenceNanoseconds: UInt64 = 2_000_000_000
    private static let shortestTurnNanoseconds: UInt64 = 600_000_000
    private static let marginScore: Int32 = 6 * 256

    init(room: RoomKey, slotCount: Int, frames: Int = 1, using generator: inout some RandomNumberGenerator) {
        self.frames = frames
        slots = (0..<slotCount).map {
            Slot(ssrc: room.ssrc(slot: $0, of: slotCount), timestamp: UInt32(truncatingIfNeeded: generator.next()))
        }
    }

    // MARK: Listeners

    /// - Parameter firstIndex: the lanes' first sequence number, below 2^15 so that no receiver guesses a rollover.
    mutating func add(_ listener: Listener, firstIndex: UInt64) {
        var listener = listener
        for slot in slots.indices {
            listener.lanes[slot].next = firstIndex
            listener.lanes[slot].resume(at: slots[slot].next)
        }
        positions[listener.peer] = listeners.count
        listeners.append(listener)
    }

    /// The last one takes the place of the one that goes.
    mutating func removeListener(_ peer: Int) {
        guard let position = positions.removeValue(forKey: peer) else { return }
        let last = listeners.count - 1
        if position < last {
            listeners.swapAt(position, last)
            positions[listeners[position].peer] = position
        }
        listeners.removeLast()
    }

    mutating func redirect(_ peer: Int, to destination: SocketAddress) {
        guard let position = positions[peer] else { return }
        listeners[position].destination = destination
    }

    /// Where a listener is; until the next one comes or goes.
    func position(of peer: Int) -> Int? { positions[peer] }

    /// The listeners in place, for loops that seal.
    @inline(__always)
    mutating func withListeners(_ body: (inout UnsafeMutableBufferPointer<Listener>) -> Void) {
        listeners.withUnsafeMutableBufferPointer { body(&$0) }
    }

    func listener(_ peer: Int) -> Listener? { positions[peer].map { listeners[$0] } }

    mutating func refillRetransmissions() {
        for position in listeners.indices { listeners[position].retransmissions = Listener.retransmissionsPerReport }
    }

    // MARK: Speakers

    /// The slot that goes out under an SSRC.
    func slot(of ssrc: UInt32) -> Int? { slots.firstIndex { $0.ssrc == ssrc } }

    /// Empties the slot of somebody who left or was muted; says whether there was one.
    mutating func vacate(_ speaker: PeerID) -> Bool {
        guard let slot = slots.firstIndex(where: { $0.occupant?.speaker == speaker }) else { return false }
        release(slot)
        return true
    }

    /// Whoever would have heard themself in this slot goes on where they stopped.
    private mutating func release(_ slot: Int) {
        guard let participant = slots[slot].occupant?.participant else { return }
        if var closed = slots[slot].close() {
            closed.slot = slot
            pending.append(closed)
        }
        slots[slot].vacate()
        for position in listeners.indices where listeners[position].participant == participant {
            listeners[position].lanes[slot].resume(at: slots[slot].next)
        }
    }

    /// The slot for a packet, or `nil`; `isNew` when the speaker takes it with this packet.
    mutating func slot(for packet: VoicePacket, at now: MonotonicInstant) -> (slot: Int, isNew: Bool)? {
        var free: (slot: Int, silentSince: MonotonicInstant)?
        var weakest: (slot: Int, score: Int32)?
        for slot in slots.indices {
            guard let occupant = slots[slot].occupant else {
                if free?.silentSince != MonotonicInstant(nanoseconds: 0) {
                    free = (slot, MonotonicInstant(nanoseconds: 0))
                }
                continue
            }
            if occupant.speaker == packet.speaker { return (slot, false) }
            let silence = occupant.isHost ? Self.hostSilenceNanoseconds : Self.silenceNanoseconds
            if now.nanoseconds(since: occupant.lastVoiceAt) >= silence {
                if free.map({ occupant.lastVoiceAt < $0.silentSince }) ?? true { free = (slot, occupant.lastVoiceAt) }
            } else if !occupant.isHost,
                packet.isHost || now.nanoseconds(since: occupant.since) >= Self.shortestTurnNanoseconds,
                weakest.map({ occupant.score < $0.score }) ?? true
            {
                weakest = (slot, occupant.score)
            }
        }
        guard packet.isVoice else { return nil }
        var chosen = free?.slot
        if chosen == nil, let weakest, packet.isHost || packet.score > weakest.score + Self.marginScore {
            chosen = weakest.slot
        }
        guard let chosen else { return nil }
        release(chosen)
        slots[chosen].seat(packet, at: now)
        return (chosen, true)
    }

    /// Who speaks now.
    func speaking(at now: MonotonicInstant) -> SpeakingNow {
        var found = SpeakingNow()
        for slot in slots.indices {
            guard let occupant = slots[slot].occupant,
                now.nanoseconds(since: occupant.lastVoiceAt) < Self.silenceNanoseconds
            else { continue }
            found.insert(occupant.participant, score: occupant.score)
        }
        return found
    }

    // MARK: Packets

    /// Sends one packet of a speaker to every listener of this class but the speaker themself, or collects it.
    mutating func forward(
        _ packet: VoicePacket, payload: UnsafeBufferPointer<UInt8>, pace: Pace, at now: MonotonicInstant,
        drops: inout DropCounters, into outbox: inout Outbox
    ) -> SelectionOutcome {
        guard let (slot, isNew) = slot(for: packet, at: now) else { return .notSelected }
        let outcome = isNew ? SelectionOutcome.newSpeaker : .forwarded
        if pace == .merged, frames > 1, !listeners.isEmpty {
            return merge(packet, payload: payload, of: slot, isNew: isNew, at: now) ? outcome : .late
        }
        guard var entry = slots[slot].place(packet, isFirst: isNew, at: now) else { return .late }
        // A class that is only run to see who speaks keeps nothing.
        guard !listeners.isEmpty else { return outcome }
        guard pace == .atOnce else {
            collect(entry, payload: payload, of: slot, due: pace.due(after: now), at: now)
            return outcome
        }
        entry.measure(payload)
        slots[slot].ring.keep(entry, payload: payload)
        let ssrc = slots[slot].ssrc
        var unsent: UInt64 = 0
        listeners.withUnsafeMutableBufferPointer { listeners in
            for position in listeners.indices {
                let lane = listeners[position].lanes[slot]
                guard listeners[position].participant != packet.participant, entry.index >= lane.firstIndex else {
                    continue
                }
                let index = entry.index &- lane.offset
                if listeners[position].seal(entry, ssrc: ssrc, index: index, payload: payload, into: &outbox) {
                    listeners[position].lanes[slot].count(index, entry)
                } else {
                    unsent += 1
                }
            }
        }
        for _ in 0..<unsent { drops.count(.notSent) }
        return outcome
    }

    /// Answers a NACK for one packet: the same bytes again, or why not. The budget is the first question: beyond it a
    /// listener costs nothing, whatever it asks for.
    ///
    /// - Parameter position: as ``position(of:)`` tells it.
    mutating func resend(
        _ sequence: UInt16, ofSSRC ssrc: UInt32, to position: Int, into outbox: inout Outbox
    ) -> DropReason? {
        guard listeners[position].retransmissions > 0 else { return .retransmissionBudget }
        guard let slot = slot(of: ssrc) else { return .malformedRTCP }
        let listener = listeners[position]
        let lane = listener.lanes[slot]
        guard lane.next > 0 else { return .retransmissionGone }
        let index = extendedIndex(of: sequence, near: lane.next - 1)
        let slotIndex = index &+ lane.offset
        // The second bound also catches what wrapped around below the slot's first packet.
        guard index < lane.next, slotIndex < slots[slot].next, slotIndex >= lane.firstIndex else {
            return .retransmissionGone
        }
        var sent = false
        let found = slots[slot].ring.withPacket(slotIndex) { entry, payload in
            // Whatever else: nobody hears themself.
            guard entry.participant != listener.participant, entry.isFinal else { return }
            sent = listener.seal(entry, ssrc: ssrc, index: index, payload: payload, into: &outbox)
        }
        guard found else { return .retransmissionGone }
        guard sent else { return .notSent }
        listeners[position].retransmissions -= 1
        return nil
    }
}

enum SelectionOutcome { case forwarded, newSpeaker, notSelected, late }

/// A room as the relay keeps it: classes of listeners by slots (one, two or three) and by the frames that one packet to
/// them may hold. Each has its own selection, since who has one slot should hear the loudest voice and not a third of
/// the room, and its own numbers. Classes without listeners have no ring: their slots cost half a kilobyte each.
struct Room {
    let key: RoomKey
    var peers = 0
    var classes: InlineArray<9, SlotClass>
    /// Which classes have listeners, bit by bit: a packet of a small room should not look at nine of them in memory.
    private(set) var audience: UInt16 = 0
    /// The class that decides who counts as speaking: one with three slots, and with listeners where there is one, so
    /// that nothing is chosen only to be told.
    private(set) var deciding = Self.silentDeciding
    /// The other shards that have listeners of this room.
    var elsewhere = ShardSet()
    /// As last told to the gateway.
    private var speaking = SpeakingNow()
    var nextReport: MonotonicInstant
    /// When to look whether somebody fell silent; `never` while nobody speaks.
    var nextLook = MonotonicInstant.never

    init(key: RoomKey, at now: MonotonicInstant, using generator: inout some RandomNumberGenerator) {
        self.key = key
        classes = InlineArray { slotClass in
            SlotClass(
                room: key, slotCount: slotClass % Negotiator.maximumSlots + 1,
                frames: slotClass / Negotiator.maximumSlots + 1, using: &generator)
        }
        precondition(
            classes.count == Negotiator.maximumFrames * Negotiator.maximumSlots, "Each kind of listener has a class.")
        nextReport = now.advanced(byMilliseconds: Relay.reportMilliseconds)
    }

    mutating func add(_ listener: Listener, to slotClass: Int, firstIndex: UInt64) {
        classes[slotClass].add(listener, firstIndex: firstIndex)
        audience |= 1 << UInt16(slotClass)
        if speaking.count == 0 { chooseDeciding() }
    }

    mutating func removeListener(_ peer: Int, from slotClass: Int) {
        classes[slotClass].removeListener(peer)
        if classes[slotClass].listeners.isEmpty { audience &= ~(1 << UInt16(slotClass)) }
        if speaking.count == 0 { chooseDeciding() }
    }

    func hasListeners(in slotClass: Int) -> Bool { audience >> UInt16(slotClass) & 1 == 1 }

    /// A class stays the deciding one for as long as it has listeners, or somebody is told to speak: the next one has
    /// chosen nobody yet, and those who speak would be told to have stopped.
    private mutating func chooseDeciding() {
        guard !hasListeners(in: deciding) else { return }
        let fitting = (1...Negotiator.maximumFrames).lazy
            .map { Self.slotClass(slotCount: Negotiator.maximumSlots, frames: $0) }
        deciding = fitting.first(where: hasListeners) ?? deciding
    }

    /// Where the listeners of a kind are among the classes.
    static func slotClass(slotCount: Int, frames: Int) -> Int {
        (frames - 1) * Negotiator.maximumSlots + slotCount - 1
    }

    /// Decides in a room that nobody has listened in.
    private static let silentDeciding = slotClass(slotCount: Negotiator.maximumSlots, frames: 1)

    var deadline: MonotonicInstant { min(nextReport, nextLook) }

    /// In 200 to 220 ms, on a grid of 20 ms that all rooms share: a relay of a thousand rooms then looks at its deadlines
    /// 50 times a second for this and not 5,000 times.
    private static func look(after now: MonotonicInstant) -> MonotonicInstant {
        let grid: UInt64 = 20_000_000
        return MonotonicInstant(nanoseconds: (now.nanoseconds + 11 * grid) / grid * grid)
    }

    /// Who speaks, when that is another set than last told. ``deciding`` decides.
    mutating func changeOfSpeaking(at now: MonotonicInstant) -> [UInt32]? {
        let current = classes[deciding].speaking(at: now)
        nextLook = current.count == 0 ? .never : Self.look(after: now)
        guard !current.isSame(as: speaking) else { return nil }
        speaking = current
        if current.count == 0 { chooseDeciding() }
        return current.participants
    }
}

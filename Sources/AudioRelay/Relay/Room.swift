/// A room as the relay keeps it: classes of listeners by slots (one, two or three) and by the frames that one packet to
/// them may hold. Each has its own selection, since who has one slot should hear the loudest voice and not a third of
/// the room, and its own numbers. Classes without listeners have no ring: their slots cost half a kilobyte each.
struct Room {
    let key: RoomKey
    var peers = 0
    var classes: [SlotClass]
    /// Which classes have listeners, bit by bit: a packet of a small room should not look at nine of them in memory.
    private(set) var audience: UInt16 = 0
    /// The other shards that have listeners of this room.
    var elsewhere = ShardSet()
    /// As last told to the gateway.
    var speaking: [UInt32] = []
    var nextReport: MonotonicInstant
    /// When to look whether somebody fell silent; `never` while nobody speaks.
    var nextLook = MonotonicInstant.never

    init(key: RoomKey, at now: MonotonicInstant, using generator: inout some RandomNumberGenerator) {
        self.key = key
        classes = []
        for frames in 1...Negotiator.maximumFrames {
            for slotCount in 1...Negotiator.maximumSlots {
                classes.append(SlotClass(room: key, slotCount: slotCount, frames: frames, using: &generator))
            }
        }
        nextReport = now.advanced(byMilliseconds: Relay.reportMilliseconds)
    }

    mutating func add(_ listener: Listener, to slotClass: Int, firstIndex: UInt64) {
        classes[slotClass].add(listener, firstIndex: firstIndex)
        audience |= 1 << UInt16(slotClass)
    }

    mutating func removeListener(_ peer: Int, from slotClass: Int) {
        classes[slotClass].removeListener(peer)
        if classes[slotClass].listeners.isEmpty { audience &= ~(1 << UInt16(slotClass)) }
    }

    /// Where the listeners of a kind are among the classes.
    static func slotClass(slotCount: Int, frames: Int) -> Int {
        (frames - 1) * Negotiator.maximumSlots + slotCount - 1
    }

    static let classCount = Negotiator.maximumFrames * Negotiator.maximumSlots

    /// The class that decides who counts as speaking, listeners or not.
    static let deciding = slotClass(slotCount: Negotiator.maximumSlots, frames: 1)

    var deadline: MonotonicInstant { min(nextReport, nextLook) }
    var listenerCount: Int { classes.reduce(0) { $0 + $1.listeners.count } }

    /// In 200 to 220 ms, on a grid of 20 ms that all rooms share: a relay of a thousand rooms then looks at its deadlines
    /// 50 times a second for this and not 5,000 times.
    private static func look(after now: MonotonicInstant) -> MonotonicInstant {
        let grid: UInt64 = 20_000_000
        return MonotonicInstant(nanoseconds: (now.nanoseconds + 11 * grid) / grid * grid)
    }

    /// Who speaks, when that is another set than last told. The class with three slots decides.
    mutating func changeOfSpeaking(at now: MonotonicInstant) -> [UInt32]? {
        let current = classes[Self.deciding].speaking(at: now)
        nextLook = current.isEmpty ? .never : Self.look(after: now)
        guard current.count != speaking.count || !current.allSatisfy(speaking.contains) else { return nil }
        speaking = current
        return current
    }
}

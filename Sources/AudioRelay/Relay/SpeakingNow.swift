/// Who speaks in a room, loudest first: at most one for each slot. A trivial value, since every room looks five times a
/// second and mostly finds what it knew.
struct SpeakingNow {
    private(set) var count = 0
    private var voices = InlineArray<3, (participant: UInt32, score: Int32)>(repeating: (0, 0))

    var participants: [UInt32] { (0..<count).map { voices[$0].participant } }

    mutating func insert(_ participant: UInt32, score: Int32) {
        precondition(count < voices.count, "Nobody speaks without a slot of their own.")
        var place = count
        while place > 0, voices[place - 1].score < score {
            voices[place] = voices[place - 1]
            place -= 1
        }
        voices[place] = (participant, score)
        count += 1
    }

    /// Whether they are the same people, however loud.
    func isSame(as other: Self) -> Bool {
        count == other.count && (0..<count).allSatisfy { other.contains(voices[$0].participant) }
    }

    private func contains(_ participant: UInt32) -> Bool {
        (0..<count).contains { voices[$0].participant == participant }
    }
}

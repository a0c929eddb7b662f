internal import MediaWire

/// How loud somebody is over time, from the levels (RFC 6464) that they claim.
///
/// Loudness runs from 0 (silence) to 127 (full scale): 127 less the level. Rules, which nobody wins by shouting:
/// - Everything louder than -25 dBov counts as -25, a voice close to the microphone: claiming 0 gains nothing.
/// - A level that moved by 6 dB or less during the last half to one second is a hum, or a made-up number, and no
///   speech: it counts as the quietest voice. A free slot still takes it.
/// - The score follows upwards within some 100 ms and downwards within some 600 ms, so that a pause between two
///   words loses no slot.
struct VoiceLevel: Sendable {
    /// Quieter than this is no voice: -64 dBov is room noise.
    static let quietestVoice: UInt8 = 63
    static let loudestCounted: UInt8 = 102
    /// Stands for packets without the extension: a voice of ordinary loudness.
    static let assumed: UInt8 = 80
    private static let steadyBand: UInt8 = 6
    private static let windowNanoseconds: UInt64 = 500_000_000

    /// Smoothed loudness in 256ths.
    private(set) var score: Int32 = 0
    private var windowStart = MonotonicInstant(nanoseconds: 0)
    private var current: (low: UInt8, high: UInt8) = (255, 0)
    private var previous: (low: UInt8, high: UInt8) = (255, 0)

    /// Takes a packet's claim; says whether it is a voice.
    ///
    /// - Parameters:
    ///   - level: `nil` when the packet carries none.
    ///   - payloadBytes: Opus sends silence as frames of at most 2 bytes (RFC 6716, section 3.1; RFC 7587, DTX).
    mutating func note(_ level: AudioLevel?, payloadBytes: Int, at now: MonotonicInstant) -> Bool {
        guard let level else {
            follow(payloadBytes > 2 ? Self.assumed : 0)
            return payloadBytes > 2
        }
        let claimed = 127 - level.decibelsBelowFullScale
        let isVoice = claimed >= Self.quietestVoice
        if now.nanoseconds(since: windowStart) >= Self.windowNanoseconds {
            previous = now.nanoseconds(since: windowStart) >= 2 * Self.windowNanoseconds ? (255, 0) : current
            current = (255, 0)
            windowStart = now
        }
        current = (min(current.low, claimed), max(current.high, claimed))
        // An empty window has its bounds the wrong way round.
        let isSteady =
            previous.low <= previous.high
            && max(previous.high, current.high) - min(previous.low, current.low) <= Self.steadyBand
        follow(isVoice && isSteady ? Self.quietestVoice : min(claimed, Self.loudestCounted))
        return isVoice
    }

    private mutating func follow(_ loudness: UInt8) {
        let target = Int32(loudness) * 256
        score += target > score ? (target - score) / 4 : (target - score) / 32
    }
}

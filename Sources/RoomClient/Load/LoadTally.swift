internal import AudioRelay
internal import MediaWire

/// What one listener heard of the frames that count.
struct ListenerTally: Sendable {
    /// Ten minutes of 20 ms frames: the longest measurement. A bit for each keeps the count exact.
    static let maximumFrames = 30_000
    /// Voices of a load test: more than a stage holds.
    static let maximumVoices = 16

    private(set) var frames = 0
    private(set) var packets = 0
    private(set) var duplicates = 0
    private(set) var reordered = 0
    /// Frames that are none of ours, or were changed.
    private(set) var damaged = 0
    private var seen: [[UInt64]] = []
    private var highest: [UInt32] = []

    /// Takes a packet with one frame or several.
    mutating func note(_ packet: HeardPacket, atNanoseconds now: UInt64, delays: inout DelayHistogram) {
        var counted = false
        packet.payload.withUnsafeBytes { bytes in
            guard let frames = OpusFrames(bytes) else {
                damaged += 1
                return
            }
            var place = frames.start
            for index in 0..<frames.count {
                let frame = UnsafeRawBufferPointer(rebasing: bytes[place..<place + frames.length(index)])
                place += frames.length(index)
                guard let frame = LoadFrame(frame), frame.voice < Self.maximumVoices else {
                    damaged += 1
                    continue
                }
                guard let number = frame.number, number < Self.maximumFrames else { continue }
                counted = true
                note(number, of: frame.voice)
                delays.note(microseconds: (now - min(frame.sentAtNanoseconds, now)) / 1_000)
            }
        }
        if counted { packets += 1 }
    }

    private mutating func note(_ number: UInt32, of voice: Int) {
        while seen.count <= voice {
            seen.append([])
            highest.append(0)
        }
        let (word, bit) = (Int(number / 64), UInt64(1) << UInt64(number % 64))
        while seen[voice].count <= word { seen[voice].append(0) }
        guard seen[voice][word] & bit == 0 else {
            duplicates += 1
            return
        }
        seen[voice][word] |= bit
        frames += 1
        if number < highest[voice] { reordered += 1 } else { highest[voice] = number }
    }
}

/// What one thread of clients has seen.
struct LoadTally: Sendable {
    struct Listener: Sendable {
        var heard: ListenerTally
        /// SRTP packets that came twice: the client's replay window sees them before the tally does.
        var repeated: Int
    }

    var listeners: [Listener] = []
    var delays = DelayHistogram()
    /// Counted frames that voices sent.
    var framesSent: [Int] = []
    /// Clients that ended before they were told to, by how.
    var ended: [String: Int] = [:]
}

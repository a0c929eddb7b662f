/// What a load test found. Encoded, it is what `guichet load --json` prints: members are added, never renamed.
public struct LoadReport: Encodable, Sendable {
    public struct Joins: Encodable, Sendable {
        public let asked: Int
        public let joined: Int
        /// How many did not get in, by code.
        public let failures: [String: Int]
        /// From the first request to sound that can flow.
        public let p50Milliseconds, p99Milliseconds: Double?
        public let perSecond: Double

        init(asked: Int, milliseconds: [Double], failures: [String: Int], seconds: Double) {
            self.asked = asked
            joined = milliseconds.count
            self.failures = failures
            let sorted = milliseconds.sorted()
            func at(_ share: Double) -> Double? {
                sorted.isEmpty ? nil : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
            }
            p50Milliseconds = at(0.5)
            p99Milliseconds = at(0.99)
            perSecond = seconds > 0 ? Double(sorted.count) / seconds : 0
        }
    }

    public struct Sound: Encodable, Sendable {
        /// Frames of 20 ms that the voices sent while it counted.
        public internal(set) var framesSent = 0
        /// What all listeners together should have heard: `nil` where more speak than have a slot.
        public internal(set) var framesExpected: Int?
        /// Different frames that arrived, all listeners together.
        public internal(set) var framesHeard = 0
        public internal(set) var packetsHeard = 0
        public internal(set) var lost: Int?
        /// Frames that came in two packets, and packets that came twice.
        public internal(set) var duplicates = 0
        public internal(set) var reordered = 0
        public internal(set) var damaged = 0
        /// Shares of what was expected; the worst listener's too.
        public internal(set) var lostShare, worstLostShare: Double?
        public internal(set) var packetsPerListenerSecond = 0.0
        /// Connections that ended before their time, by how.
        public internal(set) var ended: [String: Int] = [:]
    }

    /// From the sending of a frame to its arrival, both in the load generator: its own lateness is in it.
    public struct Delay: Encodable, Sendable {
        public let p50Milliseconds, p99Milliseconds, maximumMilliseconds: Double
    }

    public struct Server: Encodable, Sendable {
        public let process: Int32
        /// While it was measured.
        public let cpuSeconds: Double
        /// CPU for one packet that a listener heard.
        public let microsecondsPerPacket: Double?
        /// CPU for one second of one voice at one listener.
        public let microsecondsPerListenerSecond: Double?
        /// Everything that a join costs: HTTP, ticket, receipt, ICE, DTLS.
        public let joinMilliseconds: Double?
        public let residentBytes: Int
        public let bytesPerListener: Int?
    }

    public let voices, listeners, slots: Int
    public let seconds: Double
    public internal(set) var joins: Joins
    public internal(set) var sound = Sound()
    public internal(set) var delay: Delay?
    public internal(set) var server: Server?

    private var delays = DelayHistogram()
    private var frameCounts: [Int] = []

    private enum CodingKeys: String, CodingKey { case voices, listeners, slots, seconds, joins, sound, delay, server }

    init(_ plan: LoadPlan) {
        voices = plan.voices
        listeners = plan.listeners
        slots = plan.slots
        seconds = plan.seconds
        joins = Joins(asked: plan.listeners, milliseconds: [], failures: [:], seconds: 0)
    }

    /// Adds what a thread saw; voices first.
    mutating func note(_ tally: LoadTally) {
        sound.framesSent += tally.framesSent.reduce(0, +)
        for listener in tally.listeners {
            if listener.heard.frames > 0 || listener.heard.packets > 0 { frameCounts.append(listener.heard.frames) }
            sound.framesHeard += listener.heard.frames
            sound.packetsHeard += listener.heard.packets
            sound.duplicates += listener.heard.duplicates + listener.repeated
            sound.reordered += listener.heard.reordered
            sound.damaged += listener.heard.damaged
        }
        for (reason, count) in tally.ended { sound.ended[reason, default: 0] += count }
        delays.add(tally.delays)
        sumUp()
    }

    private mutating func sumUp() {
        if voices <= slots {
            let expected = sound.framesSent * joins.joined
            sound.framesExpected = expected
            sound.lost = max(0, expected - sound.framesHeard)
            if expected > 0 {
                sound.lostShare = Double(max(0, expected - sound.framesHeard)) / Double(expected)
                let fewest = frameCounts.count < joins.joined ? 0 : frameCounts.min() ?? 0
                sound.worstLostShare = Double(max(0, sound.framesSent - fewest)) / Double(sound.framesSent)
            }
        }
        if joins.joined > 0 {
            sound.packetsPerListenerSecond = Double(sound.packetsHeard) / Double(joins.joined) / seconds
        }
        guard let p50 = delays.percentile(0.5), let p99 = delays.percentile(0.99) else { return }
        delay = Delay(
            p50Milliseconds: Double(p50) / 1_000, p99Milliseconds: Double(p99) / 1_000,
            maximumMilliseconds: Double(delays.highestMicroseconds) / 1_000)
    }

    /// Adds the server's side, after the tallies.
    mutating func note(before: Usage, settled: Usage, begun: Usage, ended: Usage, of process: ServerProcess?) {
        guard let process, let start = before.cpuSeconds, let joined = settled.cpuSeconds, let from = begun.cpuSeconds,
            let to = ended.cpuSeconds, let bytesBefore = before.residentBytes, let bytesSettled = settled.residentBytes
        else { return }
        let microseconds = (to - from) * 1e6
        // Frames of 20 ms: fifty are a second of a voice. What was not heard counts for nothing: a server that drops
        // under load must not look cheap.
        let (packets, listenerSeconds) = (Double(sound.packetsHeard), Double(sound.framesHeard) / 50)
        server = Server(
            process: process.id, cpuSeconds: to - from,
            microsecondsPerPacket: packets > 0 ? microseconds / packets : nil,
            microsecondsPerListenerSecond: listenerSeconds > 0 ? microseconds / listenerSeconds : nil,
            joinMilliseconds: joins.joined > 0 ? (joined - start) * 1e3 / Double(joins.joined) : nil,
            residentBytes: bytesSettled,
            bytesPerListener: joins.joined > 0 ? (bytesSettled - bytesBefore) / joins.joined : nil)
    }
}

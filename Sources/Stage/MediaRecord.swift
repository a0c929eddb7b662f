public import Values

/// What really flowed through one admission: when, how much of it was lost, and how unsteadily it came.
///
/// A connection that stands and carries nothing counts nothing. Times are as fine as the relay counts: a stretch may be
/// up to ten seconds longer than the sound in it.
public struct MediaRecord: Hashable, Sendable {
    /// More breaks than any evening should have; beyond it the two stretches with the shortest break between them are
    /// told as one.
    public static let maximumStretches = 48

    /// A trillion: so many packets take six hundred years, and sums of many still fit.
    static let maximumFigure: Int64 = 1 << 40

    /// In order, apart from each other and not empty.
    public private(set) var stretches: [AttendanceInterval]
    /// Packets that did not arrive: counted from the gaps (who speaks), or as the listener reports it.
    public private(set) var lost: Int64
    /// The worst interarrival jitter that was told (RFC 3550 section 6.4.1), in microseconds.
    public private(set) var jitterMicroseconds: Int64

    public init() { (stretches, lost, jitterMicroseconds) = ([], 0, 0) }

    /// A record as a receipt tells it; `nil` for stretches out of order, empty or too many, and for negative figures.
    public init?(stretches: [AttendanceInterval], lost: Int64, jitterMicroseconds: Int64) {
        guard stretches.count <= Self.maximumStretches, (0...Self.maximumFigure).contains(lost),
            (0...Self.maximumFigure).contains(jitterMicroseconds),
            stretches.allSatisfy({ $0.from < $0.to }),
            zip(stretches, stretches.dropFirst()).allSatisfy({ $0.to < $1.from })
        else { return nil }
        self.stretches = stretches
        self.lost = lost
        self.jitterMicroseconds = jitterMicroseconds
    }

    /// Whole seconds in which something flowed.
    public var seconds: Int64 {
        stretches.reduce(0) { $0 + $1.from.microseconds(until: $1.to) } / 1_000_000
    }

    /// Adds a stretch behind the others; one that begins where the last one ends makes it longer.
    mutating func append(_ stretch: AttendanceInterval) {
        guard stretch.from < stretch.to else { return }
        if let last = stretches.last, stretch.from <= last.to {
            let from = last.from
            stretches[stretches.count - 1] = AttendanceInterval(from: from, to: max(last.to, stretch.to))
            return
        }
        stretches.append(stretch)
        guard stretches.count > Self.maximumStretches else { return }
        let breaks = zip(stretches, stretches.dropFirst()).map { $0.to.microseconds(until: $1.from) }
        guard let shortest = breaks.indices.min(by: { breaks[$0] < breaks[$1] }) else { return }
        let from = stretches[shortest].from
        stretches[shortest + 1] = AttendanceInterval(from: from, to: stretches[shortest + 1].to)
        stretches.remove(at: shortest)
    }

    mutating func note(lost: Int64, jitterMicroseconds: Int64) {
        self.lost = min(max(0, lost), Self.maximumFigure)
        self.jitterMicroseconds = min(max(self.jitterMicroseconds, jitterMicroseconds), Self.maximumFigure)
    }

    /// Takes away what lies behind an instant.
    mutating func trim(to instant: Instant) {
        stretches = stretches.compactMap {
            let end = min($0.to, instant)
            return $0.from < end ? AttendanceInterval(from: $0.from, to: end) : nil
        }
    }
}

/// Makes a ``MediaRecord`` from counters that are read every now and then.
public struct FlowMeter: Hashable, Sendable {
    /// Three times as long as counters go unread.
    static let longestPieceSeconds: Int64 = 30

    public private(set) var record = MediaRecord()
    /// As last read.
    public private(set) var packets: Int64 = 0
    private var readAt: Instant?

    public init() {}

    /// Sound may flow from now on.
    public mutating func begin(at instant: Instant) { readAt = instant }

    /// Reads the counters: if there are more packets than before, they came since the reading before.
    ///
    /// A clock that was set back counts nothing for that piece, and one that was set forward no more than
    /// ``longestPieceSeconds``.
    public mutating func read(packets: Int64, lost: Int64, jitterMicroseconds: Int64, at instant: Instant) {
        if packets > self.packets, let readAt {
            let earliest = instant.advanced(bySeconds: -Self.longestPieceSeconds)
            record.append(AttendanceInterval(from: max(readAt, earliest), to: instant))
        }
        self.packets = max(self.packets, packets)
        record.note(lost: lost, jitterMicroseconds: jitterMicroseconds)
        readAt = instant
    }

    /// What was sent behind this instant reached nobody.
    public mutating func lostContact(at instant: Instant) { record.trim(to: instant) }
}

extension AttendanceInterval {
    /// `from/to` as ISO 8601 writes an interval.
    var text: String { "\(from)/\(to)" }

    init?(text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let from = Instant(String(parts[0])), let to = Instant(String(parts[1])) else {
            return nil
        }
        self.init(from: from, to: to)
    }
}

extension MediaRecord: Codable {
    private enum CodingKeys: String, CodingKey {
        case heard, lost, jitterMicroseconds
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let stretches = try container.decode([String].self, forKey: .heard).map { AttendanceInterval(text: $0) }
        guard !stretches.contains(nil),
            let record = MediaRecord(
                stretches: stretches.compactMap(\.self), lost: try container.decode(Int64.self, forKey: .lost),
                jitterMicroseconds: try container.decode(Int64.self, forKey: .jitterMicroseconds))
        else { throw container.beyondBound(.heard) }
        self = record
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(stretches.map(\.text), forKey: .heard)
        try container.encode(lost, forKey: .lost)
        try container.encode(jitterMicroseconds, forKey: .jitterMicroseconds)
    }
}

extension FlowMeter: Codable {
    private enum CodingKeys: String, CodingKey {
        case record, packets
    }

    /// What a crash leaves of a meter: it counts no further.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        record = try container.decode(MediaRecord.self, forKey: .record)
        packets = try container.decode(Int64.self, forKey: .packets)
        guard packets >= 0 else { throw container.beyondBound(.packets) }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(record, forKey: .record)
        try container.encode(packets, forKey: .packets)
    }
}

public import Values

/// Where a journal ends: the sequence and the hash of its last entry. Published each night, so that cutting off the
/// end of the journal can be seen.
public struct ChainHead: Hashable, Sendable {
    /// 0 before the first entry.
    public let sequence: Int64
    public let hash: SHA256Digest

    public init(sequence: Int64, hash: SHA256Digest) {
        self.sequence = sequence
        self.hash = hash
    }

    /// Before the first entry: sequence 0 and 64 zeros.
    public static let genesis = ChainHead(sequence: 0, hash: .zero)
}

/// An entry in its place in the journal: its sequence, the hash before it and its own.
public struct ChainedEntry: Hashable, Sendable {
    public let entry: JournalEntry
    public let sequence: Int64
    public let previousHash: SHA256Digest
    public let hash: SHA256Digest

    /// Puts an entry behind `head`.
    public init(_ entry: JournalEntry, after head: ChainHead) {
        self.entry = entry
        sequence = head.sequence + 1
        previousHash = head.hash
        hash = Self.hash(entry, sequence: head.sequence + 1, after: head.hash)
    }

    /// An entry as it was read from storage. Nothing is checked here: that is ``verifyChain(_:from:)``'s work.
    public init(stored entry: JournalEntry, sequence: Int64, previousHash: SHA256Digest, hash: SHA256Digest) {
        self.entry = entry
        self.sequence = sequence
        self.previousHash = previousHash
        self.hash = hash
    }

    public var head: ChainHead { ChainHead(sequence: sequence, hash: hash) }

    /// SHA-256 of `prev_hash LF head LF body` (payout rules, "Chain").
    private static func hash(_ entry: JournalEntry, sequence: Int64, after previous: SHA256Digest) -> SHA256Digest {
        let head =
            "\(sequence)|\(entry.id)|\(entry.postedAt)|\(entry.effectiveOn)|\(entry.kind.rawValue)|\(entry.reverses?.text ?? "")"
        let body = entry.postings.map { "\($0.account)|\($0.amount.currency)|\($0.amount.minorUnits)" }
        return SHA256Digest(of: ([previous.hex, head] + body).joined(separator: "\n"))
    }

    /// Whether the hash is that of the content.
    var isSound: Bool { hash == Self.hash(entry, sequence: sequence, after: previousHash) }
}

/// The first place where a journal is not what it claims to be.
public struct ChainBreak: Error, Hashable, Sendable {
    public enum Reason: String, Hashable, Sendable {
        /// A sequence is missing, doubled or out of order.
        case sequence
        /// The entry does not name the hash of the one before it.
        case previousHash
        /// The content does not have the hash that it claims.
        case hash
        /// `posted_at` is earlier than that of the entry before.
        case time
    }
    public let sequence: Int64
    public let reason: Reason

    public init(sequence: Int64, reason: Reason) {
        self.sequence = sequence
        self.reason = reason
    }
}

/// Walks a journal in order and recomputes every hash.
/// - Returns: the head at which it ends, to be compared with the published one.
@discardableResult
public func verifyChain(
    _ entries: some Sequence<ChainedEntry>, from start: ChainHead = .genesis
) throws(ChainBreak) -> ChainHead {
    var head = start
    var postedAt: Instant?
    for chained in entries {
        func broken(_ reason: ChainBreak.Reason) -> ChainBreak {
            ChainBreak(sequence: head.sequence + 1, reason: reason)
        }
        guard chained.sequence == head.sequence + 1 else { throw broken(.sequence) }
        guard chained.previousHash == head.hash else { throw broken(.previousHash) }
        guard chained.isSound else { throw broken(.hash) }
        if let earlier = postedAt, chained.entry.postedAt < earlier { throw broken(.time) }
        postedAt = chained.entry.postedAt
        head = chained.head
    }
    return head
}

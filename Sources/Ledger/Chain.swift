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
        // One piece of bytes, built once: a night hashes an entry an order.
        var text = HashedText()
        text.add(hexadecimalOf: previous)
        text.add("\n")
        text.add(sequence)
        for field in [
            entry.id.text, entry.postedAt.description, entry.effectiveOn.description, entry.kind.rawValue,
            entry.reverses?.text ?? "",
        ] {
            text.add("|")
            text.add(field)
        }
        for leg in entry.legs {
            text.add(leg.debit, leg.amount.currency, leg.amount.minorUnits)
            text.add(leg.credit, leg.amount.currency, -leg.amount.minorUnits)
        }
        return text.digest
    }

    /// Whether the hash is that of the content.
    var isSound: Bool { hash == Self.hash(entry, sequence: sequence, after: previousHash) }
}

/// The text of an entry as it is hashed, in bytes.
private struct HashedText {
    private var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(640) }

    mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func add(_ number: Int64) { add(String(number)) }

    mutating func add(hexadecimalOf digest: SHA256Digest) { add(digest.hex) }

    /// A line of the body.
    mutating func add(_ account: Account, _ currency: Currency, _ amount: Int64) {
        add("\n")
        add(account.text)
        add("|")
        add(currency.code)
        add("|")
        add(amount)
    }

    var digest: SHA256Digest { SHA256Digest(of: bytes) }
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

public import Values

/// Where a payout batch stands.
public enum PayoutBatchState: String, Hashable, Sendable, Codable, CaseIterable {
    /// The night has made it, and nobody has said anything yet.
    case computed
    /// Somebody stopped it: it takes all its approvals anew.
    case rejected
    /// Somebody agreed; more people are needed.
    case partlyApproved = "partly_approved"
    /// Enough people agree: it may be sent.
    case approved
    /// At least one of its items is on its way.
    case sent
    /// Nothing of it is on its way or to be sent any more.
    case settled
}

/// Why a batch is not approved, rejected or sent.
public enum BatchApprovalRefusal: Refusal, Hashable {
    /// Who made the batch cannot approve it.
    case creator
    /// A key that was made after the batch is no further person.
    case newKey
    /// This person has approved it.
    case given
    /// There is something to explain, and no reason was given.
    case reasonNeeded([String])
    /// A reason is 1 to 500 printable characters.
    case reason
    /// It was sent: nothing is left to agree to.
    case sent
    /// Too few people have approved it.
    case notApproved(have: Int, need: Int)
    /// Something is not in order in the books: the gates that say so.
    case held([String])

    public static let cases: [BatchApprovalRefusal] = [
        .creator, .newKey, .given, .reasonNeeded([]), .reason, .sent, .notApproved(have: 0, need: 2), .held([]),
    ]

    public var code: String {
        switch self {
        case .creator: "payout_approval_creator"
        case .newKey: "payout_approval_new_key"
        case .given: "payout_approval_given"
        case .reasonNeeded: "payout_reason_needed"
        case .reason: "payout_reason"
        case .sent: "payout_batch_sent"
        case .notApproved: "payout_not_approved"
        case .held: "payout_held"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .creator, .newKey, .given, .reason, .sent: [:]
        case .reasonNeeded(let findings): ["findings": findings.joined(separator: ", ")]
        case .notApproved(let have, let need): ["have": String(have), "need": String(need)]
        case .held(let gates): ["gates": gates.joined(separator: ", ")]
        }
    }
}

/// Four eyes over a payout batch.
///
///     computed ──approve──▶ (partly) approved ──send──▶ sent
///         ▲  ╰──────────reject──────╯ │
///         ╰───── a new round ◀────────╯
///
/// | state    | approve                | reject            | send             |
/// | -------- | ---------------------- | ----------------- | ---------------- |
/// | computed | one more, or refused   | a new round       | refused          |
/// | approved | one more, or refused   | a new round       | sent             |
/// | sent     | refused                | refused           | stays            |
///
/// Every act names the digest of the batch, so nobody agrees to what they have not seen; a rejection takes back all
/// approvals of its round.
public struct BatchApproval: Hashable, Sendable {
    public let digest: String
    /// ``Signature/name`` of who ran the night.
    public let creator: String
    public let madeAt: Instant
    /// The approvals of this round, by ``Signature/name``.
    public private(set) var approvers: Set<String>
    /// From 1; a rejection begins another one.
    public private(set) var round: Int
    public private(set) var isSent: Bool

    public init(
        digest: String, creator: String, madeAt: Instant, round: Int = 1, approvers: Set<String> = [],
        isSent: Bool = false
    ) {
        self.digest = digest
        self.creator = creator
        self.madeAt = madeAt
        self.round = round
        self.approvers = approvers
        self.isSent = isSent
    }

    /// A reason is a sentence that somebody reads a year later.
    public static let reasonLength = 1...500

    /// Whether a text can be a reason.
    public static func isReason(_ text: String) -> Bool {
        reasonLength.contains(text.count) && text.utf8.count <= 2_000
            && text.unicodeScalars.allSatisfy { !Room.isUnprintable($0) }
            && text.contains { !$0.isWhitespace }
    }

    private func check(_ digest: String) throws {
        guard digest == self.digest else { throw PayoutRefusal.batchDigest }
        guard !isSent else { throw BatchApprovalRefusal.sent }
    }

    /// One more person agrees. Checks in this order: the digest; sent; the creator; the key is older than the batch;
    /// approved before; the reason can be one; it is there where something has to be explained.
    public mutating func approve(
        _ digest: String, by person: Signature, reason: String?, findings: [PayoutFinding]
    ) throws {
        try check(digest)
        guard person.name != creator else { throw BatchApprovalRefusal.creator }
        if let keyMadeAt = person.keyMadeAt, keyMadeAt > madeAt { throw BatchApprovalRefusal.newKey }
        guard !approvers.contains(person.name) else { throw BatchApprovalRefusal.given }
        if let reason, !Self.isReason(reason) { throw BatchApprovalRefusal.reason }
        if reason == nil, !findings.isEmpty {
            throw BatchApprovalRefusal.reasonNeeded(Array(Set(findings.map(\.code))).sorted())
        }
        approvers.insert(person.name)
    }

    /// Somebody stops the batch: anybody of finance may, the creator too. Checks in this order: the digest; sent; the
    /// reason.
    public mutating func reject(_ digest: String, reason: String) throws {
        try check(digest)
        guard Self.isReason(reason) else { throw BatchApprovalRefusal.reason }
        approvers = []
        round += 1
    }

    /// In whose name a batch leaves: the first and, where two are needed, the second of those who approved, by name.
    public struct Submission: Hashable, Sendable {
        public let first: String
        public let second: String?
    }

    /// The batch leaves. Checks in this order: the digest; enough have approved.
    /// - Returns: `nil` if it left before.
    public mutating func send(_ digest: String, needsSecond: Bool) throws -> Submission? {
        guard digest == self.digest else { throw PayoutRefusal.batchDigest }
        guard !isSent else { return nil }
        let need = needsSecond ? 2 : 1
        guard approvers.count >= need else {
            throw BatchApprovalRefusal.notApproved(have: approvers.count, need: need)
        }
        let names = approvers.sorted()
        isSent = true
        return Submission(first: names[0], second: needsSecond ? names[1] : nil)
    }

    /// Where the batch stands.
    /// - Parameters:
    ///   - isOpen: whether an item of it is on its way or still to be sent.
    ///   - isEmpty: whether nothing of it is to be sent at all.
    public func state(needsSecond: Bool, isOpen: Bool, isEmpty: Bool) -> PayoutBatchState {
        if isEmpty { return .settled }
        if isSent { return isOpen ? .sent : .settled }
        if approvers.count >= (needsSecond ? 2 : 1) { return .approved }
        if !approvers.isEmpty { return .partlyApproved }
        return round > 1 ? .rejected : .computed
    }
}

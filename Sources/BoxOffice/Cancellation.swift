public import Values

/// Who signs an act that takes two: by the key with which they came.
public struct Signature: Hashable, Sendable {
    /// The id of the key; the actor's name where the act comes from the program itself.
    public let name: String
    /// When the key was made; `nil` without one.
    public let keyMadeAt: Instant?

    public init(name: String, keyMadeAt: Instant? = nil) {
        self.name = name
        self.keyMadeAt = keyMadeAt
    }
}

/// Where the cancelling of a room stands.
public enum CancellationState: String, Hashable, Sendable, CaseIterable {
    case planned, approved, expired, underway, done
}

/// Why a room's cancelling does not go on.
public enum CancellationRefusal: Refusal, Hashable {
    case unknown
    /// The digest is that of another plan.
    case digest
    case expired(at: Instant)
    /// More goes back than one person decides, and no second one has approved.
    case approvalNeeded
    /// One person may decide about so little.
    case approvalUnneeded
    case alreadyApproved
    /// Who made the plan cannot be the second person.
    case samePerson
    /// A key that was made after the plan is no second person.
    case newKey
    /// The room holds more than the plan has shown.
    case changed
    /// The room's cancelling has begun, by this plan.
    case begun(CancellationID)
    /// In one step only what one person may decide.
    case planNeeded(Money)

    public var code: String {
        switch self {
        case .unknown: "cancellation_unknown"
        case .digest: "cancellation_digest"
        case .expired: "cancellation_expired"
        case .approvalNeeded: "cancellation_approval_needed"
        case .approvalUnneeded: "cancellation_approval_unneeded"
        case .alreadyApproved: "cancellation_approved"
        case .samePerson: "cancellation_same_person"
        case .newKey: "cancellation_new_key"
        case .changed: "cancellation_changed"
        case .begun: "cancellation_begun"
        case .planNeeded: "cancellation_plan_needed"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .unknown, .digest, .approvalNeeded, .approvalUnneeded, .alreadyApproved, .samePerson, .newKey, .changed:
            [:]
        case .expired(let instant): ["expired_at": instant.description]
        case .begun(let id): ["cancellation": id.text]
        case .planNeeded(let amount): ["amount": amount.description]
        }
    }
}

/// The life of a room's cancelling.
///
///     planned ──approve──▶ approved ──begin──▶ underway ──finish──▶ done
///        ├──────begin, if one person may────────▲ ╰─begin again: goes on
///        ╰──time──▶ expired ◀──time── approved
///
/// | state    | approve                  | begin                | finish  |
/// | -------- | ------------------------ | -------------------- | ------- |
/// | planned  | approved, or refused     | underway, or refused | –       |
/// | approved | refused                  | underway             | –       |
/// | expired  | refused                  | refused              | –       |
/// | underway | refused                  | goes on              | done    |
/// | done     | refused                  | stays                | stays   |
///
/// Whoever begins names the digest of the plan, in every state: so nobody carries out what they have not seen.
public struct Cancellation: Hashable, Sendable {
    /// What is stored; ``CancellationState/expired`` follows from the time.
    public enum Stored: Hashable, Sendable {
        case planned
        case approved(by: String)
        case underway
        case done
    }

    public let plan: CancellationPlan
    public let digest: SHA256Digest
    /// ``Signature/name`` of who made the plan.
    public let madeBy: String
    public private(set) var stored: Stored

    public init(plan: CancellationPlan, digest: SHA256Digest, madeBy: String, stored: Stored = .planned) {
        self.plan = plan
        self.digest = digest
        self.madeBy = madeBy
        self.stored = stored
    }

    public func state(at instant: Instant) -> CancellationState {
        switch stored {
        case .planned: instant < plan.expiresAt ? .planned : .expired
        case .approved: instant < plan.expiresAt ? .approved : .expired
        case .underway: .underway
        case .done: .done
        }
    }

    /// A second person agrees. Checks in this order: the digest; begun; expired; needed; approved already; the same
    /// person; the key is older than the plan.
    public mutating func approve(
        _ digest: SHA256Digest, by second: Signature, at instant: Instant
    ) throws(CancellationRefusal) {
        guard digest == self.digest else { throw .digest }
        switch state(at: instant) {
        case .underway, .done: throw .begun(plan.cancellation)
        case .expired: throw .expired(at: plan.expiresAt)
        case .approved: throw .alreadyApproved
        case .planned: break
        }
        guard plan.needsSecond else { throw .approvalUnneeded }
        guard second.name != madeBy else { throw .samePerson }
        if let madeAt = second.keyMadeAt, madeAt > plan.madeAt { throw .newKey }
        stored = .approved(by: second.name)
    }

    /// What beginning means.
    public enum Beginning: Hashable, Sendable {
        /// The room is to be cancelled now.
        case begins(approver: String?)
        /// It was before: what is left goes on.
        case goesOn
    }

    /// Carries the plan out. Checks in this order: the digest; expired; approved where that is needed; the room holds no
    /// more than was shown.
    public mutating func begin(
        _ digest: SHA256Digest, holdings: @autoclosure () throws -> RoomHoldings, at instant: Instant
    ) throws -> Beginning {
        guard digest == self.digest else { throw CancellationRefusal.digest }
        let approver: String?
        switch state(at: instant) {
        case .underway, .done: return .goesOn
        case .expired: throw CancellationRefusal.expired(at: plan.expiresAt)
        case .planned:
            guard !plan.needsSecond else { throw CancellationRefusal.approvalNeeded }
            approver = nil
        case .approved:
            if case .approved(let name) = stored { approver = name } else { approver = nil }
        }
        guard plan.covers(try holdings()) else { throw CancellationRefusal.changed }
        stored = .underway
        return .begins(approver: approver)
    }

    /// Nothing is left to do.
    public mutating func finish() {
        switch stored {
        case .underway: stored = .done
        case .done: break
        case .planned, .approved: preconditionFailure("A cancelling ends only after it began.")
        }
    }
}

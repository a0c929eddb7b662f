public import Values

/// What a provider was asked for and has not answered.
public enum OwedCallKind: String, Hashable, Sendable, Codable, CaseIterable {
    case checkout, refund, fees, payout

    /// Whether money may have moved or not: then two people have to say the same.
    public var movesMoney: Bool { self == .refund || self == .payout }
}

/// What people say became of it.
public enum HandOutcome: String, Hashable, Sendable, Codable, CaseIterable {
    /// The provider did it.
    case made
    /// It did not, and will not.
    case notMade = "not_made"
}

/// What somebody has said of a call.
public struct HandProposal: Hashable, Sendable {
    public let n: Int64
    public let outcome: HandOutcome
    public let person: String
    public let at: Instant

    public init(n: Int64, outcome: HandOutcome, person: String, at: Instant) {
        self.n = n
        self.outcome = outcome
        self.person = person
        self.at = at
    }
}

/// A call without an answer, as whoever answers in the provider's place meets it.
public struct UnansweredCall: Hashable, Sendable {
    public let kind: OwedCallKind
    public let createdAt: Instant
    /// Whether nobody has answered it.
    public let isOpen: Bool
    /// Whether the house still has the provider, so that it is asked again.
    public let isServed: Bool
    /// What was said last.
    public let proposal: HandProposal?
    /// What the provider's own events have told of it meanwhile; `nil` if nothing that is final.
    public let told: HandOutcome?

    public init(
        kind: OwedCallKind, createdAt: Instant, isOpen: Bool, isServed: Bool, proposal: HandProposal?,
        told: HandOutcome? = nil
    ) {
        self.kind = kind
        self.createdAt = createdAt
        self.isOpen = isOpen
        self.isServed = isServed
        self.proposal = proposal
        self.told = told
    }
}

/// What saying something of a call comes to.
public enum HandDecision: Hashable, Sendable {
    /// It is written down, and waits for a second person.
    case propose
    /// It is carried out; by a proposal of this number if there was one.
    case carryOut(HandProposal?)
}

/// Why a call is not answered by hand.
public enum HandAnswerRefusal: Refusal, Hashable, CaseIterable {
    case unknown
    case ended
    /// The house still has the provider, which may yet answer.
    case waits
    /// A page or a statement can't be made by hand.
    case outcome
    /// The provider's own event says otherwise: whoever undid what it did would give the money twice.
    case told
    case reason
    /// Who has said so already is not the second person.
    case samePerson
    /// A key that was made since the first one spoke may be the first one's.
    case newKey

    public var code: String {
        switch self {
        case .unknown: "provider_call_unknown"
        case .ended: "provider_call_ended"
        case .waits: "provider_call_waits"
        case .outcome: "provider_call_outcome"
        case .told: "provider_call_told"
        case .reason: "provider_call_reason"
        case .samePerson: "provider_call_same_person"
        case .newKey: "provider_call_new_key"
        }
    }
}

/// Somebody says what became of a call. Checks in this order: it exists, it is open, nobody else will answer it, it can
/// have become that, the provider has not told otherwise, the reason, and who says it.
///
/// A page or a statement that never came moved nothing, so one person is enough. Of a refund or a payout two have to say
/// the same; who says something else begins anew.
public func decideHandAnswer(
    _ outcome: HandOutcome, to call: UnansweredCall?, reason: String, by person: Signature, at now: Instant
) throws(HandAnswerRefusal) -> HandDecision {
    guard let call else { throw .unknown }
    guard call.isOpen else { throw .ended }
    let patience = call.createdAt.advanced(bySeconds: 3_600 * PayoutSafeguards.statementHours)
    guard !call.isServed || patience <= now else { throw .waits }
    guard call.kind.movesMoney || outcome == .notMade else { throw .outcome }
    guard call.told == nil || call.told == outcome else { throw .told }
    guard reason.isPlain(1...200) else { throw .reason }
    guard call.kind.movesMoney else { return .carryOut(nil) }
    guard let said = call.proposal, said.outcome == outcome else { return .propose }
    guard said.person != person.name else { throw .samePerson }
    if let madeAt = person.keyMadeAt, madeAt > said.at { throw .newKey }
    return .carryOut(said)
}

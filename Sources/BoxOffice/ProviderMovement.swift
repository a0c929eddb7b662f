public import Values

/// What kind of thing moved a provider's balance of ours.
public enum ProviderMovementKind: String, Hashable, Sendable, Codable, CaseIterable {
    case charge, refund, dispute, payout, transfer
    case refundFailure = "refund_failure"
    case disputeReversal = "dispute_reversal"
    case payoutReversal = "payout_reversal"
    case transferReversal = "transfer_reversal"
    /// What the provider keeps for its work beside the payments: a bill of its own.
    case fee
    /// A kind that the books do not know: somebody has to look.
    case other

    /// Which fact of the books a line of this kind states; `nil` where it states none.
    public var fact: StatedFact? {
        switch self {
        case .charge: .payment
        case .refund: .repayment
        case .refundFailure: .repaymentReturn
        case .dispute: .dispute
        case .disputeReversal: .disputeReturn
        case .payout: .settlement
        case .payoutReversal: .settlementReturn
        case .transfer: .payout
        case .transferReversal: .payoutReturn
        case .fee, .other: nil
        }
    }

    /// Whose fee the provider keeps of a line of this kind, where that is booked with its payment.
    public var feeReason: ProviderFact.FeeReason? {
        switch self {
        case .charge: .charge
        case .refund, .refundFailure: .refund
        case .dispute, .disputeReversal: .dispute
        case .payout, .payoutReversal, .transfer, .transferReversal, .fee, .other: nil
        }
    }
}

/// What the books say of a provider's balance and a statement has to say as well: each once.
public enum StatedFact: String, Hashable, Sendable, Codable, CaseIterable {
    case payment, repayment, dispute, settlement, payout
    case repaymentReturn = "repayment_return"
    case disputeReturn = "dispute_return"
    case settlementReturn = "settlement_return"
    case payoutReturn = "payout_return"
}

/// A line of a provider's own statement: what moved our balance there, by the provider's name of it, for good.
///
/// `net = amount - fee`; the amount is signed from our side: what came in is positive.
public struct ProviderMovement: Hashable, Sendable, Codable {
    public let name: String
    public let kind: ProviderMovementKind
    /// The provider's own word for the kind.
    public let category: String
    /// The provider's name of what moved the balance; empty for none.
    public let source: String
    /// The provider's name of what the source belongs to, such as the payment of a charge; empty for none.
    public let related: String
    /// Our own name of what moved the balance, where the provider keeps it: of a repayment or a payout.
    public let ours: String?
    public let amount: Money
    public let fee: Money
    public let createdAt: Instant
    /// When the money can be paid out.
    public let availableAt: Instant

    /// Longest name of a provider, in bytes.
    public static let nameLimit = 255

    /// `nil` for what is no line: its net is another sum, or a name is none.
    public init?(
        name: String, kind: ProviderMovementKind, category: String, source: String, related: String,
        ours: String? = nil, amount: Money, fee: Money, net: Money, createdAt: Instant, availableAt: Instant
    ) {
        let limits = -Money.limit...Money.limit
        guard Self.isName(name), source.isEmpty || Self.isName(source), related.isEmpty || Self.isName(related),
            ours.map(Self.isName) ?? true, category.isPlain(1...60),
            amount.currency == fee.currency, amount.currency == net.currency, limits.contains(amount.minorUnits),
            limits.contains(fee.minorUnits), net.minorUnits == amount.minorUnits - fee.minorUnits
        else { return nil }
        self.name = name
        self.kind = kind
        self.category = category
        self.source = source
        self.related = related
        self.ours = ours
        self.amount = amount
        self.fee = fee
        self.createdAt = createdAt
        self.availableAt = availableAt
    }

    /// Whether a text may be a provider's name of a line.
    public static func isLineName(_ text: String) -> Bool { isName(text) }

    private static func isName(_ text: String) -> Bool {
        text.utf8.count <= nameLimit && text.isPlain(1...nameLimit)
    }

    /// What moved the balance.
    public var net: Money { amount - fee }

    /// What it says, in one line for whoever compares two readings.
    public var said: String {
        "\(category) \(amount) fee \(fee) of \(source.isEmpty ? "nothing" : source) \(related) at \(createdAt)"
    }

    /// Whether another reading says the same: when money can be paid out may change until it can.
    public func saysTheSame(as other: ProviderMovement) -> Bool {
        name == other.name && kind == other.kind && category == other.category && source == other.source
            && related == other.related && amount == other.amount && fee == other.fee && createdAt == other.createdAt
    }
}

/// What the books have of a line.
public struct BookedMovement: Hashable, Sendable {
    /// Our name of it.
    public let target: String
    /// Signed like a line's.
    public let amount: Money
    /// Of the entry; `nil` where nothing was moved, such as of a refund that failed before it went.
    public let sequence: Int64?
    /// The payment that it belongs to.
    public let charge: ChargeID?
    /// The line that states it already.
    public let statedBy: String?

    public init(target: String, amount: Money, sequence: Int64?, charge: ChargeID?, statedBy: String?) {
        self.target = target
        self.amount = amount
        self.sequence = sequence
        self.charge = charge
        self.statedBy = statedBy
    }
}

/// Why statement and books do not agree on something.
public enum StatementProblem: String, Hashable, Sendable, Codable, CaseIterable {
    /// Of a kind that the books do not know.
    case kind
    /// Nothing is booked here that it could state: not heard of yet, or somebody else's.
    case unknown
    /// Another line states the same already: the provider did it twice.
    case twice
    /// The books have another sum, or another currency.
    case amount
    /// The books have another fee under this line's name.
    case fee
    /// The other way round: booked here, and no line of a statement that should have it.
    case missing
    /// A line of the statement that can't be read.
    case unreadable
    /// Another reading says something else under the name of a line that is known.
    case conflict
}

/// What a line comes to.
public enum StatementVerdict: Hashable, Sendable {
    /// The books have it; with the fee that is to be booked now, `nil` if there is none or it is booked.
    case matched(fee: Money?)
    /// The provider's own bill: what is to be booked as its fee (negative: it gave some back).
    case bill(Money)
    case open(StatementProblem)
}

/// Holds a line against the books. Checks in this order: the kind, that something is booked, that no other line states it,
/// the sum, the fee.
/// - Parameters:
///   - booked: what the books have of it; `nil` for nothing.
///   - fee: what the books have as fee under the line's name; `nil` for nothing.
public func decideMatch(
    of line: ProviderMovement, with booked: BookedMovement?, fee: Money?
) -> StatementVerdict {
    switch line.kind {
    // What a bill says of itself is its whole amount: a fee on a fee, or a bill of nothing, is for somebody to look at.
    case .fee where line.fee.isZero && !line.amount.isZero && fee == nil: return .bill(-line.amount)
    case .fee, .other: return .open(.kind)
    case .charge, .refund, .dispute, .payout, .transfer, .refundFailure, .disputeReversal, .payoutReversal,
        .transferReversal:
        break
    }
    guard let booked else { return .open(.unknown) }
    if let stated = booked.statedBy, stated != line.name { return .open(.twice) }
    guard booked.amount == line.amount else { return .open(.amount) }
    if let fee { return fee == line.fee ? .matched(fee: nil) : .open(.fee) }
    return .matched(fee: line.fee.isZero ? nil : line.fee)
}

/// How somebody ends what statement and books do not agree on.
public enum StatementResolution: String, Hashable, Sendable, Codable, CaseIterable {
    /// What it is was found out, and the books need nothing more for it.
    case explained
    /// A line that is the provider's own charge or credit: its net is booked as a fee.
    case fee
}

/// Why a provider's statement is not read, or something in it not ended by hand.
public enum StatementRefusal: Refusal, Hashable, CaseIterable {
    /// The provider gives no statement, or the house does not have it.
    case providerSilent
    /// It did not answer; what was read stays read.
    case unreachable
    case unknown
    /// The line or fact has its end.
    case ended
    /// Not 1 to 200 printable characters.
    case reason
    /// Only a line can be a fee, and only one that moved something.
    case notFee

    public var code: String {
        switch self {
        case .providerSilent: "statement_provider"
        case .unreachable: "statement_unreachable"
        case .unknown: "statement_line_unknown"
        case .ended: "statement_line_ended"
        case .reason: "statement_reason"
        case .notFee: "statement_not_fee"
        }
    }
}

/// Ends a line by hand. Checks in this order: it exists, it is open, the reason, that it can be what it is said to be.
/// - Parameters:
///   - line: `nil` for a fact of the books that no line states.
///   - hasFee: a fee is booked under the line's name already; the whole line as another one would count it twice.
/// - Returns: what is to be booked as a fee; `nil` for nothing.
public func decideResolution(
    _ resolution: StatementResolution, of line: ProviderMovement?, exists: Bool, isOpen: Bool, hasFee: Bool = false,
    reason: String
) throws(StatementRefusal) -> Money? {
    guard exists else { throw .unknown }
    guard isOpen else { throw .ended }
    guard reason.isPlain(1...200) else { throw .reason }
    switch resolution {
    case .explained: return nil
    case .fee:
        guard let line, !line.net.isZero, !hasFee else { throw .notFee }
        return -line.net
    }
}

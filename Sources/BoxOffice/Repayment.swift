public import Ledger
public import Values

/// Where money stands that goes back through the provider to whoever paid.
public enum RepaymentState: String, Hashable, Sendable, CaseIterable {
    /// Taken from the wallet; the provider has not answered yet.
    case requested
    /// The provider has it and is not done.
    case pending
    /// The provider says that it went.
    case succeeded
    /// It did not go, or came back.
    case failed
}

/// What a provider tells of money that goes back.
public enum RepaymentEvent: String, Hashable, Sendable, Codable, CaseIterable {
    case pending, succeeded, failed
}

/// The life of a repayment.
///
///     requested ──pending──▶ pending ──succeeded──▶ succeeded ──failed──▶ failed
///         └──────────────────────┴───────failed──────────────────────────────┘
///
/// | state     | pending | succeeded           | failed               |
/// | --------- | ------- | ------------------- | -------------------- |
/// | requested | pending | succeeded: settled  | failed: released     |
/// | pending   | –       | succeeded: settled  | failed: released     |
/// | succeeded | –       | –                   | failed: returned     |
/// | failed    | –       | –                   | –                    |
///
/// A refund that succeeded may still fail, days later, when the bank sends it back: Stripe says so with
/// `refund.failed`. States only rise, so any order of the same events ends in the same state and, because each way to
/// `failed` undoes exactly what was booked, in the same balances.
public struct RepaymentLife: Hashable, Sendable {
    public private(set) var state: RepaymentState

    public init(_ state: RepaymentState) { self.state = state }

    /// What moves in the books.
    public enum Movement: String, Hashable, Sendable {
        /// Nothing: the money is on its way.
        case none
        /// From the way to the payer: the provider holds less for us.
        case settled
        /// From the way back to the wallet.
        case released
        /// From the provider back to the wallet: it had gone.
        case returned
    }

    public enum Outcome: Hashable, Sendable {
        case moved(RepaymentState, Movement)
        case known
    }

    /// The provider tells something.
    public mutating func tell(_ event: RepaymentEvent) -> Outcome {
        let before = state
        switch (event, before) {
        case (.pending, .requested): state = .pending
        case (.succeeded, .requested), (.succeeded, .pending): state = .succeeded
        case (.failed, .requested), (.failed, .pending), (.failed, .succeeded): state = .failed
        case (.pending, .pending), (.pending, .succeeded), (.pending, .failed), (.succeeded, .succeeded),
            (.succeeded, .failed), (.failed, .failed):
            return .known
        }
        switch (before, state) {
        case (_, .succeeded): return .moved(state, .settled)
        case (.succeeded, .failed): return .moved(state, .returned)
        case (_, .failed): return .moved(state, .released)
        case (_, .pending), (_, .requested): return .moved(state, .none)
        }
    }
}

extension PostingRecipe {
    /// Money leaves the wallet for its payer; the provider has not paid it out yet.
    public static func repayment(of amount: Money, from holder: HolderID) -> [Leg] {
        [Leg(debit: .wallet(holder), credit: .onItsWay, amount: amount)].compactMap(\.self)
    }

    /// What a movement of a repayment posts.
    public static func repayment(_ movement: RepaymentLife.Movement, of amount: Money, from holder: HolderID) -> [Leg] {
        switch movement {
        case .none: []
        case .settled: [Leg(debit: .onItsWay, credit: .provider, amount: amount)].compactMap(\.self)
        case .released: [Leg(debit: .onItsWay, credit: .wallet(holder), amount: amount)].compactMap(\.self)
        case .returned: [Leg(debit: .provider, credit: .wallet(holder), amount: amount)].compactMap(\.self)
        }
    }

    /// What the provider kept for its work, or gave back of it (negative).
    public static func providerFee(_ fee: Money, to account: Account) -> [Leg] {
        [Leg.moving(fee, debit: account, credit: .provider)].compactMap(\.self)
    }
}

/// A charge as a repayment meets it.
public struct ChargeStanding: Hashable, Sendable {
    public let charge: Charge
    public let state: ChargeState
    /// Minor units that went back, are on their way back, or are disputed.
    public let givenBack: Int64

    public init(charge: Charge, state: ChargeState, givenBack: Int64) {
        precondition(givenBack >= 0, "What goes back is counted upwards.")
        self.charge = charge
        self.state = state
        self.givenBack = givenBack
    }

    public var remaining: Money { Money(max(0, charge.amount.minorUnits - givenBack), charge.amount.currency) }
}

/// Sends money of a wallet back to whoever paid. Checks in this order: the charge exists; its money is here; the amount is
/// positive and no more than is left of it; the wallet has it.
/// - Parameter amount: `nil` for all that is left of the charge and in the wallet.
public func decideRepayment(
    _ amount: Money?, of standing: ChargeStanding?, to holder: HolderID, wallet: Money, stamp: EntryStamp
) throws(ChargeRefusal) -> (amount: Money, entry: JournalEntry) {
    guard let standing else { throw .unknown }
    guard standing.state == .captured else { throw .notCaptured }
    let remaining = standing.remaining
    let asked = amount ?? Money(min(remaining.minorUnits, max(wallet.minorUnits, 1)), remaining.currency)
    guard asked.currency == remaining.currency, asked.isPositive, asked.minorUnits <= remaining.minorUnits else {
        throw .refundAmount(remaining: remaining)
    }
    guard wallet.minorUnits >= asked.minorUnits else { throw .refundNotCovered(missing: asked - wallet) }
    guard
        let entry = JournalEntry(
            stamp, kind: .repayment, legs: PostingRecipe.repayment(of: asked, from: holder))
    else { preconditionFailure("A positive amount within the limit makes a leg.") }
    return (asked, entry)
}

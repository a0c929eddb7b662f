public import Ledger
public import Values

/// Money that a provider sends to our bank: what a provider says of it.
public struct ProviderPayout: Hashable, Sendable, Codable {
    /// The provider's name of it.
    public let name: String
    public let amount: Money
    public let state: ProviderPayoutState

    public init(name: String, amount: Money, state: ProviderPayoutState) {
        self.name = name
        self.amount = amount
        self.state = state
    }
}

/// Where a payout of a provider stands.
public enum ProviderPayoutState: String, Hashable, Sendable, Codable, CaseIterable {
    /// The provider has made it.
    case pending
    /// The provider says that the bank has it.
    case paid
    /// The bank sent it back, or it was called off.
    case failed
}

/// The life of a payout of a provider.
///
///     (new) ──pending──▶ pending ──paid──▶ paid ──failed──▶ failed
///       └─paid, failed──────┴─────failed──────────────────────┘
///
/// | state   | pending | paid          | failed           |
/// | ------- | ------- | ------------- | ---------------- |
/// | pending | –       | paid: arrived | failed: nothing  |
/// | paid    | –       | –             | failed: returned |
/// | failed  | –       | –             | –                |
///
/// A payout that was told is pending, whatever was told first. Stripe says `paid` when the money should be there, and
/// `failed` up to five days later if it was not; states only rise, so the order of the news changes nothing.
public struct ProviderPayoutLife: Hashable, Sendable {
    public private(set) var state: ProviderPayoutState

    public init(_ state: ProviderPayoutState) { self.state = state }

    /// What moves in the books.
    public enum Movement: Hashable, Sendable {
        case none
        /// From the provider to the bank.
        case arrived
        /// And back.
        case returned
    }

    /// The provider tells something.
    /// - Returns: what moves; `nil` for what is known.
    public mutating func tell(_ told: ProviderPayoutState) -> Movement? {
        switch (state, told) {
        case (.pending, .paid):
            state = .paid
            return .arrived
        case (.pending, .failed):
            state = .failed
            return Movement.none
        case (.paid, .failed):
            state = .failed
            return .returned
        case (.pending, .pending), (.paid, .pending), (.paid, .paid), (.failed, .pending), (.failed, .paid),
            (.failed, .failed):
            return nil
        }
    }
}

extension PostingRecipe {
    /// The provider's money reaches our bank, or comes back from there.
    public static func providerPayout(_ movement: ProviderPayoutLife.Movement, of amount: Money) -> [Leg] {
        switch movement {
        case .none: []
        case .arrived: [Leg(debit: .bank, credit: .provider, amount: amount)].compactMap(\.self)
        case .returned: [Leg(debit: .provider, credit: .bank, amount: amount)].compactMap(\.self)
        }
    }
}

public import Values

/// What a provider tells of a payment, in our words: an event that it sent, or its answer to a question.
///
/// A report is a snapshot and not a change: reading it twice, late or behind a newer one does no harm.
public struct ProviderReport: Hashable, Sendable, Codable {
    /// Our own name, which providers carry along; so an event that comes before the answer to our call finds its charge.
    public var charge: ChargeID?
    /// The provider's names of the payment: checkout, intent, charge. Each of them is remembered.
    public var objects: [String]
    public var facts: [ProviderFact]
    /// Money on its way to our bank, which is of no payment: then it is all that the report says.
    public var payout: ProviderPayout?
    /// Money on its way to a host: then it is all that the report says.
    public var transfer: ProviderTransfer?

    public init(transfer: ProviderTransfer) {
        self.init(objects: [], facts: [])
        self.transfer = transfer
    }

    public init(payout: ProviderPayout) {
        self.init(objects: [], facts: [])
        self.payout = payout
    }

    public init(charge: ChargeID? = nil, objects: [String], facts: [ProviderFact]) {
        self.charge = charge
        self.objects = objects
        self.facts = facts
    }

    /// Most names and facts of one report; a dispute that was won has six.
    public static let limit = 32
}

/// One thing that a provider says is so.
public enum ProviderFact: Hashable, Sendable, Codable {
    /// The page on which the buyer pays.
    case opened(url: String?)
    case processing
    case ended
    /// The money is there.
    case captured(Money)
    /// What the provider kept of a movement (negative: gave back), by its own name of that movement.
    case fee(movement: String, fee: Money, of: FeeReason)
    /// Money that goes back, by the provider's name and, where we asked for it, ours. The provider's is empty where people
    /// say it in its place: the name stays free for the provider.
    case repayment(name: String, ours: RepaymentID?, amount: Money, RepaymentEvent)
    /// The buyer's bank asks for the money back.
    case dispute(name: String, amount: Money, Set<DisputeFact>)

    public enum FeeReason: String, Hashable, Sendable, Codable, CaseIterable {
        case charge, refund, dispute
    }
}

public import BoxOffice
public import Values

/// What a provider is asked to take from a buyer.
public struct CheckoutOrder: Sendable, Hashable {
    public let charge: ChargeID
    public let amount: Money
    /// What the buyer reads on the page: the room's title.
    public let title: String
    public let count: Int
    /// Where the provider sends the buyer afterwards.
    public let returnTo: String
    /// When the charge was made: what a provider is told must be the same each time that it is told.
    public let createdAt: Instant
    /// The name of the call: sent twice, it is carried out once.
    public let idempotencyKey: String
}

/// What stands behind ``CheckoutOrder/returnTo``, so that the page knows how the buyer left the provider's: a hint for its
/// words and no proof of anything. Fragments are not sent to servers.
enum ReturnFragment {
    static let paid = "#payment=done"
    static let left = "#payment=left"
}

/// What a provider is asked to give back.
public struct RepaymentOrder: Sendable, Hashable {
    public let repayment: RepaymentID
    public let charge: ChargeID
    public let amount: Money
    /// The provider's names of the payment.
    public let objects: [String]
    public let idempotencyKey: String
}

/// Why a call of a provider gave no answer. Carries no key, no address and no name of a person.
public enum ProviderFault: Error, Sendable, Hashable {
    /// No answer, or none in time: whether it was carried out is not known. Called again under the same key.
    case unreachable
    /// It answered that it can't now.
    case busy(status: Int)
    /// It said no, for good, in a word of its own.
    case refused(code: String)
    /// An answer that is not one.
    case unreadable
}

/// Somebody who takes payments for us. The calls are made outside of any transaction; each may be made again under the
/// same key and then gives what the first one gave.
public protocol PaymentProvider: Sendable {
    var name: ProviderName { get }

    /// A page on which the buyer pays.
    func createCheckout(_ order: CheckoutOrder) async throws(ProviderFault) -> ProviderReport

    /// How an object stands, by the provider's name of it; `nil` for one that it does not know.
    func fetch(_ object: String) async throws(ProviderFault) -> ProviderReport?

    /// Which of its names of a payment says most of how that stands; `nil` for a provider that nobody can ask.
    func object(toAskAfter objects: [String]) -> String?

    /// Gives money back.
    func refund(_ order: RepaymentOrder) async throws(ProviderFault) -> ProviderReport

    /// Looks whether money was given back under an order, without giving any: for calls so old that the provider may have
    /// forgotten their key and would carry them out anew, and before a "no" is believed.
    /// - Returns: `nil` if it certainly was not.
    func findRefund(_ order: RepaymentOrder) async throws(ProviderFault) -> ProviderReport?

    /// What the provider kept of a payment, from its own statement; `nil` where that is not written yet.
    func fetchBalanceTransactions(of objects: [String]) async throws(ProviderFault) -> [ProviderFact]?
}

/// An event as it came from a provider: to be stored, answered, and read later.
public struct ProviderEvent: Sendable, Hashable {
    /// The provider's id of it.
    public let id: String
    /// The provider's word for what happened.
    public let kind: String
    /// What it is about.
    public let object: String
    /// `nil` for a kind that does not concern us.
    public let report: ProviderReport?
    public let bodyHash: SHA256Digest

    public init(id: String, kind: String, object: String, report: ProviderReport?, bodyHash: SHA256Digest) {
        self.id = id
        self.kind = kind
        self.object = object
        self.report = report
        self.bodyHash = bodyHash
    }
}

public import Ledger
public import Values

/// Where an attempt to bring an item of a payout batch to its host stands.
public enum PayoutTransferState: String, Hashable, Sendable, Codable, CaseIterable {
    /// Asked for, and owed to the provider until it answers.
    case requested
    /// The provider said no, for good: nothing left. The item may be sent again.
    case refused
    /// The money left.
    case paid
    /// It came back: the host is owed it again.
    case returned
}

/// What a provider, or finance for the manual one, tells of it.
public enum PayoutTransferEvent: String, Hashable, Sendable, Codable, CaseIterable {
    case refused, paid, returned
}

/// The life of a transfer.
///
///     requested ──paid──▶ paid ──returned──▶ returned
///         │                ▲
///         └─refused─▶ refused
///
/// | state     | paid | refused | returned       |
/// | --------- | ---- | ------- | -------------- |
/// | requested | paid | refused | paid, returned |
/// | refused   | paid | –       | paid, returned |
/// | paid      | –    | –       | returned       |
/// | returned  | –    | –       | –              |
///
/// News may come twice, late and in any order: states only rise, and what came back was there before, so the end and the
/// books are those of the ordered run. News of money is worth more than a "no" to a call that was made again.
public struct PayoutTransferLife: Hashable, Sendable {
    public private(set) var state: PayoutTransferState

    public init(_ state: PayoutTransferState) { self.state = state }

    /// - Returns: the states that it enters, in order; none for what is known.
    public mutating func tell(_ event: PayoutTransferEvent) -> [PayoutTransferState] {
        let entered: [PayoutTransferState]
        switch (state, event) {
        case (.requested, .paid), (.refused, .paid): entered = [.paid]
        case (.requested, .refused): entered = [.refused]
        case (.requested, .returned), (.refused, .returned): entered = [.paid, .returned]
        case (.paid, .returned): entered = [.returned]
        case (.refused, .refused), (.paid, .paid), (.paid, .refused), (.returned, .paid), (.returned, .refused),
            (.returned, .returned):
            entered = []
        }
        state = entered.last ?? state
        return entered
    }
}

/// What a provider says of a transfer.
public struct ProviderTransfer: Hashable, Sendable, Codable {
    public enum State: String, Hashable, Sendable, Codable {
        case paid, returned
        /// A part came back: nothing that the books could say of a whole payout; somebody has to look.
        case partlyReturned = "partly_returned"
    }

    /// The provider's name of it.
    public let name: String
    /// Ours, which it carries along.
    public let ours: PayoutTransferID?
    public let amount: Money
    public let state: State

    public init(name: String, ours: PayoutTransferID?, amount: Money, state: State) {
        self.name = name
        self.ours = ours
        self.amount = amount
        self.state = state
    }
}

/// Where a host is paid.
public struct PayoutDestination: Hashable, Sendable {
    /// As long as the longest line of a bank that anybody writes; Stripe's ids are shorter.
    public static let maximumLength = 200

    public let provider: ProviderName
    /// Of Stripe a connected account, `acct_…`; of the others what finance or the sandbox knows it by.
    public let text: String

    /// - Throws: ``PayoutRefusal/destination`` for a text that the provider could not mean.
    public init(provider: ProviderName, text: String) throws(PayoutRefusal) {
        let isVisible = text.unicodeScalars.allSatisfy { !Room.isUnprintable($0) }
        guard (1...Self.maximumLength).contains(text.utf8.count), isVisible,
            text.first?.isWhitespace == false, text.last?.isWhitespace == false
        else { throw .destination }
        if provider == .stripe {
            let name = text.utf8.dropFirst(5)
            let isName = name.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            }
            guard text.hasPrefix("acct_"), (1...100).contains(name.count), isName else { throw .destination }
        }
        self.provider = provider
        self.text = text
    }
}

/// Why payouts are not sent.
public enum PayoutRefusal: Refusal, Hashable, CaseIterable {
    /// No night of that day has made a batch.
    case batchUnknown
    /// The batch has another digest than the command names.
    case batchDigest
    case destination
    case unknown
    /// Only transfers of the manual provider are confirmed by hand.
    case notManual
    /// Paid before, or returned without having been paid.
    case notPaid

    public var code: String {
        switch self {
        case .batchUnknown: "batch_unknown"
        case .batchDigest: "batch_digest"
        case .destination: "payout_destination"
        case .unknown: "payout_unknown"
        case .notManual: "payout_not_manual"
        case .notPaid: "payout_not_paid"
        }
    }
}

/// An item of a batch as a sending meets it.
public struct PayoutItemStanding: Hashable, Sendable {
    public let net: Money
    /// Of the last attempt; `nil` before the first.
    public let last: PayoutTransferState?
    public let destination: PayoutDestination?
    /// Whether payouts of the host are stopped now, whatever held when the batch was made.
    public let isBlocked: Bool
    /// Until when the destination cools off: it was changed, and nobody who approved the batch has seen it; `nil` for
    /// one that is trusted.
    public let coolsOff: Instant?

    public init(
        net: Money, last: PayoutTransferState?, destination: PayoutDestination?, isBlocked: Bool,
        coolsOff: Instant? = nil
    ) {
        self.net = net
        self.last = last
        self.destination = destination
        self.isBlocked = isBlocked
        self.coolsOff = coolsOff
    }
}

/// What a sending does with an item.
public enum PayoutSending: Hashable, Sendable {
    case send(PayoutDestination)
    /// Sent before: `requested`, `paid` or `returned`.
    case sent(PayoutTransferState)
    /// All of it was withheld.
    case nothing
    case blocked
    case noDestination
    /// The house has no such provider.
    case noProvider
    /// The destination is too new, until this instant.
    case coolingOff(Instant)
}

/// Decides about an item: what was sent before is never sent again, unless the provider refused it; then that there is
/// something to send, that the host is not blocked, that there is a destination, the house has its provider, and it is
/// not too new.
public func decideSending(_ item: PayoutItemStanding, through providers: Set<ProviderName>) -> PayoutSending {
    if let last = item.last, last != .refused { return .sent(last) }
    guard item.net.isPositive else { return .nothing }
    guard !item.isBlocked else { return .blocked }
    guard let destination = item.destination else { return .noDestination }
    guard providers.contains(destination.provider) else { return .noProvider }
    if let until = item.coolsOff { return .coolingOff(until) }
    return .send(destination)
}

extension PostingRecipe {
    /// The night has booked that the payout leaves the bank. A provider takes it from what it holds for us, so that much
    /// goes from the provider to the bank; by hand it leaves the bank itself, and nothing is left to book.
    public static func payoutTransfer(of amount: Money, through provider: ProviderName) -> [Leg] {
        provider == .manual ? [] : [Leg(debit: .bank, credit: .provider, amount: amount)].compactMap(\.self)
    }

    /// The money is back where it was taken from; that the host is owed it again is the mirror of the payout's entry.
    public static func payoutReturn(of amount: Money, through provider: ProviderName) -> [Leg] {
        payoutTransfer(of: amount, through: provider).map(\.mirrored)
    }
}

public import Values

/// Who takes payments for us. Wallets are no provider: their money is here already.
public enum ProviderName: String, Hashable, Sendable, Codable, CaseIterable {
    /// An operator says that the money is here: a bank transfer, a cash desk.
    case manual
    /// Test money with scripted faults.
    case sandbox
    case stripe
}

/// What somebody is asked to pay through a provider: for a held purchase, or into their wallet.
public struct Charge: Hashable, Sendable {
    public let id: ChargeID
    /// The held purchase that it pays; `nil` for one that fills the payer's wallet.
    public let purchase: PurchaseID?
    public let provider: ProviderName
    public let amount: Money
    public let createdAt: Instant

    public init(id: ChargeID, purchase: PurchaseID?, provider: ProviderName, amount: Money, createdAt: Instant) {
        self.id = id
        self.purchase = purchase
        self.provider = provider
        self.amount = amount
        self.createdAt = createdAt
    }
}

/// The page from which somebody came to fill a wallet.
public enum TopupPage: Hashable, Sendable {
    case room(RoomID), series(SeriesID)

    public var room: RoomID? { if case .room(let id) = self { id } else { nil } }
    public var series: SeriesID? { if case .series(let id) = self { id } else { nil } }

    /// The printed id, prefix included.
    public var text: String {
        switch self {
        case .room(let id): id.text
        case .series(let id): id.text
        }
    }
}

/// Where a charge stands. Stored as facts, one behind the other, in rising order.
public enum ChargeState: String, Hashable, Sendable, CaseIterable {
    /// Decided here; the provider has not answered yet.
    case created
    /// The provider knows it and shows the buyer a page.
    case open
    /// The buyer has done their part; the money may still not come (a bank debit).
    case processing
    /// Nobody will pay it: expired, cancelled, failed, or refused by the provider.
    case ended
    /// The provider says that the money is there.
    case captured
}

/// What a provider tells of a charge.
public enum ChargeEvent: Hashable, Sendable, CaseIterable {
    case opened, processing, ended, captured
}

/// The life of a charge.
///
///     created ──opened──▶ open ──processing──▶ processing ──captured──▶ captured
///        │                 │                      │                       ▲
///        └─────ended───────┴────────ended─────────┴──▶ ended ──captured───┘
///
/// | state      | opened | processing | ended  | captured |
/// | ---------- | ------ | ---------- | ------ | -------- |
/// | created    | open   | processing | ended  | captured |
/// | open       | –      | processing | ended  | captured |
/// | processing | –      | –          | ended  | captured |
/// | ended      | –      | –          | –      | captured |
/// | captured   | –      | –          | –      | –        |
///
/// What a provider tells may come twice, late and in any order. States only rise, and each event names the state that
/// it rises to: so any order of the same events ends in the same state, the highest that was told. Money is the highest
/// of all: once it is here, no older story takes it away.
public struct ChargeLife: Hashable, Sendable {
    public private(set) var state: ChargeState

    public init(_ state: ChargeState) { self.state = state }

    public enum Outcome: Hashable, Sendable {
        case moved(ChargeState)
        /// Told before, or overtaken by what was told since.
        case known
    }

    /// The provider tells something.
    public mutating func tell(_ event: ChargeEvent) -> Outcome {
        let next = event.state
        guard next.rank > state.rank else { return .known }
        state = next
        return .moved(next)
    }
}

extension ChargeEvent {
    var state: ChargeState {
        switch self {
        case .opened: .open
        case .processing: .processing
        case .ended: .ended
        case .captured: .captured
        }
    }
}

extension ChargeState {
    var rank: Int {
        switch self {
        case .created: 0
        case .open: 1
        case .processing: 2
        case .ended: 3
        case .captured: 4
        }
    }
}

/// Why a charge does not do what is asked.
public enum ChargeRefusal: Refusal, Hashable {
    case unknown
    /// This house takes no payments through it.
    case providerUnknown
    /// The tickets cost nothing.
    case nothingToPay
    /// No money of it is here.
    case notCaptured
    /// Not positive, of another currency, or more than is left of the payment.
    case refundAmount(remaining: Money)
    /// The wallet holds less than is to go back.
    case refundNotCovered(missing: Money)
    /// Only charges of the manual provider are confirmed by hand.
    case notManual
    /// The signature is missing, wrong or of another time.
    case eventSignature
    /// Not an event that can be read.
    case eventBody
    /// Another event came under the same name.
    case eventConflict
    /// The sandbox knows no such checkout, or no such outcome.
    case sandboxCheckout

    public var code: String {
        switch self {
        case .unknown: "charge_unknown"
        case .providerUnknown: "provider_unknown"
        case .nothingToPay: "charge_nothing_to_pay"
        case .notCaptured: "charge_not_captured"
        case .refundAmount: "charge_refund_amount"
        case .refundNotCovered: "charge_refund_not_covered"
        case .notManual: "charge_not_manual"
        case .eventSignature: "event_signature"
        case .eventBody: "event_body"
        case .eventConflict: "event_conflict"
        case .sandboxCheckout: "sandbox_checkout"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .refundAmount(let remaining): ["remaining": remaining.description]
        case .refundNotCovered(let missing): ["missing": missing.description]
        case .unknown, .providerUnknown, .nothingToPay, .notCaptured, .notManual, .eventSignature, .eventBody,
            .eventConflict, .sandboxCheckout:
            [:]
        }
    }
}

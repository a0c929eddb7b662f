public import Ledger
public import Values

/// Money that arrived and can't be placed: from whom it came in which words, how much, and why it has no place.
public struct SuspenseArrival: Hashable, Sendable {
    public let id: SuspenseID
    /// Who reported the money, such as `bank` or a payment provider's name.
    public let source: String
    /// The source's own name of the payment. Source and reference together are booked once.
    public let reference: String
    public let amount: Money
    /// Why it has no place, for the person who will find one.
    public let reason: String

    /// Longest source, reference and reason in characters: a provider's ids have at most 255.
    public static let maximumLengths = (source: 40, reference: 255, reason: 200)

    public init(
        id: SuspenseID, source: String, reference: String, amount: Money, reason: String
    ) throws(SuspenseRefusal) {
        let limits = Self.maximumLengths
        guard source.isPlain(1...limits.source), reference.isPlain(1...limits.reference),
            reason.isPlain(1...limits.reason)
        else { throw .words }
        guard (1...Money.limit).contains(amount.minorUnits) else { throw .amount }
        self.id = id
        self.source = source
        self.reference = reference
        self.amount = amount
        self.reason = reason
    }
}

/// Where money in suspense goes.
public enum SuspenseResolution: Hashable, Sendable {
    case wallet(HolderID)
    /// Back to where it came from.
    case refund
}

/// Why money in suspense is not booked or not moved.
public enum SuspenseRefusal: Refusal, Hashable {
    case words
    case amount
    /// The same source and reference were booked with another amount.
    case conflict
    case unknown
    case alreadyResolved
    case walletFull

    public var code: String {
        switch self {
        case .words: "suspense_words"
        case .amount: "suspense_amount"
        case .conflict: "suspense_conflict"
        case .unknown: "suspense_unknown"
        case .alreadyResolved: "suspense_already_resolved"
        case .walletFull: "wallet_full"
        }
    }
}

extension PostingRecipe {
    /// The provider holds money for somebody whom we don't know.
    public static func suspense(_ amount: Money) -> [Leg] {
        [Leg(debit: .provider, credit: .unplaced, amount: amount)].compactMap(\.self)
    }

    /// The money leaves suspense, whole.
    public static func resolve(_ amount: Money, _ resolution: SuspenseResolution) -> [Leg] {
        switch resolution {
        case .wallet(let holder): [Leg(debit: .unplaced, credit: .wallet(holder), amount: amount)].compactMap(\.self)
        case .refund: [Leg(debit: .unplaced, credit: .provider, amount: amount)].compactMap(\.self)
        }
    }
}

extension SuspenseArrival {
    /// The entry that books the arrival.
    public func entry(_ stamp: EntryStamp) -> JournalEntry {
        guard let entry = JournalEntry(stamp, kind: .suspense, legs: PostingRecipe.suspense(amount)) else {
            preconditionFailure("An arrival has a positive amount within the limit.")
        }
        return entry
    }
}

/// Moves money out of suspense. Checks in this order: the item exists, it is still open, the wallet has room.
/// - Parameters:
///   - amount: what the item holds; `nil` for an item that does not exist.
///   - wallet: what the wallet holds in the same currency, where the money goes to one.
public func decideResolution(
    of amount: Money?, isOpen: Bool, _ resolution: SuspenseResolution, wallet: Money?, stamp: EntryStamp
) throws(SuspenseRefusal) -> JournalEntry {
    guard let amount else { throw .unknown }
    guard isOpen else { throw .alreadyResolved }
    if let wallet, wallet.minorUnits > Money.limit - amount.minorUnits { throw .walletFull }
    guard let entry = JournalEntry(stamp, kind: .resolution, legs: PostingRecipe.resolve(amount, resolution)) else {
        preconditionFailure("An item has a positive amount within the limit.")
    }
    return entry
}

extension String {
    /// Whether a text has so many characters and none that could break a line, a log or a table.
    func isPlain(_ length: ClosedRange<Int>) -> Bool {
        length.contains(count) && utf8.count <= 4 * length.upperBound
            && unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}

public import Ledger
public import Values

/// Why a wallet does not take an amount.
public enum TopupRefusal: Refusal, Hashable {
    case currencyNotSold(Currency)
    case outOfRange(least: Money, most: Money)
    /// The wallet would hold more than ``Money/limit``.
    case walletFull

    public var code: String {
        switch self {
        case .currencyNotSold: "currency_not_sold"
        case .outOfRange: "topup_out_of_range"
        case .walletFull: "wallet_full"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .currencyNotSold(let currency): ["currency": currency.code]
        case .outOfRange(let least, let most): ["least": least.description, "most": most.description]
        case .walletFull: [:]
        }
    }
}

/// Whether money can be put into a wallet. Checks in this order: the policy knows the currency, the amount is in its range,
/// the wallet has room.
/// - Parameter wallet: what the wallet holds in the same currency, positive.
public func checkTopup(of amount: Money, wallet: Money, policy: SalePolicy) throws(TopupRefusal) {
    guard let range = policy.topupRange[amount.currency] else { throw .currencyNotSold(amount.currency) }
    guard range.contains(amount.minorUnits) else {
        throw .outOfRange(
            least: Money(range.lowerBound, amount.currency), most: Money(range.upperBound, amount.currency))
    }
    guard wallet.minorUnits <= Money.limit - amount.minorUnits else { throw .walletFull }
}

/// Puts money into a wallet, if ``checkTopup(of:wallet:policy:)`` lets it.
public func decideTopup(
    of holder: HolderID, _ amount: Money, wallet: Money, policy: SalePolicy, stamp: EntryStamp
) throws(TopupRefusal) -> JournalEntry {
    try checkTopup(of: amount, wallet: wallet, policy: policy)
    guard let entry = JournalEntry(stamp, kind: .topup, legs: PostingRecipe.topup(of: holder, amount)) else {
        preconditionFailure("An amount in range always makes a leg.")
    }
    return entry
}

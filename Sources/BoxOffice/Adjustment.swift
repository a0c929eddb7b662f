public import Ledger
public import Values

/// Why a host's account is not corrected.
public enum AdjustmentRefusal: Refusal, Hashable, CaseIterable {
    /// Zero, or beyond the limit of money.
    case amount
    /// Not 1 to 200 printable characters.
    case reason

    public var code: String {
        switch self {
        case .amount: "adjustment_amount"
        case .reason: "adjustment_reason"
        }
    }
}

/// Corrects what a host is owed, by hand; available at once (R5).
///
/// Checks in this order: the amount is not zero and within the limit; the reason is there.
public func decideAdjustment(
    of host: HostID, by amount: Money, reason: String, stamp: EntryStamp
) throws(AdjustmentRefusal) -> JournalEntry {
    guard !amount.isZero, amount.minorUnits.magnitude <= UInt64(Money.limit),
        let entry = JournalEntry(stamp, kind: .adjustment, legs: PostingRecipe.adjustment(of: host, amount))
    else { throw .amount }
    // A sentence that somebody reads a year later.
    guard (1...200).contains(reason.count), reason.utf8.count <= 800,
        !reason.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { throw .reason }
    return entry
}

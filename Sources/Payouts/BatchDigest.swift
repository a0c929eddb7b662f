public import Values

/// What an approval names: SHA-256 over day, cut, policy and the items by host and currency, one line each, joined by
/// line feeds. Computing the same night again gives the same digest. It takes the items one by one, so that no batch has
/// to be held whole.
public struct BatchDigest: ~Copyable {
    private var hash = SHA256Stream()

    public init(of day: LocalDay, cut: Int64, policy: String) {
        hash.update("payout-batch|\(day)|\(cut)|\(policy)")
    }

    /// Takes the next item; they come by host and currency.
    public mutating func add(_ item: PayoutItem) {
        hash.update(
            "\n\(item.host)|\(item.gross.currency)|\(item.gross.minorUnits)|\(item.withheld.minorUnits)"
                + "|\(item.net.minorUnits)")
    }

    /// After the last item.
    public consuming func value() -> SHA256Digest { hash.digest() }
}

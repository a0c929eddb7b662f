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
        add(item.host, gross: item.gross, withheld: item.withheld, net: item.net)
    }

    /// The same of an item as it is stored.
    public mutating func add(_ host: HostID, gross: Money, withheld: Money, net: Money) {
        hash.update(
            "\n\(host)|\(gross.currency)|\(gross.minorUnits)|\(withheld.minorUnits)|\(net.minorUnits)")
    }

    /// After the last item.
    public consuming func value() -> SHA256Digest { hash.digest() }
}

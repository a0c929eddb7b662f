public import Values

/// What a payee is owed on a business day in one currency: the sums of the accruals that no batch has paid.
public struct DueBalance: Hashable, Sendable {
    public let key: TierKey
    /// Signed; of accruals that are available on the day (R5).
    public let available: Money
    /// Signed; of those that are not yet.
    public let held: Money
    /// The first day on which some of ``held`` becomes available.
    public let heldUntil: LocalDay?

    public init(key: TierKey, available: Money, held: Money, heldUntil: LocalDay?) {
        self.key = key
        self.available = available
        self.held = held
        self.heldUntil = heldUntil
    }

    /// The balances of accruals, by host and currency.
    /// - Throws: ``NightFault/beyondLimit(_:)``.
    public static func balances(
        of accruals: [Accrual], on day: LocalDay
    ) throws(NightFault) -> [DueBalance] {
        let groups = Dictionary(grouping: accruals) { TierKey(host: $0.host, currency: $0.amount.currency) }
        var balances: [DueBalance] = []
        for (key, group) in groups.sorted(by: { $0.key < $1.key }) {
            let held = group.filter { $0.availableOn > day }
            balances.append(
                DueBalance(
                    key: key, available: try total(group.filter { $0.availableOn <= day }, key),
                    held: try total(held, key), heldUntil: held.map(\.availableOn).min()))
        }
        return balances
    }

    private static func total(_ accruals: [Accrual], _ key: TierKey) throws(NightFault) -> Money {
        let sum = accruals.reduce(Int128(0)) { $0 + Int128($1.amount.minorUnits) }
        guard let amount = Int64(exactly: sum) else { throw .beyondLimit(key.host) }
        return Money(amount, key.currency)
    }
}

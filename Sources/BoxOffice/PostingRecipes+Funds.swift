public import Ledger
public import Values

extension PostingRecipe {
    /// A host is owed more by a correction, or less.
    public static func adjustment(of host: HostID, _ amount: Money) -> [Leg] {
        [Leg.moving(amount, debit: .adjustments, credit: .host(host))].compactMap(\.self)
    }

    /// The host bears the fee of a dispute that the platform has paid; below zero the fee was given back.
    public static func disputeFee(of host: HostID, _ fee: Money) -> [Leg] {
        [Leg.moving(fee, debit: .host(host), credit: .disputeFees)].compactMap(\.self)
    }

    /// A fund gives a host something.
    public static func fund(to host: HostID, _ amount: Money) -> [Leg] {
        [Leg(debit: .fund, credit: .host(host), amount: amount)].compactMap(\.self)
    }
}

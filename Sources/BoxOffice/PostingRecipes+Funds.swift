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
    /// - Parameter account: of a fund with a cohort, which spends what was set aside; others spend as they give.
    public static func fund(to host: HostID, _ amount: Money, from account: Account = .fund) -> [Leg] {
        [Leg(debit: account, credit: .host(host), amount: amount)].compactMap(\.self)
    }

    /// Money is set aside for the hosts of a fund; below zero, what is free goes back.
    public static func fundBudget(of name: String, _ amount: Money) -> [Leg] {
        [Leg.moving(amount, debit: .fund, credit: .fund(name))].compactMap(\.self)
    }
}

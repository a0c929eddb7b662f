public import Ledger
public import Values

extension PostingRecipe {
    /// A part of what a host is owed is kept in reserve; below zero it is owed again.
    public static func reserve(of host: HostID, held amount: Money) -> [Leg] {
        [Leg.moving(amount, debit: .host(host), credit: .reserve(host))].compactMap(\.self)
    }
}

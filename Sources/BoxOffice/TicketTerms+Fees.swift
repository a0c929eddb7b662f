public import Ledger

extension TicketTerms {
    /// The same terms with the fee shown elsewhere.
    ///
    /// Tickets that are paid through a provider: the fee of the terms is what the house reckons with; what the provider
    /// really keeps is booked from its own statements (`expenses:provider-fees`), and the terms' fee goes against that.
    /// So `assets:psp` holds what the provider says it holds, to the cent.
    public func showingFee(in account: Account) -> TicketTerms {
        guard
            let terms = TicketTerms(
                priceVersion: priceVersion, isFloor: isFloor, price: price, extra: extra, discount: discount,
                gross: gross,
                vat: vat, vatAccount: vatAccount, fee: fee, feeAccount: account, feeIsRefundable: feeIsRefundable,
                policy: policy, channel: channel, country: country, voucher: voucher)
        else { preconditionFailure("Terms that exist stay terms in another account.") }
        return terms
    }
}

extension Hold {
    /// The same hold with the fee of its terms shown elsewhere.
    public func showingFee(in account: Account) -> Hold {
        Hold(
            purchase: purchase, room: room, holder: holder, count: count, terms: terms.showingFee(in: account),
            createdAt: createdAt, expiresAt: expiresAt)
    }
}

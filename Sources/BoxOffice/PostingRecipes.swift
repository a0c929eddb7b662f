public import Ledger
public import Values

/// Which legs a fact of the box office makes. A quote shows the same legs that the sale will post.
public enum PostingRecipe {
    /// The provider holds more for us, the holder's wallet has more.
    public static func topup(of holder: HolderID, _ amount: Money) -> [Leg] {
        [Leg(debit: .provider, credit: .wallet(holder), amount: amount)].compactMap(\.self)
    }

    /// Wallet to VAT, the provider's fee, and the base into the room's escrow. A ticket for nothing makes no legs.
    public static func sale(_ order: Order) -> [Leg] {
        sale(of: order.terms, in: order.room, from: .wallet(order.holder))
    }

    /// The same before there is an order: what a quote shows.
    public static func sale(of terms: TicketTerms, in room: RoomID, from payer: Account) -> [Leg] {
        func leg(_ amount: Int64, _ credit: Account) -> Leg? {
            Leg(debit: payer, credit: credit, amount: Money(amount, terms.currency))
        }
        let base = terms.gross.minorUnits - terms.vat - terms.fee
        return [leg(terms.vat, terms.vatAccount), leg(terms.fee, terms.feeAccount), leg(base, .escrow(room))]
            .compactMap(\.self)
    }

    /// Back to the wallet of the payee, each component by its part (R3): what is reversed so far of a component `c` is
    /// `Q(c·γ/gross)`, and this moves the difference between two γ.
    ///
    /// Before the release the escrow gives the rest of the amount; after it, the hosts by their shares and the platform
    /// the rest. A fee that does not come back stays with the platform in both cases, so the end is the same.
    public static func refund(_ standing: OrderStanding, to reversed: Int64) -> (legs: [Leg], hosts: [HostAmount]) {
        let order = standing.order
        let wallet = Account.wallet(standing.payee)
        func moved(_ component: Int64) -> Int64 {
            quotientHalfUp(component, reversed, order.gross.minorUnits)
                - quotientHalfUp(component, standing.reversed, order.gross.minorUnits)
        }
        func leg(_ amount: Int64, _ debit: Account) -> Leg? {
            Leg.moving(Money(amount, order.currency), debit: debit, credit: wallet)
        }
        let vat = moved(order.vat)
        let fee = moved(order.fee)
        var rest = reversed - standing.reversed - vat
        var legs = [leg(vat, order.terms.vatAccount)]
        var hosts: [HostAmount] = []
        switch standing.settlement {
        case .escrow:
            rest -= fee
            legs.append(leg(fee, order.feeIsRefundable ? order.terms.feeAccount : .commission))
            legs.append(leg(rest, .escrow(order.room)))
        case .released(let split, _):
            if order.feeIsRefundable {
                rest -= fee
                legs.append(leg(fee, order.terms.feeAccount))
            }
            for share in split.shares {
                let part = moved(share.amount.minorUnits)
                rest -= part
                legs.append(leg(part, .host(share.host)))
                if part != 0 { hosts.append(HostAmount(host: share.host, amount: Money(part, order.currency))) }
            }
            legs.append(leg(rest, .commission))
        }
        return (legs.compactMap(\.self), hosts)
    }

    /// The escrow of an order becomes the hosts' shares and the platform's commission, of the part that was not
    /// reversed. Rounding may put a minor unit of the platform on either side.
    public static func release(
        _ order: Order, reversed: Int64, split: OrderSplit
    ) -> (legs: [Leg], hosts: [HostAmount]) {
        let gross = order.gross.minorUnits
        func left(_ component: Int64) -> Int64 { component - quotientHalfUp(component, reversed, gross) }
        let escrow = Account.escrow(order.room)
        // What the refunds before the release have left in the escrow; see `refund`.
        var available = gross - reversed - left(order.vat) - left(order.fee)
        var legs: [Leg?] = []
        var hosts: [HostAmount] = []
        // Rounding may make the shares a minor unit more than the escrow has; the platform adds it.
        for share in split.shares {
            let amount = left(share.amount.minorUnits)
            guard amount > 0 else { continue }
            hosts.append(HostAmount(host: share.host, amount: Money(amount, order.currency)))
            let fromEscrow = min(available, amount)
            available -= fromEscrow
            legs.append(Leg(debit: escrow, credit: .host(share.host), amount: Money(fromEscrow, order.currency)))
            legs.append(
                Leg(debit: .commission, credit: .host(share.host), amount: Money(amount - fromEscrow, order.currency)))
        }
        legs.append(Leg(debit: escrow, credit: .commission, amount: Money(available, order.currency)))
        return (legs.compactMap(\.self), hosts)
    }

    /// A host is paid: the net leaves the bank, the rest is owed to the state (R7).
    public static func payout(to host: HostID, net: Money, withheld: Money) -> [Leg] {
        [
            Leg(debit: .host(host), credit: .bank, amount: net),
            Leg(debit: .host(host), credit: .withholding, amount: withheld),
        ].compactMap(\.self)
    }
}

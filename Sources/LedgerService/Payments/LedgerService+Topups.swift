internal import BoxOffice
internal import HTTPEdge
internal import Ledger
internal import Store
internal import Values

/// Money that comes into a wallet through a provider: what is paid from there, passes, longer tickets and tips, can be paid by
/// card so.
extension LedgerService {
    /// Owes the provider the call for a page on which to fill a wallet.
    /// - Parameter page: from where the payer came and is sent back to.
    func openTopup(
        _ amount: Money, of holder: HolderID, from page: TopupPage?, through provider: ProviderName,
        key: IdempotencyKey, by caller: Caller
    ) async throws -> ChargeID {
        guard try buyer(caller) == holder else { throw EdgeRefusal.keyScope("wallet") }
        let command = OnceOnly(
            "topup-checkout", by: caller, key: key, request: "\(provider.rawValue)|\(amount)|\(page?.text ?? "")")
        let now = clock.now()
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                guard try transaction.walletExists(holder) else { throw LedgerRefusal.walletUnknown }
                try checkTopup(
                    of: amount, wallet: try transaction.amount(in: .wallet(holder), amount.currency),
                    policy: settings.housePolicy)
                switch page {
                case .room(let room): guard try transaction.room(room) != nil else { throw LedgerRefusal.roomUnknown }
                case .series(let series):
                    guard try transaction.series(series) != nil else { throw SeriesRefusal.unknown }
                case nil: break
                }
                let charge = Charge(
                    id: makeID(), purchase: nil, provider: provider, amount: amount, createdAt: now)
                let id = try open(charge, in: transaction)
                try transaction.insertTopup(id, of: holder, from: page)
                return id.text
            }
        }
        guard let id = ChargeID(outcome) else { throw StoreFault.corrupt(column: "idempotency_keys.outcome") }
        return id
    }

    /// The money of a top-up is here: in the wallet, unless it is another sum than was asked for or more than fits.
    func fill(
        _ row: ChargeRow, with arrival: SuspenseArrival, at now: Instant, in transaction: borrowing Transaction
    ) throws {
        let stamp = try transaction.stamp(makeID(), at: now, calendar: settings.housePolicy.calendar)
        let amount = arrival.amount
        let held = try transaction.amount(in: .wallet(row.holder), amount.currency)
        let why: SuspenseReason? =
            if amount != row.charge.amount { .amount } else if held.minorUnits > Money.limit - amount.minorUnits {
                .walletFull
            } else { nil }
        if let why {
            let item = try transaction.bookSuspense(
                try SuspenseArrival(
                    id: arrival.id, source: arrival.source, reference: arrival.reference, amount: amount,
                    reason: "\(row.holder): \(why.rawValue)"), stamp: stamp)
            // Booked by somebody as money without a place: then it is not this payment.
            guard item.isNew else { throw HoldRefusal.paymentConflict }
            try transaction.tellSuspense(.suspenseBooked, item.item, at: stamp.postedAt)
        } else {
            guard try transaction.suspense(source: arrival.source, reference: arrival.reference) == nil else {
                throw HoldRefusal.paymentConflict
            }
            guard
                let entry = JournalEntry(stamp, kind: .topup, legs: PostingRecipe.topup(of: row.holder, amount))
            else { preconditionFailure("An arrival has a positive amount within the limit.") }
            try transaction.append(entry)
        }
        try transaction.insertPayment(
            HoldPaymentRow(
                provider: arrival.source, reference: arrival.reference, purchase: nil, amount: amount,
                sequence: try transaction.journalHead().chain.sequence, suspense: why, at: stamp.postedAt))
    }

    /// What the money of a top-up bought and its payer still holds, the newest first.
    func ordersBought(
        behind row: ChargeRow, in transaction: borrowing Transaction
    ) throws -> [OrderStanding] {
        guard let captured = try transaction.instant(of: .captured, row.charge.id) else { return [] }
        // More is not looked at: that many tickets cost more than anybody disputes at once.
        return try transaction.walletOrders(
            of: row.holder, in: row.charge.amount.currency, since: captured, limit: 500
        ).compactMap { try transaction.standing(of: $0) }
    }
}

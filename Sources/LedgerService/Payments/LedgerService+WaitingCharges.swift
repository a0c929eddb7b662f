internal import BoxOffice
internal import HTTPEdge
internal import Store
internal import Values

/// Seats that are offered to a waiting party and paid through a provider.
extension LedgerService {
    /// Owes the provider the call for a page on which to pay an offer. An offer has one page with a provider: whoever asks
    /// again, under whatever key, gets the same.
    func openCharge(
        ofWaiting id: WaitingID, through provider: ProviderName, key: IdempotencyKey, by caller: Caller
    ) async throws -> ChargeID {
        let holder = try buyer(caller)
        let command = OnceOnly("waiting-checkout", by: caller, key: key, request: "\(provider.rawValue)|\(id)")
        let now = clock.now()
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                let row = try visibleWait(id, to: caller, in: transaction)
                guard row.party.holder == holder else { throw WaitingRefusal.unknown }
                guard let offer = row.life.offer, let held = try transaction.heldPurchase(offer) else {
                    throw WaitingRefusal.notOffered
                }
                switch row.life.shown(held.hold, in: try transaction.room(row.party.room), at: now) {
                case .offered: break
                case .waiting, .passed, .withdrawn: throw WaitingRefusal.notOffered
                case .bought: throw WaitingRefusal.bought
                case .lapsed, .ended: throw WaitingRefusal.over
                }
                // A page that ended takes no money any more: another one is made.
                if let known = try transaction.charge(of: offer, through: provider),
                    try transaction.charge(known)?.state != .ended
                {
                    return known.text
                }
                try checkNotBanned(holder, from: try transaction.room(row.party.room), in: transaction)
                guard held.hold.total.isPositive else { throw ChargeRefusal.nothingToPay }
                let charge = Charge(
                    id: makeID(), purchase: offer, provider: provider, amount: held.hold.total, createdAt: now)
                return try open(charge, in: transaction).text
            }
        }
        guard let charge = ChargeID(outcome) else { throw StoreFault.corrupt(column: "idempotency_keys.outcome") }
        return charge
    }
}

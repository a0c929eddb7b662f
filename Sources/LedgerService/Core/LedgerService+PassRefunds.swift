internal import BoxOffice
public import HTTPEdge
internal import Stage
internal import Store
public import Values

extension LedgerService {
    /// What giving a pass back would bring now, ticket by ticket. Nothing is written; the refund gives exactly this.
    public func passRefund(of id: SeriesPassID, by caller: Caller) async throws -> PassRefundView {
        let now = clock.now()
        return try await database.read { transaction in
            let refund = try passRefund(of: id, by: caller, at: now, in: transaction)
            return PassRefundView(refund.refund, of: id)
        }
    }

    /// Gives a pass back: each of its tickets by its own terms, all that give something, in one transaction or none.
    ///
    /// For its buyer, tickets that were passed on stay with whoever holds them, and what the terms of a room keep stays
    /// with the room. For the host and the platform every ticket in force comes back whole, to whoever holds it.
    /// - Parameter seen: the sum that the caller was shown; another one is refused.
    public func refundPass(
        _ id: SeriesPassID, seen: Money? = nil, key: IdempotencyKey, by caller: Caller
    ) async throws -> PassRefundView {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        let command = OnceOnly(
            "series-pass-refund", by: caller, key: key, request: "\(id)|\(seen?.description ?? "all")")
        let now = clock.now()
        let outcome = try await tellingGateways { transaction in
            try transaction.once(command, at: now) {
                let (refund, authority) = try passRefund(of: id, by: caller, at: now, in: transaction)
                for (order, amount) in try decidePassRefund(refund, seen: seen) {
                    let request = RefundRequest(id: makeID(), amount: amount, authority: authority)
                    _ = try giveBack(
                        order, request, reason: .refunded, entry: makeID(), at: now, in: transaction)
                }
                if authority == .platform {
                    try transaction.audit(
                        actor: caller.actor, act: "pass_refunded", subject: id.text, detail: refund.total.description,
                        at: now)
                }
                return text(of: PassRefundView(refund, of: id))
            }
        }
        return try value(PassRefundView.self, from: outcome, column: "idempotency_keys.outcome")
    }

    private func passRefund(
        of id: SeriesPassID, by caller: Caller, at now: Instant, in transaction: borrowing Transaction
    ) throws -> (refund: PassRefund, authority: RefundAuthority) {
        let (pass, _) = try seenPass(id, by: caller, in: transaction)
        let authority: RefundAuthority
        switch caller {
        case .wallet: authority = .holder
        case .operator, .host: authority = .platform
        case .finance, .auditor, .moderator, .gateway, .anybody:
            throw EdgeRefusal.keyScope("buyer of the pass, host of the series, operator")
        }
        // The journal's clock, as the refund itself reads it.
        let instant = max(now, try transaction.journalHead().postedAt)
        var parts: [PassRefundPart] = []
        for order in try transaction.orders(of: id) {
            parts.append(try refundPart(order.order, of: pass, authority, at: instant, in: transaction))
        }
        return (PassRefund(parts: parts, in: pass.price.currency), authority)
    }

    private func refundPart(
        _ id: OrderID, of pass: SeriesPass, _ authority: RefundAuthority, at instant: Instant,
        in transaction: borrowing Transaction
    ) throws -> PassRefundPart {
        guard let last = try transaction.lastTicket(of: id),
            let standing = try refundable(id, last: last, in: transaction),
            let room = try transaction.room(last.room)
        else { throw StoreFault.corrupt(column: "series_pass_orders.order_id") }
        let isBuyers = last.subject == .holder(pass.holder)
        let outcome: PassRefundPart.Outcome
        if last.revoked != nil {
            outcome = .ended
        } else if authority == .platform {
            let isLeft = standing.order.isFree || standing.remaining.isPositive
            outcome = isLeft ? .refunded(standing.remaining) : .ended
        } else if !isBuyers {
            outcome = .passedOn
        } else if let until = try transaction.lentUntil(last.ticket), instant < until {
            // Somebody pays for its seat at this moment.
            outcome = .kept(because: ResaleRefusal.lent(until: until).code)
        } else {
            let conditions = try conditions(of: standing.order, last: last, in: transaction)
            do {
                let offer = try BoxOffice.refundOffer(of: standing, in: room, under: conditions, at: instant)
                outcome = .refunded(offer.amount)
            } catch {
                outcome = .kept(because: error.code)
            }
        }
        let isSecret = authority == .holder && !isBuyers
        return PassRefundPart(
            room: room.id, order: id, ticket: isSecret ? standing.order.ticket : last.ticket, outcome: outcome)
    }
}

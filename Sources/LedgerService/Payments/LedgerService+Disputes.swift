internal import BoxOffice
internal import HTTPEdge
internal import Ledger
internal import Stage
internal import Store
internal import Values

/// Disputes (R3, R4): taken back like a refund while they are open, as if nothing had been when won, final when lost.
extension LedgerService {
    /// - Returns: whether something new was told.
    func tell(
        _ told: Set<DisputeFact>, _ name: String, _ amount: Money, of row: ChargeRow, at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> Bool {
        let provider = row.charge.provider
        let known = try transaction.dispute(name, of: provider)
        let dispute =
            known
            ?? DisputeRow(
                provider: provider, dispute: name, charge: row.charge.id, amount: amount, facts: [], createdAt: now)
        var life = DisputeLife(dispute.facts)
        guard case .moved(let steps, let new) = life.tell(told) else { return false }
        if known == nil { try transaction.insertDispute(dispute) }
        for fact in new.sorted(by: { $0.rawValue < $1.rawValue }) {
            try transaction.insert(fact, of: dispute, at: now)
        }
        for step in steps {
            switch step {
            case .take: try take(dispute, of: row, at: now, in: transaction)
            case .giveBack: try giveBack(dispute, of: row, at: now, in: transaction)
            case .lose: try lose(dispute, at: now, in: transaction)
            }
            try transaction.audit(
                actor: provider.rawValue, act: "dispute_\(step.rawValue)", subject: row.charge.id.text,
                detail: "\(name) \(amount)", at: now)
        }
        return true
    }

    /// The orders give the money back, their tickets end, and the provider holds less for us. Whatever a room's terms
    /// say of refunds: the bank does not ask.
    private func take(
        _ dispute: DisputeRow, of row: ChargeRow, at now: Instant, in transaction: borrowing Transaction
    ) throws {
        let shares = try divide(dispute, of: row, at: now, in: transaction)
        var rooms: [RoomID] = []
        var givers: [DisputeGiver] = [DisputeGiver(holder: row.holder, amount: shares.wallet)]
        for (order, amount) in shares.orders {
            givers.append(try move(order, by: amount, because: .disputed, at: now, in: transaction))
            // A part of the price is enough for the bank to call the whole ticket in question.
            if let ticket = try transaction.lastTicket(of: order), ticket.revoked == nil {
                try transaction.revoke(ticket, because: .disputed, at: now)
            }
            try transaction.insertDisputed(order, amount: amount, of: dispute)
            if let room = try transaction.order(order)?.room, !rooms.contains(room) { rooms.append(room) }
        }
        for room in rooms { try serveQueue(of: room, at: now, in: transaction) }
        let sequence = try post(
            PostingRecipe.disputeTaken(dispute.amount, from: givers), at: now, in: transaction)
        try transaction.insert(
            .take, of: dispute, wallet: shares.wallet, platform: shares.platform, sequence: sequence, at: now)
    }

    /// Who gives what: the orders that the payment made and the wallet, or the wallet that it filled and what was bought there.
    private func divide(
        _ dispute: DisputeRow, of row: ChargeRow, at now: Instant, in transaction: borrowing Transaction
    ) throws -> DisputeShares {
        // Money that waited in suspense is the buyer's: it stands in the wallet, where the dispute finds it.
        try returnSuspended(row, by: row.charge.provider.rawValue, at: now, in: transaction)
        guard let purchase = row.charge.purchase else {
            let wallet = try transaction.amount(in: .wallet(row.holder), dispute.amount.currency)
            if let returned = try returned(of: row, in: transaction) {
                return divideDispute(dispute.amount, over: [], wallet: wallet.minorUnits, returned: returned)
            }
            let bought = try ordersBought(behind: row, in: transaction)
            return divideDispute(dispute.amount, ofTopup: bought, wallet: wallet.minorUnits)
        }
        let returned = try returned(of: row, in: transaction)
        // A payment that made no tickets has none to end: those of the same purchase were paid by another one.
        let orders = try returned == nil ? transaction.orders(of: purchase) : []
        let standings = try orders.compactMap { try transaction.standing(of: $0.id) }
        let wallet = try transaction.amount(in: .wallet(row.holder), dispute.amount.currency)
        return divideDispute(
            dispute.amount, over: standings, wallet: wallet.minorUnits, returned: returned ?? 0)
    }

    /// What of a payment that waited in suspense went into its payer's wallet and from there not back to their bank, minor
    /// units; `nil` for one that did not wait.
    private func returned(of row: ChargeRow, in transaction: borrowing Transaction) throws -> Int64? {
        let payment = try transaction.payment(
            provider: row.charge.provider.rawValue, reference: row.charge.id.text)
        guard let payment, payment.suspense != nil else { return nil }
        guard let item = try transaction.suspense(bookedBy: payment.sequence), item.end?.how == "wallet" else {
            return 0
        }
        let repaid = try transaction.repayments(of: row.charge.id).lazy.filter { $0.state != .failed }
            .reduce(0) { $0 + $1.amount.minorUnits }
        return max(0, item.amount.minorUnits - repaid)
    }

    /// The money is here again: orders and wallet have it, as if nothing had been, and tickets that are still of use come
    /// back if there are seats.
    private func giveBack(
        _ dispute: DisputeRow, of row: ChargeRow, at now: Instant, in transaction: borrowing Transaction
    ) throws {
        let shares = try shares(of: dispute, in: transaction)
        var givers: [DisputeGiver] = [DisputeGiver(holder: row.holder, amount: shares.wallet)]
        for (order, amount) in shares.orders {
            // Whoever held the ticket when it ended holds it still: a ticket that was taken back changes no hands.
            let holder = try transaction.lastTicket(of: order).flatMap { $0.facts?.holder } ?? row.holder
            givers.append(DisputeGiver(holder: holder, amount: amount))
        }
        let sequence = try post(
            PostingRecipe.disputeReturned(dispute.amount, to: givers), at: now, in: transaction)
        try transaction.insert(.giveBack, of: dispute, wallet: 0, platform: 0, sequence: sequence, at: now)
        for (order, amount) in shares.orders {
            _ = try move(order, by: -amount, because: .disputeWon, at: now, in: transaction)
            // A night may have passed by while nothing was left in escrow.
            if try transaction.split(of: order) != nil, try transaction.release(of: order) == nil,
                let room = try transaction.order(order)?.room
            {
                try transaction.restoreEscrowed(order, of: room)
            }
            try settle(order, at: now, in: transaction)
        }
    }

    /// What an order that has its money again is worth: its ticket, or its price where the room was cancelled meanwhile and
    /// the cancelling found nothing to give back.
    private func settle(_ id: OrderID, at now: Instant, in transaction: borrowing Transaction) throws {
        guard let room = try transaction.order(id).flatMap({ try transaction.room($0.room) }),
            case .cancelled = room.state
        else { return try reissue(id, at: now, in: transaction) }
        _ = try giveBack(
            id, RefundRequest(id: makeID(), authority: .platform), reason: .roomCancelled, entry: makeID(), at: now,
            in: transaction)
    }

    /// It stays away: what orders and wallet gave is used up, the platform bears the rest, and brackets get their
    /// capacity back (R4).
    private func lose(
        _ dispute: DisputeRow, at now: Instant, in transaction: borrowing Transaction
    ) throws {
        let shares = try shares(of: dispute, in: transaction)
        let currency = dispute.amount.currency
        var last: Int64 = 0
        for (order, amount) in shares.orders {
            last = try post(
                PostingRecipe.disputeLost(Money(amount, currency), covered: true), at: now, in: transaction)
            try transaction.insertLoss(
                of: order, amount: amount, in: dispute, refund: makeID(), sequence: last, at: now)
        }
        let rest =
            PostingRecipe.disputeLost(Money(shares.wallet, currency), covered: true)
            + PostingRecipe.disputeLost(Money(shares.platform, currency), covered: false)
        if !rest.isEmpty { last = try post(rest, at: now, in: transaction) }
        try transaction.insert(
            .lose, of: dispute, wallet: shares.wallet, platform: shares.platform, sequence: last, at: now)
    }

    /// Money that had left for the payer before it was disputed has come back to the wallet: it goes where the disputes
    /// would have found it, so that it matters to nobody in which order the provider tells of the two.
    ///
    /// A dispute of a payment that filled a wallet has taken tickets where the wallet had nothing; they are not given back
    /// for this money, it stays the payer's.
    func recoverDisputed(
        _ repayment: RepaymentRow, at now: Instant, in transaction: borrowing Transaction
    ) throws {
        guard let row = try transaction.charge(repayment.charge) else {
            throw StoreFault.corrupt(column: "repayments.charge")
        }
        // Money that waited in suspense and found another place is not what a dispute looks for in the wallet.
        guard try returned(of: row, in: transaction) != 0 else { return }
        let taken = try transaction.disputesTaken(behind: repayment.id)
            .compactMap { try transaction.dispute($0, of: row.charge.provider) }
            .filter { $0.position == .contested || $0.position == .lost }
        let losses = try taken.map { try shares(of: $0, in: transaction).platform }
        for (dispute, part) in zip(taken, divideRecovery(repayment.amount.minorUnits, over: losses)) where part > 0 {
            let money = Money(part, repayment.amount.currency)
            let legs = PostingRecipe.disputeRecovered(
                money, from: repayment.holder, isLost: dispute.position == .lost)
            let sequence = try post(legs, at: now, in: transaction)
            try transaction.insertRecovery(part, of: repayment, for: dispute, sequence: sequence, at: now)
            try transaction.audit(
                actor: dispute.provider.rawValue, act: "dispute_recovered", subject: row.charge.id.text,
                detail: "\(dispute.dispute) \(money)", at: now)
        }
    }

    /// Moves γ of an order up or down: each component by its part (R3), to or from the wallet of whoever holds the ticket.
    private func move(
        _ id: OrderID, by amount: Int64, because reason: ReasonCode, at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> DisputeGiver {
        let last = try transaction.lastTicket(of: id)
        guard let standing = try refundable(id, last: last, in: transaction),
            (0...standing.order.gross.minorUnits).contains(standing.reversed + amount)
        else { throw StoreFault.corrupt(column: "dispute_orders.amount") }
        let order = standing.order
        let recipe = PostingRecipe.refund(standing, to: standing.reversed + amount)
        let stamp = try transaction.stamp(makeID(), at: now, calendar: settings.housePolicy.calendar)
        guard let entry = JournalEntry(stamp, kind: .refund, legs: recipe.legs) else {
            preconditionFailure("A part of an order always moves something.")
        }
        let sequence = try transaction.append(entry).sequence
        var availableOn: LocalDay?
        if case .released(_, let day) = standing.settlement { availableOn = day }
        let refund = Refund(
            id: makeID(), order: id, room: order.room, amount: Money(amount, order.currency),
            reversedBefore: standing.reversed, reversedAfter: standing.reversed + amount, refundedAt: stamp.postedAt,
            hostReversals: recipe.hosts, shareAvailableOn: availableOn)
        try transaction.insertReversal(
            refund, gross: order.gross.minorUnits, sequence: sequence, reason: reason.text)
        try transaction.tell(
            .orderDisputed, of: refund.id.text, host: order.owner, at: stamp.postedAt,
            EventFacts(
                order: id, room: order.room, refund: refund.id, amount: refund.amount,
                remaining: Money(order.gross.minorUnits - refund.reversedAfter, order.currency)))
        // Where the legs of the refund went: to whoever holds the ticket now.
        return DisputeGiver(holder: standing.payee, amount: amount)
    }

    /// Another ticket in the place of one that a dispute ended, on the lowest free seat; none where the room is over or
    /// full: then the host may give a pass.
    private func reissue(_ id: OrderID, at now: Instant, in transaction: borrowing Transaction) throws {
        guard let old = try transaction.lastTicket(of: id), old.revoked?.reason == ReasonCode.disputed.text,
            let room = try transaction.room(old.room), room.state.allows(.sell), now < room.endsAt
        else { return }
        // The room may have moved while the ticket was gone.
        let window = (settings.policies[room.policy] ?? settings.housePolicy).window(in: room.times)
        // Or it goes on: then the ticket has the time that was paid for it.
        let end = try end(of: old, id, in: room, transaction)
        guard now < end else { return }
        let seats = try freeSeats(in: room, wanting: 1, at: now, in: transaction)
        guard seats.taken < room.capacity else { return }
        let ticket = TicketRow(
            ticket: makeID(), order: id, room: old.room, seat: seats.lowestFree, subject: old.subject, role: old.role,
            name: old.name, policy: old.policy, issuedAt: now, notBefore: window.notBefore, notAfter: end)
        try transaction.insertReinstated(ticket, inPlaceOf: old, capacity: room.capacity, at: now)
        try transaction.tell(
            .ticketReplaced, of: ticket.ticket.text, host: room.host, at: now,
            EventFacts(
                order: id, ticket: ticket.ticket, replaces: old.ticket, room: old.room,
                reason: ReasonCode.disputed.text))
    }

    /// The end of a ticket that comes back: the one that it had, but for time that was given back meanwhile.
    private func end(
        of old: TicketRow, _ order: OrderID, in room: Room, _ transaction: borrowing Transaction
    ) throws(StoreFault) -> Instant {
        let overtimes = try transaction.overtimes(of: room.id)
        let bought = try transaction.extensions(ofTicketOrder: order)
        let kept = Set(bought.filter { !$0.isGivenBack }.map(\.overtime))
        let lost = Set(bought.filter(\.isGivenBack).map(\.overtime)).subtracting(kept)
        let end = Overtime.end(of: old.notAfter, in: room, after: overtimes)
        return overtimes.filter { lost.contains($0.number) }.map(\.from).min().map { min($0, end) } ?? end
    }

    private func shares(
        of dispute: DisputeRow, in transaction: borrowing Transaction
    ) throws(StoreFault) -> DisputeShares {
        guard let shares = try transaction.shares(of: dispute) else { throw .corrupt(column: "dispute_steps.place") }
        return shares
    }

    private func post(
        _ legs: [Leg], at now: Instant, in transaction: borrowing Transaction
    ) throws -> Int64 {
        let stamp = try transaction.stamp(makeID(), at: now, calendar: settings.housePolicy.calendar)
        guard let entry = JournalEntry(stamp, kind: .dispute, legs: legs) else {
            preconditionFailure("A dispute has a positive amount within the limit.")
        }
        return try transaction.append(entry).sequence
    }
}

internal import BoxOffice
internal import Ledger
internal import Store
internal import Values

/// Rooms, sales and what is given back of them.
extension FactImport {
    /// More seats than any list has sales: it does not say how many there were.
    private static let capacity = 1_000_000_000

    func room(_ event: ReplayEvent, at now: Instant, in transaction: borrowing Transaction) throws {
        guard let name = event.text("room"), let id = names.room(name) else { throw FactRefusal.noRoom }
        guard try transaction.room(id) == nil else { throw FactRefusal.roomExists }
        let (starts, ends) = (try instant(event, "starts_at"), try instant(event, "ends_at"))
        guard starts < ends else { throw FactRefusal.badTime }
        guard let owner = event.text("host"), let cohosts = event.cohosts, cohosts.count <= Order.maximumCohosts,
            cohosts.allSatisfy({ (0...10_000).contains($0.bp) }), cohosts.reduce(0, { $0 + $1.bp }) <= 10_000,
            Set((cohosts.map(\.host) + [owner]).map { Array($0.utf8) }).count == cohosts.count + 1
        else { throw FactRefusal.badSplit }
        guard let host = try host(owner, at: now, in: transaction) else { throw FactRefusal.badSplit }
        var shares: [CohostShare] = []
        for cohost in cohosts {
            guard let id = try self.host(cohost.host, at: now, in: transaction) else { throw FactRefusal.badSplit }
            shares.append(CohostShare(host: id, share: BasisPoints(cohost.bp)))
        }
        let draft = RoomDraft(
            title: name, language: "en", doorsOpenAt: starts, startsAt: starts, endsAt: ends, capacity: Self.capacity,
            cohosts: shares)
        let room = Room(id: id, host: host, draft: draft, policy: policy.id, state: .scheduled)
        try transaction.insertRoom(room, at: now)
        try transaction.insertImportedName(name, .room, is: id.text)
        try transaction.announce(room, at: now)
        try transaction.audit(actor: Self.actor, act: "room_created", subject: id.text, at: now)
    }

    func move(_ event: ReplayEvent, at now: Instant, in transaction: borrowing Transaction) throws {
        let room = try knownRoom(event, in: transaction)
        let starts = event.has("starts_at") ? try instant(event, "starts_at") : room.startsAt
        let ends = event.has("ends_at") ? try instant(event, "ends_at") : room.endsAt
        guard starts < ends else { throw FactRefusal.badTime }
        let times = RoomTimes(doorsOpenAt: starts, startsAt: starts, endsAt: ends)
        guard times != room.times else { return }
        let move = RoomMove(
            room: room.id, number: (try transaction.moves(of: room.id, limit: 1).first?.number ?? 0) + 1,
            from: room.times, to: times, notice: Self.actor, movedAt: now, answerUntil: now.advanced(bySeconds: 1),
            defaultAnswer: .keep)
        try transaction.insertMove(move, by: Self.actor)
        guard let moved = try transaction.room(room.id) else { throw StoreFault.corrupt(column: "rooms.room") }
        try transaction.announce(moved, at: now)
        try transaction.audit(
            actor: Self.actor, act: "room_moved", subject: room.id.text, detail: "\(starts) \(ends)", at: now)
    }

    /// A purchase that was paid elsewhere: hold, charge, payment, order and ticket, as a payment through a provider makes
    /// them, at the terms that the fact names.
    func purchase(_ event: ReplayEvent, at now: Instant, in transaction: borrowing Transaction) throws {
        let room = try knownRoom(event, in: transaction)
        guard let name = event.text("order"), try transaction.imported(.order, name) == nil else {
            throw FactRefusal.orderExists
        }
        let soldAt = try instant(event, "at")
        guard let buyer = event.text("buyer"), let gross = event.amount("gross"), gross > 0,
            let vat = event.has("vat") ? event.amount("vat") : 0, let fee = event.has("fee") ? event.amount("fee") : 0,
            vat + fee <= gross
        else { throw FactRefusal.badAmount }
        guard let currency = event.currency("currency"), policy.tiers[currency] != nil else {
            throw FactRefusal.noTiers
        }
        let version = try transaction.importedPrice(of: room.id, in: currency, at: now)
        guard
            let terms = TicketTerms(
                priceVersion: version, isFloor: true, price: Money(0, currency), extra: gross,
                gross: Money(gross, currency), vat: vat, fee: fee,
                feeIsRefundable: event.flag("fee_refundable") ?? false, policy: policy.id,
                channel: event.text("channel") ?? Self.actor)
        else { throw FactRefusal.badAmount }
        let holder = ReplayNames.holder(buyer)
        if try !transaction.walletExists(holder) { try transaction.insertWallet(holder, at: now) }
        try sell(terms, as: name, to: holder, in: room, soldAt: soldAt, at: now, transaction)
    }

    private func sell(
        _ terms: TicketTerms, as name: String, to holder: HolderID, in room: Room, soldAt: Instant, at now: Instant,
        _ transaction: borrowing Transaction
    ) throws {
        let seat = try transaction.seatUse(of: room.id).lowestFree
        let hold = Hold(
            purchase: service.makeID(), room: room.id, holder: holder, count: 1, terms: terms, createdAt: now,
            expiresAt: now.advanced(bySeconds: policy.holdSeconds))
        let id = OrderID.derived(at: now, from: "order|\(name)")
        let calendar = policy.calendar
        let stamp = try transaction.stamp(service.makeID(), at: now, calendar: calendar)
        guard
            let order = Order(
                id: id, purchase: hold.purchase, room: room.id, owner: room.host, cohosts: room.cohosts, holder: holder,
                ticket: service.makeID(), terms: terms, soldAt: soldAt),
            let sale = JournalEntry(stamp, kind: .sale, legs: PostingRecipe.sale(order)),
            let topup = JournalEntry(
                try transaction.stamp(service.makeID(), at: now, calendar: calendar), kind: .topup,
                legs: PostingRecipe.topup(of: holder, terms.gross))
        else { throw FactRefusal.badAmount }
        try transaction.insertHold(hold, seats: [seat], capacity: room.capacity)
        let charge = Charge(
            id: service.makeID(), purchase: hold.purchase, provider: .manual, amount: terms.gross, createdAt: now)
        try transaction.insertCharge(charge)
        try transaction.appendState(.captured, to: charge.id, at: now)
        let paid = try transaction.append(topup).sequence
        try transaction.insertPayment(
            HoldPaymentRow(
                provider: charge.provider.rawValue, reference: charge.id.text, purchase: hold.purchase,
                amount: terms.gross, sequence: paid, suspense: nil, at: now))
        try transaction.releaseSeats(of: hold)
        let sequence = try transaction.append(sale).sequence
        try transaction.insertOrder(order, sequence: sequence, soldOn: stamp.effectiveOn)
        let window = policy.window(in: room.times)
        try transaction.insertTicket(
            TicketRow(
                ticket: order.ticket, order: id, room: room.id, seat: seat, subject: .holder(holder), role: .listener,
                name: nil, policy: terms.policy, issuedAt: now, notBefore: window.notBefore, notAfter: window.notAfter),
            capacity: room.capacity)
        try transaction.tellSale(order, seat: seat)
        try transaction.appendStates([.paid, .ticketed], to: hold.purchase, at: now)
        try transaction.insertImportedName(name, .order, is: id.text)
    }

    func refund(_ event: ReplayEvent, at now: Instant, in transaction: borrowing Transaction) throws {
        let standing = try knownOrder(event, in: transaction)
        let amount = try reversal(event, of: standing)
        try report(
            [.repayment(name: "refund/\(event.id)", ours: nil, amount: amount, .succeeded)], of: standing.order,
            at: now,
            in: transaction)
    }

    func openDispute(_ event: ReplayEvent, at now: Instant, in transaction: borrowing Transaction) throws {
        let standing = try knownOrder(event, in: transaction)
        guard let fee = event.has("fee") ? event.amount("fee") : 0 else { throw FactRefusal.badAmount }
        let amount = try reversal(event, of: standing)
        var facts: [ProviderFact] = [.dispute(name: event.id, amount: amount, [.opened, .withdrawn])]
        if fee > 0 { facts.append(.fee(movement: event.id, fee: Money(fee, amount.currency), of: .dispute)) }
        try report(facts, of: standing.order, at: now, in: transaction)
    }

    func endDispute(_ event: ReplayEvent, won: Bool, at now: Instant, in transaction: borrowing Transaction) throws {
        guard let name = event.text("dispute"), let dispute = try transaction.dispute(name, of: .manual),
            dispute.position == .contested, let charge = try transaction.charge(dispute.charge),
            let order = try charge.charge.purchase.flatMap({ try transaction.orders(of: $0).first })
        else { throw FactRefusal.noOpenDispute }
        guard won else {
            return try report(
                [.dispute(name: name, amount: dispute.amount, [.lost])], of: order, at: now, in: transaction)
        }
        let charged = try transaction.fees(of: dispute.charge, movement: name, by: .manual)
        guard let back = event.has("fee_returned") ? event.amount("fee_returned") : 0, back <= charged else {
            throw FactRefusal.badAmount
        }
        var facts: [ProviderFact] = [.dispute(name: name, amount: dispute.amount, [.won, .reinstated])]
        if back > 0 {
            facts.append(
                .fee(movement: "\(name)/returned", fee: Money(-back, dispute.amount.currency), of: .dispute))
        }
        try report(facts, of: order, at: now, in: transaction)
    }

    /// What a fact takes back of an order.
    private func reversal(_ event: ReplayEvent, of standing: OrderStanding) throws -> Money {
        guard let amount = event.amount("amount"), amount > 0 else { throw FactRefusal.badAmount }
        guard amount <= standing.remaining.minorUnits else { throw FactRefusal.exceedsOrder }
        return Money(amount, standing.order.currency)
    }
}

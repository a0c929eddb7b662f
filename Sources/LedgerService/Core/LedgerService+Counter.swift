internal import BoxOffice
internal import Store
internal import Values

/// What every way of buying fetches and counts: the room as it is sold, the free seats, places and vouchers.
extension LedgerService {
    /// The wish of an order, with the voucher that its code stands for.
    func wish(_ order: TicketOrder, in transaction: borrowing Transaction) throws -> TicketWish {
        var claim = VoucherClaim.none
        if let code = order.voucher {
            let hash = Voucher.normalised(code).map { SHA256Digest(of: $0) }
            claim = try hash.flatMap { try transaction.voucher(codeHash: $0) }.map { .known($0) } ?? .unknown
        }
        return TicketWish(
            room: order.room, count: order.count, tier: order.tier, priceSeen: order.price, voucher: claim,
            channel: order.channel ?? SalePolicy.walletChannel, country: order.country)
    }

    /// The room as a sale meets it. Whoever waits is served first; then places that overdue holds still have are given
    /// back where places are short.
    func roomOnSale(
        _ wish: TicketWish, at now: Instant, in transaction: borrowing Transaction
    ) throws -> RoomOnSale {
        try serveQueue(of: wish.room, at: now, in: transaction)
        let sale = try saleNow(of: wish.room, in: transaction)
        guard sale.prices.offers.contains(where: { ($0.left ?? .max) < wish.count }),
            try takeBackOverdueSeats(of: wish.room, at: now, in: transaction)
        else { return sale }
        return try saleNow(of: wish.room, in: transaction)
    }

    /// The room, its price list and its policy as they stand, and nothing done about them.
    func saleNow(of id: RoomID, in transaction: borrowing Transaction) throws -> RoomOnSale {
        let room = try transaction.room(id)
        return RoomOnSale(
            room: room, prices: try transaction.prices(of: id),
            policy: room.flatMap { settings.policies[$0.policy] } ?? settings.housePolicy, taxes: settings.taxes,
            terms: try transaction.terms(of: id))
    }

    /// The free seats. Seats of overdue holds are given back first where seats are short: time alone decides that a hold
    /// is over, and whoever needs its seats writes it down. All of them are spoken for while they gather for somebody.
    ///
    /// Only where no ordinary seat is left for a buyer do tickets that were put up count.
    /// - Parameter takingOver: whether such seats are of use.
    func freeSeats(
        in room: Room?, wanting count: Int, takingOver: Bool = false, at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> SeatUse {
        guard let room else { return SeatUse(taken: 0, gaps: [], highest: 0) }
        if try serveQueue(of: room.id, at: now, in: transaction) {
            return try seatsOnOffer(in: room, wanting: count, at: now, in: transaction).spokenFor(of: room.capacity)
        }
        let seats = try transaction.seatUse(of: room.id, wanting: count)
        guard seats.taken + count > room.capacity else { return seats }
        let isMore = try takeBackOverdueSeats(of: room.id, at: now, in: transaction)
        if takingOver { return try seatsOnOffer(in: room, wanting: count, at: now, in: transaction) }
        return isMore ? try transaction.seatUse(of: room.id, wanting: count) : seats
    }

    /// The free seats, and where they are not enough those of tickets that were put up.
    func seatsOnOffer(
        in room: Room, wanting count: Int, at now: Instant, in transaction: borrowing Transaction
    ) throws -> SeatUse {
        let seats = try transaction.seatUse(of: room.id, wanting: count)
        let short = seats.taken + count - room.capacity
        return seats.takingOver(
            try takeovers(in: room, limit: short, at: now, in: transaction).map(\.seat))
    }

    /// Expires holds whose time is over, so many that the largest group finds its seats.
    /// - Returns: whether there was one.
    @discardableResult
    func takeBackOverdueSeats(
        of room: RoomID, at now: Instant, in transaction: borrowing Transaction
    ) throws -> Bool {
        let overdue = try transaction.overdueHolds(of: room, at: now, limit: 2 * TicketWish.maximumCount)
        for id in overdue {
            guard var held = try transaction.heldPurchase(id) else { throw StoreFault.corrupt(column: "open_holds") }
            let moves = held.expire(at: now)
            try transaction.append(moves, to: held.hold, at: now)
            try giveBack(held.hold, at: now, in: transaction)
        }
        return !overdue.isEmpty
    }

    /// Seats, places and voucher of a hold that makes no tickets.
    func giveBack(_ hold: Hold, at now: Instant, in transaction: borrowing Transaction) throws {
        try transaction.releaseSeats(of: hold)
        if let price = try transaction.price(of: hold.room, version: hold.terms.priceVersion) {
            try transaction.takePlaces(-hold.count, at: price, for: hold.purchase.text, at: now)
        }
        if let voucher = hold.terms.voucher {
            try transaction.useVoucher(voucher, times: -hold.count, for: hold.purchase.text, at: now)
        }
    }

    /// Counts tickets at a limited tier and of a voucher. The schema refuses one more than there may be.
    func count(
        _ terms: TicketTerms, times count: Int, for purchase: String, in sale: RoomOnSale, at now: Instant,
        _ transaction: borrowing Transaction
    ) throws {
        let offer = sale.prices.offers.first { $0.version.version == terms.priceVersion }
        if let offer { try transaction.takePlaces(count, at: offer.version, for: purchase, at: now) }
        if let voucher = terms.voucher {
            try transaction.useVoucher(voucher, times: count, for: purchase, at: now)
        }
    }
}

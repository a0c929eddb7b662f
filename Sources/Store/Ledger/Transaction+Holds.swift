public import BoxOffice
internal import Ledger
public import Values

/// Money that came from outside, for a hold or into a wallet.
public struct HoldPaymentRow: Sendable, Hashable {
    public let provider: String
    /// The provider's own name of the payment; it stands once.
    public let reference: String
    /// `nil` for money that fills a wallet.
    public let purchase: PurchaseID?
    public let amount: Money
    /// Of the entry that booked it.
    public let sequence: Int64
    /// `nil` where it made tickets or stands in the wallet.
    public let suspense: SuspenseReason?
    public let at: Instant

    public init(
        provider: String, reference: String, purchase: PurchaseID?, amount: Money, sequence: Int64,
        suspense: SuspenseReason?, at: Instant
    ) {
        self.provider = provider
        self.reference = reference
        self.purchase = purchase
        self.amount = amount
        self.sequence = sequence
        self.suspense = suspense
        self.at = at
    }
}

extension Transaction {
    /// Stores a hold and keeps its seats.
    public borrowing func insertHold(_ hold: Hold, seats: [Int], capacity: Int) throws(StoreFault) {
        let terms = hold.terms
        try execute(
            """
            INSERT INTO holds (shard, purchase, room, holder, count, price_version, price_kind, currency, price, extra,
              discount, gross, vat, fee, fee_refundable, vat_account, fee_account, policy, channel, country,
              country_source, voucher, created_us, expires_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
              $22, $23, $24)
            """, shard, hold.purchase, hold.room, hold.holder, hold.count, terms.priceVersion,
            terms.isFloor ? "floor" : "fixed", terms.currency, terms.price.minorUnits, terms.extra, terms.discount,
            terms.gross.minorUnits, terms.vat, terms.fee, terms.feeIsRefundable ? 1 : 0, terms.vatAccount.text,
            terms.feeAccount.text, terms.policy, terms.channel, terms.country?.country,
            terms.country?.source.rawValue, terms.voucher, hold.createdAt, hold.expiresAt)
        try appendStates([.held], to: hold.purchase, at: hold.createdAt)
        for seat in seats {
            try execute(
                "INSERT INTO hold_seats (shard, purchase, room, capacity, seat) VALUES ($1, $2, $3, $4, $5)", shard,
                hold.purchase, hold.room, capacity, seat)
            try keep(seat, in: hold.room, for: hold.purchase)
        }
        try execute(
            "INSERT INTO open_holds (shard, room, expires_us, purchase, count) VALUES ($1, $2, $3, $4, $5)", shard,
            hold.room, hold.expiresAt, hold.purchase, hold.count)
    }

    /// A held purchase in the state that its last fact left it in.
    public borrowing func heldPurchase(_ id: PurchaseID) throws(StoreFault) -> HeldPurchase? {
        let hold = try row(
            """
            SELECT purchase, room, holder, count, price_version, price_kind, currency, price, extra, discount, gross,
              vat, fee, fee_refundable, vat_account, fee_account, policy, channel, country, country_source, voucher,
              created_us, expires_us
            FROM holds WHERE shard = $1 AND purchase = $2
            """, shard, id, read: readHold)
        guard let hold, let last = try lastState(of: id) else { return nil }
        return HeldPurchase(hold, state: last.state)
    }

    /// The states that a purchase went through, in order.
    public borrowing func holdStates(
        of purchase: PurchaseID
    ) throws(StoreFault) -> [(state: HoldState, at: Instant)] {
        try rows(
            "SELECT state, at_us FROM hold_facts WHERE shard = $1 AND purchase = $2 ORDER BY n", shard, purchase
        ) { row throws(StoreFault) in
            guard let state = HoldState(rawValue: try row.text(0)) else { throw row.corrupt(0) }
            return (state, try row.instant(1))
        }
    }

    /// Chains states behind the ones before. The schema knows which may follow which.
    public borrowing func appendStates(
        _ moves: [HoldState], to purchase: PurchaseID, at instant: Instant
    ) throws(StoreFault) {
        var last = try lastState(of: purchase)
        for state in moves {
            try execute(
                """
                INSERT INTO hold_facts (shard, purchase, n, prev_n, prev_state, state, at_us)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """, shard, purchase, (last?.n ?? 0) + 1, last?.n, last?.state.rawValue, state.rawValue, instant)
            last = (n: (last?.n ?? 0) + 1, state: state)
        }
    }

    private borrowing func lastState(of purchase: PurchaseID) throws(StoreFault) -> (n: Int64, state: HoldState)? {
        try row(
            "SELECT n, state FROM hold_facts WHERE shard = $1 AND purchase = $2 ORDER BY n DESC LIMIT 1", shard,
            purchase
        ) { row throws(StoreFault) in
            guard let state = HoldState(rawValue: try row.text(1)) else { throw row.corrupt(1) }
            return (n: try row.integer(0), state: state)
        }
    }

    /// The seats that a purchase keeps now are free again, or those of the tickets that lent them.
    public borrowing func releaseSeats(of hold: Hold) throws(StoreFault) {
        let lent = try loans(of: hold.purchase)
        if !lent.isEmpty { try dropLoans(of: hold.purchase) }
        for seat in try keptSeats(of: hold) {
            try letGo(of: seat, in: hold.room, by: hold.purchase)
        }
        try returnLoans(lent, in: hold.room)
        try closeHold(hold)
    }

    /// The seats that a purchase keeps now, lowest first.
    public borrowing func keptSeats(of hold: Hold) throws(StoreFault) -> [Int] {
        try rows(
            """
            SELECT s.seat FROM hold_seats h JOIN seats s ON s.shard = h.shard AND s.room = h.room AND s.seat = h.seat
            WHERE h.shard = $1 AND h.purchase = $2 AND s.purchase = $2 ORDER BY s.seat
            """, shard, hold.purchase
        ) { row throws(StoreFault) in try row.int(0) }
    }

    private borrowing func closeHold(_ hold: Hold) throws(StoreFault) {
        try execute(
            "DELETE FROM open_holds WHERE shard = $1 AND room = $2 AND expires_us = $3 AND purchase = $4", shard,
            hold.room, hold.expiresAt, hold.purchase)
    }

    /// Holds of a room whose time is over and whose seats nobody has taken back yet, oldest first.
    public borrowing func overdueHolds(
        of room: RoomID, at instant: Instant, limit: Int
    ) throws(StoreFault) -> [PurchaseID] {
        try rows(
            """
            SELECT purchase FROM open_holds WHERE shard = $1 AND room = $2 AND expires_us <= $3
            ORDER BY expires_us, purchase LIMIT $4
            """, shard, room, instant, limit
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// Seats that overdue holds of a room still have: they count as free.
    public borrowing func overdueSeats(of room: RoomID, at instant: Instant) throws(StoreFault) -> Int {
        try rows(
            "SELECT count FROM open_holds WHERE shard = $1 AND room = $2 AND expires_us <= $3", shard, room, instant
        ) { row throws(StoreFault) in try row.int(0) }.reduce(0, +)
    }

    /// How many seats of a room a holder keeps at an instant.
    public borrowing func heldSeats(
        of holder: HolderID, in room: RoomID, at instant: Instant
    ) throws(StoreFault) -> Int {
        try rows(
            """
            SELECT o.count FROM open_holds o JOIN holds h ON h.shard = o.shard AND h.purchase = o.purchase
            WHERE o.shard = $1 AND o.room = $2 AND o.expires_us > $3 AND h.holder = $4
            """, shard, room, instant, holder
        ) { row throws(StoreFault) in try row.int(0) }.reduce(0, +)
    }

    public borrowing func insertPayment(_ payment: HoldPaymentRow) throws(StoreFault) {
        try execute(
            """
            INSERT INTO hold_payments
              (shard, provider, reference, purchase, currency, amount, seq, outcome, reason, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """, shard, payment.provider, payment.reference, payment.purchase, payment.amount.currency,
            payment.amount.minorUnits, payment.sequence, payment.suspense == nil ? "tickets" : "suspense",
            payment.suspense?.rawValue ?? "", payment.at)
    }

    public borrowing func payment(
        provider: String, reference: String
    ) throws(StoreFault) -> HoldPaymentRow? {
        try row(
            """
            SELECT provider, reference, purchase, amount, currency, seq, reason, at_us FROM hold_payments
            WHERE shard = $1 AND provider = $2 AND reference = $3
            """, shard, provider, reference, read: readPayment)
    }

    /// The payment that an entry booked.
    public borrowing func payment(bookedBy sequence: Int64) throws(StoreFault) -> HoldPaymentRow? {
        try row(
            """
            SELECT provider, reference, purchase, amount, currency, seq, reason, at_us FROM hold_payments
            WHERE shard = $1 AND seq = $2 ORDER BY provider, reference LIMIT 1
            """, shard, sequence, read: readPayment)
    }

    public borrowing func payments(of purchase: PurchaseID) throws(StoreFault) -> [HoldPaymentRow] {
        try rows(
            """
            SELECT provider, reference, purchase, amount, currency, seq, reason, at_us FROM hold_payments
            WHERE shard = $1 AND purchase = $2 ORDER BY seq
            """, shard, purchase, read: readPayment)
    }
}

private func readPayment(_ row: borrowing Row) throws(StoreFault) -> HoldPaymentRow {
    let reason = try row.text(6)
    return HoldPaymentRow(
        provider: try row.text(0), reference: try row.text(1), purchase: try row.optionalIdentifier(2),
        amount: try row.money(3, 4), sequence: try row.integer(5), suspense: SuspenseReason(rawValue: reason),
        at: try row.instant(7))
}

private func readHold(_ row: borrowing Row) throws(StoreFault) -> Hold {
    guard let vatAccount = Account(try row.text(14)) else { throw row.corrupt(14) }
    guard let feeAccount = Account(try row.text(15)) else { throw row.corrupt(15) }
    let currency = try row.currency(6)
    guard
        let terms = TicketTerms(
            priceVersion: try row.int(4), isFloor: try row.text(5) == "floor",
            price: Money(try row.integer(7), currency), extra: try row.integer(8), discount: try row.integer(9),
            gross: Money(try row.integer(10), currency), vat: try row.integer(11), vatAccount: vatAccount,
            fee: try row.integer(12), feeAccount: feeAccount, feeIsRefundable: try row.integer(13) == 1,
            policy: try row.text(16), channel: try row.text(17), country: try readEvidence(row, 18, 19),
            voucher: try row.optionalIdentifier(20))
    else { throw row.corrupt(10) }
    return Hold(
        purchase: try row.identifier(0), room: try row.identifier(1), holder: try row.identifier(2),
        count: try row.int(3), terms: terms, createdAt: try row.instant(21), expiresAt: try row.instant(22))
}

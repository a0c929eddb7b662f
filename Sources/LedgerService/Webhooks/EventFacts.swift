internal import BoxOffice
internal import Ledger
internal import Payouts
internal import Store
internal import Values

/// What an event says: ids, amounts and words of the interface. No names, no texts that a person wrote, no wallets.
struct EventFacts: Encodable {
    var order: OrderID?
    var ticket: TicketID?
    var replaces: TicketID?
    var room: RoomID?
    var purchase: PurchaseID?
    var waiting: WaitingID?
    var pass: SeriesPassID?
    var series: SeriesID?
    var refund: RefundID?
    var item: SuspenseID?
    var host: HostID?
    /// What was paid, given back, booked or paid out.
    var amount: Money?
    var vat: Money?
    var fee: Money?
    var remaining: Money?
    var gross: Money?
    var withheld: Money?
    var count: Int?
    var revoked: Bool?
    var state: String?
    var how: String?
    var reason: String?
    var batch: String?
    var day: LocalDay?
    var digest: String?
    /// Of a fund: its name and the month, `2026-01`.
    var program: String?
    var month: String?
    var seat: Int?
    var endsAt: Instant?
    /// `newest`, `first`, `devices-2`…
    var sharing: String?
    /// `none`, `required`.
    var holderKey: String?
    /// Of a room's time: what was promised, and what was held of it.
    var promisedSeconds: Int64?
    var deliveredSeconds: Int64?
}

extension Transaction {
    /// Tells other systems of a fact, in the transaction that makes it one.
    borrowing func tell(
        _ kind: EventKind, of subject: String, host: HostID? = nil, for webhook: WebhookID? = nil, at instant: Instant,
        _ facts: EventFacts
    ) throws(StoreFault) {
        try appendEvent(kind, of: subject, host: host, for: webhook, body: text(of: facts), at: instant)
    }

    /// A ticket was sold. Written out, since a rush of sales would spend a tenth of its time on an encoder: ids and
    /// codes hold nothing that JSON would have to escape, and a test compares it with what the encoder says.
    borrowing func tellSale(_ order: Order, seat: Int) throws(StoreFault) {
        let code = order.currency.code
        let purchase = order.purchase.map { #""purchase":"\#($0)","# } ?? ""
        let body = """
            {"amount":{"amount":\(order.gross.minorUnits),"currency":"\(code)"},\
            "fee":{"amount":\(order.terms.fee),"currency":"\(code)"},"order":"\(order.id)",\(purchase)\
            "room":"\(order.room)","seat":\(seat),"ticket":"\(order.ticket)",\
            "vat":{"amount":\(order.terms.vat),"currency":"\(code)"}}
            """
        try appendEvent(.orderSold, of: order.id.text, host: order.owner, body: body, at: order.soldAt)
    }

    /// A host was paid. Written out as a sale is: a night tells of thousands.
    borrowing func tellPayout(
        _ item: PayoutItem, batch: String, day: LocalDay, at instant: Instant
    ) throws(StoreFault) {
        let code = item.gross.currency.code
        let body = """
            {"amount":{"amount":\(item.net.minorUnits),"currency":"\(code)"},"batch":"\(batch)","day":"\(day)",\
            "gross":{"amount":\(item.gross.minorUnits),"currency":"\(code)"},"host":"\(item.host)",\
            "withheld":{"amount":\(item.withheld.minorUnits),"currency":"\(code)"}}
            """
        try appendEvent(.payoutMade, of: "\(batch)/\(item.host)/\(code)", host: item.host, body: body, at: instant)
    }

    /// A fund has given a host something for a month.
    borrowing func tellFund(
        _ accrual: Accrual, program: String, month: LocalMonth, at instant: Instant
    ) throws(StoreFault) {
        // Nothing in a name of ours has to be escaped; a list of facts may have others.
        guard FundProgram.isName(program) else {
            return try tell(
                .fundCredited, of: accrual.id.text, host: accrual.host, at: instant,
                EventFacts(
                    host: accrual.host, amount: accrual.amount, program: program, month: month.description))
        }
        let body = """
            {"amount":{"amount":\(accrual.amount.minorUnits),"currency":"\(accrual.amount.currency.code)"},\
            "host":"\(accrual.host)","month":"\(month)","program":"\(program)"}
            """
        try appendEvent(.fundCredited, of: accrual.id.text, host: accrual.host, body: body, at: instant)
    }

    /// Money of an order was given back.
    borrowing func tellRefund(_ refund: RefundView, of order: Order, at instant: Instant) throws(StoreFault) {
        try tell(
            .orderRefunded, of: refund.refund.text, host: order.owner, at: instant,
            EventFacts(
                order: order.id, ticket: refund.ticket, room: order.room, refund: refund.refund, amount: refund.amount,
                remaining: refund.remaining, revoked: refund.revoked))
    }

    /// A room came into a state.
    borrowing func tellRoom(_ room: Room, at instant: Instant) throws(StoreFault) {
        try tell(
            EventKind(room.state), of: room.id.text, host: room.host, at: instant,
            EventFacts(room: room.id, host: room.host, state: room.state.name))
    }

    /// Money came into suspense, or found its place.
    borrowing func tellSuspense(
        _ kind: EventKind, _ item: SuspenseRow, how: String? = nil, at instant: Instant
    ) throws(StoreFault) {
        try tell(
            kind, of: item.id.text, at: instant, EventFacts(item: item.id, amount: item.amount, how: how))
    }

    /// Chains states of a hold behind the ones before, and tells of them.
    borrowing func append(_ moves: [HoldState], to hold: Hold, at instant: Instant) throws(StoreFault) {
        try appendStates(moves, to: hold.purchase, at: instant)
        try tellHold(hold, moves, at: instant)
        try follow(hold, moves, at: instant)
    }

    /// A held purchase went through states.
    borrowing func tellHold(_ hold: Hold, _ moves: [HoldState], at instant: Instant) throws(StoreFault) {
        let host = try room(hold.room)?.host
        for state in moves {
            try tell(
                .holdChanged, of: hold.purchase.text, host: host, at: instant,
                EventFacts(
                    room: hold.room, purchase: hold.purchase, amount: hold.total, count: hold.count,
                    state: state.rawValue))
        }
    }
}

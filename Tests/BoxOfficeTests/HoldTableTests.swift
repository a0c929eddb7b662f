import BoxOffice
import Ledger
import Testing
import Values

@Suite("A held purchase")
struct HoldTableTests {
    /// What happens to it; times are before or after the end of the hold.
    enum Event: CaseIterable {
        case payInTime, payLate, moneyInTime, moneyLateSeats, moneyLateNoSeats, moneyRoomClosed, moneyWrong
        case cancelInTime, cancelLate, timePasses, refund
    }

    /// What the table says: the states that are appended, or the refusal; and where money went to suspense, why.
    enum Outcome: Equatable {
        case moves([HoldState])
        case suspense(SuspenseReason, [HoldState])
        case refused(HoldRefusal)
    }

    /// Every state by every event, in the order of the cases above.
    static let table: [HoldState: [Outcome]] = [
        .held: [
            .moves([.paid, .ticketed]), .refused(.expired), .moves([.paid, .ticketed]),
            .moves([.expired, .paid, .ticketed]), .suspense(.noSeat, [.expired, .suspended]),
            .suspense(.roomClosed, [.cancelled, .suspended]), .suspense(.amount, []), .moves([.cancelled]),
            .refused(.expired), .moves([.expired]), .refused(.nothingSuspended),
        ],
        .expired: [
            .refused(.expired), .refused(.expired), .moves([.paid, .ticketed]), .moves([.paid, .ticketed]),
            .suspense(.noSeat, [.suspended]), .suspense(.roomClosed, [.suspended]), .suspense(.amount, []),
            .refused(.expired), .refused(.expired), .moves([]), .refused(.nothingSuspended),
        ],
        .cancelled: [
            .refused(.cancelled), .refused(.cancelled), .suspense(.cancelled, [.suspended]),
            .suspense(.cancelled, [.suspended]), .suspense(.cancelled, [.suspended]),
            .suspense(.cancelled, [.suspended]), .suspense(.amount, []), .moves([]), .moves([]), .moves([]),
            .refused(.nothingSuspended),
        ],
        .paid: done, .ticketed: done,
        .suspended: [
            .refused(.expired), .refused(.expired), twice, twice, twice, twice, twice, .refused(.expired),
            .refused(.expired), .moves([]), .moves([.refunded]),
        ],
        .refunded: [
            .refused(.expired), .refused(.expired), twice, twice, twice, twice, twice, .refused(.expired),
            .refused(.expired), .moves([]), .moves([]),
        ],
    ]
    static let twice = Outcome.suspense(.paidTwice, [])
    static let done: [Outcome] = [
        .refused(.alreadyPaid), .refused(.alreadyPaid), twice, twice, twice, twice, twice, .refused(.alreadyPaid),
        .refused(.alreadyPaid), .moves([]), .refused(.nothingSuspended),
    ]

    private func hold(_ fixture: Fixture) throws -> Hold {
        let wish = TicketWish(room: try fixture.room().id, count: 2, priceSeen: Money(500, .eur))
        return try decideHold(
            wish, as: .derived(at: fixture.start, from: "hold"), for: fixture.holder,
            in: fixture.onSale(try fixture.room(), try fixture.price()), seats: SeatUse(taken: 0, lowestFree: 1),
            held: 0, at: fixture.at(-3_600)
        ).hold
    }

    private func outcome(of event: Event, in state: HoldState, _ hold: Hold) -> (Outcome, HoldState) {
        var purchase = HeldPurchase(hold, state: state)
        let inTime = hold.expiresAt.advanced(bySeconds: -1)
        let late = hold.expiresAt
        func money(_ amount: Money, _ at: Instant, seats: Bool = true, sells: Bool = true) -> Outcome {
            switch purchase.receive(amount, at: at, seatsAreFree: seats, roomSells: sells) {
            case .tickets(let moves): .moves(moves)
            case .suspense(let reason, let moves): .suspense(reason, moves)
            }
        }
        let result: Outcome
        do throws(HoldRefusal) {
            switch event {
            case .payInTime: result = .moves(try purchase.pay(at: inTime))
            case .payLate: result = .moves(try purchase.pay(at: late))
            case .moneyInTime: result = money(hold.total, inTime)
            case .moneyLateSeats: result = money(hold.total, late)
            case .moneyLateNoSeats: result = money(hold.total, late, seats: false)
            case .moneyRoomClosed: result = money(hold.total, inTime, sells: false)
            case .moneyWrong: result = money(hold.terms.gross, inTime)
            case .cancelInTime: result = .moves(try purchase.cancel(at: inTime))
            case .cancelLate: result = .moves(try purchase.cancel(at: late))
            case .timePasses: result = .moves(purchase.expire(at: late))
            case .refund: result = .moves(try purchase.refund())
            }
        } catch { result = .refused(error) }
        return (result, purchase.state)
    }

    @Test("has an expectation for every state and every event", arguments: HoldState.allCases)
    func table(state: HoldState) throws {
        let hold = try hold(try Fixture())
        let row = try #require(Self.table[state])
        try #require(row.count == Event.allCases.count)
        for (event, expected) in zip(Event.allCases, row) {
            let (result, after) = outcome(of: event, in: state, hold)
            #expect(result == expected, "\(state) and \(event)")
            switch expected {
            case .moves(let moves), .suspense(_, let moves): #expect(after == moves.last ?? state)
            case .refused: #expect(after == state)
            }
        }
    }

    @Test("is shown as expired from its last instant on, whether or not anybody has written it down")
    func shown() throws {
        let hold = try hold(try Fixture())
        let purchase = HeldPurchase(hold, state: .held)
        #expect(purchase.shown(at: hold.expiresAt.advanced(bySeconds: -1)) == .held)
        #expect(purchase.shown(at: hold.expiresAt) == .expired)
    }

    @Test("keeps the price of its making, ten minutes long, and no more seats than one buyer needs")
    func terms() throws {
        let fixture = try Fixture()
        let hold = try hold(fixture)
        #expect(hold.expiresAt == fixture.at(-3_000))
        #expect(hold.total == Money(1_000, .eur))
        let wish = TicketWish(room: try fixture.room().id, count: 2)
        let onSale = fixture.onSale(try fixture.room(), try fixture.price())
        #expect(throws: PurchaseRefusal.holdLimit(seats: 20)) {
            try decideHold(
                wish, as: hold.purchase, for: fixture.holder, in: onSale, seats: SeatUse(taken: 0, lowestFree: 1),
                held: 19, at: fixture.at(-3_600))
        }
        #expect(throws: PurchaseRefusal.notEnoughSeats(left: 1)) {
            try decideHold(
                wish, as: hold.purchase, for: fixture.holder, in: onSale, seats: SeatUse(taken: 2, lowestFree: 3),
                held: 0, at: fixture.at(-3_600))
        }
    }
}

import BoxOffice
import Schemas
import Testing
import Values

@Suite("A ticket that is put up")
struct ResaleTests {
    private let fixture: Fixture
    private let room: Room

    init() throws {
        fixture = try Fixture()
        room = try fixture.room()
    }

    private func terms(_ name: String) throws -> RoomTerms {
        try #require(try TermsBook(json: RoomTermsPresets.json)[name])
    }

    private func decide(
        _ name: String = "resale", isRevoked: Bool = false, isReplaced: Bool = false, room: Room? = nil,
        firstUse: Instant? = nil, isOpen: Bool = false, at seconds: Int64 = -1_800
    ) throws -> Resale {
        let standing = TicketStanding(try fixture.buy().ticket, isRevoked: isRevoked, isReplaced: isReplaced)
        return try decideResale(
            of: standing, as: .derived(at: fixture.start, from: "resale"), in: room ?? self.room, terms: terms(name),
            firstUse: firstUse, isOpen: isOpen, at: fixture.at(seconds))
    }

    @Test("is one whose terms resell, before they end")
    func puttingUp() throws {
        #expect(try decide().share == BasisPoints(10_000))
        #expect(try decide("resale-95", firstUse: fixture.at(0), at: 1_800).share == BasisPoints(9_500))
        #expect(throws: ResaleRefusal.ticketUnknown) {
            try decideResale(
                of: nil, as: .derived(at: fixture.start, from: "resale"), in: room, terms: terms("resale"),
                firstUse: nil, isOpen: false, at: fixture.at(0))
        }
        #expect(throws: ResaleRefusal.ticketReplaced) { try decide(isReplaced: true) }
        #expect(throws: ResaleRefusal.ticketEnded) { try decide(isRevoked: true) }
        let cancelled = try fixture.room(.cancelled(at: fixture.at(-7_200)))
        #expect(throws: ResaleRefusal.roomCancelled) { try decide(room: cancelled) }
        #expect(throws: ResaleRefusal.never) { try decide("none") }
        #expect(throws: ResaleRefusal.closed(endedAt: room.startsAt)) { try decide(at: 0) }
        #expect(throws: ResaleRefusal.used(at: fixture.at(-2_000))) { try decide(firstUse: fixture.at(-2_000)) }
        #expect(throws: ResaleRefusal.open) { try decide(isOpen: true) }
        // A room that closed early resells nothing any more.
        let closed = try fixture.room(.closed(at: fixture.at(900)))
        #expect(throws: ResaleRefusal.closed(endedAt: fixture.at(900))) {
            try decide("resale-95", room: closed, at: 1_000)
        }
    }

    @Test("stands where the table says, in every state and at every event")
    func table() throws {
        let resale = try decide()
        let lent = fixture.at(-600)
        func standing(_ end: ResaleState?, lent: Instant? = nil, isInForce: Bool = true) -> ResaleStanding {
            ResaleStanding(resale, end: end, lentUntil: lent, isInForce: isInForce, deadline: room.startsAt)
        }
        func keep(_ standing: ResaleStanding, at seconds: Int64 = -900) -> Result<Bool, ResaleRefusal> {
            Result { () throws(ResaleRefusal) in try standing.keep(at: fixture.at(seconds)) }
        }
        #expect(standing(nil).state(at: fixture.at(-900)) == .offered)
        #expect(keep(standing(nil)) == .success(true))
        #expect(standing(nil, lent: lent).state(at: fixture.at(-601)) == .lent)
        #expect(keep(standing(nil, lent: lent), at: -601) == .failure(.lent(until: lent)))
        #expect(standing(nil, lent: lent).state(at: lent) == .offered)
        #expect(standing(nil).state(at: room.startsAt) == .over)
        #expect(keep(standing(nil), at: 0) == .success(false))
        #expect(standing(nil, lent: lent, isInForce: false).state(at: fixture.at(-900)) == .void)
        #expect(keep(standing(nil, isInForce: false)) == .success(false))
        #expect(standing(.resold).state(at: fixture.at(-900)) == .resold)
        #expect(keep(standing(.resold)) == .failure(.resold))
        #expect(standing(.kept).state(at: fixture.at(-900)) == .kept)
        #expect(keep(standing(.kept)) == .success(false))
    }

    @Test("gives back its share of the price, less what was given back before")
    func due() throws {
        let order = try fixture.buy(
            try fixture.request(Money(999, .eur)), price: try fixture.price(999), wallet: Money(999, .eur)
        ).order
        func due(_ name: String, reversed: Int64 = 0) throws -> Int64 {
            try decide(name).due(of: OrderStanding(order: order, reversed: reversed, settlement: .escrow)).minorUnits
        }
        #expect(try due("resale") == 999)
        #expect(try due("resale-95") == 949)
        #expect(try due("resale-95", reversed: 100) == 849)
        #expect(try due("resale-95", reversed: 960) == 0)
    }

    @Test("ends with its resale, whatever is kept of its price")
    func refund() throws {
        let order = try fixture.buy().order
        let decision = try decideRefund(
            RefundRequest(
                id: .derived(at: fixture.start, from: "refund"), amount: Money(475, .eur), authority: .resale),
            standing: OrderStanding(order: order, reversed: 0, settlement: .escrow), room: room,
            under: RefundConditions(try terms("resale-95")), stamp: fixture.stamp(-900, "refund"))
        #expect(decision.endsTicket && decision.settles)
        #expect(decision.refund.amount == Money(475, .eur))
    }

    @Test("is taken over when no other seat is left, first put up first")
    func seats() throws {
        let full = SeatUse(taken: 3, gaps: [], highest: 3)
        #expect(throws: PurchaseRefusal.soldOut(capacity: 3)) { try fixture.buy(seats: full) }
        #expect(try fixture.buy(seats: full.takingOver([2, 1])).ticket.seat == 2)
        let one = SeatUse(taken: 2, gaps: [], highest: 2).takingOver([2])
        #expect(one.choose(1, of: 3) == [3])
        #expect(one.choose(2, of: 3) == [3, 2])
        #expect(one.left(of: 3) == 2)
        #expect(throws: PurchaseRefusal.waitingFirst) { try fixture.buy(seats: full.takingOver([2]).spokenFor(of: 3)) }
    }

    @Test("has terms that give something back")
    func terms() throws {
        func read(_ bp: Int) throws -> RoomTerms? {
            let text = """
                {"terms": [{"name": "a", "version": 1, "meaning": "m", "refund": [],
                "transfers": {"most": 0, "until": "room_ends"}, "resale": {"bp": \(bp), "until": "doors_open"}}]}
                """
            return try TermsBook(json: Array(text.utf8))["a"]
        }
        #expect(try read(10_000)?.resale == ResaleRule(share: BasisPoints(10_000), until: .doorsOpen))
        for wrong in [0, 10_001] { #expect(throws: PolicyFault.self) { try read(wrong) } }
    }
}

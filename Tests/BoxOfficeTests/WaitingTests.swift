import BoxOffice
import Testing
import Values

@Suite("A waiting list")
struct WaitingTests {
    private let fixture: Fixture
    private let room: Room

    init() throws {
        fixture = try Fixture()
        room = try fixture.room()
    }

    private func party(
        _ count: Int = 1, tier: String? = nil, most: Money? = nil, voucher: VoucherID? = nil
    ) -> WaitingParty {
        WaitingParty(
            id: .derived(at: fixture.start, from: "party"), room: room.id, holder: fixture.holder, count: count,
            tier: tier, most: most, voucher: voucher, joinedAt: fixture.at(-3_600))
    }

    private func life(_ state: WaitingState) -> WaitingLife {
        WaitingLife(party(), place: 1, state: state, pass: nil, offer: nil)
    }

    private func sale(_ tiers: [(name: String, price: Int64, places: Int?, taken: Int)], _ room: Room? = nil)
        -> RoomOnSale
    {
        let offers = tiers.enumerated().map { index, tier in
            PriceOffer(
                PriceVersion(
                    room: self.room.id, version: index + 1, tier: tier.name, price: Money(tier.price, .eur),
                    places: tier.places, since: fixture.at(-80_000)), taken: tier.taken)
        }
        return RoomOnSale(room: room ?? self.room, prices: PriceList(offers), policy: fixture.policy)
    }

    private func turn(_ party: WaitingParty, _ sale: RoomOnSale, free: Int, _ voucher: VoucherClaim = .none)
        -> WaitingTurn
    {
        decideTurn(of: party, voucher: voucher, in: sale, free: free, at: fixture.at(-1_800))
    }

    private func price(_ turn: WaitingTurn) -> Int64? {
        if case .offer(let terms) = turn { terms.gross.minorUnits } else { nil }
    }

    // Its life

    @Test("lets a party leave while it waits or has an offer, in every state as the table says")
    func leaving() throws {
        for state in WaitingState.allCases {
            switch state {
            case .waiting, .passed, .offered: #expect(try life(state).leave(state))
            case .withdrawn: #expect(try !life(state).leave(state))
            case .bought: #expect(throws: WaitingRefusal.bought) { try life(state).leave(state) }
            case .lapsed, .ended: #expect(throws: WaitingRefusal.over) { try life(state).leave(state) }
            }
        }
    }

    @Test("shows that an offer lapsed and that the room is over, whether or not anybody wrote it down")
    func shown() throws {
        let hold = Hold(
            purchase: .derived(at: fixture.start, from: "hold"), room: room.id, holder: fixture.holder, count: 1,
            terms: try decideTerms(
                TicketWish(room: room.id), in: sale([("regular", 500, nil, 0)]), at: fixture.at(-1_800)),
            createdAt: fixture.at(-1_800), expiresAt: fixture.at(-900))
        let closed = try fixture.room(.closed(at: fixture.at(-1_000)))
        for state in WaitingState.allCases {
            let open = state.isOpen
            #expect(life(state).shown(hold, in: room, at: fixture.at(-901)) == state)
            #expect(life(state).shown(hold, in: room, at: fixture.at(-900)) == (state == .offered ? .lapsed : state))
            #expect(life(state).shown(hold, in: closed, at: fixture.at(-900)) == (open ? .ended : state))
            #expect(life(state).shown(hold, in: room, at: room.endsAt) == (open ? .ended : state))
        }
    }

    @Test("follows the hold that is offered, in every state of it")
    func following() {
        let expected: [HoldState: WaitingState] = [.ticketed: .bought, .expired: .lapsed, .cancelled: .withdrawn]
        for state in HoldState.allCases {
            #expect(WaitingLife.following(state, roomSells: true) == expected[state])
        }
        #expect(WaitingLife.following(.cancelled, roomSells: false) == .ended)
    }

    // Whose turn it is

    @Test("offers all seats of a group or gathers them")
    func gathering() {
        let one = sale([("regular", 500, nil, 0)])
        #expect(price(turn(party(3), one, free: 3)) == 500)
        #expect(turn(party(3), one, free: 2) == .gather)
        #expect(turn(party(1), one, free: 0) == .gather)
    }

    @Test("offers at what is sold now: the named tier, else the cheapest that has places for all")
    func tiers() {
        let tiers = [
            ("early", Int64(300), Int?(2), 1), ("regular", Int64(500), Int?.none, 0),
            ("gold", Int64(900), Int?.none, 0),
        ]
        let list = sale(tiers.map { (name: $0.0, price: $0.1, places: $0.2, taken: $0.3) })
        #expect(price(turn(party(1), list, free: 3)) == 300)
        #expect(price(turn(party(2), list, free: 3)) == 500)
        #expect(price(turn(party(1, tier: "gold"), list, free: 3)) == 900)
        #expect(price(turn(party(1, tier: "gold", most: Money(600, .eur)), list, free: 3)) == 300)
        #expect(price(turn(party(2, tier: "early"), list, free: 3)) == 500)
    }

    @Test("passes over whoever finds it too dear or has no places, and says why")
    func passing() {
        let one = sale([("regular", 500, nil, 0)])
        #expect(turn(party(1, most: Money(499, .eur)), one, free: 3) == .pass(.price))
        #expect(price(turn(party(1, most: Money(500, .eur)), one, free: 3)) == 500)
        #expect(turn(party(1, most: Money(500, .usd)), one, free: 3) == .pass(.price))
        #expect(turn(party(2), sale([("early", 300, 3, 2)]), free: 3) == .pass(.places))
        // Seats do not gather for it either.
        #expect(turn(party(3, most: Money(499, .eur)), one, free: 1) == .pass(.price))
    }

    @Test("counts a voucher while it counts, and offers without it when not")
    func vouchers() {
        func claim(used: Int) -> VoucherClaim {
            .known(
                VoucherStanding(
                    Voucher(
                        id: .derived(at: fixture.start, from: "voucher"), host: fixture.host, room: nil,
                        benefit: .amount(Money(200, .eur)), uses: 2, from: nil, until: nil, hint: "ABCD"),
                    used: used, isRevoked: false))
        }
        let one = sale([("regular", 500, nil, 0)])
        #expect(price(turn(party(2), one, free: 3, claim(used: 0))) == 300)
        #expect(price(turn(party(2), one, free: 3, claim(used: 1))) == 500)
        #expect(turn(party(2, most: Money(400, .eur)), one, free: 3, claim(used: 1)) == .pass(.price))
    }

    @Test("keeps an offer no longer than the room sells")
    func deadline() throws {
        let terms = try decideTerms(
            TicketWish(room: room.id), in: sale([("regular", 500, nil, 0)]), at: fixture.at(0))
        func end(_ seconds: Int64, at: Int64) -> Instant {
            offer(
                terms, to: party(), as: .derived(at: fixture.start, from: "hold"), in: room, seconds: seconds,
                at: fixture.at(at)
            ).expiresAt
        }
        #expect(end(1_800, at: 0) == fixture.at(1_800))
        #expect(end(1_800, at: 3_000) == room.endsAt)
    }

    // Who joins

    private func joining(
        _ party: WaitingParty, _ sale: RoomOnSale? = nil, voucher: VoucherClaim = .none, parties: Int = 0,
        isGathering: Bool = false, hasHolder: Bool = false, free: Int = 0, at seconds: Int64 = -1_800
    ) -> Result<WaitingParty, WaitingRefusal> {
        Result { () throws(WaitingRefusal) in
            try decideJoining(
                party, voucher: voucher, in: sale ?? self.sale([("regular", 500, nil, 0)]),
                list: WaitingList(parties: parties, isGathering: isGathering, hasHolder: hasHolder, free: free),
                at: fixture.at(seconds))
        }
    }

    @Test("takes whoever can't buy, and refuses the others in order")
    func ladder() throws {
        #expect(joining(party(3)) == .success(party(3)))
        #expect(joining(party(), sale([])) == .failure(.purchase(.roomUnknown)))
        let gone = try fixture.room(.cancelled(at: fixture.at(-2_000)))
        #expect(joining(party(), sale([("regular", 500, nil, 0)], gone)) == .failure(.purchase(.roomCancelled)))
        let closed = try fixture.room(.closed(at: fixture.at(-2_000)))
        #expect(joining(party(), sale([("regular", 500, nil, 0)], closed)) == .failure(.purchase(.roomClosed)))
        #expect(joining(party(), at: 3_600) == .failure(.purchase(.roomClosed)))
        #expect(joining(party(0)) == .failure(.purchase(.count(most: 20))))
        #expect(joining(party(21)) == .failure(.purchase(.count(most: 20))))
        #expect(joining(party(4)) == .failure(.tooMany(capacity: 3)))
        #expect(joining(party(tier: "gold")) == .failure(.purchase(.tierUnknown)))
        #expect(joining(party(most: Money(500, .usd))) == .failure(.price))
        #expect(joining(party(most: Money(-1, .eur))) == .failure(.price))
        #expect(joining(party(), voucher: .unknown) == .failure(.purchase(.voucherUnknown)))
        #expect(joining(party(), parties: 2_000) == .failure(.full(most: 2_000)))
        #expect(joining(party(), hasHolder: true) == .failure(.already))
        #expect(joining(party(), free: 1) == .failure(.notNeeded(left: 1)))
        #expect(joining(party(most: Money(100, .eur)), free: 1) == .failure(.notNeeded(left: 1)))
    }

    @Test("takes whoever could buy if nobody came before them, and whoever finds no places at a price")
    func behindOthers() {
        #expect(joining(party(), isGathering: true, free: 1) == .success(party()))
        #expect(joining(party(2), free: 1) == .success(party(2)))
        #expect(joining(party(), sale([("early", 300, 2, 2)]), free: 1) == .success(party()))
    }

    @Test("has every free seat spoken for while they gather: then nobody else buys one")
    func spokenFor() throws {
        let seats = SeatUse(taken: 1, lowestFree: 1)
        #expect(throws: PurchaseRefusal.waitingFirst) { try fixture.buy(seats: seats.spokenFor(of: 3)) }
        #expect(throws: PurchaseRefusal.soldOut(capacity: 3)) {
            try fixture.buy(seats: SeatUse(taken: 3, lowestFree: 4).spokenFor(of: 3))
        }
        #expect(try fixture.buy(seats: seats).ticket.seat == 1)
        // One of two free seats is spoken for: the other one is anybody's.
        let partly = SeatUse(taken: 1, gaps: [], highest: 1, spokenFor: 1)
        #expect(try fixture.buy(seats: partly).ticket.seat == 2)
    }
}

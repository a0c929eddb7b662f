import BoxOffice
import Ledger
import Simulation
import Testing
import Values

@Suite("Rooms that go on")
struct OvertimeTests {
    private let fixture: Fixture
    /// The room's end.
    private let end: Int64 = 3_600

    init() throws { fixture = try Fixture() }

    private func announce(
        _ room: Room?, until seconds: Int64 = 7_200, _ price: Money = Money(100, .eur),
        after overtimes: [Overtime] = [], at now: Int64 = 0
    ) throws -> Overtime {
        let context = RoomForOvertime(
            room: room, policy: fixture.policy, currency: .eur, versions: 3 + overtimes.count, overtimes: overtimes)
        return try decideOvertime(until: fixture.at(seconds), at: price, in: context, at: fixture.at(now))
    }

    private func refusal(_ body: () throws -> Overtime) -> OvertimeRefusal? {
        do { _ = try body() } catch { return error as? OvertimeRefusal }
        return nil
    }

    @Test("add time behind the end, each where the one before ends")
    func chain() throws {
        let room = try fixture.room(.open(since: fixture.start))
        let first = try announce(room)
        #expect(first.number == 1 && first.from == room.endsAt && first.until == fixture.at(7_200))
        #expect(first.firstEnd == room.endsAt && first.price.version == 4 && first.price.tier == "overtime:1")
        let longer = room.ending(at: first.until)
        #expect(longer.endsAt == first.until && longer.state == room.state && longer.title == room.title)
        let free = try announce(longer, until: 9_000, .zero(.eur), after: [first], at: 7_199)
        #expect(free.number == 2 && free.from == first.until && free.firstEnd == room.endsAt)
        #expect(try announce(fixture.room(), at: -90_000).number == 1)
        #expect(try announce(room, until: end + 12 * 3_600).until == fixture.at(end + 12 * 3_600))
    }

    @Test("are refused in the documented order, each for its own reason")
    func ladder() throws {
        let room = try fixture.room(.open(since: fixture.start))
        let (dollars, dear) = (Money(100, .usd), Money(10_000_000, .eur))
        #expect(refusal { try announce(nil, until: 0, dollars, at: 9_999) } == .roomUnknown)
        for (state, expected) in [
            (RoomState.cancelled(at: fixture.start), OvertimeRefusal.roomCancelled),
            (.closed(at: fixture.start), .roomClosed), (.open(since: fixture.start), .roomEnded),
            (.scheduled, .roomEnded),
        ] {
            #expect(refusal { try announce(fixture.room(state), until: 0, dollars, at: 3_600) } == expected)
        }
        var made: [Overtime] = []
        for number in 1...Int64(Overtime.maximumCount) {
            let longer = made.last.map { room.ending(at: $0.until) } ?? room
            made.append(try announce(longer, until: end + number * 60, after: made))
        }
        let last = try #require(made.last)
        #expect(
            refusal { try announce(room.ending(at: last.until), until: 0, dollars, after: made) } == .limit(most: 8))
        for seconds in [0, end] {
            #expect(refusal { try announce(room, until: seconds, dollars) } == .end(present: room.endsAt))
        }
        let latest = fixture.at(end + 12 * 3_600)
        #expect(refusal { try announce(room, until: end + 12 * 3_600 + 1, dollars) } == .tooLong(latest: latest))
        // Behind the first end, not behind the last one.
        let far = try announce(room, until: end + 40_000)
        #expect(
            refusal { try announce(room.ending(at: far.until), until: end + 43_201, after: [far]) }
                == .tooLong(latest: latest))
        #expect(refusal { try announce(room, dollars) } == .currency(.eur))
        for price in [dear, Money(-1, .eur)] {
            guard case .price = refusal({ try announce(room, price) }) else {
                Issue.record("\(price) is taken")
                continue
            }
        }
    }

    @Test("give nothing to a ticket that comes back, but what it had")
    func returning() throws {
        let room = try fixture.room(.open(since: fixture.start))
        let first = try announce(room)
        let longer = room.ending(at: first.until)
        #expect(Overtime.end(of: fixture.at(99), in: room, after: []) == room.endsAt)
        #expect(Overtime.end(of: room.endsAt, in: longer, after: [first]) == room.endsAt)
        #expect(Overtime.end(of: first.until, in: longer, after: [first]) == first.until)
        #expect(Overtime.end(of: fixture.at(99), in: longer, after: [first]) == room.endsAt)
    }

    @Test("give nobody more time to think again about a refund")
    func refunds() throws {
        let room = try fixture.room(.open(since: fixture.start))
        let order = try fixture.buy().order
        let standing = OrderStanding(order: order, reversed: 0, settlement: .escrow)
        let longer = room.ending(at: try announce(room).until)
        func offer(_ soldUntil: Instant?, at seconds: Int64) throws -> RefundOffer {
            try refundOffer(
                of: standing, in: longer,
                under: RefundConditions(
                    RoomTerms(id: "", meaning: "", steps: [.init(until: .roomEnds, share: BasisPoints(10_000))]),
                    soldUntil: soldUntil), at: fixture.at(seconds))
        }
        #expect(try offer(nil, at: 3_700).amount == order.gross)
        #expect(try offer(room.endsAt, at: 3_599).until == room.endsAt)
        #expect(throws: RefundRefusal.refundClosed(endedAt: room.endsAt)) { try offer(room.endsAt, at: 3_700) }
    }
}

@Suite("Tickets that go on with their room")
struct TicketExtensionTests {
    private let fixture: Fixture
    private let sale: Sale
    private let first: Overtime
    private let second: Overtime

    init() throws {
        fixture = try Fixture()
        sale = try fixture.buy()
        let room = try fixture.room(.open(since: fixture.start))
        func announce(_ seconds: Int64, _ price: Int64, in room: Room, after overtimes: [Overtime]) throws -> Overtime {
            try decideOvertime(
                until: room.endsAt.advanced(bySeconds: seconds), at: Money(price, .eur),
                in: RoomForOvertime(
                    room: room, policy: try Fixture().policy, currency: .eur, versions: 1, overtimes: overtimes),
                at: room.startsAt)
        }
        first = try announce(600, 120, in: room, after: [])
        second = try announce(600, 0, in: room.ending(at: first.until), after: [first])
    }

    /// A ticket with an end, in a room with both overtimes.
    private func context(
        endingAt end: Instant? = nil, state: RoomState? = nil, overtimes: [Overtime]? = nil, isRevoked: Bool = false,
        isReplaced: Bool = false, isAsked: Bool = false
    ) throws -> TicketForExtension {
        let old = sale.ticket
        let ticket = TicketFacts(
            id: old.id, order: old.order, holder: old.holder, room: old.room, seat: old.seat, issuedAt: old.issuedAt,
            notBefore: old.notBefore, notAfter: end ?? old.notAfter, policy: old.policy)
        return TicketForExtension(
            standing: TicketStanding(ticket, isRevoked: isRevoked, isReplaced: isReplaced), order: sale.order,
            room: try fixture.room(state ?? .open(since: fixture.start)).ending(at: second.until),
            overtimes: overtimes ?? [first, second], isAsked: isAsked, policy: fixture.policy)
    }

    private func extend(
        _ context: TicketForExtension, seen: Int64? = 120, wallet: Int64 = 500, at seconds: Int64 = 60
    ) throws -> TicketExtension {
        try decideExtension(
            ExtensionWish(order: .derived(at: fixture.start, from: "ext"), priceSeen: seen.map { Money($0, .eur) }),
            of: context, wallet: Money(wallet, .eur), stamp: fixture.stamp(seconds))
    }

    private func refusal<Value>(_ body: () throws -> Value) -> ExtensionRefusal? {
        do { _ = try body() } catch { return error as? ExtensionRefusal }
        return nil
    }

    @Test("are orders of the room at the ticket's terms, and post what the offer shows")
    func recipe() throws {
        let context = try context()
        let offer = try extensionOffer(for: context, on: fixture.stamp(60).effectiveOn, at: fixture.at(60))
        let made = try extend(context)
        #expect(made.overtime == first && made.ticket == sale.ticket.id && made.ticketOrder == sale.order.id)
        #expect(made.order.terms == offer.terms && made.order.policy == sale.order.policy)
        let room = made.order.room
        // 1.20 with 20 % VAT inside, like the ticket's.
        let legs = [
            Leg(debit: .wallet(fixture.holder), credit: .vat, amount: Money(20, .eur)),
            Leg(debit: .wallet(fixture.holder), credit: .escrow(room), amount: Money(100, .eur)),
        ].compactMap(\.self)
        #expect(made.entry?.legs == legs && made.entry?.kind == .overtime)
        #expect(PostingRecipe.sale(of: offer.terms, in: room, from: .wallet(fixture.holder)) == legs)
        // The exact reverse.
        let back = PostingRecipe.refund(
            OrderStanding(order: made.order, reversed: 0, settlement: .escrow), to: made.order.gross.minorUnits)
        #expect(back.legs == legs.map(\.mirrored))
        #expect(ExtensionID(of: made.order.id).order == made.order.id)
        let free = try extend(self.context(endingAt: first.until), seen: 0, wallet: 0, at: 3_900)
        #expect(free.entry == nil && free.order.isFree && free.overtime == second)
    }

    @Test("are refused in the documented order, each for its own reason")
    func ladder() throws {
        let none = TicketForExtension(standing: nil, order: nil, room: nil, overtimes: [], policy: fixture.policy)
        #expect(refusal { try extend(none) } == .ticketUnknown)
        let cancelled = RoomState.cancelled(at: fixture.start)
        let closed = RoomState.closed(at: fixture.start)
        #expect(
            refusal { try extend(context(state: cancelled, isRevoked: true, isReplaced: true)) } == .ticketReplaced)
        #expect(refusal { try extend(context(state: cancelled, isRevoked: true)) } == .ticketEnded)
        #expect(refusal { try extend(context(state: cancelled, overtimes: [])) } == .roomCancelled)
        #expect(refusal { try extend(context(state: closed, overtimes: [])) } == .roomClosed)
        #expect(refusal { try extend(context(overtimes: []), at: 9_999) } == ExtensionRefusal.none)
        #expect(refusal { try extend(context(endingAt: fixture.at(99)), at: 9_999) } == ExtensionRefusal.none)
        #expect(refusal { try extend(context(endingAt: fixture.at(99), isAsked: true), at: 50) } == .moveOpen)
        #expect(refusal { try extend(context(endingAt: second.until)) } == .whole(endsAt: second.until))
        #expect(
            refusal { try extend(context(endingAt: second.until), at: 4_800) } == .tooLate(endedAt: second.until))
        let end = sale.ticket.notAfter
        #expect(refusal { try extend(context(isAsked: true), seen: 1, at: 3_600) } == .tooLate(endedAt: end))
        #expect(refusal { try extend(context(isAsked: true), seen: 1, at: 3_599) } == .moveOpen)
        #expect(refusal { try extend(context(), seen: 119, wallet: 0) } == .price(now: Money(120, .eur)))
        #expect(refusal { try extend(context(), wallet: 119) } == .insufficientFunds(missing: Money(1, .eur)))
        #expect(refusal { try extend(context(), seen: nil, wallet: 120, at: 3_599) } == nil)
        for state in [RoomState.scheduled, .open(since: fixture.start)] {
            #expect(try extend(context(state: state)).overtime == first)
        }
    }

    @Test("go back whole before their time begins, the last one first")
    func refund() throws {
        func back(
            _ overtime: Overtime, given: Bool = false, end: Instant?, at seconds: Int64 = 3_599
        ) throws -> Instant? {
            try decideExtensionRefund(
                ExtensionStanding(overtime: overtime, isGivenBack: given, ticketEnd: end), at: fixture.at(seconds))
        }
        #expect(refusal { try decideExtensionRefund(nil, at: fixture.start) } == .unknown)
        #expect(refusal { try back(first, given: true, end: second.until, at: 3_600) } == .alreadyRefunded)
        #expect(refusal { try back(first, end: second.until, at: 3_600) } == .begun(at: first.from))
        #expect(refusal { try back(first, end: second.until) } == .notLast)
        #expect(try back(second, end: second.until) == first.until)
        #expect(try back(first, end: first.until) == first.from)
        #expect(try back(first, end: nil) == nil)
        #expect(extensionGoesBack(first, with: .holder, at: fixture.at(3_599)))
        #expect(!extensionGoesBack(first, with: .holder, at: fixture.at(3_600)))
        #expect(extensionGoesBack(first, with: .platform, at: fixture.at(9_999)))
    }

    @Test("end with the room or before it, and nobody has an hour twice, whatever happens", arguments: 1...40)
    func model(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let room = try fixture.room(.open(since: fixture.start))
        var overtimes: [Overtime] = []
        var now: Int64 = 0
        /// What each of three tickets has, as numbers of overtimes: the naive model.
        var bought: [[Int]] = [[], [], []]
        func end(_ ticket: Int) -> Instant { bought[ticket].last.map { overtimes[$0 - 1].until } ?? room.endsAt }
        for _ in 0..<60 {
            now += Int64.random(in: 0...240, using: &generator)
            let present = room.ending(at: overtimes.last?.until ?? room.endsAt)
            let ticket = Int.random(in: 0..<3, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0:
                let until = present.endsAt.advanced(bySeconds: Int64.random(in: -60...900, using: &generator))
                let context = RoomForOvertime(
                    room: present, policy: fixture.policy, currency: .eur, versions: overtimes.count,
                    overtimes: overtimes)
                let made = try? decideOvertime(until: until, at: Money(100, .eur), in: context, at: fixture.at(now))
                let isRight = fixture.at(now) < present.endsAt && until > present.endsAt && overtimes.count < 8
                #expect((made != nil) == isRight, "seed \(seed)")
                if let made { overtimes.append(made) }
            case 1:
                let context = TicketForExtension(
                    standing: try self.context(endingAt: end(ticket)).standing, order: sale.order, room: present,
                    overtimes: overtimes, policy: fixture.policy)
                let made = try? extend(context, seen: 100, at: now)
                let next = (bought[ticket].last ?? 0) + 1
                let isRight = next <= overtimes.count && fixture.at(now) < end(ticket)
                #expect(made?.overtime.number == (isRight ? next : nil), "seed \(seed)")
                if let made { bought[ticket].append(made.overtime.number) }
            default:
                guard let number = bought[ticket].randomElement(using: &generator) else { continue }
                let overtime = overtimes[number - 1]
                let standing = ExtensionStanding(overtime: overtime, isGivenBack: false, ticketEnd: end(ticket))
                let back = try? decideExtensionRefund(standing, at: fixture.at(now))
                let isRight = number == bought[ticket].last && fixture.at(now) < overtime.from
                #expect((back != nil) == isRight, "seed \(seed)")
                if back != nil { bought[ticket].removeLast() }
            }
            for ticket in 0..<3 {
                #expect(bought[ticket] == bought[ticket].indices.map { $0 + 1 }, "seed \(seed)")
                #expect(end(ticket) <= (overtimes.last?.until ?? room.endsAt), "seed \(seed)")
            }
        }
    }
}

import BoxOffice
import Testing
import Values

@Suite("Passing a ticket on")
struct TransferTests {
    private let fixture: Fixture
    private let ticket: TicketFacts
    private let id: TransferID
    private let taker: HolderID

    init() throws {
        fixture = try Fixture()
        ticket = try fixture.buy().ticket
        id = .derived(at: fixture.start, from: "transfer")
        taker = .derived(at: fixture.start, from: "taker")
    }

    private func limits(_ most: Int = 2, passed: Int = 0, until: RoomTerms.Anchor = .doorsOpen) -> TransferLimits {
        TransferLimits(
            RoomTerms(id: "t/1", meaning: "m", steps: [], maximumTransfers: most, transfersUntil: until),
            passed: passed)
    }

    private func offer(
        isRevoked: Bool = false, isReplaced: Bool = false, until: Int64? = nil, isOffered: Bool = false,
        room: Room? = nil, _ limits: TransferLimits? = nil, at seconds: Int64 = -3_600
    ) throws -> TransferOffer {
        try decideTransfer(
            of: TicketStanding(ticket, isRevoked: isRevoked, isReplaced: isReplaced), as: id,
            until: until.map { fixture.at($0) }, isOffered: isOffered, in: try room ?? fixture.room(),
            limits: limits ?? self.limits(), at: fixture.at(seconds))
    }

    private func standing(_ end: TransferState? = nil, isInForce: Bool = true) throws -> TransferStanding {
        TransferStanding(try offer(until: -1_800), end: end, isInForce: isInForce)
    }

    private func accept(
        _ standing: TransferStanding?, by taker: HolderID? = nil, _ limits: TransferLimits? = nil,
        at seconds: Int64 = -3_000
    ) throws -> TicketChange {
        try decideAcceptance(
            of: standing, by: taker ?? self.taker, in: try fixture.room(), limits: limits ?? self.limits(),
            at: fixture.at(seconds))
    }

    @Test("goes on after a move: with the deadline if it stood so long, else with its own end")
    func moved() throws {
        let room = try fixture.room()
        let (from, to) = (
            room.times,
            RoomTimes(doorsOpenAt: fixture.at(86_400), startsAt: fixture.at(87_000), endsAt: fixture.at(90_000))
        )
        func end(_ offer: TransferOffer, to times: RoomTimes, at seconds: Int64 = 0) -> Instant? {
            let move = RoomMove(
                room: room.id, number: 1, from: from, to: times, notice: "Ill", movedAt: fixture.at(-3_000),
                answerUntil: fixture.at(1), defaultAnswer: .keep)
            return offerEnd(
                of: offer, under: limits().terms, in: room.taking(place: times), after: move, at: fixture.at(seconds))
        }
        #expect(end(try offer(), to: to) == fixture.at(86_400))
        #expect(end(try offer(until: -1_800), to: to, at: -2_000) == fixture.at(-1_800))
        #expect(end(try offer(until: -1_800), to: to) == nil)
        let earlier = RoomTimes(doorsOpenAt: fixture.at(-2_500), startsAt: fixture.at(0), endsAt: fixture.at(60))
        #expect(end(try offer(until: -1_800), to: earlier, at: -2_900) == fixture.at(-2_500))
        #expect(end(try offer(), to: earlier, at: -2_500) == nil)
    }

    @Test("ends with the doors, or with the room, as its terms say, and never later")
    func deadline() throws {
        #expect(try offer().expiresAt == fixture.at(-900))
        #expect(try offer(until: 9_999).expiresAt == fixture.at(-900))
        #expect(try offer(until: -1_800).expiresAt == fixture.at(-1_800))
        #expect(try offer(limits(until: .roomEnds), at: 0).expiresAt == fixture.at(3_600))
        let closed = try fixture.room(.closed(at: fixture.at(60)))
        #expect(try offer(room: closed, limits(until: .roomEnds), at: 0).expiresAt == fixture.at(60))
    }

    @Test("is offered in the documented order of refusals")
    func offerLadder() throws {
        let never = limits(0)
        #expect(throws: TransferRefusal.ticketUnknown) {
            try decideTransfer(
                of: nil, as: id, until: nil, isOffered: true, in: try fixture.room(), limits: never, at: fixture.start)
        }
        #expect(throws: TransferRefusal.ticketReplaced) { try offer(isRevoked: true, isReplaced: true, never) }
        #expect(throws: TransferRefusal.ticketEnded) { try offer(isRevoked: true, never) }
        let cancelled = try fixture.room(.cancelled(at: fixture.start))
        #expect(throws: TransferRefusal.roomCancelled) { try offer(room: cancelled, never) }
        #expect(throws: TransferRefusal.never) { try offer(isOffered: true, never, at: 0) }
        #expect(throws: TransferRefusal.closed(endedAt: fixture.at(-900))) {
            try offer(isOffered: true, limits(passed: 2), at: -900)
        }
        #expect(throws: TransferRefusal.limit(most: 2)) { try offer(isOffered: true, limits(passed: 2)) }
        #expect(throws: TransferRefusal.open) { try offer(until: -9_999, isOffered: true) }
        #expect(throws: TransferRefusal.expiry) { try offer(until: -3_600) }
    }

    @Test("is accepted in the documented order of refusals")
    func acceptLadder() throws {
        #expect(try accept(try standing()) == TicketChange(holder: taker))
        #expect(throws: TransferRefusal.unknown) { try accept(nil) }
        #expect(throws: TransferRefusal.accepted) { try accept(try standing(.accepted, isInForce: false), at: 0) }
        #expect(throws: TransferRefusal.withdrawn) { try accept(try standing(.withdrawn), at: 0) }
        #expect(throws: TransferRefusal.ticketEnded) { try accept(try standing(isInForce: false), at: 0) }
        #expect(throws: TransferRefusal.expired(at: fixture.at(-1_800))) {
            try accept(try standing(), by: ticket.holder, at: -1_800)
        }
        #expect(throws: TransferRefusal.own) { try accept(try standing(), by: ticket.holder, limits(passed: 2)) }
        #expect(throws: TransferRefusal.limit(most: 2)) { try accept(try standing(), limits(passed: 2)) }
    }

    @Test("is withdrawn while it is open, stays as it is when over, and not once accepted")
    func withdrawn() throws {
        let now = fixture.at(-3_000)
        for state in TransferState.allCases {
            let standing: TransferStanding
            var instant = now
            switch state {
            case .open: standing = try self.standing()
            case .accepted: standing = try self.standing(.accepted, isInForce: false)
            case .withdrawn: standing = try self.standing(.withdrawn)
            case .expired:
                standing = try self.standing()
                instant = fixture.at(-1_800)
            case .void: standing = try self.standing(isInForce: false)
            }
            #expect(standing.state(at: instant) == state)
            if state == .accepted {
                #expect(throws: TransferRefusal.accepted) { try standing.withdraw(at: instant) }
            } else {
                #expect(try standing.withdraw(at: instant) == (state == .open))
            }
        }
    }
}

import BoxOffice
import Testing
import Values

@Suite("One ticket in the place of another")
struct SuccessionTests {
    private let fixture: Fixture
    private let ticket: TicketFacts
    private let next: TicketID

    init() throws {
        fixture = try Fixture()
        ticket = try fixture.buy().ticket
        next = .derived(at: fixture.start, from: "next")
    }

    private func decide(
        _ change: TicketChange = TicketChange(), isRevoked: Bool = false, isReplaced: Bool = false,
        at seconds: Int64 = 0
    ) throws -> Succession {
        try decideSuccession(
            of: TicketStanding(ticket, isRevoked: isRevoked, isReplaced: isReplaced), by: next, change,
            because: .transferred, at: fixture.at(seconds))
    }

    @Test("keeps order, seat, room and policy, and changes what was asked for")
    func kept() throws {
        let other = HolderID.derived(at: fixture.start, from: "other")
        let change = TicketChange(holder: other, notBefore: fixture.at(60), notAfter: fixture.at(7_200))
        let succession = try decide(change, at: 30)
        #expect(succession.predecessor == ticket.id)
        #expect(
            succession.ticket
                == TicketFacts(
                    id: next, order: ticket.order, holder: other, room: ticket.room, seat: ticket.seat,
                    issuedAt: fixture.at(30), notBefore: fixture.at(60), notAfter: fixture.at(7_200),
                    policy: ticket.policy))
        let same = try decide().ticket
        #expect((same.holder, same.notBefore, same.notAfter) == (ticket.holder, ticket.notBefore, ticket.notAfter))
    }

    @Test("is refused in the documented order, each for its own reason")
    func ladder() throws {
        #expect(throws: SuccessionRefusal.ticketUnknown) {
            try decideSuccession(of: nil, by: next, TicketChange(), because: .extended, at: fixture.start)
        }
        let bad = TicketChange(notBefore: fixture.at(10), notAfter: fixture.at(10))
        #expect(throws: SuccessionRefusal.replaced) { try decide(bad, isRevoked: true, isReplaced: true, at: 20) }
        #expect(throws: SuccessionRefusal.revoked) { try decide(bad, isRevoked: true, at: 20) }
        #expect(throws: SuccessionRefusal.window) { try decide(bad, at: 20) }
        #expect(throws: SuccessionRefusal.expired(at: ticket.notAfter)) { try decide(at: 3_600) }
        // Who moves a ticket behind the end of the old one may do so after that end.
        _ = try decide(TicketChange(notAfter: fixture.at(9_000)), at: 3_600)
    }
}

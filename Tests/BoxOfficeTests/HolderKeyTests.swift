import BoxOffice
import Testing
import Values

@Suite("Holder keys")
struct HolderKeyTests {
    @Test("a room's wish changes for as long as it is to come or lasts, and the same again is no change")
    func table() throws {
        let fixture = try Fixture()
        let scheduled = try fixture.room()
        let open = try scheduled.opened(at: fixture.at(0))
        for room in [scheduled, open] {
            #expect(try decideHolderKey(.required, from: .none, of: room, at: fixture.at(10)) == .required)
            #expect(try decideHolderKey(.none, from: .required, of: room, at: fixture.at(10)) == HolderKeyPolicy.none)
            for policy in HolderKeyPolicy.allCases {
                #expect(try decideHolderKey(policy, from: policy, of: room, at: fixture.at(10)) == nil)
            }
            #expect(throws: RoomStateRefusal.ended) {
                try decideHolderKey(.required, from: .none, of: room, at: room.endsAt)
            }
        }
        let closed = try open.closed(at: fixture.at(20))
        #expect(throws: RoomStateRefusal.closed) {
            try decideHolderKey(.required, from: .none, of: closed, at: fixture.at(30))
        }
        let cancelled = try scheduled.cancelled(at: fixture.at(20))
        #expect(throws: RoomStateRefusal.cancelled) {
            try decideHolderKey(.none, from: .none, of: cancelled, at: fixture.at(30))
        }
    }

    @Test("the first broken rule of a claim is the refusal, and the first key has the ticket for good")
    func claim() throws {
        let fixture = try Fixture()
        let facts = try fixture.buy().ticket
        let over = facts.notAfter
        func decide(
            _ standing: TicketStanding?, bound: String? = nil, _ policy: HolderKeyPolicy = .required,
            at instant: Instant
        ) throws(HolderKeyRefusal) -> Bool {
            try decideClaim(of: standing, for: "key", bound: bound, in: policy, at: instant)
        }
        let during = fixture.at(10)
        let gone = TicketStanding(facts, isRevoked: true, isReplaced: true)
        let ended = TicketStanding(facts, isRevoked: true, isReplaced: false)
        let good = TicketStanding(facts, isRevoked: false, isReplaced: false)
        #expect(throws: HolderKeyRefusal.ticketUnknown) { try decide(nil, bound: "other", .none, at: over) }
        #expect(throws: HolderKeyRefusal.ticketReplaced) { try decide(gone, bound: "other", .none, at: over) }
        #expect(throws: HolderKeyRefusal.ticketEnded) { try decide(ended, bound: "other", .none, at: over) }
        #expect(throws: HolderKeyRefusal.ticketOver(at: over)) { try decide(good, bound: "other", .none, at: over) }
        #expect(throws: HolderKeyRefusal.otherKey) { try decide(good, bound: "other", .none, at: during) }
        #expect(throws: HolderKeyRefusal.notAsked) { try decide(good, .none, at: during) }
        #expect(try decide(good, at: during))
        // The same key again changes nothing, also where the room does not ask any more.
        #expect(try !decide(good, bound: "key", at: during))
        #expect(try !decide(good, bound: "key", .none, at: during))
    }
}

import Stage
import Testing
import Tickets
import Values

@testable import RoomGateway

@Suite("What the door knows of a ticket's end")
struct KnowledgeTests {
    private let key = SigningKey.generate()
    private let room: RoomID = TestHouse.id()
    private let start = Instant(seconds: 1_772_000_000)

    private func token(_ ticket: TicketID, signedAt: Instant, end: Instant) throws -> String {
        let claims = try #require(
            TicketClaims(
                issuer: "i", audience: "a", subject: .holder(TestHouse.id()), ticket: ticket, room: room, role: .host,
                notBefore: start, expiresAt: end, issuedAt: signedAt, policy: "p/1"))
        return TicketSigner(key: key).sign(claims)
    }

    private func door(ends: [TicketEnd]) throws -> DoorKnowledge {
        let door = DoorKnowledge(issuer: nil, audience: nil)
        var snapshot = GatewaySnapshot(
            cursor: 0, issuer: "i", audience: "a", jwks: KeyRing([key.verifyingKey]).jwks, rooms: [], revoked: [])
        snapshot.ends = ends
        try door.replace(by: snapshot, at: start)
        return door
    }

    @Test("the ledger's later word moves it in both directions; a token that was signed after it knows better")
    func ends() throws {
        let old = start.advanced(bySeconds: 3_600)
        let said = start.advanced(bySeconds: 1_800)
        for (moved, isHeard, isNewer) in [
            (1_800, true, false), (1_800, true, true), (1_800, false, false), (-600, true, false), (-600, true, true),
        ] as [(Int64, Bool, Bool)] {
            let ticket: TicketID = TestHouse.id()
            let new = old.advanced(bySeconds: moved)
            let door = try door(
                ends: isHeard ? [TicketEnd(ticket: ticket, room: room, endsAt: new, at: said)] : [])
            let token = try token(ticket, signedAt: isNewer ? said.advanced(bySeconds: 5) : start, end: old)
            let end = isHeard && !isNewer ? new : old
            let last = end.advanced(byMicroseconds: -1)
            #expect(try door.verify(token, room: room, at: last).claims.ticket == ticket)
            #expect(throws: TicketRefusal.expired(at: end)) { _ = try door.verify(token, room: room, at: end) }
            let other: RoomID = TestHouse.id()
            #expect(throws: TicketRefusal.room(room)) { _ = try door.verify(token, room: other, at: last) }
        }
    }
}

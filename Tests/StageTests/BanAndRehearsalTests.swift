import Foundation
import Schemas
import Stage
import Testing
import Values

@Suite("Bans and rehearsals by the rules")
struct BanAndRehearsalTests {
    @Test func `somebody banned is told so before anything about the room's doors and seats`() {
        var cast = Cast()
        let room = cast.brief(.scheduled, capacity: 0)
        let seat = cast.seat()
        var roster = StageRoster(room: cast.room, capacity: 0)
        _ = roster.markRemoved(ticket: seat.ticket, holder: seat.holder)
        func refusal(_ seat: Seat, isBanned: Bool, _ notice: RevocationNotice? = nil) -> AdmissionRefusal? {
            do throws(AdmissionRefusal) {
                _ = try decideAdmission(
                    seat, isBanned: isBanned, room: room, roster: roster, revocation: notice, heardAt: cast.start,
                    at: cast.start)
                return nil
            } catch { return error }
        }
        let notice = RevocationNotice(ticket: seat.ticket, room: cast.room, reason: .refunded, at: cast.start)
        #expect(refusal(seat, isBanned: true, notice) == .ticketRevoked(reason: .refunded))
        #expect(refusal(seat, isBanned: true) == .bannedByHost)
        #expect(refusal(seat, isBanned: false) == .removedFromRoom)
        #expect(refusal(cast.seat(.cohost), isBanned: true) == .bannedByHost)
    }

    private func code(
        _ role: Role, isBanned: Bool = false, isRemoved: Bool = false, _ room: RoomBrief?,
        _ notice: RevocationNotice? = nil, heardAt: Instant?, at: Instant
    ) -> String? {
        do {
            try decideRehearsal(
                role: role, isBanned: isBanned, isRemoved: isRemoved, room: room, revocation: notice,
                heardAt: heardAt, at: at)
            return nil
        } catch { return (error as? any Refusal)?.code }
    }

    @Test func `the first broken rule of a rehearsal is the refusal`() {
        var cast = Cast()
        let start = cast.start
        let notice = RevocationNotice(ticket: cast.ticket(), room: cast.room, reason: .withdrawn, at: start)
        func all(_ room: RoomBrief?, heardAt: Instant? = start) -> String? {
            code(.listener, isBanned: true, isRemoved: true, room, notice, heardAt: heardAt, at: start)
        }
        #expect(all(nil, heardAt: nil) == "stale_snapshot")
        #expect(all(nil) == "room_unknown")
        #expect(all(cast.brief(.cancelled)) == "room_cancelled")
        #expect(all(cast.brief(.closed)) == "room_closed")
        let open = cast.brief()
        #expect(all(open) == "ticket_revoked")
        #expect(code(.listener, isBanned: true, isRemoved: true, open, heardAt: start, at: start) == "banned_by_host")
        #expect(code(.listener, isRemoved: true, open, heardAt: start, at: start) == "removed_from_room")
        #expect(code(.listener, open, heardAt: start, at: start) == "rehearsal_stage_only")
        #expect(code(.host, open, heardAt: start, at: start) == "rehearsal_over")
    }

    @Test func `an open room begins at its start, another one when it opens, and both are over at their end`() {
        let cast = Cast()
        let (open, scheduled) = (cast.brief(), cast.brief(.scheduled))
        for role in [Role.host, .cohost, .speaker] {
            let before = cast.start.advanced(bySeconds: -1)
            #expect(code(role, open, heardAt: before, at: before) == nil)
            #expect(code(role, open, heardAt: before, at: cast.start) == "rehearsal_over")
            #expect(code(role, scheduled, heardAt: before, at: cast.start) == nil)
            let end = scheduled.endsAt
            #expect(code(role, scheduled, heardAt: end, at: end.advanced(bySeconds: -1)) == nil)
            #expect(code(role, scheduled, heardAt: end, at: end) == "rehearsal_over")
        }
    }

    @Test("every refusal has its words and a status", arguments: RehearsalRefusal.allCases)
    func words(refusal: RehearsalRefusal) throws {
        let text = try #require(RefusalTexts.all[refusal.code])
        #expect((400...499).contains(text.status))
        #expect(text.words["fr"] != nil)
    }

    @Test func `a ban goes over the wire, and a ledger of before tells of none`() throws {
        var cast = Cast()
        let notice = HostBanNotice(host: cast.host, holder: cast.holder(), banned: true)
        let event = FeedEvent(sequence: 7, change: .banned(notice))
        #expect(try JSONDecoder().decode(FeedEvent.self, from: JSONEncoder().encode(event)) == event)
        let snapshot = GatewaySnapshot(
            cursor: 7, issuer: "i", audience: "a", jwks: "{}", rooms: [], revoked: [], bans: [notice])
        let data = try JSONEncoder().encode(snapshot)
        #expect(try JSONDecoder().decode(GatewaySnapshot.self, from: data) == snapshot)
        let text = String(decoding: data, as: UTF8.self).replacing(#""bans""#, with: #""others""#)
        #expect(try JSONDecoder().decode(GatewaySnapshot.self, from: Data(text.utf8)).bans.isEmpty)
    }
}

import Foundation
import Stage
import Testing
import Values

@Suite("Holder keys at the door")
struct HolderKeyTests {
    private func decide(
        _ seat: Seat, _ entry: StageRoster.Entry = .new, isBound: Bool, _ room: RoomBrief, _ roster: StageRoster? = nil
    ) -> AdmissionRefusal? {
        let seat = isBound ? bound(seat) : seat
        do throws(AdmissionRefusal) {
            _ = try decideAdmission(
                seat, entry, room: room, roster: roster, revocation: nil, heardAt: room.startsAt,
                at: room.startsAt)
            return nil
        } catch { return error }
    }

    private func bound(_ seat: Seat) -> Seat {
        Seat(
            admission: seat.admission, ticket: seat.ticket, holder: seat.holder, role: seat.role,
            direction: seat.direction, since: seat.since, isBound: true)
    }

    @Test(arguments: [SharingPolicy.newestWins, .firstWins, .devices(2)])
    func `whoever proves the key takes the seats of copies that came in before it`(_ sharing: SharingPolicy) throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 1, sharing: sharing)
        let copy = cast.seat()
        _ = try roster.enter(copy)
        let holder = bound(cast.seat(ticket: copy.ticket, holder: copy.holder))
        #expect(try roster.enter(holder) == [copy])
        // From here on it is one of those who have the key, as the policy says.
        let other = bound(cast.seat(ticket: copy.ticket, holder: copy.holder))
        switch sharing {
        case .newestWins: #expect(try roster.enter(other) == [holder])
        case .firstWins: #expect(throws: AdmissionRefusal.ticketInUse(most: 1)) { try roster.enter(other) }
        default: #expect(try roster.enter(other) == [])
        }
    }

    @Test func `a room that asks lets in bound tickets, the stage, and who is inside`() throws {
        var cast = Cast()
        var room = cast.brief(capacity: 1)
        let seat = cast.seat()
        #expect(decide(seat, isBound: false, room) == nil)
        room.holderKey = .required
        #expect(decide(seat, isBound: false, room) == .holderKeyMissing)
        #expect(decide(seat, isBound: true, room) == nil)
        for role in [Role.host, .cohost, .speaker] { #expect(decide(cast.seat(role), isBound: false, room) == nil) }
        // Whoever came in before the host asked builds its connection again.
        var roster = StageRoster(room: cast.room, capacity: 1)
        _ = try roster.enter(seat)
        let again = cast.seat(ticket: seat.ticket, holder: seat.holder)
        #expect(decide(again, .resuming(seat.admission), isBound: false, room, roster) == nil)
        #expect(decide(again, .resuming(nil), isBound: false, room, roster) == .resumeOver)
        #expect(decide(again, isBound: false, room, roster) == .holderKeyMissing)
    }

    @Test func `doors and opening are asked before the key, seats behind it`() {
        var cast = Cast()
        var room = cast.brief(.scheduled, capacity: 0)
        room.holderKey = .required
        #expect(decide(cast.seat(), isBound: false, room) == .roomNotOpen)
        room.state = .open
        #expect(decide(cast.seat(), isBound: false, room) == .holderKeyMissing)
        #expect(decide(cast.seat(), isBound: true, room) == .roomFull(capacity: 0))
    }

    @Test func `a ledger of before says nothing, and a word of a newer one is the stricter one`() throws {
        let cast = Cast()
        var room = cast.brief()
        room.holderKey = .required
        let text = String(decoding: try JSONEncoder().encode(room), as: UTF8.self)
        func read(_ text: String) throws -> HolderKeyPolicy {
            try JSONDecoder().decode(RoomBrief.self, from: Data(text.utf8)).holderKey
        }
        #expect(try read(text) == .required)
        #expect(try read(text.replacing(#""required""#, with: #""attested""#)) == .required)
        #expect(try read(text.replacing(#""required""#, with: #""none""#)) == .none)
        #expect(try read(text.replacing("holderKey", with: "other")) == .none)
    }
}

import Schemas
import Foundation
import Stage
import Testing
import Values

@Suite struct AdmissionLadderTests {
    @Test func `the first broken rule of the documented order is the refusal`() throws {
        var cast = Cast()
        let start = cast.start
        let early = start.advanced(bySeconds: -601)
        let seat = cast.seat()
        let notice = RevocationNotice(ticket: seat.ticket, room: cast.room, reason: .refunded, at: start)
        var roster = StageRoster(room: cast.room, capacity: 0)
        _ = roster.markRemoved(ticket: seat.ticket, holder: seat.holder)
        func refusal(
            _ seat: Seat, _ room: RoomBrief?, _ roster: StageRoster?, _ revocation: RevocationNotice?,
            heardAt: Instant?, at: Instant
        ) -> AdmissionRefusal? {
            do throws(AdmissionRefusal) {
                _ = try decideAdmission(
                    seat, room: room, roster: roster, revocation: revocation, heardAt: heardAt, at: at)
                return nil
            } catch { return error }
        }
        // Everything is wrong; one after another is put right.
        #expect(refusal(seat, nil, roster, notice, heardAt: nil, at: early) == .staleSnapshot)
        #expect(
            refusal(seat, nil, roster, notice, heardAt: early.advanced(bySeconds: -600), at: early) == .staleSnapshot)
        #expect(refusal(seat, nil, roster, notice, heardAt: early.advanced(bySeconds: -599), at: early) == .roomUnknown)
        #expect(refusal(seat, cast.brief(.cancelled), roster, notice, heardAt: early, at: early) == .roomCancelled)
        #expect(refusal(seat, cast.brief(.closed), roster, notice, heardAt: early, at: early) == .roomClosed)
        let scheduled = cast.brief(.scheduled, capacity: 0)
        #expect(
            refusal(seat, scheduled, roster, notice, heardAt: early, at: early) == .ticketRevoked(reason: .refunded))
        #expect(refusal(seat, scheduled, roster, nil, heardAt: early, at: early) == .removedFromRoom)
        #expect(
            refusal(seat, scheduled, nil, nil, heardAt: early, at: early) == .doorsClosed(openAt: scheduled.doorsOpenAt)
        )
        let doors = scheduled.doorsOpenAt
        #expect(refusal(seat, scheduled, nil, nil, heardAt: doors, at: doors) == .roomNotOpen)
        var shared = StageRoster(room: cast.room, capacity: 0, sharing: .firstWins)
        shared.capacity = 1
        _ = try shared.enter(cast.seat(ticket: seat.ticket))
        shared.capacity = 0
        #expect(
            refusal(seat, cast.brief(capacity: 0), shared, nil, heardAt: doors, at: doors) == .ticketInUse(most: 1))
        #expect(refusal(seat, cast.brief(capacity: 0), nil, nil, heardAt: doors, at: doors) == .roomFull(capacity: 0))
        #expect(refusal(seat, cast.brief(capacity: 1), nil, nil, heardAt: doors, at: doors) == nil)
    }

    @Test func `who may speak comes in before the doors and before the room is open`() throws {
        var cast = Cast()
        let early = cast.start.advanced(bySeconds: -86_400)
        for role in [Role.host, .cohost, .speaker] {
            #expect(
                try decideAdmission(
                    cast.seat(role), room: cast.brief(.scheduled), roster: nil, revocation: nil, heardAt: early,
                    at: early)
                    == [])
        }
    }

    @Test func `a room of another gateway is refused with the way there, whatever state it is in`() throws {
        var cast = Cast()
        let seat = cast.seat()
        for state in RoomBrief.State.allCases {
            var brief = cast.brief(capacity: 1)
            brief.state = state
            brief.elsewhere = "https://audio-2.test"
            #expect(throws: AdmissionRefusal.roomElsewhere(url: "https://audio-2.test")) {
                try decideAdmission(
                    seat, room: brief, roster: nil, revocation: nil, heardAt: cast.start, at: cast.start)
            }
            #expect(throws: AdmissionRefusal.roomElsewhere(url: "https://audio-2.test")) {
                try decideRehearsal(
                    role: .host, isBanned: false, isRemoved: false, room: brief, revocation: nil, heardAt: cast.start,
                    at: cast.start)
            }
            // What an old gateway or ledger does not know changes nothing of the rest.
            let told = try JSONDecoder().decode(RoomBrief.self, from: JSONEncoder().encode(brief))
            #expect(told == brief)
        }
    }

    @Test func `the decision names the seats that are taken over`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 1)
        let first = cast.seat()
        _ = try roster.enter(first)
        let second = cast.seat(ticket: first.ticket, holder: first.holder)
        #expect(
            try decideAdmission(
                second, room: cast.brief(capacity: 1), roster: roster, revocation: nil, heardAt: cast.start,
                at: cast.start)
                == [first])
    }

    @Test func `every refusal has its own code and its words in both languages`() throws {
        let admission: [any Refusal] = [
            AdmissionRefusal.staleSnapshot, AdmissionRefusal.roomUnknown, AdmissionRefusal.roomCancelled,
            AdmissionRefusal.roomClosed, AdmissionRefusal.ticketRevoked(reason: .refunded),
            AdmissionRefusal.removedFromRoom, AdmissionRefusal.doorsClosed(openAt: Instant(seconds: 0)),
            AdmissionRefusal.roomNotOpen, AdmissionRefusal.roleFull(.speaker, cap: 10),
            AdmissionRefusal.roomFull(capacity: 3), AdmissionRefusal.resumeOver, AdmissionRefusal.ticketInUse(most: 2),
            AdmissionRefusal.resumeReplaced, AdmissionRefusal.roomElsewhere(url: "https://audio-2.test"),
            AdmissionRefusal.holderKeyMissing, AdmissionRefusal.bannedByHost,
            StageRefusal.notPermitted(.speaker), StageRefusal.admissionUnknown,
        ]
        #expect(Set(admission.map(\.code)).count == admission.count)
        for refusal in admission {
            let text = try #require(RefusalTexts.all[refusal.code], "\(refusal.code)")
            #expect((400...503).contains(text.status))
            for language in ["en", "fr"] {
                let words = text.words(in: language, facts: refusal.facts)
                for line in [words.title, words.detail, words.next] {
                    #expect(!line.isEmpty && !line.contains("{"), "\(refusal.code): \(line)")
                }
            }
        }
    }
}

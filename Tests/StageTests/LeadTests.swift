import Stage
import Testing
import Values

/// What passes from an absent host is bound to the place on stage of whoever has it.
@Suite struct LeadTests {
    private let start: Instant
    private let host: StagePerson
    private let guest: StagePerson

    init() {
        var cast = Cast()
        start = cast.start
        host = cast.seat(.host).person
        guest = cast.seat().person
    }

    private func at(_ seconds: Int64) -> Instant { start.advanced(bySeconds: seconds) }

    /// A listener who was invited to be co-host leads, since the host is gone.
    private func led() throws -> StageFloor {
        var floor = StageFloor()
        _ = floor.look(hostIsHere: true, present: [], at: at(0))
        _ = try floor.invite(guest, to: .cohost, by: host, seated: 0, at: at(0))
        _ = try floor.accept(guest, seated: { _ in 0 }, at: at(1))
        floor.came(guest.ticket, sends: true)
        let presence = StageFloor.Presence(guest, since: at(0))
        _ = floor.look(hostIsHere: false, present: [presence], at: at(2))
        #expect(floor.look(hostIsHere: false, present: [presence], at: at(62)).map(\.kind) == [.leadPassed])
        #expect(floor.role(of: guest) == .host)
        return floor
    }

    @Test func `who steps down leads no more, at once`() throws {
        var floor = try led()
        #expect(try floor.stepDown(guest).map(\.kind) == [.steppedDown])
        #expect(floor.role(of: guest) == .listener && !floor.maySpeak(guest))
        // And nobody waits for them: the room is paused.
        let presence = StageFloor.Presence(guest, since: at(0))
        #expect(floor.look(hostIsHere: false, present: [presence], at: at(63)).map(\.kind) == [.roomPaused])
    }

    @Test func `a place that lapses, and a ticket that ends, take the lead with them`() throws {
        var lapsed = try led()
        lapsed.went(guest.ticket, sends: true, isLast: false, at: at(70))
        #expect(lapsed.advance(to: at(70 + lapsed.policy.placeSeconds)).map(\.kind) == [.placeLapsed])
        #expect(!lapsed.maySpeak(guest))
        var ended = try led()
        _ = ended.forget(guest.ticket)
        #expect(!ended.maySpeak(guest))
    }

    @Test func `nobody opens a microphone that its owner muted`() throws {
        var floor = StageFloor()
        _ = try floor.setMuted(true, guest, by: guest)
        #expect(try floor.setMuted(false, guest, by: host).isEmpty)
        #expect(floor.mutes[guest.ticket] == .own)
        _ = try floor.setMuted(true, guest, by: host)
        #expect(throws: StageRefusal.mutedByModerator) { try floor.setMuted(false, guest, by: guest) }
        _ = try floor.setMuted(false, guest, by: host)
        #expect(floor.mutes[guest.ticket] == .own)
        _ = try floor.setMuted(false, guest, by: guest)
        #expect(floor.mutes[guest.ticket] == nil)
        // Muted by a moderator first, then by oneself: the second stays when the first ends.
        _ = try floor.setMuted(true, guest, by: host)
        #expect(try floor.setMuted(true, guest, by: guest).isEmpty)
        _ = try floor.setMuted(false, guest, by: host)
        #expect(floor.mutes[guest.ticket] == .own)
    }

    @Test func `where everyone may speak, whoever is not in the room takes no place`() throws {
        var floor = StageFloor()
        _ = try floor.setMode(.everyone, by: host)
        #expect(throws: StageRefusal.notInRoom) {
            try floor.accept(guest, isHere: false, seated: { _ in 0 }, at: at(0))
        }
        #expect(try floor.accept(guest, isHere: true, seated: { _ in 0 }, at: at(0)).map(\.kind) == [.accepted])
    }

    @Test func `a co-host does not withdraw what only the host may give`() throws {
        var cast = Cast(seed: 3)
        let cohost = cast.seat(.cohost).person
        var floor = StageFloor()
        _ = try floor.invite(guest, to: .cohost, by: host, seated: 0, at: at(0))
        #expect(throws: StageRefusal.notPermitted(.cohost)) { try floor.withdraw(guest, by: cohost) }
        #expect(try floor.withdraw(guest, by: host).map(\.kind) == [.invitationWithdrawn])
    }
}

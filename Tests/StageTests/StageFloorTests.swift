import Stage
import Testing
import Values

/// One line for each refusal, and each way to the stage and from it.
@Suite struct StageFloorTests {
    /// A stage with a host, two co-hosts, a speaker and listeners.
    private struct Hall {
        var cast = Cast()
        var floor = StageFloor()
        let host, cohost, other, speaker, ann, ben: StagePerson
        var now: Instant { cast.start }

        init() {
            var cast = Cast()
            func person(_ role: Role) -> StagePerson { cast.seat(role).person }
            host = person(.host)
            cohost = person(.cohost)
            other = person(.cohost)
            speaker = person(.speaker)
            ann = person(.listener)
            ben = person(.listener)
            self.cast = cast
        }

        mutating func place(_ person: StagePerson, _ post: StageFloor.Post = .speaker) throws {
            _ = try floor.invite(person, to: post, by: host, seated: 0, at: now)
            _ = try floor.accept(person, seated: { _ in 0 }, at: now)
        }
    }

    private func refusal(_ body: () throws -> [StageChange]) -> StageRefusal? {
        do {
            _ = try body()
            return nil
        } catch { return error as? StageRefusal }
    }

    // MARK: - Hands

    @Test func `hands stand in the order of raising, each once`() throws {
        var hall = Hall()
        for person in [hall.ben, hall.ann, hall.ben] {
            _ = try hall.floor.raiseHand(person, isHere: true, at: hall.now)
        }
        #expect(hall.floor.hands.hands.map(\.person) == [hall.ben, hall.ann])
        #expect(hall.floor.lowerHand(hall.ben).map(\.kind) == [.handLowered])
        #expect(hall.floor.lowerHand(hall.ben).isEmpty)
        #expect(try hall.floor.raiseHand(hall.ben, isHere: true, at: hall.now).count == 1)
        #expect(hall.floor.hands.hands.map(\.person) == [hall.ann, hall.ben])
    }

    @Test func `a hand is refused in the documented order`() throws {
        var hall = Hall()
        func raise(_ person: StagePerson, isHere: Bool = true) -> StageRefusal? {
            refusal { try hall.floor.raiseHand(person, isHere: isHere, at: hall.now) }
        }
        #expect(raise(hall.ann, isHere: false) == .notInRoom)
        #expect(raise(hall.speaker) == .maySpeakAlready)
        _ = try hall.floor.setLocked(true, by: hall.host)
        #expect(raise(hall.ann) == .stageLocked)
        _ = try hall.floor.setMode(.invited, by: hall.host)
        #expect(raise(hall.ann) == .handsNotTaken)
        #expect(raise(hall.speaker) == .maySpeakAlready)
        _ = try hall.floor.setMode(.onRequest, by: hall.host)
        _ = try hall.floor.setLocked(false, by: hall.host)
        for _ in 0..<StageLimits.hands {
            _ = try hall.floor.raiseHand(hall.cast.seat().person, isHere: true, at: hall.now)
        }
        #expect(raise(hall.ann) == .handsFull(cap: StageLimits.hands))
    }

    @Test func `a moderator puts a hand down, a listener only the own one`() throws {
        var hall = Hall()
        _ = try hall.floor.raiseHand(hall.ann, isHere: true, at: hall.now)
        #expect(refusal { try hall.floor.lowerHand(of: hall.ann, by: hall.ben) } == .notPermitted(.listener))
        #expect(try hall.floor.lowerHand(of: hall.ann, by: hall.cohost).map(\.actor) == [hall.cohost])
        #expect(hall.floor.hands.hands.isEmpty)
    }

    // MARK: - Invitations

    @Test func `an invitation takes the hand down and gives nothing until it is accepted`() throws {
        var hall = Hall()
        _ = try hall.floor.raiseHand(hall.ann, isHere: true, at: hall.now)
        _ = try hall.floor.invite(hall.ann, to: .speaker, by: hall.cohost, seated: 0, at: hall.now)
        #expect(hall.floor.hands.hands.isEmpty)
        #expect(!hall.floor.maySpeak(hall.ann))
        // Whoever is invited needs no hand.
        #expect(try hall.floor.raiseHand(hall.ann, isHere: true, at: hall.now).isEmpty)
        #expect(try hall.floor.accept(hall.ann, seated: { _ in 0 }, at: hall.now).map(\.kind) == [.accepted])
        #expect(hall.floor.maySpeak(hall.ann))
        #expect(hall.floor.role(of: hall.ann) == .speaker)
        #expect(hall.floor.granted(.speaker) == 1)
        // Accepting twice is accepting once.
        #expect(try hall.floor.accept(hall.ann, seated: { _ in 0 }, at: hall.now).isEmpty)
        // The right is the ticket's: another one of the same person has none.
        var twin = hall.ann
        twin.ticket = hall.cast.ticket()
        #expect(!hall.floor.maySpeak(twin))
    }

    @Test func `an invitation is refused in the documented order`() throws {
        var hall = Hall()
        func invite(
            _ person: StagePerson, _ post: StageFloor.Post = .speaker, by actor: StagePerson, seated: Int = 0
        ) -> StageRefusal? {
            refusal { try hall.floor.invite(person, to: post, by: actor, seated: seated, at: hall.now) }
        }
        #expect(invite(hall.ann, by: hall.ben) == .notPermitted(.listener))
        #expect(invite(hall.ann, by: hall.speaker) == .notPermitted(.speaker))
        #expect(invite(hall.ann, .cohost, by: hall.cohost) == .notPermitted(.cohost))
        #expect(invite(hall.other, by: hall.cohost) == .notPermitted(.cohost))
        #expect(invite(hall.host, by: hall.host) == .notPermitted(.host))
        #expect(invite(hall.speaker, by: hall.host) == .maySpeakAlready)
        #expect(invite(hall.cohost, .cohost, by: hall.host) == .maySpeakAlready)
        #expect(invite(hall.ann, by: hall.host, seated: 10) == .stageFull(.speaker, cap: 10))
        #expect(invite(hall.speaker, .cohost, by: hall.host, seated: 2) == .stageFull(.cohost, cap: 2))
        _ = try hall.floor.setLocked(true, by: hall.cohost)
        #expect(invite(hall.ann, by: hall.host, seated: 10) == .stageLocked)
        #expect(invite(hall.speaker, by: hall.host) == .maySpeakAlready)
        _ = try hall.floor.setLocked(false, by: hall.cohost)
        for _ in 0..<StageLimits.invitations {
            #expect(invite(hall.cast.seat().person, by: hall.host) == nil)
        }
        #expect(invite(hall.ann, by: hall.host) == .tooManyInvitations(cap: StageLimits.invitations))
    }

    @Test func `an invitation ends by decline, withdrawal, time and absence`() throws {
        var hall = Hall()
        func invite() throws {
            _ = try hall.floor.invite(hall.ann, to: .speaker, by: hall.host, seated: 0, at: hall.now)
        }
        try invite()
        #expect(try hall.floor.decline(hall.ann).map(\.kind) == [.invitationDeclined])
        #expect(refusal { try hall.floor.decline(hall.ann) } == .invitationUnknown)
        #expect(refusal { try hall.floor.accept(hall.ann, seated: { _ in 0 }, at: hall.now) } == .invitationUnknown)
        try invite()
        #expect(refusal { try hall.floor.withdraw(hall.ann, by: hall.ben) } == .notPermitted(.listener))
        #expect(try hall.floor.withdraw(hall.ann, by: hall.cohost).map(\.kind) == [.invitationWithdrawn])
        #expect(refusal { try hall.floor.withdraw(hall.ann, by: hall.cohost) } == .invitationUnknown)
        try invite()
        let end = hall.now.advanced(bySeconds: 120)
        #expect(hall.floor.advance(to: end.advanced(byMicroseconds: -1)).isEmpty)
        #expect(refusal { try hall.floor.accept(hall.ann, seated: { _ in 0 }, at: end) } == .invitationUnknown)
        #expect(hall.floor.advance(to: end).map(\.kind) == [.invitationExpired])
        try invite()
        hall.floor.went(hall.ann.ticket, sends: false, isLast: true, at: hall.now)
        #expect(hall.floor.advance(to: hall.now.advanced(bySeconds: 29)).isEmpty)
        #expect(hall.floor.advance(to: hall.now.advanced(bySeconds: 30)).map(\.kind) == [.invitationExpired])
    }

    @Test func `a refused acceptance leaves the invitation open`() throws {
        var hall = Hall()
        _ = try hall.floor.invite(hall.ann, to: .speaker, by: hall.host, seated: 9, at: hall.now)
        #expect(
            refusal { try hall.floor.accept(hall.ann, seated: { _ in 10 }, at: hall.now) }
                == .stageFull(.speaker, cap: 10))
        _ = try hall.floor.setLocked(true, by: hall.host)
        #expect(refusal { try hall.floor.accept(hall.ann, seated: { _ in 0 }, at: hall.now) } == .stageLocked)
        _ = try hall.floor.setLocked(false, by: hall.host)
        #expect(refusal { try hall.floor.accept(hall.ann, seated: { _ in 0 }, at: hall.now) } == nil)
    }

    @Test func `where everyone may speak, whoever wishes takes a free place`() throws {
        var hall = Hall()
        #expect(refusal { try hall.floor.setMode(.everyone, by: hall.cohost) } == .notPermitted(.cohost))
        #expect(refusal { try hall.floor.accept(hall.ann, seated: { _ in 0 }, at: hall.now) } == .invitationUnknown)
        _ = try hall.floor.setMode(.everyone, by: hall.host)
        #expect(try hall.floor.accept(hall.ann, seated: { _ in 9 }, at: hall.now).map(\.role) == [.speaker])
        #expect(
            refusal { try hall.floor.accept(hall.ben, seated: { _ in 9 }, at: hall.now) }
                == .stageFull(.speaker, cap: 10))
    }

    @Test func `hands go down where only the invited speak`() throws {
        var hall = Hall()
        _ = try hall.floor.raiseHand(hall.ann, isHere: true, at: hall.now)
        #expect(try hall.floor.setMode(.invited, by: hall.host).map(\.kind) == [.modeSet, .handLowered])
        #expect(try hall.floor.setMode(.invited, by: hall.host).isEmpty)
    }

    // MARK: - Leaving the stage

    @Test func `a place ends by stepping down, dismissal, silence and for good`() throws {
        var hall = Hall()
        #expect(refusal { try hall.floor.stepDown(hall.ann) } == .notOnStage)
        #expect(refusal { try hall.floor.stepDown(hall.speaker) } == .notOnStage)
        try hall.place(hall.ann)
        #expect(try hall.floor.stepDown(hall.ann).map(\.kind) == [.steppedDown])
        #expect(!hall.floor.maySpeak(hall.ann))
        try hall.place(hall.ann)
        #expect(refusal { try hall.floor.dismiss(hall.ann, by: hall.ben) } == .notPermitted(.listener))
        #expect(refusal { try hall.floor.dismiss(hall.ben, by: hall.host) } == .notOnStage)
        #expect(try hall.floor.dismiss(hall.ann, by: hall.cohost).map(\.kind) == [.dismissed])
        try hall.place(hall.ann)
        hall.floor.came(hall.ann.ticket, sends: true)
        #expect(hall.floor.advance(to: hall.now.advanced(bySeconds: 9_999)).isEmpty)
        hall.floor.went(hall.ann.ticket, sends: true, isLast: false, at: hall.now)
        #expect(hall.floor.advance(to: hall.now.advanced(bySeconds: 119)).isEmpty)
        #expect(hall.floor.advance(to: hall.now.advanced(bySeconds: 120)).map(\.kind) == [.placeLapsed])
        try hall.place(hall.ann)
        #expect(hall.floor.forget(hall.ann.ticket).map(\.kind) == [.placeLapsed])
    }

    // MARK: - Mutes and the lock

    @Test func `what a moderator muted only a moderator unmutes, on stage or off it`() throws {
        var hall = Hall()
        try hall.place(hall.ann)
        #expect(try hall.floor.setMuted(true, hall.ann, by: hall.ann).map(\.kind) == [.muted])
        #expect(try hall.floor.setMuted(false, hall.ann, by: hall.ann).map(\.kind) == [.unmuted])
        #expect(refusal { try hall.floor.setMuted(true, hall.ann, by: hall.speaker) } == .notPermitted(.speaker))
        #expect(refusal { try hall.floor.setMuted(true, hall.other, by: hall.cohost) } == .notPermitted(.cohost))
        #expect(try hall.floor.setMuted(true, hall.ann, by: hall.cohost).map(\.kind) == [.muted])
        #expect(refusal { try hall.floor.setMuted(false, hall.ann, by: hall.ann) } == .mutedByModerator)
        // Muting oneself on top of it must not turn it into a mute of one's own.
        #expect(try hall.floor.setMuted(true, hall.ann, by: hall.ann).isEmpty)
        #expect(refusal { try hall.floor.setMuted(false, hall.ann, by: hall.ann) } == .mutedByModerator)
        _ = try hall.floor.stepDown(hall.ann)
        try hall.place(hall.ann)
        #expect(hall.floor.isSilenced(hall.ann.ticket))
        #expect(try hall.floor.setMuted(false, hall.ann, by: hall.host).map(\.kind) == [.unmuted])
        // The person's own mute is the person's own affair.
        #expect(hall.floor.isSilenced(hall.ann.ticket))
        #expect(try hall.floor.setMuted(false, hall.ann, by: hall.ann).map(\.kind) == [.unmuted])
        #expect(!hall.floor.isSilenced(hall.ann.ticket))
    }

    @Test func `who is on a locked stage stays there`() throws {
        var hall = Hall()
        try hall.place(hall.ann)
        #expect(refusal { try hall.floor.setLocked(true, by: hall.speaker) } == .notPermitted(.speaker))
        #expect(try hall.floor.setLocked(true, by: hall.cohost).map(\.kind) == [.locked])
        #expect(try hall.floor.setLocked(true, by: hall.host).isEmpty)
        #expect(hall.floor.maySpeak(hall.ann))
        #expect(try hall.floor.setLocked(false, by: hall.host).map(\.kind) == [.unlocked])
    }

    @Test func `a co-host by invitation has the rights of one and no more`() throws {
        var hall = Hall()
        try hall.place(hall.ann, .cohost)
        #expect(try hall.floor.invite(hall.ben, to: .speaker, by: hall.ann, seated: 0, at: hall.now).count == 1)
        #expect(refusal { try hall.floor.dismiss(hall.ann, by: hall.cohost) } == .notPermitted(.cohost))
        #expect(refusal { try hall.floor.setMode(.invited, by: hall.ann) } == .notPermitted(.cohost))
        #expect(try hall.floor.dismiss(hall.ann, by: hall.host).map(\.role) == [.cohost])
        #expect(refusal { try hall.floor.withdraw(hall.ben, by: hall.ann) } == .notPermitted(.listener))
    }

    // MARK: - Memory

    @Test func `a gateway that comes back knows places, mutes and the lock, and asks for hands anew`() throws {
        var hall = Hall()
        try hall.place(hall.ann)
        _ = try hall.floor.raiseHand(hall.ben, isHere: true, at: hall.now)
        _ = try hall.floor.setMuted(true, hall.ann, by: hall.host)
        _ = try hall.floor.nameSuccession([hall.other], by: hall.host)
        _ = hall.floor.look(hostIsHere: true, present: [], at: hall.now)
        _ = try hall.floor.setLocked(true, by: hall.host)
        var back = StageFloor(hall.floor.memory, policy: StagePolicy(), at: hall.now)
        #expect(back.memory == hall.floor.memory)
        #expect(back.maySpeak(hall.ann) && back.isSilenced(hall.ann.ticket) && back.isLocked)
        #expect(back.hands.hands.isEmpty)
        // The host had been here, and is missed from now on; a place that nobody takes again lapses.
        #expect(back.watch.state == .missing(since: hall.now))
        #expect(back.advance(to: hall.now.advanced(bySeconds: 120)).map(\.kind) == [.placeLapsed])
    }
}

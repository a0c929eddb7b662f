import Schemas
import Simulation
import Stage
import Testing
import Values

@Suite struct RosterTests {
    private func refusal(_ roster: StageRoster, _ seat: Seat) -> AdmissionRefusal? {
        do throws(AdmissionRefusal) {
            _ = try roster.seatsReplaced(by: seat)
            return nil
        } catch { return error }
    }

    @Test func `one host, two co-hosts, ten speakers and as many listeners as the room holds`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 3)
        for (role, cap) in [(Role.host, 1), (.cohost, 2), (.speaker, 10)] {
            for _ in 0..<cap { #expect(try roster.enter(cast.seat(role)) == []) }
            #expect(refusal(roster, cast.seat(role)) == .roleFull(role, cap: cap))
        }
        for _ in 0..<3 { #expect(try roster.enter(cast.seat()) == []) }
        #expect(refusal(roster, cast.seat()) == .roomFull(capacity: 3))
        #expect(roster.seats.count == 16)
    }

    @Test func `whoever leaves makes room, once`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 1)
        let first = cast.seat()
        _ = try roster.enter(first)
        #expect(roster.leave(first.admission) == first)
        #expect(roster.leave(first.admission) == nil)
        #expect(try roster.enter(cast.seat()) == [])
        #expect(refusal(roster, cast.seat()) == .roomFull(capacity: 1))
    }

    @Test func `the same ticket takes over its own seat in a full room`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 1)
        let first = cast.seat()
        _ = try roster.enter(first)
        let second = cast.seat(ticket: first.ticket, holder: first.holder, after: 5)
        #expect(try roster.enter(second) == [first])
        #expect(roster.seats == [second])
        // The older connection ends later; it has no seat to give back.
        #expect(roster.leave(first.admission) == nil)
        #expect(roster.count(of: .listener) == 1)
    }

    @Test func `a lowered capacity makes nobody leave, reconnecting included, and lets nobody in`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 2)
        let first = cast.seat()
        _ = try roster.enter(first)
        _ = try roster.enter(cast.seat())
        roster.capacity = 1
        #expect(roster.seats.count == 2)
        #expect(try roster.enter(cast.seat(ticket: first.ticket, holder: first.holder)) == [first])
        #expect(refusal(roster, cast.seat()) == .roomFull(capacity: 1))
    }

    @Test func `a speaker speaks and listens with one ticket and takes one place`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 0)
        let speaking = cast.seat(.host)
        let listening = cast.seat(.host, ticket: speaking.ticket, holder: speaking.holder, direction: .listening)
        #expect(try roster.enter(speaking) == [])
        #expect(try roster.enter(listening) == [])
        #expect(roster.count(of: .host) == 1)
        #expect(roster.leave(speaking.admission) == speaking)
        #expect(roster.count(of: .host) == 1)
        #expect(refusal(roster, cast.seat(.host)) == .roleFull(.host, cap: 1))
    }

    @Test func `a host with a new pass takes over from the old one`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 0)
        let old = cast.seat(.host)
        _ = try roster.enter(old)
        let new = cast.seat(.host, holder: old.holder)
        #expect(try roster.enter(new) == [old])
        #expect(roster.seats == [new])
    }

    @Test func `two tickets of one listener are two seats`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 2)
        let holder = cast.holder()
        #expect(try roster.enter(cast.seat(holder: holder)) == [])
        #expect(try roster.enter(cast.seat(holder: holder)) == [])
        #expect(roster.count(of: .listener) == 2)
    }

    @Test func `who was removed stays out, with any ticket`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 10)
        let target = cast.seat()
        let sameHolder = cast.seat(holder: target.holder)
        _ = try roster.enter(target)
        _ = try roster.enter(sameHolder)
        #expect(Set(try roster.remove(target.admission, by: .cohost)) == [target, sameHolder])
        #expect(roster.seats.isEmpty)
        #expect(refusal(roster, cast.seat(ticket: target.ticket)) == .removedFromRoom)
        #expect(refusal(roster, cast.seat(holder: target.holder)) == .removedFromRoom)
        #expect(refusal(roster, cast.seat(.speaker, holder: target.holder)) == .removedFromRoom)
        #expect(refusal(roster, cast.seat()) == nil)
    }

    @Test func `a removal can be restored after a restart`() throws {
        var cast = Cast()
        let seat = cast.seat()
        var roster = StageRoster(room: cast.room, capacity: 10)
        #expect(roster.markRemoved(ticket: seat.ticket, holder: seat.holder) == [])
        #expect(refusal(roster, seat) == .removedFromRoom)
    }

    @Test func `removal needs the right over every seat of the person`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 10)
        let host = cast.seat(.host)
        let hostAsListener = cast.seat(holder: host.holder)
        let listener = cast.seat()
        for seat in [host, hostAsListener, listener] { _ = try roster.enter(seat) }
        #expect(throws: StageRefusal.notPermitted(.cohost)) { _ = try roster.remove(host.admission, by: .cohost) }
        #expect(throws: StageRefusal.notPermitted(.cohost)) {
            _ = try roster.remove(hostAsListener.admission, by: .cohost)
        }
        #expect(throws: StageRefusal.notPermitted(.speaker)) { _ = try roster.remove(listener.admission, by: .speaker) }
        #expect(throws: StageRefusal.admissionUnknown) { _ = try roster.remove(cast.seat().admission, by: .host) }
        #expect(roster.seats.count == 3)
    }

    @Test func `a revoked ticket loses its seats and nobody else does`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 10)
        let (one, other) = (cast.seat(), cast.seat())
        _ = try roster.enter(one)
        _ = try roster.enter(other)
        #expect(roster.revoke(one.ticket) == [one])
        #expect(roster.revoke(one.ticket) == [])
        #expect(roster.seats == [other])
    }

    @Test func `a closed room has no seats and takes nobody`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 10)
        let seat = cast.seat()
        _ = try roster.enter(seat)
        #expect(roster.close() == [seat])
        #expect(roster.isClosed && roster.seats.isEmpty && roster.close() == [])
        #expect(refusal(roster, cast.seat()) == .roomClosed)
        #expect(roster.leave(seat.admission) == nil)
    }

    @Test func `the table of rights`() {
        let rows: [(StageAct, Set<Role>)] = [
            (.speak, [.host, .cohost, .speaker]), (.end, [.host]), (.seeStage, [.host, .cohost]),
            (.invite(.host), []), (.invite(.cohost), [.host]), (.invite(.speaker), [.host, .cohost]),
            (.invite(.listener), [.host, .cohost]),
            (.mute(.host), []), (.mute(.cohost), [.host]), (.mute(.speaker), [.host, .cohost]),
            (.mute(.listener), [.host, .cohost]),
            (.remove(.host), []), (.remove(.cohost), [.host]), (.remove(.speaker), [.host, .cohost]),
            (.remove(.listener), [.host, .cohost]), (.lock, [.host, .cohost]), (.direct, [.host]),
        ]
        for (act, allowed) in rows {
            for role in Role.allCases { #expect(role.may(act) == allowed.contains(role), "\(role) \(act)") }
        }
    }
}

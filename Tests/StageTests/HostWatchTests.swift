import Stage
import Testing
import Values

/// Who leads a room when its host is gone: every state meets every event.
@Suite struct HostWatchTests {
    private struct Room {
        var floor = StageFloor()
        let start: Instant
        let first, second: StageFloor.Presence

        init() {
            var cast = Cast()
            start = cast.start
            let (one, two) = (cast.seat(.cohost, after: 0), cast.seat(.cohost, after: 5))
            first = .init(one.person, since: one.since)
            second = .init(two.person, since: two.since)
        }

        /// What a look after so many seconds says.
        mutating func look(host: Bool, _ present: [StageFloor.Presence] = [], after seconds: Int64) -> [ActKind] {
            floor.look(hostIsHere: host, present: present, at: start.advanced(bySeconds: seconds)).map(\.kind)
        }
    }

    @Test func `a room whose host never came waits`() {
        var room = Room()
        #expect(room.look(host: false, [room.first], after: 9_999).isEmpty)
        #expect(room.floor.watch.state == .waiting)
    }

    @Test func `a host who is back within the grace time has lost nothing`() {
        var room = Room()
        #expect(room.look(host: true, after: 0).isEmpty)
        #expect(room.look(host: false, [room.first], after: 10).isEmpty)
        #expect(room.look(host: false, [room.first], after: 69).isEmpty)
        #expect(room.floor.role(of: room.first.person) == .cohost)
        #expect(room.look(host: true, [room.first], after: 69).isEmpty)
        #expect(room.floor.watch.state == .present)
    }

    @Test func `the longest present co-host leads, and the host has the rights again on coming back`() {
        var room = Room()
        _ = room.look(host: true, after: 0)
        _ = room.look(host: false, [room.second, room.first], after: 10)
        #expect(room.look(host: false, [room.second, room.first], after: 70) == [.leadPassed])
        #expect(room.floor.role(of: room.first.person) == .host)
        #expect(room.floor.role(of: room.second.person) == .cohost)
        #expect(room.look(host: true, [room.first], after: 80) == [.leadReturned])
        #expect(room.floor.role(of: room.first.person) == .cohost)
    }

    @Test func `the named order goes before the time of being here`() throws {
        var room = Room()
        var cast = Cast(seed: 7)
        let host = cast.seat(.host).person
        _ = try room.floor.nameSuccession([room.second.person, room.first.person], by: host)
        _ = room.look(host: true, after: 0)
        _ = room.look(host: false, [room.first, room.second], after: 10)
        #expect(room.look(host: false, [room.first, room.second], after: 70) == [.leadPassed])
        #expect(room.floor.watch.leader == room.second.person)
        #expect(throws: StageRefusal.notCohost) {
            try room.floor.nameSuccession([room.first.person, room.first.person], by: host)
        }
        let listener = cast.seat().person
        #expect(throws: StageRefusal.notCohost) { try room.floor.nameSuccession([listener], by: host) }
        #expect(throws: StageRefusal.notPermitted(.cohost)) {
            try room.floor.nameSuccession([], by: room.first.person)
        }
    }

    @Test func `a leader who is gone has the grace time too, then the next one leads`() {
        var room = Room()
        _ = room.look(host: true, after: 0)
        _ = room.look(host: false, [room.first, room.second], after: 10)
        _ = room.look(host: false, [room.first, room.second], after: 70)
        #expect(room.look(host: false, [room.second], after: 100).isEmpty)
        #expect(room.look(host: false, [room.first, room.second], after: 120).isEmpty)
        #expect(room.look(host: false, [room.second], after: 200).isEmpty)
        #expect(room.look(host: false, [room.second], after: 259).isEmpty)
        #expect(room.look(host: false, [room.second], after: 260) == [.leadPassed])
        #expect(room.floor.watch.leader == room.second.person)
        #expect(room.look(host: false, after: 300).isEmpty)
        #expect(room.look(host: false, after: 360) == [.roomPaused])
    }

    @Test func `without anybody the room pauses, is cleared, and comes back with whoever leads`() {
        var room = Room()
        _ = room.look(host: true, after: 0)
        _ = room.look(host: false, after: 10)
        #expect(room.look(host: false, after: 70) == [.roomPaused])
        #expect(room.floor.isSilenced(room.first.person.ticket))
        #expect(room.floor.clearsAt == room.start.advanced(bySeconds: 670))
        #expect(room.look(host: false, after: 669).isEmpty)
        #expect(room.look(host: false, after: 670) == [.roomCleared])
        #expect(room.look(host: false, after: 9_999).isEmpty)
        #expect(room.look(host: false, [room.first], after: 10_000) == [.leadPassed, .roomResumed])
        #expect(!room.floor.isSilenced(room.first.person.ticket))
        #expect(room.look(host: true, [room.first], after: 10_001) == [.leadReturned])

        var other = Room()
        _ = other.look(host: true, after: 0)
        _ = other.look(host: false, after: 10)
        _ = other.look(host: false, after: 70)
        #expect(other.look(host: false, [other.first], after: 71) == [.leadPassed, .roomResumed])
        _ = other.look(host: true, after: 72)
        _ = other.look(host: false, after: 80)
        _ = other.look(host: false, after: 140)
        #expect(other.look(host: true, after: 141) == [.roomResumed])
        _ = other.look(host: false, after: 150)
        _ = other.look(host: false, after: 210)
        #expect(other.look(host: false, after: 810) == [.roomCleared])
        #expect(other.look(host: true, after: 811) == [.roomResumed])
    }
}

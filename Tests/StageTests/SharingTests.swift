import Foundation
import Simulation
import Stage
import Testing
import Values

@Suite struct SharingTests {
    private func refusal(
        _ roster: StageRoster, _ seat: Seat, _ entry: StageRoster.Entry = .new
    ) -> AdmissionRefusal? {
        do throws(AdmissionRefusal) {
            _ = try roster.seatsReplaced(by: seat, entry)
            return nil
        } catch { return error }
    }

    private func lose(_ seat: Seat, in roster: inout StageRoster) {
        let isThere = roster.lose(seat.admission)
        #expect(isThere)
    }

    private func again(_ cast: inout Cast, _ seat: Seat, after seconds: Int64) -> Seat {
        cast.seat(seat.role, ticket: seat.ticket, holder: seat.holder, direction: seat.direction, after: seconds)
    }

    @Test func `a policy is one word, and nothing else is one`() throws {
        let policies: [SharingPolicy] = [.newestWins, .firstWins] + (2...10).map { .devices($0) }
        for policy in policies {
            #expect(SharingPolicy(policy.text) == policy)
            #expect(try JSONDecoder().decode([SharingPolicy].self, from: JSONEncoder().encode([policy])) == [policy])
        }
        for bad in ["", "First", "devices", "devices-", "devices-1", "devices-02", "devices-11", "devices-+2", "last"] {
            #expect(SharingPolicy(bad) == nil, "\(bad)")
        }
        #expect(SharingPolicy(devices: 1) == .firstWins && SharingPolicy(devices: 0) == nil)
        #expect(SharingPolicy(devices: 11) == nil)
    }

    @Test func `a ledger that says nothing means the newest, and one that says more than we know the strictest`() throws
    {
        let cast = Cast()
        var brief = cast.brief()
        brief.sharing = .devices(3)
        let json = String(decoding: try JSONEncoder().encode(brief), as: UTF8.self)
        #expect(try JSONDecoder().decode(RoomBrief.self, from: Data(json.utf8)) == brief)
        let older = json.replacing(#""sharing":"devices-3""#, with: #""some":"devices-3""#)
        #expect(try JSONDecoder().decode(RoomBrief.self, from: Data(older.utf8)).sharing == .newestWins)
        let newer = json.replacing("devices-3", with: "households")
        #expect(try JSONDecoder().decode(RoomBrief.self, from: Data(newer.utf8)).sharing == .firstWins)
    }

    @Test func `where the first wins a second entry is refused for as long as it lives`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 5, sharing: .firstWins)
        let first = cast.seat()
        _ = try roster.enter(first)
        let second = again(&cast, first, after: 5)
        #expect(refusal(roster, second) == .ticketInUse(most: 1))
        #expect(roster.leave(first.admission) == first)
        #expect(try roster.enter(second) == [])
        // Speaking and listening with one ticket are two directions, and each has its first.
        let host = cast.seat(.host)
        _ = try roster.enter(host)
        _ = try roster.enter(cast.seat(.host, ticket: host.ticket, holder: host.holder, direction: .listening))
        #expect(refusal(roster, again(&cast, host, after: 1)) == .ticketInUse(most: 1))
        // Another pass of the same person was given to that person on purpose.
        let cohost = cast.seat(.cohost)
        _ = try roster.enter(cohost)
        #expect(try roster.enter(cast.seat(.cohost, holder: cohost.holder)) == [cohost])
    }

    @Test func `so many devices listen with one ticket, the next one is refused, and there is one voice`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 1, sharing: .devices(3))
        let first = cast.seat()
        _ = try roster.enter(first)
        for second in 1...2 { #expect(try roster.enter(again(&cast, first, after: Int64(second))) == []) }
        #expect(refusal(roster, again(&cast, first, after: 9)) == .ticketInUse(most: 3))
        // They are one person, and the room is full with it.
        #expect(roster.count(of: .listener) == 1 && roster.seats.count == 3)
        #expect(refusal(roster, cast.seat()) == .roomFull(capacity: 1))
        let voice = cast.seat(.speaker)
        _ = try roster.enter(voice)
        #expect(refusal(roster, again(&cast, voice, after: 1)) == .ticketInUse(most: 1))
    }

    @Test func `a stricter policy makes nobody leave and lets nobody in`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 5, sharing: .devices(3))
        let first = cast.seat()
        for second in 0..<3 { _ = try roster.enter(again(&cast, first, after: Int64(second))) }
        roster.sharing = .firstWins
        #expect(roster.seats.count == 3)
        #expect(refusal(roster, again(&cast, first, after: 9)) == .ticketInUse(most: 1))
        let resumed = again(&cast, first, after: 10)
        let old = roster.seats[1]
        #expect(try roster.enter(resumed, .resuming(old.admission)) == [old])
        #expect(roster.seats.count == 3)
    }

    @Test(arguments: [SharingPolicy.newestWins, .firstWins, .devices(2)])
    func `a resumption takes over that very seat, in a full room too, and nothing else`(sharing: SharingPolicy) throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 2, sharing: sharing)
        let (first, other) = (cast.seat(), cast.seat())
        _ = try roster.enter(first)
        _ = try roster.enter(other)
        roster.capacity = 1
        let resumed = again(&cast, first, after: 5)
        #expect(try roster.enter(resumed, .resuming(first.admission)) == [first])
        #expect(Set(roster.seats) == [other, resumed])
        // The older connection ends later; it has no seat to give back, and none to be taken up again.
        #expect(roster.leave(first.admission) == nil)
        #expect(refusal(roster, again(&cast, first, after: 6), .resuming(first.admission)) == .resumeOver)
        // A stolen secret with another ticket, one in the other direction, and one that is none.
        #expect(refusal(roster, again(&cast, other, after: 7), .resuming(resumed.admission)) == .resumeOver)
        let speaking = cast.seat(ticket: first.ticket, holder: first.holder, direction: .speaking)
        #expect(refusal(roster, speaking, .resuming(resumed.admission)) == .resumeOver)
        #expect(refusal(roster, again(&cast, first, after: 8), .resuming(nil)) == .resumeOver)
        // Whoever moved on to another device stays there.
        #expect(refusal(roster, again(&cast, first, after: 9), .resumingReplaced) == .resumeReplaced)
        #expect(Set(roster.seats) == [other, resumed])
    }

    @Test func `a lost seat keeps its place for its ticket and does not live`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 1, sharing: .firstWins)
        let first = cast.seat()
        _ = try roster.enter(first)
        lose(first, in: &roster)
        #expect(roster.isLost(first.admission))
        #expect(refusal(roster, cast.seat()) == .roomFull(capacity: 1))
        // The holder without the secret: another phone.
        let second = again(&cast, first, after: 5)
        #expect(try roster.enter(second) == [first])
        #expect(!roster.isLost(first.admission))
        let isThere = roster.lose(first.admission)
        #expect(!isThere)
        lose(second, in: &roster)
        let third = again(&cast, first, after: 6)
        #expect(try roster.enter(third, .resuming(second.admission)) == [second])
        #expect(!roster.isLost(third.admission))
        lose(third, in: &roster)
        #expect(roster.leave(third.admission) == third)
        #expect(try roster.enter(cast.seat()) == [])
    }

    @Test func `of several lost devices only as many give way as must, the oldest first`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 1, sharing: .devices(3))
        let first = cast.seat()
        let devices = [first, again(&cast, first, after: 1), again(&cast, first, after: 2)]
        for device in devices { _ = try roster.enter(device) }
        for device in devices.suffix(2) { lose(device, in: &roster) }
        #expect(try roster.enter(again(&cast, first, after: 3)) == [devices[1]])
        #expect(try roster.enter(again(&cast, first, after: 4)) == [devices[2]])
        #expect(refusal(roster, again(&cast, first, after: 5)) == .ticketInUse(most: 3))
    }

    @Test func `removal and revocation close lost seats as well`() throws {
        var cast = Cast()
        var roster = StageRoster(room: cast.room, capacity: 3)
        let (one, other) = (cast.seat(), cast.seat())
        for seat in [one, other] {
            _ = try roster.enter(seat)
            lose(seat, in: &roster)
        }
        #expect(roster.revoke(one.ticket) == [one])
        #expect(!roster.isLost(one.admission))
        #expect(try roster.remove(other.admission, by: .host) == [other])
        #expect(refusal(roster, again(&cast, other, after: 3), .resuming(other.admission)) == .removedFromRoom)
    }

    @Test func `a resumption stands in the receipts as what it is, and its time counts`() throws {
        var cast = Cast()
        var chain = ReceiptChain(gateway: cast.gateway)
        let first = cast.seat()
        let second = again(&cast, first, after: 10)
        let receipts = [
            chain.append(.entered, of: first, room: cast.room, at: cast.start),
            chain.append(.resumed(first.admission), of: second, room: cast.room, at: second.since),
            chain.append(
                .left(reason: .resumed, secondsConnected: 10, packets: 1), of: first, room: cast.room, at: second.since),
            chain.append(
                .left(reason: .left, secondsConnected: 20, packets: 1), of: second, room: cast.room,
                at: cast.start.advanced(bySeconds: 30)),
        ]
        let batch = ReceiptBatch(gateway: cast.gateway, receipts: receipts)
        let read = try JSONDecoder().decode(ReceiptBatch.self, from: JSONEncoder().encode(batch))
        #expect(read == batch)
        var again = ReceiptChain(gateway: cast.gateway)
        try again.verify(read.receipts)
        #expect(Attendance.from(receipts, now: cast.start.advanced(bySeconds: 99)).map(\.seconds) == [30])
        // Which admission it goes on from is part of the hash.
        let forged = receipts[1]
        let lie = Receipt(
            gateway: forged.gateway, sequence: forged.sequence, admission: forged.admission, ticket: forged.ticket,
            room: forged.room, holder: forged.holder, role: forged.role, kind: .resumed(cast.seat().admission),
            occurredAt: forged.occurredAt, previousHash: forged.previousHash, hash: forged.hash)
        var head = ReceiptChain(gateway: cast.gateway)
        #expect(throws: ReceiptChain.Break.hash(sequence: 2)) { try head.verify([receipts[0], lie]) }
    }
}

import Simulation
import Stage
import Testing
import Values

/// The roster again, as slowly and plainly as possible: a list of seats and a list of removals.
private struct NaiveRoster {
    var capacity: Int
    var sharing = SharingPolicy.newestWins
    var lost: Set<Seat> = []
    var seats: [Seat] = []
    var removed: [(TicketID, Subject)] = []
    var isClosed = false

    func isRemoved(_ seat: Seat) -> Bool { removed.contains { $0.0 == seat.ticket || $0.1 == seat.holder } }

    /// The seats taken over, or `nil` if there is no place.
    func admits(_ seat: Seat, resuming earlier: Seat? = nil) -> Set<Seat>? {
        if isClosed || isRemoved(seat) { return nil }
        let own = seats.filter { $0.ticket == seat.ticket && $0.direction == seat.direction }
        var replaced: [Seat]
        if let earlier {
            guard own.contains(earlier) else { return nil }
            replaced = [earlier]
        } else {
            switch sharing {
            case .newestWins: replaced = own
            case .firstWins, .devices:
                var most = 1
                if case .devices(let count) = sharing, seat.direction == .listening { most = count }
                if own.filter({ !lost.contains($0) }).count >= most { return nil }
                replaced = []
                for old in own.sorted(by: { $0.since < $1.since })
                where lost.contains(old) && own.count - replaced.count >= most { replaced.append(old) }
            }
            replaced += seats.filter { old in
                old.direction == seat.direction && old.ticket != seat.ticket && seat.role != .listener
                    && old.role == seat.role && old.holder == seat.holder
            }
        }
        let after = seats.filter { !replaced.contains($0) } + [seat]
        let people = Set(after.filter { $0.role == seat.role }.map(\.ticket)).count
        let before = Set(seats.filter { $0.role == seat.role }.map(\.ticket)).count
        let cap = [.host: 1, .cohost: 2, .speaker: 10][seat.role] ?? capacity
        // A lowered capacity makes nobody leave, so who is in may move to another connection.
        return people <= cap || people <= before ? Set(replaced) : nil
    }
}

@Suite struct RosterPropertyTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func `caps hold, seats never leak and the removed never come back`(seed: UInt64) throws {
        var cast = Cast(seed: seed)
        var generator = SeededGenerator(seed: seed)
        let capacity = Int.random(in: 0...5, using: &generator)
        let sharing = [SharingPolicy.newestWins, .firstWins, .devices(3)][Int(seed % 3)]
        var roster = StageRoster(room: cast.room, capacity: capacity, sharing: sharing)
        var model = NaiveRoster(capacity: capacity, sharing: sharing)
        let holders = (0..<12).map { _ in cast.holder() }
        // A ticket has one holder and one role.
        let tickets = (0..<30).map { index in
            (cast.ticket(), holders[index % holders.count], Role.allCases[(index * 7) % 11 % 4])
        }
        var gone: [AdmissionID] = []

        for step in 0..<1_500 {
            let note: Comment = "seed \(seed), step \(step)"
            let known = model.seats.randomElement(using: &generator)
            switch Int.random(in: 0..<100, using: &generator) {
            case ..<12:
                // Somebody comes back: mostly to a seat that is there, sometimes with a secret of another's or an old one.
                guard let known else { continue }
                let own = Int.random(in: 0..<5, using: &generator) > 0
                let seat = cast.seat(
                    known.role, ticket: known.ticket, holder: known.holder, direction: known.direction,
                    after: Int64(step))
                let other = own ? known : model.seats.randomElement(using: &generator)
                let expected = model.admits(seat, resuming: other)
                let replaced = try? roster.enter(seat, .resuming(other?.admission))
                #expect(replaced.map(Set.init) == expected, note)
                if let expected {
                    model.seats = model.seats.filter { !expected.contains($0) } + [seat]
                    gone += expected.map(\.admission)
                }
            case ..<20:
                guard let known else { continue }
                let isThere = roster.lose(known.admission)
                #expect(isThere, note)
                model.lost.insert(known)
            case ..<60:
                let (ticket, holder, role) = tickets[Int.random(in: 0..<tickets.count, using: &generator)]
                let direction: Seat.Direction =
                    role == .listener || Bool.random(using: &generator) ? .listening : .speaking
                let seat = cast.seat(role, ticket: ticket, holder: holder, direction: direction, after: Int64(step))
                let expected = model.admits(seat)
                let replaced = try? roster.enter(seat)
                #expect(replaced.map(Set.init) == expected, note)
                if let expected {
                    model.seats = model.seats.filter { !expected.contains($0) } + [seat]
                    gone += expected.map(\.admission)
                }
            case ..<85:
                guard let known else { continue }
                #expect(roster.leave(known.admission) == known, note)
                model.seats.removeAll { $0 == known }
                gone.append(known.admission)
            case ..<92:
                if let admission = gone.randomElement(using: &generator) {
                    #expect(roster.leave(admission) == nil, note)
                }
            case ..<96:
                guard let known else { continue }
                let closed = roster.revoke(known.ticket)
                #expect(Set(closed) == Set(model.seats.filter { $0.ticket == known.ticket }), note)
                model.seats.removeAll { $0.ticket == known.ticket }
            case ..<98:
                guard let known else { continue }
                let ofPerson = model.seats.filter { $0.holder == known.holder }
                let may = ofPerson.allSatisfy { $0.role != .host }
                let closed = try? roster.remove(known.admission, by: .host)
                #expect(closed.map(Set.init) == (may ? Set(ofPerson) : nil), note)
                if may {
                    model.seats.removeAll { $0.holder == known.holder }
                    model.removed.append((known.ticket, known.holder))
                }
            case 98:
                model.capacity = Int.random(in: 0...5, using: &generator)
                roster.capacity = model.capacity
            default:
                guard step > 1_400 else { continue }
                #expect(Set(roster.close()) == Set(model.seats), note)
                model.seats = []
                model.isClosed = true
            }
            #expect(Set(roster.seats) == Set(model.seats) && roster.seats.count == model.seats.count, note)
            for role in Role.allCases {
                let people = Set(model.seats.filter { $0.role == role }.map(\.ticket)).count
                #expect(roster.count(of: role) == people, note)
                if let cap = role.cap { #expect(people <= cap, note) }
                #expect(roster.seats(in: role) == roster.seats.filter { $0.role == role }, note)
            }
            #expect(roster.speakingSeats == roster.seats.filter { $0.direction == .speaking }, note)
            #expect(roster.seats.allSatisfy { !model.isRemoved($0) }, note)
            #expect(roster.seats.allSatisfy { roster.isLost($0.admission) == model.lost.contains($0) }, note)
        }
    }
}

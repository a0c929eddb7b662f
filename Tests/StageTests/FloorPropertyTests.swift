import Simulation
import Stage
import Testing
import Values

/// The stage again, as slowly and plainly as possible.
private struct NaiveFloor {
    var hands: [StagePerson] = []
    var invited: [TicketID: (post: StageFloor.Post, until: Instant)] = [:]
    var placed: [TicketID: StageFloor.Post] = [:]
    var mutedByModerator: Set<TicketID> = []
    var isLocked = false

    func role(_ person: StagePerson) -> Role { placed[person.ticket]?.role ?? person.role }

    func isFull(_ post: StageFloor.Post, seated: Int) -> Bool {
        seated + placed.values.count { $0 == post } >= (post == .speaker ? 10 : 2)
    }
}

@Suite struct FloorPropertyTests {
    /// Thousands of acts of people who may and may not do them, against the model.
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func `the queue has one order, caps hold, and nobody speaks who did not accept`(seed: UInt64) throws {
        var cast = Cast(seed: seed)
        var generator = SeededGenerator(seed: seed &* 31)
        var floor = StageFloor()
        var model = NaiveFloor()
        let moderators = [cast.seat(.host).person, cast.seat(.cohost).person]
        let people = moderators + (0..<25).map { _ in cast.seat().person } + [cast.seat(.speaker).person]
        let seated = 1
        var now = cast.start
        for step in 0..<4_000 {
            let note: Comment = "seed \(seed), step \(step)"
            now = now.advanced(bySeconds: Int64.random(in: 0...5, using: &generator))
            for change in floor.advance(to: now) {
                let ticket = try #require(change.target?.ticket, note)
                switch change.kind {
                case .invitationExpired:
                    let open = model.invited.removeValue(forKey: ticket)
                    #expect(open.map { $0.until <= now } == true, note)
                case .placeLapsed:
                    let placed = model.placed.removeValue(forKey: ticket)
                    #expect(placed != nil, note)
                default: Issue.record(note)
                }
            }
            #expect(model.invited.values.allSatisfy { now < $0.until }, note)
            let one = people[Int.random(in: 0..<people.count, using: &generator)]
            let other = people[Int.random(in: 0..<people.count, using: &generator)]
            switch Int.random(in: 0..<10, using: &generator) {
            case 0, 1:
                let may =
                    !model.role(one).may(.speak) && !model.isLocked && model.invited[one.ticket] == nil
                    && !model.hands.contains(one)
                let changes = (try? floor.raiseHand(one, isHere: true, at: now)) ?? []
                #expect(changes.isEmpty == !may, note)
                if may { model.hands.append(one) }
            case 2:
                _ = floor.lowerHand(one)
                model.hands.removeAll { $0 == one }
            case 3, 4:
                let post: StageFloor.Post = Int.random(in: 0..<5, using: &generator) == 0 ? .cohost : .speaker
                let may =
                    model.role(one).may(.invite(model.role(other))) && model.role(one).may(.invite(post.role))
                    && !(model.role(other) == .cohost || (model.role(other) == .speaker && post == .speaker))
                    && !model.isLocked && !model.isFull(post, seated: seated)
                let done = (try? floor.invite(other, to: post, by: one, seated: seated, at: now)) != nil
                #expect(done == may, note)
                if may {
                    model.hands.removeAll { $0 == other }
                    model.invited[other.ticket] = (post, now.advanced(bySeconds: 120))
                }
            case 5, 6:
                let open = model.invited[one.ticket]
                let may = open.map { !model.isLocked && !model.isFull($0.post, seated: seated) } ?? false
                let changes = (try? floor.accept(one, seated: { _ in seated }, at: now)) ?? []
                #expect(changes.isEmpty == !may, note)
                if may, let open {
                    model.invited[one.ticket] = nil
                    model.hands.removeAll { $0 == one }
                    model.placed[one.ticket] = open.post
                    floor.came(one.ticket, sends: true)
                }
            case 7:
                let done = (try? floor.stepDown(one)) != nil
                let was = model.placed.removeValue(forKey: one.ticket) != nil
                #expect(done == was, note)
            case 8:
                let muted = Bool.random(using: &generator)
                let may =
                    one.ticket == other.ticket
                    ? muted || !model.mutedByModerator.contains(one.ticket)
                    : model.role(one).may(.mute(model.role(other)))
                #expect(((try? floor.setMuted(muted, other, by: one)) != nil) == may, note)
                if may, one.ticket != other.ticket {
                    if muted {
                        model.mutedByModerator.insert(other.ticket)
                    } else {
                        model.mutedByModerator.remove(other.ticket)
                    }
                }
            default:
                guard Int.random(in: 0..<6, using: &generator) == 0 || model.isLocked else { continue }
                let done = (try? floor.setLocked(!model.isLocked, by: one)) != nil
                #expect(done == model.role(one).may(.lock), note)
                if done { model.isLocked.toggle() }
            }
            #expect(floor.hands.hands.map(\.person) == model.hands, note)
            #expect(Set(floor.invitations.keys) == Set(model.invited.keys), note)
            #expect(floor.grants.mapValues(\.post) == model.placed, note)
            for post in StageFloor.Post.allCases {
                #expect(seated + floor.granted(post.role) <= (post.role.cap ?? .max), note)
            }
            #expect(model.mutedByModerator.allSatisfy(floor.isSilenced), note)
            #expect(people.allSatisfy { floor.maySpeak($0) == model.role($0).may(.speak) }, note)
        }
    }
}

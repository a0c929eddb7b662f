internal import AudioRelay
internal import HTTPEdge
internal import Stage
internal import Values

/// One room of this gateway while people are in it or look at it.
struct LiveRoom: Sendable {
    var brief: RoomBrief
    var roster: StageRoster
    var floor: StageFloor
    let key: RoomKey
    /// The last events, for readers whose line broke.
    var log: RoomEventLog<RoomEvent>
    /// Participant numbers by ticket: who speaks and listens with one ticket has one number, so nobody hears themself.
    private(set) var participants: [TicketID: UInt32] = [:]
    /// Loudest first.
    var speaking: [UInt32] = []
    var views = ViewTable()
    /// Which warnings a view has had, of those whose ticket ends soon.
    var warnings: [UInt64: EndWarnings] = [:]
    /// The views do not show the present state yet.
    var isChanged = false

    /// - Parameter run: which run of the gateway this is; with the room's key the epoch of its events.
    init(brief: RoomBrief, key: RoomKey, run: String, floor: StageFloor) {
        self.brief = brief
        self.key = key
        self.floor = floor
        roster = StageRoster(room: brief.room, capacity: brief.capacity, sharing: brief.sharing)
        log = RoomEventLog(epoch: "\(run)r\(key.number)")
        countGrants()
    }

    /// The number of a ticket's holder in this room; from 1, never given twice.
    mutating func participant(of ticket: TicketID) -> UInt32 {
        if let known = participants[ticket] { return known }
        // Dictionaries only grow here, so the count is the highest number.
        let number = UInt32(participants.count + 1)
        participants[ticket] = number
        return number
    }

    private func number(_ ticket: TicketID) -> Int { Int(participants[ticket] ?? 0) }

    /// The door counts the places on stage that people have by invitation.
    mutating func countGrants() {
        for post in StageFloor.Post.allCases { roster.granted[post.role] = floor.granted(post.role) }
    }

    /// Those who are connected and may lead: co-hosts by ticket or by invitation. Whoever comes in asks for them, so
    /// the others, who may be ten thousand, are not looked at.
    var leaders: [StageFloor.Presence] {
        let invited = floor.grants.filter { $0.value.post == .cohost }.keys.flatMap { roster.seats(of: $0) }
        return (roster.seats(in: .cohost) + invited).filter { !roster.isLost($0.admission) }
            .map { StageFloor.Presence($0.person, since: $0.since) }
    }

    /// Whether the host is here: connected, or looking at the stage.
    var hasHost: Bool { hasHostSeat || views.hasHost }

    private var hasHostSeat: Bool {
        roster.seats(in: .host).contains { !roster.isLost($0.admission) }
    }

    /// What everybody may see.
    var state: StageState {
        var seen: Set<TicketID> = []
        var voices: [StageState.Voice] = []
        for seat in roster.speakingSeats where seen.insert(seat.ticket).inserted {
            voices.append(
                .init(
                    participant: number(seat.ticket), role: floor.role(of: seat.person),
                    speaking: speaking.contains(participants[seat.ticket] ?? 0), muted: floor.mutes[seat.ticket] != nil)
            )
        }
        let hands = floor.hands.hands
        return StageState(
            listeners: roster.count(of: .listener), stage: voices, roomState: brief.state.rawValue,
            hands: hands.prefix(StageLimits.shownHands).map { number($0.person.ticket) }, handCount: hands.count,
            mode: floor.mode, locked: floor.isLocked, lead: lead)
    }

    /// What hosts and co-hosts see. At most 500 people: more nobody reads, and the answer stays below 100 KB.
    var stageView: StageView {
        let ranked = roster.seats.map { ($0, floor.role(of: $0.person)) }
            .sorted { ($0.1.rank, $0.0.since) < ($1.1.rank, $1.0.since) }
        let hands = floor.hands.hands
        let places = Dictionary(
            hands.enumerated().map { ($1.person.ticket, $0 + 1) }, uniquingKeysWith: { first, _ in first })
        let people = ranked.prefix(500).map { seat, role in
            StageView.Person(
                admission: seat.admission, ticket: seat.ticket, participant: number(seat.ticket), role: role,
                since: seat.since,
                speaking: speaking.contains(participants[seat.ticket] ?? 0), muted: floor.mutes[seat.ticket] != nil,
                direction: seat.direction.rawValue, onStage: floor.grants[seat.ticket] != nil,
                invited: floor.invitations[seat.ticket] != nil, hand: places[seat.ticket])
        }
        return StageView(
            listeners: roster.count(of: .listener), participants: Array(people),
            hands: hands.prefix(StageLimits.shownHands).map {
                StageView.Hand(
                    participant: number($0.person.ticket),
                    admission: roster.seats(of: $0.person.ticket).first?.admission, raisedAt: $0.raisedAt)
            }, handCount: hands.count, mode: floor.mode, locked: floor.isLocked, lead: lead,
            succession: floor.succession.map(number))
    }

    /// What one person is; gives the person a number.
    mutating func standing(of person: StagePerson) -> StageStanding {
        StageStanding(
            participant: Int(participant(of: person.ticket)), role: floor.role(of: person),
            maySpeak: floor.maySpeak(person), onStage: floor.grants[person.ticket] != nil,
            hand: floor.hands.contains(person.ticket),
            invitation: floor.invitations[person.ticket].map { .init(post: $0.post, expiresAt: $0.expiresAt) },
            muted: floor.mutes[person.ticket] != nil, mutedByModerator: floor.mutes[person.ticket] == .moderator)
    }

    private var lead: StageState.Lead {
        let state =
            switch floor.watch.state {
            case .waiting: "waiting"
            case .present: "host"
            case .missing: "missing"
            case .led: "cohost"
            case .paused: "paused"
            case .cleared: "cleared"
            }
        return .init(
            state: state, participant: floor.watch.leader.map { number($0.ticket) }, clearsAt: floor.clearsAt)
    }
}

/// Somebody who follows a room by server-sent events.
struct LiveView: Sendable {
    let person: StagePerson
    /// The admission that this view belongs to, where it said so.
    let admission: AdmissionID?
    let since: Instant
    var expiresAt: Instant
    let language: Language
    /// Bounded, the oldest kept: a reader that is too slow is cut, and comes back for what it missed.
    let output: AsyncStream<String>.Continuation
    /// Breaks the line off: a reader that takes nothing would hold its connection for as long as it likes.
    let hangUp: @Sendable () -> Void

    var ticket: TicketID { person.ticket }
}

extension Role {
    /// Hosts first.
    fileprivate var rank: Int {
        switch self {
        case .host: 0
        case .cohost: 1
        case .speaker: 2
        case .listener: 3
        }
    }
}

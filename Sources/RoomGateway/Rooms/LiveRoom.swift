internal import AudioRelay
internal import HTTPEdge
internal import Stage
internal import Values

/// One room of this gateway while people are in it or look at it.
struct LiveRoom: Sendable {
    /// Who muted a person: what a moderator muted, only a moderator unmutes.
    enum Mute: Sendable { case own, moderator }

    var brief: RoomBrief
    var roster: StageRoster
    let key: RoomKey
    /// Participant numbers by ticket: who speaks and listens with one ticket has one number, so nobody hears themself.
    private(set) var participants: [TicketID: UInt32] = [:]
    var mutes: [TicketID: Mute] = [:]
    /// Loudest first.
    var speaking: [UInt32] = []
    var views: [UInt64: LiveView] = [:]
    /// Which warnings a view has had, of those whose ticket ends soon.
    var warnings: [UInt64: EndWarnings] = [:]
    /// The views do not show the present state yet.
    var isChanged = false

    init(brief: RoomBrief, key: RoomKey) {
        self.brief = brief
        self.key = key
        roster = StageRoster(room: brief.room, capacity: brief.capacity, sharing: brief.sharing)
    }

    /// The number of a ticket's holder in this room; from 1, never given twice.
    mutating func participant(of ticket: TicketID) -> UInt32 {
        if let known = participants[ticket] { return known }
        // Dictionaries only grow here, so the count is the highest number.
        let number = UInt32(participants.count + 1)
        participants[ticket] = number
        return number
    }

    /// What everybody may see.
    var state: ServerSentEvent.StageState {
        var seen: Set<TicketID> = []
        var voices: [ServerSentEvent.StageState.Voice] = []
        for seat in roster.seats where seat.direction == .speaking && seen.insert(seat.ticket).inserted {
            let number = participants[seat.ticket] ?? 0
            voices.append(
                .init(
                    participant: Int(number), role: seat.role, speaking: speaking.contains(number),
                    muted: mutes[seat.ticket] != nil))
        }
        return .init(listeners: roster.count(of: .listener), stage: voices, roomState: brief.state.rawValue)
    }

    /// What hosts and co-hosts see. At most 500 people: more nobody reads, and the answer stays below 100 KB.
    var stageView: StageView {
        let seats = roster.seats.sorted { ($0.role.rank, $0.since) < ($1.role.rank, $1.since) }
        let people = seats.prefix(500).map { seat in
            let number = participants[seat.ticket] ?? 0
            return StageView.Person(
                admission: seat.admission, participant: Int(number), role: seat.role, since: seat.since,
                speaking: speaking.contains(number), muted: mutes[seat.ticket] != nil,
                direction: seat.direction.rawValue)
        }
        return StageView(listeners: roster.count(of: .listener), participants: Array(people))
    }
}

/// The answer of `GET /rooms/{room}/stage`.
struct StageView: Encodable, Sendable, Hashable {
    struct Person: Encodable, Sendable, Hashable {
        let admission: AdmissionID
        let participant: Int
        let role: Role
        let since: Instant
        let speaking: Bool
        let muted: Bool
        let direction: String
    }

    let listeners: Int
    let participants: [Person]
}

/// Somebody who follows a room by server-sent events.
struct LiveView: Sendable {
    let ticket: TicketID
    /// The admission that this view belongs to, where it said so.
    let admission: AdmissionID?
    let since: Instant
    var expiresAt: Instant
    let language: Language
    /// Bounded, newest kept: a slow reader misses states that are old anyway and holds nobody up.
    let output: AsyncStream<String>.Continuation
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

public import Values

/// What a stage must not forget when its gateway dies: who may speak, who is muted, the lock. Hands and invitations go:
/// everybody is asked anew by a gateway that comes back.
public struct StageMemory: Hashable, Sendable, Codable {
    public struct Place: Hashable, Sendable, Codable {
        public var person: StagePerson
        public var post: StageFloor.Post
    }

    public struct Muted: Hashable, Sendable, Codable {
        public var ticket: TicketID
        public var by: StageFloor.Mute
    }

    public var mode: SpeakingMode
    public var isLocked: Bool
    public var places: [Place]
    public var muted: [Muted]
    public var succession: [TicketID]
    /// Whether the host has ever been here.
    public var hostCame: Bool
}

extension StageFloor {
    public var memory: StageMemory {
        StageMemory(
            mode: mode, isLocked: isLocked,
            places: grants.values.map { StageMemory.Place(person: $0.person, post: $0.post) }
                .sorted { $0.person.ticket < $1.person.ticket },
            muted: mutes.map { StageMemory.Muted(ticket: $0.key, by: $0.value) }.sorted { $0.ticket < $1.ticket },
            succession: succession, hostCame: watch.state != .waiting)
    }

    /// The stage as it was left, at the moment when the gateway is back: everybody's line was lost just now.
    public init(_ memory: StageMemory, policy: StagePolicy, at now: Instant) {
        self.init(policy: policy)
        mode = memory.mode
        isLocked = memory.isLocked
        for place in memory.places {
            grants[place.person.ticket] = Grant(person: place.person, post: place.post, idleSince: now)
        }
        for one in memory.muted { mutes[one.ticket] = one.by }
        succession = memory.succession
        if memory.hostCame { watch = HostWatch(hostWasHereUntil: now) }
    }
}

public import Values

/// What a gateway must know of a room: no money, no names but the title.
public struct RoomBrief: Hashable, Sendable, Codable {
    /// Where the room is in its life. Drafts never reach a gateway.
    public enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case scheduled, open, closed, cancelled
    }

    public var room: RoomID
    public var host: HostID
    public var title: String
    public var startsAt: Instant
    public var endsAt: Instant
    /// Listeners may come in from here on.
    public var doorsOpenAt: Instant
    /// Listeners at one time, at most.
    public var capacity: Int
    public var state: State
    /// Who gives way when a ticket comes in twice.
    public var sharing: SharingPolicy
    /// Whether listeners enter with bound tickets only.
    public var holderKey: HolderKeyPolicy
    /// Where the gateway answers whose room it is, if it is another one's.
    public var elsewhere: String?
    /// Whom the gateway that had the room before removed from it; `nil` where there was none.
    public var removed: [StagePerson]?

    public init(
        room: RoomID, host: HostID, title: String, startsAt: Instant, endsAt: Instant, doorsOpenAt: Instant,
        capacity: Int, state: State, sharing: SharingPolicy = .newestWins, holderKey: HolderKeyPolicy = .none,
        elsewhere: String? = nil, removed: [StagePerson]? = nil
    ) {
        self.room = room
        self.host = host
        self.title = title
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.doorsOpenAt = doorsOpenAt
        self.capacity = capacity
        self.state = state
        self.sharing = sharing
        self.holderKey = holderKey
        self.elsewhere = elsewhere
        self.removed = removed
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        room = try container.decode(RoomID.self, forKey: .room)
        host = try container.decode(HostID.self, forKey: .host)
        title = try container.decode(String.self, forKey: .title)
        startsAt = try container.decode(Instant.self, forKey: .startsAt)
        endsAt = try container.decode(Instant.self, forKey: .endsAt)
        doorsOpenAt = try container.decode(Instant.self, forKey: .doorsOpenAt)
        capacity = try container.decode(Int.self, forKey: .capacity)
        state = try container.decode(State.self, forKey: .state)
        // A ledger of an earlier version says nothing, and its rooms are as they were. What a newer one says and is not
        // known here is taken for the strictest: whoever is in stays in, and nobody is let in twice.
        sharing =
            try container.decodeIfPresent(String.self, forKey: .sharing).map { SharingPolicy($0) ?? .firstWins }
            ?? .newestWins
        // The same: a word that is not known here is taken for the stricter one.
        holderKey =
            try container.decodeIfPresent(String.self, forKey: .holderKey).map {
                HolderKeyPolicy(rawValue: $0) ?? .required
            } ?? .none
        elsewhere = try container.decodeIfPresent(String.self, forKey: .elsewhere)
        guard elsewhere.map({ $0.utf8.count <= WireLimits.nameBytes }) ?? true else {
            throw container.beyondBound(.elsewhere)
        }
        removed = try container.decodeIfPresent([StagePerson].self, forKey: .removed)
        guard (removed ?? []).count <= WireLimits.removed else { throw container.beyondBound(.removed) }
        guard title.utf8.count <= WireLimits.titleBytes else { throw container.beyondBound(.title) }
        guard (0...WireLimits.capacity).contains(capacity) else { throw container.beyondBound(.capacity) }
        guard startsAt < endsAt else { throw container.beyondBound(.endsAt) }
    }
}

/// Bounds of what gateway and ledger send each other: generous, so that only a broken or hostile peer meets them.
public enum WireLimits {
    /// A title is one line on a phone; a thousand bytes hold 250 characters of any script.
    public static let titleBytes = 1_000
    /// The largest rooms ever had less than a million listeners (`RoomBrief.capacity`).
    public static let capacity = 10_000_000
    /// Rooms in one snapshot.
    public static let rooms = 20_000
    /// People whom one room was rid of: a host who removes more bans them instead.
    public static let removed = 1_000
    /// Bans in one snapshot: a host knows its troublemakers, and a thousand hosts have as many each as fill a street.
    public static let bans = 100_000
    /// Revoked tickets in one snapshot; tickets that have ended need not be named.
    public static let revocations = 200_000
    /// Tickets with another end in one snapshot: as many.
    public static let ticketEnds = 200_000
    /// Tickets that are bound to a key in one snapshot: the listeners of all rooms that ask for keys.
    public static let bindings = 500_000
    /// Events in one page of the feed.
    public static let feedEvents = 1_000
    /// Receipts in one batch.
    public static let receipts = 1_000
    /// A key set of 32 keys.
    public static let keySetBytes = 64 * 1_024
    /// Issuer, audience and the address of a gateway.
    public static let nameBytes = 200
}

extension KeyedDecodingContainer {
    /// The error for a value that is of the right type and makes no sense.
    func beyondBound(_ key: Key) -> DecodingError {
        .dataCorruptedError(forKey: key, in: self, debugDescription: "The value is outside its bounds.")
    }
}

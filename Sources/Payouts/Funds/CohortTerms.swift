internal import Values

/// How many hosts a stipend takes at a time, and whom: what makes of it a cohort that is paid from an account of its own.
public struct CohortTerms: Hashable, Sendable {
    /// The most places that are held at the same time.
    public let places: Int
    /// How many months a place is for if nobody says its days.
    public let months: Int
    public let criteria: CohortCriteria

    public init(places: Int, months: Int, criteria: CohortCriteria) {
        self.places = places
        self.months = months
        self.criteria = criteria
    }
}

/// What is asked of whoever applies; 0 and `false` ask nothing.
public struct CohortCriteria: Hashable, Sendable {
    /// Rooms that were held in the last ``days``, each of at least these minutes and with at least these listeners.
    public let rooms: Int
    public let days: Int
    public let minRoomMinutes: Int64
    public let minRoomListeners: Int
    /// How long somebody has to listen to count as a listener.
    public let minSeconds: Int64
    /// It is known where the host is paid, and nothing blocks it.
    public let verifiedPayee: Bool
    /// Years; the host declares it.
    public let minAge: Int
    /// Elsewhere: this house does not know them. The host declares a figure, and finance says which one it saw.
    public let minFollowers: Int64

    public init(
        rooms: Int, days: Int, minRoomMinutes: Int64, minRoomListeners: Int, minSeconds: Int64, verifiedPayee: Bool,
        minAge: Int, minFollowers: Int64
    ) {
        self.rooms = rooms
        self.days = days
        self.minRoomMinutes = minRoomMinutes
        self.minRoomListeners = minRoomListeners
        self.minSeconds = minSeconds
        self.verifiedPayee = verifiedPayee
        self.minAge = minAge
        self.minFollowers = minFollowers
    }
}

/// As a program writes it; every member but `places` may be left out.
extension CohortTerms: Codable {
    private enum Key: String, CodingKey {
        case places, months, rooms, days, min_room_minutes, min_room_listeners, min_seconds, verified_payee, min_age
        case min_followers
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        func bounded(_ key: Key, _ range: ClosedRange<Int64>, or fallback: Int64? = nil) throws -> Int64 {
            try fields.bounded(key, range, or: fallback)
        }
        self.init(
            // A million hosts of one program; ten years, as the days of an enrolment.
            places: Int(try bounded(.places, 1...1_000_000)), months: Int(try bounded(.months, 1...120, or: 3)),
            criteria: CohortCriteria(
                rooms: Int(try bounded(.rooms, 0...1_000, or: 0)), days: Int(try bounded(.days, 1...366, or: 30)),
                minRoomMinutes: try bounded(.min_room_minutes, 0...10_080, or: 0),
                minRoomListeners: Int(try bounded(.min_room_listeners, 0...1_000_000_000, or: 1)),
                minSeconds: try bounded(.min_seconds, 0...86_400, or: 60),
                verifiedPayee: try fields.decodeIfPresent(Bool.self, forKey: .verified_payee) ?? false,
                minAge: Int(try bounded(.min_age, 0...150, or: 0)),
                minFollowers: try bounded(.min_followers, 0...1_000_000_000_000, or: 0)))
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(places, forKey: .places)
        try fields.encode(months, forKey: .months)
        try fields.encode(criteria.rooms, forKey: .rooms)
        try fields.encode(criteria.days, forKey: .days)
        try fields.encode(criteria.minRoomMinutes, forKey: .min_room_minutes)
        try fields.encode(criteria.minRoomListeners, forKey: .min_room_listeners)
        try fields.encode(criteria.minSeconds, forKey: .min_seconds)
        try fields.encode(criteria.verifiedPayee, forKey: .verified_payee)
        try fields.encode(criteria.minAge, forKey: .min_age)
        try fields.encode(criteria.minFollowers, forKey: .min_followers)
    }
}

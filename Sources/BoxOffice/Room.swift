internal import Foundation
public import Values

/// A co-host's part of the host share, in basis points; the owner has the rest of 10,000 (R2).
public struct CohostShare: Hashable, Sendable, Codable {
    public let host: HostID
    public let share: BasisPoints

    public init(host: HostID, share: BasisPoints) {
        self.host = host
        self.share = share
    }
}

/// What a host writes about a room to be.
public struct RoomDraft: Hashable, Sendable {
    public var title: String
    /// A language tag such as `fr` or `en-GB` (RFC 5646, the simple forms).
    public var language: String
    /// From when tickets let in; at or before the start.
    public var doorsOpenAt: Instant
    public var startsAt: Instant
    /// When every ticket ends; exclusive.
    public var endsAt: Instant
    /// Most tickets that are sold at one time.
    public var capacity: Int
    /// Start of the sale; `nil` sells from the first price on.
    public var saleOpensAt: Instant?
    public var cohosts: [CohostShare]

    public init(
        title: String, language: String, doorsOpenAt: Instant, startsAt: Instant, endsAt: Instant, capacity: Int,
        saleOpensAt: Instant? = nil, cohosts: [CohostShare] = []
    ) {
        self.title = title
        self.language = language
        self.doorsOpenAt = doorsOpenAt
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.capacity = capacity
        self.saleOpensAt = saleOpensAt
        self.cohosts = cohosts
    }
}

/// A live audio room that sells tickets.
public struct Room: Hashable, Sendable {
    public let id: RoomID
    /// The owner: sets the price, is paid, counts for the brackets.
    public let host: HostID
    public let title: String
    public let language: String
    public let doorsOpenAt: Instant
    public let startsAt: Instant
    public let endsAt: Instant
    public let capacity: Int
    public let saleOpensAt: Instant?
    public let cohosts: [CohostShare]
    /// ``SalePolicy/id`` under which the room sells; each sale pins it.
    public let policy: String
    public internal(set) var state: RoomState

    /// A room as it was stored; nothing is checked here. New rooms come from ``create(id:host:draft:policy:at:)``.
    public init(id: RoomID, host: HostID, draft: RoomDraft, policy: String, state: RoomState) {
        self.id = id
        self.host = host
        title = draft.title
        language = draft.language
        doorsOpenAt = draft.doorsOpenAt
        startsAt = draft.startsAt
        endsAt = draft.endsAt
        capacity = draft.capacity
        saleOpensAt = draft.saleOpensAt
        cohosts = draft.cohosts
        self.policy = policy
        self.state = state
    }

    /// When the room is over: at its announced end, or when the host closed it before that.
    public var overAt: Instant {
        switch state {
        case .closed(let instant): min(instant, endsAt)
        case .scheduled, .open, .cancelled: endsAt
        }
    }

    /// When the room was delivered, seen from `instant` (exclusive); `nil` while it is to come, lasts or is cancelled.
    public func delivered(before instant: Instant) -> Instant? {
        switch state {
        case .cancelled: nil
        case .scheduled, .open, .closed: overAt < instant ? overAt : nil
        }
    }
}

/// Why a room cannot be created as it was written.
public enum RoomRefusal: Refusal, Hashable {
    case title
    case language
    case times
    case ended
    case tooLong
    case capacity
    case cohosts

    public var code: String {
        switch self {
        case .title: "room_title"
        case .language: "room_language"
        case .times: "room_times"
        case .ended: "room_in_the_past"
        case .tooLong: "room_too_long"
        case .capacity: "room_capacity"
        case .cohosts: "room_cohosts"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .title: ["characters": String(Room.maximumTitleLength)]
        case .tooLong: ["hours": String(Room.maximumHours)]
        case .capacity: ["capacity": String(Room.maximumCapacity)]
        case .cohosts: ["cohosts": String(Room.maximumCohosts)]
        case .language, .times, .ended: [:]
        }
    }
}

extension Room {
    /// A title fits one line of a poster.
    public static let maximumTitleLength = 120
    /// A day: a longer room is two rooms, and a ticket that lets in for longer is a key.
    public static let maximumHours = 24
    /// What one relay tree is designed for.
    public static let maximumCapacity = 1_000_000
    /// One host, two co-hosts, as in the rooms that people know.
    public static let maximumCohosts = 2

    /// A new room, scheduled. Checks in this order: title, language, order of times, end in the past, length,
    /// capacity, co-hosts.
    public static func create(
        id: RoomID, host: HostID, draft: RoomDraft, policy: String, at instant: Instant
    ) throws(RoomRefusal) -> Room {
        var draft = draft
        draft.title = draft.title.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...maximumTitleLength).contains(draft.title.count), draft.title.utf8.count <= 4 * maximumTitleLength,
            !draft.title.unicodeScalars.contains(where: isUnprintable)
        else { throw .title }
        guard isLanguageTag(draft.language) else { throw .language }
        guard draft.doorsOpenAt <= draft.startsAt, draft.startsAt < draft.endsAt,
            draft.saleOpensAt.map({ $0 < draft.endsAt }) ?? true
        else { throw .times }
        guard instant < draft.endsAt else { throw .ended }
        guard draft.doorsOpenAt.microseconds(until: draft.endsAt) <= Int64(maximumHours) * 3_600_000_000
        else { throw .tooLong }
        guard (1...maximumCapacity).contains(draft.capacity) else { throw .capacity }
        guard areCohosts(draft.cohosts, of: host) else { throw .cohosts }
        return Room(id: id, host: host, draft: draft, policy: policy, state: .scheduled)
    }

    /// Control characters, and marks that turn the direction of the text around them.
    static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: true
        default: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
        }
    }

    /// `fr`, `gsw`, `en-GB`, `zh-Hant-TW`: two or three letters, then parts of two to eight letters or digits.
    private static func isLanguageTag(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 4, (2...3).contains(first.count) else { return false }
        func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
        return first.allSatisfy(isLetter)
            && parts.dropFirst().allSatisfy { part in
                (2...8).contains(part.count) && part.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
            }
    }

    private static func areCohosts(_ cohosts: [CohostShare], of owner: HostID) -> Bool {
        let sum = cohosts.reduce(Int64(0)) { $0 + max(0, min(10_001, $1.share.value)) }
        return cohosts.count <= maximumCohosts && Set(cohosts.map(\.host) + [owner]).count == cohosts.count + 1
            && cohosts.allSatisfy { (0...10_000).contains($0.share.value) } && sum <= 10_000
    }
}

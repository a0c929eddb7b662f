public import Values

/// What a room promises its buyers after the sale: data, versioned, chosen when the room is made and never changed, so
/// that every ticket of the room is sold under the same ones. Presets stand in `Schemas`.
public struct RoomTerms: Hashable, Sendable {
    /// A moment of the room from which hours are counted back.
    public enum Anchor: String, Hashable, Sendable, Codable {
        case doorsOpen = "doors_open"
        case roomStarts = "room_starts"
        case roomEnds = "room_ends"
    }

    /// Until a moment, so much of the price comes back.
    public struct Step: Hashable, Sendable {
        public let until: Anchor
        public let hoursBefore: Int64
        public let share: BasisPoints

        public init(until: Anchor, hoursBefore: Int64 = 0, share: BasisPoints) {
            self.until = until
            self.hoursBefore = hoursBefore
            self.share = share
        }

        /// Exclusive. A room that was closed early is over then, whatever was announced.
        public func deadline(in room: Room) -> Instant {
            min(until.instant(in: room).advanced(bySeconds: -3_600 * hoursBefore), room.overAt)
        }
    }

    /// `name/version`, as stored, shown and written into tickets; empty for what follows from a policy alone.
    public let id: String
    /// In plain words, for whoever chooses.
    public let meaning: String
    /// Earlier deadlines first, each with a smaller share than the one before; none gives nothing back.
    public let steps: [Step]
    /// Whether a ticket that was used once is not taken back any more.
    public let endsWithUse: Bool
    /// How many times a ticket may be passed on.
    public let maximumTransfers: Int
    /// Until when; exclusive.
    public let transfersUntil: Anchor
    /// What comes back for a ticket that is resold; `nil` resells none.
    public let resale: ResaleRule?
    /// When time that was not held is paid back; `nil` never: the room may be held where no gateway hears it.
    public let delivery: DeliveryRule?

    /// So many hands are enough for any family, and a chain of them can still be read.
    public static let mostTransfers = 10

    public init(
        id: String, meaning: String, steps: [Step], endsWithUse: Bool = false,
        maximumTransfers: Int = Self.mostTransfers, transfersUntil: Anchor = .roomEnds, resale: ResaleRule? = nil,
        delivery: DeliveryRule? = nil
    ) {
        self.delivery = delivery
        self.resale = resale
        self.id = id
        self.meaning = meaning
        self.steps = steps
        self.endsWithUse = endsWithUse
        self.maximumTransfers = maximumTransfers
        self.transfersUntil = transfersUntil
    }

    /// The terms of a room that has chosen none: the refund window of the policy, tickets pass freely.
    public init(of policy: SalePolicy) {
        let until: Anchor =
            switch policy.refundWindow {
            case .roomEnds: .roomEnds
            case .roomStarts: .roomStarts
            }
        self.init(id: "", meaning: "", steps: [Step(until: until, share: BasisPoints(10_000))])
    }

    /// The step that holds at an instant; `nil` once the last one is over.
    public func step(at instant: Instant, in room: Room) -> Step? { steps.first { instant < $0.deadline(in: room) } }

    /// What a ticket says under which rules it was sold: the policy, and the terms if the room has chosen some.
    public static func claim(policy: String, terms: String?) -> String { terms.map { "\(policy)+\($0)" } ?? policy }
}

extension RoomTerms.Anchor {
    public func instant(in room: Room) -> Instant {
        switch self {
        case .doorsOpen: room.doorsOpenAt
        case .roomStarts: room.startsAt
        case .roomEnds: room.overAt
        }
    }
}

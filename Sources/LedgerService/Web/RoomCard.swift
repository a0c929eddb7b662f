public import Values

/// What anybody may see of a room: the public part, without tickets, wallets or takings.
public struct RoomCard: Sendable, Hashable {
    public enum State: String, Sendable {
        case scheduled, open, closed, cancelled
    }

    public var id: RoomID
    public var title: String
    public var hostName: String
    /// The language of the room and its title, such as `fr`, so that screen readers pronounce it rightly.
    public var language: String
    public var state: State
    public var doorsOpenAt: Instant
    public var startsAt: Instant
    public var endsAt: Instant
    public var capacity: Int
    public var seatsLeft: Int
    /// `nil` before the host has named a price.
    public var price: Money?

    public init(
        id: RoomID, title: String, hostName: String, language: String, state: State, doorsOpenAt: Instant,
        startsAt: Instant, endsAt: Instant, capacity: Int, seatsLeft: Int, price: Money?
    ) {
        self.id = id
        self.title = title
        self.hostName = hostName
        self.language = language
        self.state = state
        self.doorsOpenAt = doorsOpenAt
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.capacity = capacity
        self.seatsLeft = seatsLeft
        self.price = price
    }

    /// What a visitor calls the room's state. `countdown.js` has the same ladder for the minutes that follow.
    enum Phase: String, CaseIterable {
        case upcoming, doors, waiting, live, ended, cancelled
    }

    func phase(at now: Instant) -> Phase {
        switch state {
        case .cancelled: .cancelled
        case .closed: .ended
        case _ where now >= endsAt: .ended
        case _ where now < doorsOpenAt: .upcoming
        case .open: now >= startsAt ? .live : .doors
        case .scheduled: .waiting
        }
    }
}

extension Money {
    /// The price as it is written before the page's script knows the visitor's region: `€5.00`, `5,00 €`, `CHF 5.00`.
    func written(in language: PageLanguage) -> String {
        let sign = ["EUR": "€", "GBP": "£", "JPY": "¥"][currency.code]
        switch language {
        case .english: return (sign ?? currency.code + "\u{A0}") + decimal
        case .french:
            return decimal.split(separator: ".").joined(separator: ",") + "\u{A0}" + (sign ?? currency.code)
        }
    }
}

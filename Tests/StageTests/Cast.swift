import Simulation
import Stage
import Values

/// Made-up rooms, people and tickets, the same for the same seed.
struct Cast {
    var generator: SeededGenerator
    let start = Instant(seconds: 1_772_395_200)
    let room: RoomID
    let host: HostID
    let gateway: GatewayID

    init(seed: UInt64 = 1) {
        var generator = SeededGenerator(seed: seed)
        room = .make(at: start, using: &generator)
        host = .make(at: start, using: &generator)
        gateway = .make(at: start, using: &generator)
        self.generator = generator
    }

    mutating func ticket() -> TicketID { .make(at: start, using: &generator) }
    mutating func holder() -> Subject { .holder(.make(at: start, using: &generator)) }

    mutating func seat(
        _ role: Role = .listener, ticket: TicketID? = nil, holder: Subject? = nil, direction: Seat.Direction? = nil,
        after seconds: Int64 = 0
    ) -> Seat {
        Seat(
            admission: .make(at: start, using: &generator), ticket: ticket ?? self.ticket(),
            holder: holder ?? self.holder(), role: role,
            direction: direction ?? (role == .listener ? .listening : .speaking),
            since: start.advanced(bySeconds: seconds))
    }

    func brief(_ state: RoomBrief.State = .open, capacity: Int = 3) -> RoomBrief {
        RoomBrief(
            room: room, host: host, title: "A talk", startsAt: start, endsAt: start.advanced(bySeconds: 3600),
            doorsOpenAt: start.advanced(bySeconds: -600), capacity: capacity, state: state)
    }
}

public import BoxOffice
public import HTTPEdge
internal import Stage
internal import Store
public import Values

/// A gateway as operators see it.
public struct GatewayView: Sendable, Hashable, Encodable {
    public let gateway: GatewayID
    /// Where browsers reach it.
    public let url: String
    /// Whether new rooms are given to it.
    public let takesRooms: Bool
    /// How many that are not over it has.
    public let rooms: Int
    /// Since when this holds.
    public let since: Instant
}

/// Several gateways: each room is one gateway's, which alone lets people into it. So seats, sharing, hands and removals are
/// counted in one place. As long as nobody told of any, there is one, and it takes all.
extension LedgerService {
    /// More gateways than this nobody runs behind one ledger, and a page names all of them in a header.
    static let gatewayLimit = 100

    /// Says where a gateway answers, and whether it takes new rooms. Rooms that are nobody's become those of the first
    /// gateway that is told of.
    public func tell(
        of gateway: GatewayID, at address: GatewayAddress, takesRooms: Bool, by caller: Caller
    ) async throws -> GatewayView {
        try requireOperator(caller)
        let now = clock.now()
        return try await tellingGateways { transaction in
            // A name that was mistyped would take rooms that nobody serves.
            guard try !transaction.keys(of: gateway.text).isEmpty else { throw PlacementRefusal.gatewayUnknown }
            let last = try transaction.gateway(gateway)
            if last == nil, try transaction.gateways(limit: Self.gatewayLimit).count == Self.gatewayLimit {
                throw PlacementRefusal.tooMany(Self.gatewayLimit)
            }
            if last?.url != address.description || last?.takesRooms != takesRooms {
                try transaction.insertGateway(
                    gateway, url: address.description, takesRooms: takesRooms, behind: last, by: caller.actor, at: now)
                try transaction.audit(
                    actor: caller.actor, act: "gateway_told", subject: gateway.text,
                    detail: "\(address)\(takesRooms ? "" : ", no new rooms")", at: now)
            }
            guard let known = try transaction.gateway(gateway) else {
                throw StoreFault.corrupt(column: "gateway_facts.gateway")
            }
            for id in try transaction.unplacedRooms(endingAfter: now, limit: WireLimits.rooms) {
                guard let room = try transaction.room(id) else { continue }
                try transaction.place(room, at: known, by: caller.actor, at: now)
            }
            let rooms = try transaction.roomCounts(endingAfter: now)
            return GatewayView(known, rooms: rooms[gateway] ?? 0)
        }
    }

    /// The gateways that operators told of.
    public func gateways(by caller: Caller) async throws -> [GatewayView] {
        guard caller.seesEverything else {
            throw caller == .anybody ? EdgeRefusal.keyMissing : EdgeRefusal.keyScope("operator, auditor")
        }
        let now = clock.now()
        return try await database.read { transaction in
            let rooms = try transaction.roomCounts(endingAfter: now)
            return try transaction.gateways(limit: Self.gatewayLimit).map {
                GatewayView($0, rooms: rooms[$0.gateway] ?? 0)
            }
        }
    }

    /// Where browsers reach the gateways that operators told of.
    public func gatewayOrigins() async throws -> [String] {
        try await database.read { try $0.gateways(limit: Self.gatewayLimit) }.map(\.url)
    }

    /// Gives a room to another gateway: whoever is inside is sent there, and the old one lets nobody in any more.
    public func move(_ id: RoomID, to gateway: GatewayID, by caller: Caller) async throws -> RoomView {
        try requireOperator(caller)
        let now = clock.now()
        return try await tellingGateways { transaction in
            guard let room = try transaction.room(id) else { throw LedgerRefusal.roomUnknown }
            guard let known = try transaction.gateway(gateway) else { throw PlacementRefusal.gatewayUnknown }
            guard room.state.allows(.sell), now < room.endsAt else { throw PlacementRefusal.roomOver }
            if try transaction.place(room, at: known, by: caller.actor, at: now) {
                try transaction.audit(
                    actor: caller.actor, act: "room_placed", subject: id.text, detail: gateway.text, at: now)
            }
            return try view(of: room, in: transaction)
        }
    }

    /// Gives a new room to a gateway; to none where none was told of.
    func placeNew(_ room: Room, by actor: String, at now: Instant, in transaction: borrowing Transaction) throws {
        let known = try transaction.gateways(limit: Self.gatewayLimit)
        guard !known.isEmpty else { return }
        let rooms = try transaction.roomCounts(endingAfter: now)
        let loads = known.map {
            GatewayLoad(gateway: $0.gateway, takesRooms: $0.takesRooms, rooms: rooms[$0.gateway] ?? 0)
        }
        guard let chosen = gatewayForNewRoom(loads), let row = known.first(where: { $0.gateway == chosen }) else {
            return
        }
        try transaction.place(room, at: row, by: actor, at: now)
    }
}

extension Transaction {
    /// A room as one gateway has to know it: that it is another one's, or whom the one before removed from it.
    borrowing func brief(
        _ brief: RoomBrief, for gateway: GatewayID, at place: PlacementRow?
    ) throws -> RoomBrief {
        guard let place else { return brief }
        var brief = brief
        if place.gateway != gateway {
            brief.elsewhere = place.url
        } else if place.number > 1 {
            brief.removed = try acts(of: ActKind.removed.rawValue, in: brief.room, limit: WireLimits.removed).compactMap
            {
                try value(ActRecord.self, from: $0, column: "stage_acts.body").target
            }
        }
        return brief
    }

    /// Gives a room to a gateway and tells all of them.
    /// - Returns: whether it was another one's before.
    @discardableResult
    fileprivate borrowing func place(
        _ room: Room, at gateway: GatewayRow, by actor: String, at instant: Instant
    ) throws(StoreFault) -> Bool {
        let last = try placement(of: room.id)
        guard last?.gateway != gateway.gateway else { return false }
        let feed = try tellGateways(of: room, at: instant)
        try insertPlacement(of: room.id, at: gateway, behind: last, feed: feed, by: actor, at: instant)
        return true
    }
}

extension GatewayView {
    fileprivate init(_ row: GatewayRow, rooms: Int) {
        self.init(gateway: row.gateway, url: row.url, takesRooms: row.takesRooms, rooms: rooms, since: row.at)
    }
}

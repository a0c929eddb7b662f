public import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Stage
internal import Store
public import Values

/// A room as anybody may see it.
public struct RoomView: Sendable, Hashable, Encodable {
    public let room: RoomID
    public let host: HostID
    public let hostName: String
    public let title: String
    public let language: String
    /// `scheduled`, `open`, `closed` or `cancelled`.
    public let state: String
    public let doorsOpenAt: Instant
    public let startsAt: Instant
    public let endsAt: Instant
    public let saleOpensAt: Instant?
    public let capacity: Int
    public let seatsLeft: Int
    public let price: Money
    public let priceVersion: Int
    public let policy: String
    /// What it promises after the sale; none for a room that has the refund window of its policy.
    public let terms: String?
    /// On how many devices a ticket may be used at one time: `newest`, `first`, `devices-2`…
    public let sharing: SharingPolicy
    /// Whether listeners enter with tickets only that are bound to a key of theirs: `none`, `required`.
    public let holderKey: HolderKeyPolicy
    public let gatewayURL: String?
}

extension RoomView {
    /// The version of what hosts edit. Seats are sold all the time and are no edit, so they are left out.
    public var tag: EntityTag {
        EntityTag(
            of: Edited(
                room: room, title: title, state: state, doorsOpenAt: doorsOpenAt, startsAt: startsAt, endsAt: endsAt,
                price: priceVersion, sharing: sharing, holderKey: holderKey))
    }

    private struct Edited: Encodable {
        let room: RoomID
        let title: String
        let state: String
        let doorsOpenAt: Instant
        let startsAt: Instant
        let endsAt: Instant
        let price: Int
        let sharing: SharingPolicy
        let holderKey: HolderKeyPolicy
    }
}

extension LedgerService {
    /// Makes a room of the caller, scheduled, with its first price.
    public func createRoom(
        _ draft: RoomDraft, price: Money, policy name: String? = nil, terms termsName: String? = nil,
        sharing: SharingPolicy? = nil, holderKey: HolderKeyPolicy? = nil, key: IdempotencyKey? = nil, by caller: Caller
    ) async throws -> RoomView {
        guard case .host(let host) = caller else { throw EdgeRefusal.keyScope("host") }
        guard let policy = name.map({ settings.policies[$0] }) ?? settings.housePolicy else {
            throw LedgerRefusal.policyUnknown
        }
        let terms = termsName.flatMap { settings.terms[$0] }
        guard termsName == nil || terms != nil else { throw AfterSaleRefusal.termsUnknown }
        let id: RoomID = makeID()
        let now = clock.now()
        let command = OnceOnly(
            "room", by: caller, key: key,
            request: """
                \(draft.title)|\(draft.language)|\(draft.doorsOpenAt)|\(draft.startsAt)|\(draft.endsAt)|\
                \(draft.capacity)|\(draft.saleOpensAt?.description ?? "")|\(text(of: draft.cohosts))|\(price)|\
                \(name ?? "")\(termsName.map { "|terms=\($0)" } ?? "")\(sharing.map { "|sharing=\($0.text)" } ?? "")\
                \(holderKey.map { "|holderKey=\($0.rawValue)" } ?? "")
                """)
        return try await tellingGateways { transaction in
            let outcome = try transaction.once(command, at: now) {
                let room = try Room.create(id: id, host: host, draft: draft, policy: policy.id, at: now)
                let version = try decidePrice(price, for: room, current: nil, policy: policy, at: now)
                // The key of a host names a host that exists, unless the file was changed from outside.
                guard try transaction.host(host) != nil else { throw LedgerRefusal.hostUnknown }
                for cohost in room.cohosts where try transaction.host(cohost.host) == nil {
                    throw LedgerRefusal.hostUnknown
                }
                try transaction.insertRoom(room, at: now)
                if let terms { try transaction.insertTerms(terms.id, of: id) }
                try transaction.insertPrice(version)
                try transaction.announce(room, at: now)
                try transaction.audit(actor: caller.actor, act: "room_created", subject: id.text, at: now)
                try placeNew(room, by: caller.actor, at: now, in: transaction)
                if let next = try decideSharing(sharing ?? .newestWins, from: .newestWins, of: room, at: now) {
                    try transaction.share(next, in: room, by: caller.actor, at: now)
                }
                if let next = try decideHolderKey(holderKey ?? .none, from: .none, of: room, at: now) {
                    try transaction.askForKeys(next, in: room, by: caller.actor, at: now)
                }
                return id.text
            }
            guard let made = try RoomID(outcome).flatMap({ try transaction.room($0) }) else {
                throw StoreFault.corrupt(column: "idempotency_keys.outcome")
            }
            return try view(of: made, in: transaction)
        }
    }

    public func room(_ id: RoomID) async throws -> RoomView {
        try await database.read { transaction in
            guard let room = try transaction.room(id) else { throw LedgerRefusal.roomUnknown }
            return try view(of: room, in: transaction)
        }
    }

    /// A host's own rooms, or all of them for those who see everything, in the order of their making.
    public func rooms(
        _ page: PageRequest, by caller: Caller
    ) async throws -> (rooms: [RoomView], next: String?) {
        let owner: HostID?
        switch caller {
        case .host(let host), .moderator(let host): owner = host
        case .operator, .finance, .auditor: owner = nil
        case .gateway, .wallet: throw EdgeRefusal.keyScope("host, moderator, operator, auditor")
        case .anybody: throw EdgeRefusal.keyMissing
        }
        return try await database.read { transaction in
            let (rooms, next) = page.page(
                try transaction.rooms(of: owner, after: page.after ?? "", limit: page.limit + 1), key: \.id.text)
            var views: [RoomView] = []
            for room in rooms { views.append(try view(of: room, in: transaction)) }
            return (views, next)
        }
    }

    /// Sets the price for those who buy from now on.
    /// - Parameter condition: that the room is still as it was read.
    public func setPrice(
        _ price: Money, of id: RoomID, if condition: TagCondition? = nil, by caller: Caller
    ) async throws -> RoomView {
        let now = clock.now()
        return try await database.write { transaction in
            let room = try owned(id, by: caller, in: transaction)
            try condition?.check(try view(of: room, in: transaction).tag)
            guard let policy = settings.policies[room.policy] else { throw LedgerRefusal.policyUnknown }
            // The tier keeps its dates and places: only its price is another one.
            let list = try transaction.prices(of: id)
            let current = list[PriceVersion.regularTier]?.version
            let draft = TierDraft(
                tier: PriceVersion.regularTier, price: price, from: current?.from, until: current?.until,
                places: current?.places)
            let version = try decideTier(
                draft, for: room, in: list, versions: try transaction.priceVersions(of: id), policy: policy, at: now)
            if version != current {
                try transaction.insertPrice(version)
                try transaction.audit(
                    actor: caller.actor, act: "price_set", subject: id.text, detail: price.description, at: now)
                // Somebody may have waited for just this.
                try serveQueue(of: id, at: now, in: transaction)
            }
            return try view(of: room, in: transaction)
        }
    }

    public func openRoom(_ id: RoomID, by caller: Caller) async throws -> RoomView {
        try await change(id, by: caller, act: "room_opened") { room, now in try room.opened(at: now) }
    }

    public func closeRoom(_ id: RoomID, by caller: Caller) async throws -> RoomView {
        let view = try await change(id, by: caller, act: "room_closed") { room, now in try room.closed(at: now) }
        while try await undeliveredStep(id) {}
        return view
    }

    private func change(
        _ id: RoomID, by caller: Caller, act: String, _ decide: @escaping @Sendable (Room, Instant) throws -> Room
    ) async throws -> RoomView {
        let now = clock.now()
        return try await tellingGateways { transaction in
            let room = try owned(id, by: caller, in: transaction)
            let changed = try decide(room, now)
            if changed != room {
                let head = try transaction.journalHead()
                try transaction.insertRoomFact(id, changed.state, sequence: head.chain.sequence)
                try transaction.announce(changed, at: now)
                try transaction.audit(actor: caller.actor, act: act, subject: id.text, at: now)
            }
            return try view(of: changed, in: transaction)
        }
    }

    /// The room, if the caller is its host or an operator.
    func owned(_ id: RoomID, by caller: Caller, in transaction: borrowing Transaction) throws -> Room {
        guard let room = try transaction.room(id) else { throw LedgerRefusal.roomUnknown }
        guard caller.isOperator || caller == .host(room.host) else {
            throw caller == .anybody ? EdgeRefusal.keyMissing : EdgeRefusal.keyScope("host of the room, operator")
        }
        return room
    }

    func view(of room: Room, in transaction: borrowing Transaction) throws -> RoomView {
        let now = clock.now()
        guard let price = try transaction.prices(of: room.id).shown(at: now)?.version,
            let host = try transaction.host(room.host)
        else { throw StoreFault.corrupt(column: "price_versions.room") }
        let taken = try transaction.seatUse(of: room.id).taken - transaction.overdueSeats(of: room.id, at: now)
        let free = max(0, room.capacity - taken)
        let left = try free > 0 ? free : takeovers(in: room, limit: 1_000, at: now, in: transaction).count
        return RoomView(
            room: room.id, host: room.host, hostName: host.name, title: room.title, language: room.language,
            state: room.state.name, doorsOpenAt: room.doorsOpenAt, startsAt: room.startsAt, endsAt: room.endsAt,
            saleOpensAt: room.saleOpensAt, capacity: room.capacity, seatsLeft: left,
            price: price.price, priceVersion: price.version, policy: room.policy,
            terms: try transaction.terms(of: room.id), sharing: try transaction.sharing(of: room.id).sharing,
            holderKey: try transaction.holderKey(of: room.id).policy,
            gatewayURL: try transaction.placement(of: room.id)?.url ?? settings.gatewayURL)
    }

    /// A write after which gateways are woken.
    func tellingGateways<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        let value = try await database.write(body)
        bell.ring()
        return value
    }
}

extension LedgerService {
    /// Who may read what is sold beside the tickets of a room: its host and moderators, and the platform's staff.
    func requireSalesReading(
        of id: RoomID, _ caller: Caller, in transaction: borrowing Transaction
    ) throws {
        guard let room = try transaction.room(id) else { throw LedgerRefusal.roomUnknown }
        switch caller {
        case .operator, .finance, .auditor, .host(room.host), .moderator(room.host): break
        case .anybody: throw EdgeRefusal.keyMissing
        case .host, .moderator, .gateway, .wallet:
            throw EdgeRefusal.keyScope("host of the room, moderator, operator, finance, auditor")
        }
    }
}

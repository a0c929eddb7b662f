internal import BoxOffice
public import HTTPEdge
internal import Store
public import Values

/// What a host writes about a series.
public struct SeriesDraft: Sendable, Hashable {
    public var title: String
    public var rooms: [RoomID]
    public var price: Money
    public var passes: Int
    public var saleEndsAt: Instant?

    public init(title: String, rooms: [RoomID], price: Money, passes: Int, saleEndsAt: Instant? = nil) {
        self.title = title
        self.rooms = rooms
        self.price = price
        self.passes = passes
        self.saleEndsAt = saleEndsAt
    }
}

/// What holds for the passes of a series from now on.
public struct PassOffer: Sendable, Hashable {
    public var price: Money
    public var passes: Int
    public var saleEndsAt: Instant?
    public var isWithdrawn: Bool

    public init(price: Money, passes: Int, saleEndsAt: Instant? = nil, isWithdrawn: Bool = false) {
        self.price = price
        self.passes = passes
        self.saleEndsAt = saleEndsAt
        self.isWithdrawn = isWithdrawn
    }

    var draft: SeriesOfferDraft {
        SeriesOfferDraft(price: price, passes: passes, saleEndsAt: saleEndsAt, isWithdrawn: isWithdrawn)
    }
}

extension LedgerService {
    /// Makes a series of rooms of the caller, once.
    public func createSeries(
        _ draft: SeriesDraft, key: IdempotencyKey, by caller: Caller
    ) async throws -> SeriesView {
        guard case .host(let host) = caller else {
            throw caller == .anybody ? EdgeRefusal.keyMissing : EdgeRefusal.keyScope("host")
        }
        let command = OnceOnly(
            "series", by: caller, key: key,
            request: """
                \(draft.rooms.map(\.text).joined(separator: ","))|\(draft.price)|\(draft.passes)|\
                \(draft.saleEndsAt?.description ?? "")|\(draft.title)
                """)
        let now = clock.now()
        return try await database.write { transaction in
            let outcome = try transaction.once(command, at: now) {
                // Before anything is read: a list without a bound would be a reading without one.
                guard draft.rooms.count <= Series.maximumRooms else { throw SeriesRefusal.rooms }
                var rooms: [RoomOnSale] = []
                for room in draft.rooms { rooms.append(try seriesRoom(room, in: transaction)) }
                let offer = PassOffer(price: draft.price, passes: draft.passes, saleEndsAt: draft.saleEndsAt)
                let made = try decideSeries(
                    makeID(), of: host, title: draft.title, rooms: draft.rooms, at: offer.draft, in: rooms, instant: now
                )
                guard try transaction.seriesCount(of: host) < Series.maximumOfHost else { throw SeriesRefusal.limit }
                var versions: [Int] = []
                for room in rooms { versions.append(try priceVersion(of: room, in: made.series, transaction)) }
                try transaction.insertSeries(made.series, versions: versions)
                try transaction.insertOffer(made.offer)
                try transaction.audit(
                    actor: caller.actor, act: "series_made", subject: made.series.id.text,
                    detail: made.offer.price.description, at: now)
                return made.series.id.text
            }
            guard let id = SeriesID(outcome) else { throw StoreFault.corrupt(column: "idempotency_keys.outcome") }
            return try seriesView(id, at: now, in: transaction)
        }
    }

    /// The version of a room's price list under which the tickets of passes stand.
    private func priceVersion(
        of sale: RoomOnSale, in series: Series, _ transaction: borrowing Transaction
    ) throws -> Int {
        guard let room = sale.room else { throw SeriesRefusal.unknown }
        guard try transaction.seriesCount(with: room.id) < Series.maximumOfRoom else { throw SeriesRefusal.limit }
        let version = try transaction.priceVersions(of: room.id) + 1
        guard let price = Series.price(of: room, in: series, policy: sale.policy, version: version) else {
            throw SeriesRefusal.currency(room.id)
        }
        try transaction.insertPrice(price)
        return version
    }

    private func seriesRoom(_ id: RoomID, in transaction: borrowing Transaction) throws -> RoomOnSale {
        let room = try transaction.room(id)
        return RoomOnSale(
            room: room, prices: try transaction.prices(of: id),
            policy: room.flatMap { settings.policies[$0.policy] } ?? settings.housePolicy, taxes: settings.taxes,
            terms: try transaction.terms(of: id))
    }

    /// A series as a decision meets it.
    func seriesOnSale(_ id: SeriesID, in transaction: borrowing Transaction) throws -> SeriesOnSale {
        guard let series = try transaction.series(id) else { throw SeriesRefusal.unknown }
        var rooms: [RoomOnSale] = []
        for room in series.rooms { rooms.append(try seriesRoom(room, in: transaction)) }
        return SeriesOnSale(
            series: series, offer: try transaction.offer(of: id), sold: try transaction.passesSold(of: id),
            rooms: rooms, versions: try transaction.seriesRooms(of: id).map(\.version))
    }

    /// Says what a pass costs from now on, how many there are and until when. Doing it twice changes nothing.
    public func offerPasses(_ offer: PassOffer, of id: SeriesID, by caller: Caller) async throws -> SeriesView {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        let now = clock.now()
        return try await database.write { transaction in
            let sale = try seriesOnSale(id, in: transaction)
            guard let series = sale.series, caller.isOperator || caller == .host(series.host) else {
                throw EdgeRefusal.keyScope("host of the series, operator")
            }
            let next = try decideSeriesOffer(offer.draft, for: sale, at: now)
            if next != sale.offer {
                try transaction.insertOffer(next)
                try transaction.audit(
                    actor: caller.actor, act: next.isWithdrawn ? "series_withdrawn" : "series_offered",
                    subject: id.text, detail: "\(next.price) x \(next.passes)", at: now)
            }
            return try seriesView(id, at: now, in: transaction)
        }
    }

    /// A series as anybody may see it.
    public func series(_ id: SeriesID) async throws -> SeriesView {
        let now = clock.now()
        return try await database.read { try seriesView(id, at: now, in: $0) }
    }

    /// The series in which a room is and of which passes are sold now, as anybody may see them.
    public func series(with room: RoomID) async throws -> [SeriesView] {
        let now = clock.now()
        return try await database.read { transaction in
            guard try transaction.room(room) != nil else { throw LedgerRefusal.roomUnknown }
            var views: [SeriesView] = []
            for id in try transaction.series(with: room) {
                let view = try seriesView(id, at: now, in: transaction)
                if view.state == SeriesView.onSale { views.append(view) }
            }
            return views
        }
    }

    /// A host's own series, or all of them for those who see everything, in the order of their making.
    public func allSeries(
        _ page: PageRequest, by caller: Caller
    ) async throws -> (series: [SeriesView], next: String?) {
        let owner: HostID?
        switch caller {
        case .host(let host), .moderator(let host): owner = host
        case .operator, .finance, .auditor: owner = nil
        case .gateway, .wallet: throw EdgeRefusal.keyScope("host, moderator, operator, finance, auditor")
        case .anybody: throw EdgeRefusal.keyMissing
        }
        let now = clock.now()
        return try await database.read { transaction in
            let (ids, next) = page.page(
                try transaction.series(of: owner, after: page.after ?? "", limit: page.limit + 1), key: \.text)
            var views: [SeriesView] = []
            for id in ids { views.append(try seriesView(id, at: now, in: transaction)) }
            return (views, next)
        }
    }

    func seriesView(_ id: SeriesID, at now: Instant, in transaction: borrowing Transaction) throws -> SeriesView {
        let sale = try seriesOnSale(id, in: transaction)
        guard let series = sale.series, let offer = sale.offer, let ends = sale.saleEnds else {
            throw StoreFault.corrupt(column: "series_offers.series")
        }
        var rooms: [SeriesView.Room] = []
        var seats: [SeatUse] = []
        for one in sale.rooms {
            guard let room = one.room, let shown = one.prices.shown(at: now)?.version else {
                throw StoreFault.corrupt(column: "series_rooms.room")
            }
            let use = try seatsNow(of: room, wanting: 1, at: now, in: transaction)
            seats.append(use)
            rooms.append(
                SeriesView.Room(
                    room: room.id, title: room.title, state: room.state.name, startsAt: room.startsAt,
                    endsAt: room.endsAt, price: shown.price, seatsLeft: max(0, room.capacity - use.taken)))
        }
        var state = SeriesView.onSale
        do {
            _ = try decidePassQuote(in: sale, for: nil, seats: seats, at: now)
        } catch {
            state = error.code
        }
        let together = rooms.filter { $0.price.currency == series.currency }.reduce(Money.zero(series.currency)) {
            $0 + $1.price
        }
        return SeriesView(
            series: id, host: series.host, title: series.title, price: offer.price, together: together,
            offerVersion: offer.version, passes: offer.passes, passesLeft: max(0, offer.passes - sale.sold),
            saleEndsAt: ends, state: state, rooms: rooms)
    }
}

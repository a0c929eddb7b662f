import BoxOffice
import Ledger
import Testing
import Values

/// Three rooms of one host, a day apart, at 5.00, 7.00 and 10.00 EUR.
struct Winter {
    let fixture: Fixture
    var rooms: [RoomOnSale] = []
    var ids: [RoomID] { rooms.compactMap { $0.room?.id } }

    init(prices: [Int64] = [500, 700, 1_000], policy: String = "guichet-default-2026") throws {
        fixture = try Fixture(policy: policy)
        for (index, price) in prices.enumerated() { rooms.append(try room(index, price)) }
    }

    func room(
        _ index: Int, _ price: Int64?, currency: Currency = .eur, state: RoomState = .scheduled,
        kind: PriceKind = .fixed, opensAt: Instant? = nil, host: HostID? = nil
    ) throws -> RoomOnSale {
        var draft = fixture.draft
        let start = fixture.at(Int64(index) * 86_400)
        (draft.doorsOpenAt, draft.startsAt, draft.endsAt) = (start, start, start.advanced(bySeconds: 3_600))
        draft.capacity = 3 + index
        draft.saleOpensAt = opensAt
        let id = RoomID.derived(at: fixture.start, from: "room \(index)")
        let room = Room(id: id, host: host ?? fixture.host, draft: draft, policy: fixture.policy.id, state: state)
        let prices = price.map {
            [
                PriceOffer(
                    PriceVersion(room: id, version: 1, kind: kind, price: Money($0, currency), since: fixture.at(-9)))
            ]
        }
        return RoomOnSale(room: room, prices: PriceList(prices ?? []), policy: fixture.policy)
    }

    func make(
        _ title: String = "Winter", rooms: [RoomOnSale]? = nil, ids: [RoomID]? = nil, price: Int64 = 1_800,
        currency: Currency = .eur, passes: Int = 2, until: Int64? = nil, at seconds: Int64 = -80_000
    ) throws -> (series: Series, offer: SeriesOffer) {
        let rooms = rooms ?? self.rooms
        return try decideSeries(
            .derived(at: fixture.start, from: "series"), of: fixture.host, title: title,
            rooms: ids ?? rooms.compactMap { $0.room?.id },
            at: SeriesOfferDraft(
                price: Money(price, currency), passes: passes, saleEndsAt: until.map { fixture.at($0) }),
            in: rooms, instant: fixture.at(seconds))
    }

    func onSale(
        _ rooms: [RoomOnSale]? = nil, price: Int64 = 1_800, sold: Int = 0, isWithdrawn: Bool = false,
        until: Int64? = nil
    ) throws -> SeriesOnSale {
        let series = Series(
            id: .derived(at: fixture.start, from: "series"), host: fixture.host, title: "Winter", currency: .eur,
            rooms: self.ids, madeAt: fixture.at(-80_000))
        let offer = SeriesOffer(
            series: series.id, version: 1, price: Money(price, .eur), passes: 2,
            saleEndsAt: until.map { fixture.at($0) },
            isWithdrawn: isWithdrawn, since: fixture.at(-80_000))
        return SeriesOnSale(
            series: series, offer: offer, sold: sold, rooms: rooms ?? self.rooms, versions: self.rooms.map { _ in 9 })
    }

    func buy(
        _ sale: SeriesOnSale, seats: [SeatUse]? = nil, wallet: Money = Money(5_000, .eur), at seconds: Int64 = -3_600
    ) throws -> PassSale {
        let names = sale.rooms.indices.map {
            TicketNames(
                order: .derived(at: fixture.start, from: "o\($0)"), ticket: .derived(at: fixture.start, from: "t\($0)"),
                entry: .derived(at: fixture.start, from: "e\($0)"))
        }
        let request = PassRequest(
            pass: .derived(at: fixture.start, from: "pass"), holder: fixture.holder, names: names)
        return try decidePassSale(
            request, in: sale, seats: seats ?? sale.rooms.map { _ in SeatUse(taken: 0, lowestFree: 1) }, wallet: wallet,
            stamp: fixture.stamp(seconds))
    }
}

import BoxOffice
import Ledger
import Schemas
import Testing
import Values

/// A room on 2 January 2026, 20:00 to 21:00 in Paris, doors at 19:45, three seats, 5.00 EUR.
struct Fixture {
    var policy: SalePolicy
    let start: Instant
    var draft: RoomDraft
    let host: HostID
    let holder: HolderID

    init(policy name: String = "guichet-default-2026") throws {
        policy = try #require(try PolicyBook(json: PolicyPresets.json)[name])
        start = try #require(Instant("2026-01-02T19:00:00Z"))
        draft = RoomDraft(
            title: "An evening about tides", language: "en", doorsOpenAt: start.advanced(bySeconds: -900),
            startsAt: start, endsAt: start.advanced(bySeconds: 3_600), capacity: 3)
        host = .derived(at: start, from: "host")
        holder = .derived(at: start, from: "holder")
    }

    /// Seconds before (negative) or after the start.
    func at(_ seconds: Int64) -> Instant { start.advanced(bySeconds: seconds) }

    func room(_ state: RoomState = .scheduled) throws -> Room {
        let room = try Room.create(
            id: .derived(at: start, from: "room"), host: host, draft: draft, policy: policy.id, at: at(-86_400))
        return Room(id: room.id, host: room.host, draft: draft, policy: room.policy, state: state)
    }

    func price(_ minorUnits: Int64 = 500) throws -> PriceVersion {
        PriceVersion(room: try room().id, version: 1, price: Money(minorUnits, .eur), since: at(-80_000))
    }

    func request(_ seen: Money = Money(500, .eur)) throws -> PurchaseRequest {
        PurchaseRequest(
            order: .derived(at: start, from: "order"), ticket: .derived(at: start, from: "ticket"),
            entry: .derived(at: start, from: "entry"), holder: holder, room: try room().id, priceSeen: seen)
    }

    func onSale(_ room: Room?, _ price: PriceVersion?) -> RoomOnSale {
        RoomOnSale(room: room, prices: PriceList(price.map { [PriceOffer($0)] } ?? []), policy: policy)
    }

    func stamp(_ seconds: Int64, _ name: String = "entry") -> EntryStamp {
        EntryStamp(
            id: .derived(at: at(seconds), from: name), postedAt: at(seconds),
            effectiveOn: policy.calendar.businessDay(of: at(seconds)))
    }

    /// Buys under the given circumstances; all of them are fine unless told.
    func buy(
        _ request: PurchaseRequest? = nil, room: Room? = nil, price: PriceVersion? = nil,
        seats: SeatUse = SeatUse(taken: 0, lowestFree: 1), wallet: Money = Money(500, .eur), at seconds: Int64 = -3_600
    ) throws -> Sale {
        let sales = try decidePurchase(
            try request ?? self.request(), in: onSale(try room ?? self.room(), try price ?? self.price()), seats: seats,
            wallet: wallet, stamp: stamp(seconds))
        return try #require(sales.first)
    }
}

import BoxOffice
import Foundation
import HTTPEdge
import LedgerService
import Payouts
import Store
import Synchronization
import Values

/// A ledger with many hosts whose rooms are sold out and over by every evening, and a clock that goes from day to day.
final class NightHouse: Sendable {
    /// Tickets of a room: one purchase of a wallet.
    static let tickets = 10
    /// As many at a time as a group commit takes.
    private static let callers = 256

    let service: LedgerService
    private let hosts: [HostID]
    private let buyers: [HolderID]
    private let time: BenchmarkTime
    private let purchases = Atomic<Int>(0)

    /// - Parameters:
    ///   - hosts: how many; each has one room a day.
    ///   - nights: for how many there is money in the wallets.
    init(at path: String, hosts: Int, nights: Int) async throws {
        // The last night is that of the last day of January.
        guard let last = Instant("2027-01-31T08:00:00Z") else { throw BaselineMissing(text: "No such time.") }
        let start = last.advanced(bySeconds: -86_400 * Int64(nights - 1))
        let time = BenchmarkTime(start)
        let service = try SalesHouse.service(
            on: try Database.ledger(at: path), policy: "guichet-demo-2026", clock: WallClock { time.now }
        ).0
        self.time = time
        self.service = service
        self.hosts = try await Self.concurrently(hosts) { number in
            try await service.createHost(name: "Host \(number)", by: .operator).host.host
        }
        // A wallet is topped up with 10,000.00, which are two hundred purchases.
        buyers = try await Self.concurrently(hosts * nights / 200 + 1) { number in
            let holder = try await service.createWallet().holder
            guard let once = IdempotencyKey("start-\(number)") else { throw BaselineMissing(text: "No key.") }
            _ = try await service.topUp(holder, Money(1_000_000, .eur), key: once, by: .operator)
            return holder
        }
    }

    /// A pot of 10,000.00 a month for what is heard, which closes with the month's last day.
    func endow() async throws {
        let program = FundProgram(
            name: "bench", version: 1, currency: .eur, closeLagDays: 0, holdDays: 0, firstMonth: nil, lastMonth: nil,
            scheme: .pot(
                PotTerms(
                    amount: 1_000_000, hostCap: BasisPoints(5_000), minUniqueListeners: 1,
                    listening: ListeningTerms(roomCapMinutes: 90, dayCapMinutes: 240, minSeconds: 60))))
        let now = time.now
        try await service.database.write { transaction in
            try transaction.insertFundProgram(program, place: 0, by: "benchmark", at: now)
        }
    }

    /// Whom of the rooms was listened to: each listener of a room came and went some times.
    func listen(to rooms: [RoomID], intervals: Int) async throws {
        let now = time.now
        let each = max(1, intervals / rooms.count)
        for slice in stride(from: 0, to: rooms.count, by: 200) {
            try await service.database.write { transaction in
                for (index, room) in rooms[slice..<min(slice + 200, rooms.count)].enumerated() {
                    for number in 0..<each {
                        let from = now.advanced(bySeconds: 600 + Int64(number * 37 % 2_400))
                        try transaction.insertListening(
                            ListeningInterval(room: room, from: from, to: from.advanced(bySeconds: 300)),
                            by: "listener \((slice + index) * 7 % 1_000)-\(number % Self.tickets)",
                            source: "bench/\(number)", at: from)
                    }
                }
            }
        }
    }

    /// Sells every host's room of the day, which is over an hour later.
    @discardableResult
    func sell() async throws -> [RoomID] {
        let now = time.now
        let draft = RoomDraft(
            title: "Benchmark", language: "en", doorsOpenAt: now, startsAt: now.advanced(bySeconds: 600),
            endsAt: now.advanced(bySeconds: 3_600), capacity: Self.tickets)
        let (service, hosts, buyers) = (service, hosts, buyers)
        return try await Self.concurrently(hosts.count) { [self] number in
            let room = try await service.createRoom(draft, price: SalesHouse.price, by: .host(hosts[number])).room
            let purchase = purchases.wrappingAdd(1, ordering: .relaxed).oldValue
            guard let once = IdempotencyKey("sale-\(purchase)") else { throw BaselineMissing(text: "No key.") }
            let order = TicketOrder(room: room, count: Self.tickets, price: SalesHouse.price)
            _ = try await service.buy(order, key: once, by: .wallet(buyers[purchase % buyers.count]))
            return room
        }
    }

    /// Runs the night of the day at 3 o'clock and goes on to the next morning.
    func night() async throws -> NightView {
        guard let day = LocalDay(String(time.now.description.prefix(10))) else {
            throw BaselineMissing(text: "No such day.")
        }
        time.advance(bySeconds: 19 * 3_600)
        let view = try await service.runNight(day, by: .finance)
        time.advance(bySeconds: 5 * 3_600)
        return view
    }

    func close() async { await service.database.close() }

    private static func concurrently<Value: Sendable>(
        _ count: Int, _ make: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: [Value].self) { group in
            for caller in 0..<callers {
                group.addTask {
                    var made: [Value] = []
                    for number in stride(from: caller, to: count, by: callers) { made.append(try await make(number)) }
                    return made
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }
}

/// A clock that stands until it is moved.
final class BenchmarkTime: Sendable {
    private let instant: Mutex<Instant>

    init(_ start: Instant) { instant = Mutex(start) }

    var now: Instant { instant.withLock { $0 } }
    func advance(bySeconds seconds: Int64) { instant.withLock { $0 = $0.advanced(bySeconds: seconds) } }
}

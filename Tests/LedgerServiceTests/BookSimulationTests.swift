import BoxOffice
import Engines
import Foundation
import HTTPEdge
import HTTPTypes
import Ledger
import Simulation
import Stage
import Store
import Synchronization
import Testing
import Values

@testable import LedgerService

/// A house that people use at random, whose clock steps and whose process dies between commit and answer; after every
/// step an auditor that shares no code with the ledger looks at its tables, and a model at its wallets.
@Suite struct BookSimulationTests {
    /// What the test knows without asking.
    struct World: Sendable {
        struct Room: Sendable {
            let id: String
            let hostKey: String
            var price: Int
            var isCancelled = false
        }
        struct Wallet: Sendable {
            let holder: String
            let key: String
            var balance: Int
        }
        struct Ticket: Sendable {
            let id: String
            let wallet: Int
            let room: Int
            var left: Int
        }
        /// A gateway's own memory: every receipt that it ever wrote, and how many of them it knows to be taken.
        struct Gateway: Sendable {
            let key: String
            var chain: ReceiptChain
            var spool: [Receipt] = []
            var acknowledged = 0
        }
        enum Lost: Sendable {
            case purchase(room: Int, wallet: Int, price: Int, once: String)
            case refund(ticket: Int, key: String, once: String)
            case topUp(wallet: Int, amount: Int, once: String)
        }
        var generator: SeededGenerator
        var hosts: [(id: String, key: String)] = []
        var rooms: [Room] = []
        var wallets: [Wallet] = []
        var tickets: [Ticket] = []
        var suspense: [(item: String, amount: Int)] = []
        var tips: [SimulatedTip] = []
        /// Checkouts that nobody has paid yet.
        var charges: [SimulatedCharge] = []
        /// Money that came too late for its seats.
        var suspended: [(hold: String, wallet: Int, amount: Int)] = []
        var series: [String] = []
        var gateway: Gateway?
        var step = 0
        /// What was sent before the process died, whose answers were lost: to be sent again.
        var lost: [Lost] = []

        mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `random days with clock steps and crashes leave sound books`(seed: UInt64) async throws {
        let world = Mutex(World(generator: SeededGenerator(seed: seed)))
        let next = Mutex<House?>(try await House(on: .sqlite))
        for _ in 0..<4 {
            let house = try #require(next.withLock { $0 })
            try await house.api { api in
                var now = world.withLock { $0 }
                try await sendAgain(&now, api)
                for _ in 0..<24 {
                    now.step += 1
                    try await act(&now, house, api)
                    try await look(now, house, api, seed)
                }
                try await loseAnswers(&now, api)
                // As the disk is at this moment: committed, and nobody was told.
                let heir = try await House(after: house)
                next.withLock { $0 = heir }
                world.withLock { $0 = now }
            }
        }
        let house = try #require(next.withLock { $0 })
        let report = try await house.service.audit(by: .operator)
        for line in report.lines { #expect(line.findings.isEmpty, "seed \(seed): \(line.check) \(line.findings)") }
        await house.service.database.close()
    }

    private func act(_ world: inout World, _ house: House, _ api: API) async throws {
        switch world.pick(37) {
        case 0 where world.hosts.count < 3: world.hosts.append(try await api.host("Host \(world.step)"))
        case 1, 2: try await makeRoom(&world, house, api)
        case 3: try await changePrice(&world, api)
        case 4, 5, 6: try await topUp(&world, api)
        case 7, 8, 9, 10: try await buy(&world, api)
        case 11, 12: try await refund(&world, api)
        case 13: try await end(&world, api)
        case 14: try await night(house, api)
        case 15: house.time.advance(bySeconds: -3_600)
        case 16: house.time.advance(bySeconds: 86_400)
        case 17: try await bookSuspense(&world, api)
        case 18: try await resolveSuspense(&world, api)
        case 19: try await undoTopUp(&world, api)
        case 20, 21: try await letIn(&world, house, api)
        case 22: try await deliver(&world, api)
        case 23: try await deliverWrongly(world, api)
        case let number where number > 23: try await actAfterSale(&world, house, api, number - 24)
        default: house.time.advance(bySeconds: 600)
        }
    }

    private func makeRoom(_ world: inout World, _ house: House, _ api: API) async throws {
        guard !world.hosts.isEmpty else { return }
        let host = world.hosts[world.pick(world.hosts.count)]
        let price = 100 * (1 + world.pick(9))
        let start = house.service.clock.now().advanced(bySeconds: 3_600)
        let body = """
            {"title":"Room \(world.step)","startsAt":"\(start)","endsAt":"\(start.advanced(bySeconds: 7_200))",\
            "doorsOpenAt":"\(start)","capacity":\(1 + world.pick(4)),"price":{"amount":\(price),"currency":"EUR"}}
            """
        let answer = try await api.post("/v1/rooms", body, key: host.key)
        #expect(answer.status == 201, "\(answer.json)")
        world.rooms.append(World.Room(id: answer.text("room"), hostKey: host.key, price: price))
    }

    private func changePrice(_ world: inout World, _ api: API) async throws {
        guard !world.rooms.isEmpty else { return }
        let room = world.pick(world.rooms.count)
        let price = 100 * (1 + world.pick(9))
        let answer = try await api.send(
            .put, "/v1/rooms/\(world.rooms[room].id)/price", #"{"amount":\#(price),"currency":"EUR"}"#,
            key: world.rooms[room].hostKey)
        if answer.status < 300 { world.rooms[room].price = price }
    }

    private func topUp(_ world: inout World, _ api: API) async throws {
        if world.wallets.count < 5 {
            let made = try await api.wallet(0)
            world.wallets.append(World.Wallet(holder: made.holder, key: made.key, balance: 0))
        }
        let wallet = world.pick(world.wallets.count)
        let amount = 100 * (5 + world.pick(20))
        try await topUp(&world, api, wallet, amount, "t\(world.step)")
    }

    private func topUp(
        _ world: inout World, _ api: API, _ wallet: Int, _ amount: Int, _ once: String
    ) async throws {
        let answer = try await sendTopUp(world, api, wallet, amount, once)
        #expect(answer.status == 201, "\(answer.json)")
        world.wallets[wallet].balance += amount
    }

    private func sendTopUp(
        _ world: World, _ api: API, _ wallet: Int, _ amount: Int, _ once: String
    ) async throws -> API.Answer {
        try await api.post(
            "/v1/wallets/\(world.wallets[wallet].holder)/topups", #"{"amount":{"amount":\#(amount),"currency":"EUR"}}"#,
            key: world.wallets[wallet].key, once: once)
    }

    private func buy(_ world: inout World, _ api: API) async throws {
        guard !world.rooms.isEmpty, !world.wallets.isEmpty else { return }
        let (room, wallet) = (world.pick(world.rooms.count), world.pick(world.wallets.count))
        try await buy(&world, api, room, wallet, world.rooms[room].price, "b\(world.step)")
    }

    private func buy(
        _ world: inout World, _ api: API, _ room: Int, _ wallet: Int, _ price: Int, _ once: String
    ) async throws {
        let answer = try await api.buy(world.rooms[room].id, key: world.wallets[wallet].key, price: price, once: once)
        #expect(answer.status == 201 || (400...499).contains(answer.status), "\(answer.json)")
        guard answer.status == 201 else { return }
        #expect(world.wallets[wallet].balance >= price)
        world.wallets[wallet].balance -= price
        world.tickets.append(World.Ticket(id: answer.text("ticket"), wallet: wallet, room: room, left: price))
    }

    private func refund(_ world: inout World, _ api: API) async throws {
        guard !world.tickets.isEmpty else { return }
        let index = world.pick(world.tickets.count)
        let ticket = world.tickets[index]
        let key = world.pick(3) == 0 ? House.operatorKey : world.wallets[ticket.wallet].key
        try await refund(&world, api, index, key, "r\(world.step)")
    }

    private func refund(
        _ world: inout World, _ api: API, _ index: Int, _ key: String, _ once: String
    ) async throws {
        let ticket = world.tickets[index]
        let answer = try await api.post("/v1/tickets/\(ticket.id)/refund", key: key, once: once)
        #expect(answer.status == 201 || (400...499).contains(answer.status), "\(answer.json)")
        guard answer.status == 201 else { return }
        let amount = (answer.json["amount"] as? [String: any Sendable])?["amount"] as? Int ?? 0
        #expect(amount <= ticket.left)
        world.tickets[index].left -= amount
        world.wallets[ticket.wallet].balance += amount
    }

    /// Opens, closes or cancels a room.
    private func end(_ world: inout World, _ api: API) async throws {
        guard !world.rooms.isEmpty else { return }
        let room = world.pick(world.rooms.count)
        let verb = ["open", "close", "cancel"][world.pick(3)]
        let answer = try await api.post("/v1/rooms/\(world.rooms[room].id)/\(verb)", key: world.rooms[room].hostKey)
        #expect(answer.status < 500, "\(answer.json)")
        guard verb == "cancel", answer.status < 300, answer.text("state") == "cancelled" else { return }
        giveEverythingBack(of: room, &world)
    }

    private func night(_ house: House, _ api: API) async throws {
        let day = house.service.settings.housePolicy.calendar.businessDay(of: house.service.clock.now())
        let answer = try await api.post("/v1/nights", #"{"day":"\#(day)","cutNow":true}"#, key: House.financeKey)
        #expect(answer.status < 500, "\(answer.json)")
    }

    private func bookSuspense(_ world: inout World, _ api: API) async throws {
        let amount = 1 + world.pick(500)
        let body = """
            {"source":"bank","reference":"\(world.step)","amount":{"amount":\(amount),"currency":"EUR"},"reason":"late"}
            """
        let answer = try await api.post("/v1/suspense", body, key: House.operatorKey, once: "s\(world.step)")
        #expect(answer.status == 201, "\(answer.json)")
        world.suspense.append((answer.text("item"), amount))
    }

    private func resolveSuspense(_ world: inout World, _ api: API) async throws {
        guard !world.suspense.isEmpty, !world.wallets.isEmpty else { return }
        let (item, amount) = world.suspense.remove(at: world.pick(world.suspense.count))
        let wallet = world.pick(world.wallets.count)
        let answer = try await api.post(
            "/v1/suspense/\(item)/resolve", #"{"holder":"\#(world.wallets[wallet].holder)"}"#, key: House.operatorKey,
            once: "v\(world.step)")
        #expect(answer.status == 201, "\(answer.json)")
        world.wallets[wallet].balance += amount
    }

    /// A top-up that should not have been: booked and undone, which leaves everything as it was.
    private func undoTopUp(_ world: inout World, _ api: API) async throws {
        guard !world.wallets.isEmpty else { return }
        let wallet = world.wallets[world.pick(world.wallets.count)]
        let topup = try await api.post(
            "/v1/wallets/\(wallet.holder)/topups", #"{"amount":{"amount":700,"currency":"EUR"}}"#, key: wallet.key,
            once: "u\(world.step)")
        let answer = try await api.post(
            "/v1/journal/entries/\(topup.text("entry"))/reversal", #"{"reason":"booked twice"}"#,
            key: House.operatorKey, once: "w\(world.step)")
        #expect(answer.status == 201, "\(answer.json)")
    }

    /// Sends one thing of each kind and forgets the answers: the process dies after the commit, before the reply.
    private func loseAnswers(_ world: inout World, _ api: API) async throws {
        guard !world.rooms.isEmpty, !world.wallets.isEmpty else { return }
        let (room, wallet) = (world.pick(world.rooms.count), world.pick(world.wallets.count))
        let (price, once) = (world.rooms[room].price, "lost\(world.step)")
        _ = try await api.buy(world.rooms[room].id, key: world.wallets[wallet].key, price: price, once: once)
        world.lost.append(.purchase(room: room, wallet: wallet, price: price, once: once))
        let payer = world.pick(world.wallets.count)
        _ = try await sendTopUp(world, api, payer, 300, once)
        world.lost.append(.topUp(wallet: payer, amount: 300, once: once))
        if !world.tickets.isEmpty {
            let ticket = world.pick(world.tickets.count)
            _ = try await api.post(
                "/v1/tickets/\(world.tickets[ticket].id)/refund", key: House.operatorKey, once: once)
            world.lost.append(.refund(ticket: ticket, key: House.operatorKey, once: once))
        }
        if let gateway = world.gateway { _ = try await deliver(gateway.spool[...], of: gateway, api) }
    }

    private func sendAgain(_ world: inout World, _ api: API) async throws {
        let lost = world.lost
        world.lost = []
        // The other way round: what brought money is counted before what was paid with it.
        for one in lost.reversed() {
            switch one {
            case .purchase(let room, let wallet, let price, let once):
                try await buy(&world, api, room, wallet, price, once)
            case .refund(let ticket, let key, let once): try await refund(&world, api, ticket, key, once)
            case .topUp(let wallet, let amount, let once): try await topUp(&world, api, wallet, amount, once)
            }
        }
    }

    private func look(_ world: World, _ house: House, _ api: API, _ seed: UInt64) async throws {
        let auditor = try await house.service.database.read { try IndependentAuditor(reading: $0) }
        #expect(auditor.problems.isEmpty, "seed \(seed), step \(world.step): \(auditor.problems)")
        let balances = auditor.balances
        for wallet in world.wallets {
            let held = -(balances["liabilities:wallet:\(wallet.holder) EUR"] ?? 0)
            #expect(held == Int64(wallet.balance), "seed \(seed), step \(world.step): \(wallet.holder)")
        }
        let waiting = world.suspense.reduce(0) { $0 + $1.amount } + world.suspended.reduce(0) { $0 + $1.amount }
        #expect(-(balances["liabilities:suspense EUR"] ?? 0) == Int64(waiting), "seed \(seed), step \(world.step)")
        try await lookAtReceipts(world, house, seed)
    }
}

import BoxOffice
import Engines
import Foundation
import HTTPEdge
import Ledger
import Payouts
import Reporting
import Simulation
import Store
import Synchronization
import Testing
import Values

@testable import LedgerService

/// Two weeks of a house that sells, gives back, corrects, blocks, withholds and holds reserves, with a night every day.
private struct History {
    let house: House
    var generator: SeededGenerator
    private var count = 0
    private var hosts: [(id: HostID, caller: Caller)] = []
    private var rooms: [(id: RoomID, price: Money)] = []
    private var tickets: [TicketID] = []

    init(seed: UInt64, policy: String) async throws {
        house = try await House(policy: policy, at: "2026-03-02T09:00:00Z")
        generator = SeededGenerator(seed: seed)
        for name in ["Ana", "Bea", "Cyd"] {
            let made = try await house.service.createHost(name: name, by: .operator)
            hosts.append((made.host.host, try await house.service.authenticate(made.key.key)))
        }
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    private mutating func once() throws -> IdempotencyKey {
        count += 1
        return try #require(IdempotencyKey("once-\(count)"))
    }

    mutating func run(days: Int) async throws {
        let service = house.service
        var day = try #require(LocalDay("2026-03-02"))
        for _ in 0..<days {
            try house.time.set("\(day)T09:00:00Z")
            for _ in 0..<number(6...12) {
                house.time.advance(bySeconds: Int64(number(1...4_000)))
                try await step()
            }
            // Some days are cut while they last: what follows belongs to the next one.
            let isEarly = number(0...4) == 0
            if isEarly { _ = try await service.runNight(day, cutNow: true, by: .finance) }
            for _ in 0..<2 { try await step() }
            let next = day.advanced(byDays: 1)
            try house.time.set("\(next)T08:00:00Z")
            if !isEarly { _ = try await service.runNight(day, by: .finance) }
            day = next
        }
    }

    private mutating func step() async throws {
        switch number(0...15) {
        case 0, 1: try await room()
        case 2...8: try await purchase()
        case 9, 10:
            guard let ticket = tickets.randomElement(using: &generator) else { return }
            let amount = number(0...1) == 0 ? nil : Money(Int64(number(1...900)), .eur)
            // Some were given back before, or are less than that.
            _ = try? await house.service.refund(ticket, amount: amount, key: try once(), by: .operator)
        case 11:
            let host = hosts[number(0...2)].id
            let amount = Int64(number(-700...900))
            guard amount != 0 else { return }
            _ = try await house.service.adjust(
                host, by: Money(amount, .eur), reason: "a correction", key: try once(), by: .finance)
        case 12:
            _ = try await house.service.setPayee(
                hosts[number(0...2)].id, withholdingBp: Int64(number(0...3_000)), reason: "form", by: .finance)
        case 13:
            _ = try await house.service.setPayee(
                hosts[number(0...2)].id, blocked: number(0...2) == 0, reason: "look", by: .finance)
        case 14:
            let name = ["standard", "new", "elevated"][number(0...2)]
            _ = try await house.service.setRisk(
                of: hosts[number(0...2)].id, to: name, reason: "why not", key: try once(), by: .finance)
        default:
            guard let room = rooms.randomElement(using: &generator) else { return }
            for host in hosts { _ = try? await house.service.closeRoom(room.id, by: host.caller) }
        }
    }

    private mutating func room() async throws {
        let now = house.service.clock.now()
        let starts = now.advanced(bySeconds: Int64(number(60...20_000)))
        let owner = number(0...2)
        let cohost = hosts[(owner + 1) % 3].id
        let draft = RoomDraft(
            title: "T", language: "en", doorsOpenAt: starts, startsAt: starts,
            endsAt: starts.advanced(bySeconds: Int64(number(600...7_200))), capacity: 50,
            cohosts: number(0...1) == 0 ? [] : [CohostShare(host: cohost, share: BasisPoints(Int64(number(1...5_000))))]
        )
        let price = Money(Int64(number(100...9_000)), .eur)
        let made = try await house.service.createRoom(draft, price: price, by: hosts[owner].caller)
        rooms.append((made.room, price))
    }

    private mutating func purchase() async throws {
        guard let room = rooms.last else { return try await self.room() }
        let wallet = try await house.service.createWallet()
        let buyer = try await house.service.authenticate(wallet.key.key)
        _ = try await house.service.topUp(wallet.holder, Money(20_000, .eur), key: try once(), by: buyer)
        // The room may be over.
        if let bought = try? await house.service.buy(room.id, at: room.price, key: try once(), by: buyer) {
            tickets.append(bought.ticket)
        }
    }
}

@Suite("What an export writes")
struct ReplayExportTests {
    private struct Exported {
        let events: String
        let config: [UInt8]
        let summary: ReplayExportSummary

        init(_ database: Database) async throws {
            let text = Mutex("")
            let made = try await ReplayExport(database).write { line in text.withLock { $0 += line } }
            events = text.withLock { $0 }
            (summary, config) = (made.summary, made.config)
        }

        /// Plays the list, under another policy if one is named.
        func played(under policy: String? = nil) async throws -> (
            payouts: [ReplayPayout], balances: [ReplayBalance], rejected: Int
        ) {
            let path = FileManager.default.temporaryDirectory.appending(path: "export-\(UUID().uuidString).ndjson")
            try Data(events.utf8).write(to: path)
            defer { try? FileManager.default.removeItem(at: path) }
            let fresh = try await FreshDatabase(.chosen)
            // It goes with the last one who has it, whoever still reads in it.
            defer { withExtendedLifetime(fresh) {} }
            let database = try fresh.ledger()
            let config =
                if let policy { try ReplayConfig(json: self.config, under: policy) } else {
                    try ReplayConfig(json: self.config)
                }
            let replay = try Replay(config, events: path.path, in: database)
            let summary = try await replay.run { _ in }
            let names = try await database.read { try $0.importedNames(.host) }
            let view = try await BooksView(lastDay: config.lastDay, policy: config.policy).read(database)
            let payouts = try await replay.payouts()
            await database.close()
            return (payouts, view.balances(names), summary.rejected)
        }
    }

    /// What a house has paid, as a replay says it.
    private func paid(_ house: House) async throws -> [ReplayPayout] {
        try await house.service.database.read { transaction in
            try transaction.doneNights(after: "", limit: 1_000).flatMap { night in
                try transaction.payouts(of: night.day).map {
                    ReplayPayout(
                        day: night.day, host: $0.host.text, currency: $0.currency, gross: $0.gross,
                        withheld: $0.withheld, net: $0.net, isReturned: false)
                }
            }
        }
    }

    @Test(
        "pays and leaves, played under the same policy, what the house has paid and owes", arguments: UInt64(1)...6)
    func same(seed: UInt64) async throws {
        var history = try await History(
            seed: seed, policy: seed.isMultiple(of: 2) ? "guichet-demo-2026" : "guichet-default-2026")
        try await history.run(days: seed.isMultiple(of: 2) ? 14 : 30)
        let house = history.house
        let audit = try await house.service.audit(by: .auditor)
        #expect(audit.isClean, "seed \(seed): \(audit.lines.flatMap(\.findings))")
        let exported = try await Exported(house.service.database)
        let played = try await exported.played()
        #expect(played.rejected == 0, "seed \(seed)")
        let paid = try await paid(house)
        #expect(!paid.isEmpty, "seed \(seed): nothing was paid")
        #expect(played.payouts == paid, "seed \(seed)")
        let view = try await BooksView(
            lastDay: exported.summary.lastDay, policy: house.service.settings.housePolicy
        ).read(house.service.database)
        let owed = view.balances([:])
        #expect(played.balances == owed, "seed \(seed)")
        // The same again, and again to the byte.
        let again = try await Exported(house.service.database)
        #expect(again.events == exported.events && again.config == exported.config, "seed \(seed)")
        await house.service.database.close()
    }

    @Test("differs under another policy, and the differences add up")
    func other() async throws {
        var history = try await History(seed: 2, policy: "guichet-demo-2026")
        try await history.run(days: 14)
        let exported = try await Exported(history.house.service.database)
        let before = try await exported.played().payouts
        let after = try await exported.played(under: "guichet-default-2026").payouts
        let comparison = ReplayComparison(before, after)
        func sum(_ payouts: [ReplayPayout]) -> Int64 { payouts.reduce(0) { $0 + $1.gross } }
        #expect(sum(before) != sum(after))
        for rows in [comparison.hosts, comparison.months] {
            #expect(rows.reduce(0) { $0 + $1.before } == sum(before))
            #expect(rows.reduce(0) { $0 + $1.after } == sum(after))
            #expect(rows.reduce(0) { $0 + $1.difference } == sum(after) - sum(before))
        }
        for host in comparison.hosts {
            let months = comparison.months.filter { $0.host == host.host && $0.currency == host.currency }
            #expect(months.reduce(0) { $0 + $1.difference } == host.difference, "\(host.host)")
        }
        #expect(comparison.monthsCSV.hasPrefix("month,host,currency,before,after,difference\r\n2026-03,"))
        #expect(ReplayComparison(before, before).months.allSatisfy { $0.difference == 0 })
        await history.house.service.database.close()
    }

    @Test("a ledger without a night is refused")
    func noNights() async throws {
        let house = try await House()
        let database = house.service.database
        await #expect(throws: ReplayRefusal.noNights) { try await ReplayExport(database).write { _ in } }
        await database.close()
    }
}

import BoxOffice
import Engines
import Foundation
import HTTPEdge
import Ledger
import Payouts
import Store
import Testing
import Tickets
import Values

@testable import LedgerService

/// The cost of a night and of the gates of its batch is that of what is new and open, whatever came before: counted in
/// steps of SQLite's machine, statement by statement, so that the clock of no machine has a say.
@Suite(.timeLimit(.minutes(20))) struct NightStepsTests {
    /// A house in which every month the same things happen and end: sales to a host with and one without a reserve, a room
    /// that was not held, money in suspense, a repayment, a dispute that was won, a place in a fund, a month of it.
    private struct World {
        let house: House
        let api: API
        let hosts: [(id: String, key: String)]
        let buyer: HolderID

        init(_ api: API, in house: House) async throws {
            (self.api, self.house) = (api, house)
            hosts = [try await api.host("Ana"), try await api.host("Bea")]
            buyer = try await house.service.createWallet().holder
            let made = try await api.post(
                "/v1/funds",
                """
                {"name":"spark","kind":"stipend","currency":"EUR","stipend":10000,"mode":"prorata","rooms_per_week":0,\
                "min_room_minutes":0,"min_room_listeners":0,"close_lag_days":2,\
                "cohort":{"places":100,"months":2,"rooms":1,"min_room_minutes":30,"min_room_listeners":0,"min_age":18,\
                "min_followers":100,"verified_payee":true}}
                """, key: House.financeKey, once: "fund")
            #expect(made.status == 201, "\(made.json)")
            _ = try await post(
                "/v1/funds/spark/endowments", #"{"amount":{"amount":1000000,"currency":"EUR"},"reason":"Board"}"#)
            _ = try await post("/v1/hosts/\(hosts[1].id)/risk", #"{"class":"new","reason":"First room"}"#)
        }

        @discardableResult
        func post(_ path: String, _ body: String = "{}", key: String = House.financeKey) async throws -> API.Answer {
            let answer = try await api.post(path, body, key: key, once: UUID().uuidString)
            #expect((200...201).contains(answer.status), "\(path) \(answer.json)")
            return answer
        }

        private func once() throws -> IdempotencyKey { try #require(IdempotencyKey(UUID().uuidString)) }

        private func sell(_ host: String, terms: String?, count: Int) async throws {
            let now = house.service.clock.now()
            let owner = Caller.host(try #require(HostID(host)))
            let draft = RoomDraft(
                title: "T", language: "en", doorsOpenAt: now, startsAt: now.advanced(bySeconds: 600),
                endsAt: now.advanced(bySeconds: 3_600), capacity: 10)
            let room = try await house.service.createRoom(draft, price: Money(500, .eur), terms: terms, by: owner).room
            _ = try await house.service.topUp(buyer, Money(10_000, .eur), key: try once(), by: .operator)
            for _ in 0..<count {
                _ = try await house.service.buy(room, at: Money(500, .eur), key: try once(), by: .wallet(buyer))
            }
        }

        private func charge() async throws {
            let now = house.service.clock.now()
            let draft = RoomDraft(
                title: "T", language: "en", doorsOpenAt: now, startsAt: now.advanced(bySeconds: 7_200),
                endsAt: now.advanced(bySeconds: 10_800), capacity: 10)
            let owner = Caller.host(try #require(HostID(hosts[0].id)))
            let room = try await house.service.createRoom(draft, price: Money(500, .eur), by: owner).room
            let wallet = try await api.wallet(0)
            let charge = try await post(
                "/v1/checkouts",
                #"{"provider":"sandbox","room":"\#(room)","count":2,"price":{"amount":500,"currency":"EUR"}}"#,
                key: wallet.key
            ).text("charge")
            func play(_ outcome: String) async throws {
                _ = try await api.post(
                    "/v1/providers/sandbox/checkouts/sandbox_\(charge)", #"{"outcome":"\#(outcome)"}"#)
                for _ in 0..<4 {
                    house.time.advance(bySeconds: 1)
                    try await house.desk.turn()
                }
            }
            try await play("pay")
            let tickets = try await api.get("/v1/wallets/\(wallet.holder)/tickets", key: wallet.key)
            let ticket = try #require(
                (tickets.json["tickets"] as? [[String: any Sendable]])?.first?["ticket"] as? String)
            try await post("/v1/tickets/\(ticket)/refund", key: wallet.key)
            try await post("/v1/charges/\(charge)/repayments", key: wallet.key)
            for outcome in ["dispute", "dispute_won"] { try await play(outcome) }
        }

        /// Everything of a month, in the middle of it.
        /// - Returns: the day whose night closes it.
        func month(_ number: Int) async throws -> LocalDay {
            let month = try #require(LocalMonth("2026-03")).advanced(byMonths: number)
            try house.time.set("\(month)-10T12:00:00Z")
            for host in hosts { try await sell(host.id, terms: nil, count: 2) }
            try await sell(hosts[0].id, terms: "metered", count: 1)
            let item = try await post(
                "/v1/suspense",
                #"{"source":"bank","reference":"\#(month)","amount":{"amount":700,"currency":"EUR"},"reason":"who"}"#,
                key: House.operatorKey)
            try await post(
                "/v1/suspense/\(item.text("item"))/resolve", #"{"holder":"\#(buyer)"}"#, key: House.operatorKey)
            try await charge()
            let newcomer = try await api.host("Host of \(month)")
            var monday = month.firstDay.advanced(byDays: 11)
            while monday.weekday != 1 { monday = monday.advanced(byDays: 1) }
            try await post(
                "/v1/funds/spark/enrolments",
                #"{"host":"\#(newcomer.id)","from":"\#(monday)","to":"\#(monday.advanced(byDays: 6))"}"#)
            let day = month.lastDay.advanced(byDays: 2)
            try house.time.set("\(day.advanced(byDays: 1))T12:00:00Z")
            return day
        }
    }

    /// The night of a day, and a look at the gates of its batch as it is sent.
    private static func night(_ day: LocalDay, of service: LedgerService) async throws {
        let view = try await service.runNight(day, by: .finance)
        #expect(view.state == "done" && view.rated > 0 && !view.payouts.isEmpty)
        let head = try await service.followedHead()
        let now = service.clock.now()
        try await service.database.write { transaction in
            let batch = try #require(try transaction.payoutBatch(of: day))
            _ = try service.passGates(batch, from: head, by: "test", at: now, in: transaction)
        }
    }

    /// What the last of so many months costs: steps by statement.
    private func steps(months: Int) async throws -> [String: Int64] {
        let house = try await House(on: .sqlite)
        try await house.api { api in
            let world = try await World(api, in: house)
            for number in 0..<months - 1 { try await Self.night(try await world.month(number), of: house.service) }
            _ = try await world.month(months - 1)
        }
        // Another process, with one reader: all its statements can be asked what they cost.
        let key = try #require(SigningKey(seed: [UInt8](repeating: 7, count: 32)))
        let service = LedgerService(
            database: try Database.ledger(at: try #require(house.path), readers: 1), settings: house.service.settings,
            signingKey: key, clock: house.time.clock)
        let month = try #require(LocalMonth("2026-03")).advanced(byMonths: months - 1)
        try await Self.night(month.lastDay.advanced(byDays: 2), of: service)
        let inEscrow = try await service.database.read { transaction in
            try transaction.row("SELECT count(*) FROM escrowed WHERE shard = $1", "0") { row throws(StoreFault) in
                try row.int(0)
            }
        }
        #expect(inEscrow == 0, "everything of the last month was released or given back")
        let written = try await service.database.write { $0.statementSteps }
        let read = try await service.database.read { $0.statementSteps }
        let audit = try await service.audit(by: .auditor)
        #expect(audit.isClean, "\(audit.lines.flatMap(\.findings))")
        await service.database.close()
        return written.merging(read, uniquingKeysWith: +)
    }

    @Test func `a night behind ten times the history takes the same steps, statement by statement`() async throws {
        let (short, long) = (try await steps(months: 3), try await steps(months: 21))
        #expect(short.count > 100 && long.values.reduce(0, +) > 10_000, "the statements were not counted")
        for (text, count) in long {
            let before = short[text] ?? 0
            // A balance goes on from its last mark, which is at most so many postings back on either side.
            // What looks through the rooms in escrow passes more or fewer of the month's few as their identifiers fall; a look
            // at 18 months of rooms that are over would be hundreds of steps more.
            let slack =
                text.contains("balance_marks") ? 40_000 : text.contains("escrowed") ? before + 100 : before / 50 + 24
            #expect(count <= before + slack, "\(before) steps became \(count): \(text)")
        }
    }
}

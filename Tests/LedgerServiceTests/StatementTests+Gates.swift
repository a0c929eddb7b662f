import BoxOffice
import HTTPEdge
import Testing
import Values

@testable import LedgerService

/// What a statement that is missing, silent or wrong keeps from being paid.
extension StatementTests {
    func inbox(_ api: API) async throws -> (Int, String) {
        let answer = try await api.get("\(PayDay.path)/gates", key: House.financeKey)
        let gates = (answer.json["now"] as? [String: any Sendable])?["gates"] as? [[String: any Sendable]] ?? []
        let one = gates.first { $0["gate"] as? String == "inbox" }
        return (one?["count"] as? Int ?? -1, one?["detail"] as? String ?? "")
    }

    @Test(arguments: [true, false]) func `a silent statement holds a batch, unless its provider has left the house`(
        isServed: Bool
    ) async throws {
        let house = try await House { if !isServed { $0.statementProviders = [] } }
        try await house.api { api in
            let stage = try await payments.stage(api)
            _ = try await PayDay(house, api)
            _ = try await read(house)
            let readAt = house.time.clock.now()
            try await payments.play("pay", stage, api)
            try await payments.settle(house)
            house.time.advance(bySeconds: 47 * 3_600)
            #expect(try await inbox(api).0 == 0, "a day late is no silence")
            house.time.advance(bySeconds: 2 * 3_600)
            let (count, first) = try await inbox(api)
            #expect(count == (isServed ? 1 : 0))
            #expect(!isServed || first == "sandbox statement since \(Instant(seconds: readAt.seconds))")
        }
    }

    @Test(arguments: [true, false]) func `a statement that was never read holds a batch like a silent one`(
        isServed: Bool
    ) async throws {
        let house = try await House { $0.statementProviders = isServed ? [.sandbox] : [.stripe] }
        try await house.api { api in
            let stage = try await payments.stage(api)
            // The night asks and gets no answer.
            house.sandbox.fail(.serverError)
            _ = try await PayDay(house, api)
            try await payments.play("pay", stage, api)
            try await payments.settle(house)
            house.time.advance(bySeconds: 47 * 3_600)
            #expect(try await inbox(api).0 == 0, "its money is not two days old")
            house.time.advance(bySeconds: 2 * 3_600)
            let (count, first) = try await inbox(api)
            #expect(count == (isServed ? 1 : 0), "\(first)")
            #expect(!isServed || first.hasPrefix("sandbox statement never read"), "\(first)")
            _ = try await read(house)
            #expect(try await inbox(api).0 == 0)
        }
    }

    @Test func `a line that does not agree for a day holds a batch`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await payments.stage(api)
            let day = try await PayDay(house, api)
            try await payments.play("pay", stage, api)
            try await payments.settle(house)
            let odd = try line("txn_x", .other, of: "", 5, house)
            #expect(try await house.service.take([odd], from: .sandbox) == 1)
            _ = try await read(house)
            #expect(try await inbox(api).0 == 0, "still young")
            house.time.advance(bySeconds: 25 * 3_600)
            _ = try await read(house)
            #expect(try await inbox(api) == (1, "sandbox statement txn_x"))
            #expect(try await day.send("1").code == "payout_held")
            _ = try await house.service.resolve(
                .line("txn_x"), of: .sandbox, .explained, reason: "a test of theirs",
                key: try #require(IdempotencyKey("x")), by: .finance)
            #expect(try await inbox(api).0 == 0)
            #expect(try await day.send("2").state == "paid")
            try await day.isClean()
        }
    }
}

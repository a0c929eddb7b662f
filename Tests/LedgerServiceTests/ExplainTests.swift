import BoxOffice
import Foundation
import HTTPEdge
import Store
import Testing
import Values

@testable import LedgerService

@Suite struct ExplainTests {
    /// The kinds of a tree, each step before those below it.
    private func kinds(_ step: Explanation.Step) -> [String] {
        [step.kind] + (step.steps ?? []).flatMap(kinds)
    }

    private func sum(_ name: String, _ explanation: Explanation) -> Explanation.Sum? {
        explanation.sums.first { $0.name == name }
    }

    /// Two tickets of 5.00, one of them given back in part before the night.
    private func story(_ house: House, _ api: API) async throws -> (host: HostID, order: OrderID, ticket: TicketID) {
        let host = try await api.host()
        let id = try #require(HostID(host.id))
        let room = try await api.room(host.key)
        let buyer = try await api.wallet(1_000)
        let sale = try await api.buy(room, key: buyer.key)
        #expect(try await api.buy(room, key: buyer.key, once: "second").status == 201)
        let ticket = try #require(TicketID(sale.text("ticket")))
        let part = Money(200, .eur)
        _ = try await house.service.refund(ticket, amount: part, key: try #require(IdempotencyKey("p")), by: .operator)
        return (id, try #require(OrderID(sale.text("order"))), ticket)
    }

    @Test func `an order is told from its sale to the bank and back, and every sum comes out`() async throws {
        let house = try await House()
        try await house.api { api in
            let (host, order, ticket) = try await story(house, api)
            let before = try await house.service.explain(order.text, by: .finance)
            #expect(kinds(before.tree) == ["order", "sale", "ticket", "refund"])
            #expect(before.addsUp && sum("escrow", before) == nil)
            try house.time.set("2026-03-02T21:00:00Z")
            let day = try #require(LocalDay("2026-03-02"))
            let night = try await house.service.runNight(day, cutNow: true, by: .finance)
            let paid = try await house.service.explain(order.text, by: .finance)
            #expect(
                kinds(paid.tree) == [
                    "order", "sale", "ticket", "refund", "split", "share", "share", "release", "accrual", "payout",
                ])
            // 5.00 with 0.83 VAT; 4.17 are laid over 97 %; 3/5 of the host's 4.04 are left.
            #expect(paid.addsUp, "\(paid.sums)")
            #expect(sum("hosts", paid)?.total == Money(242, .eur))
            #expect(sum("escrow", paid)?.parts.count == 4)
            #expect(sum("reversals", paid)?.total == Money(200, .eur))
            let item = try await house.service.explain("batch_\(day):\(host):EUR", by: .finance)
            #expect(kinds(item.tree) == ["payout", "accrual", "accrual"])
            #expect(item.addsUp && sum("lines", item)?.total == night.payouts.first?.gross)
            let same = try await house.service.explain(ticket.text, by: .finance)
            #expect(same.tree == paid.tree && same.subject == ticket.text)
            await house.service.database.close()
        }
    }

    @Test func `a sum that does not come out is said, not hidden`() async throws {
        let house = try await House()
        try await house.api { api in
            let (_, order, _) = try await story(house, api)
            try house.time.set("2026-03-02T21:00:00Z")
            _ = try await house.service.runNight(try #require(LocalDay("2026-03-02")), cutNow: true, by: .finance)
            try await house.service.database.write { transaction in
                try transaction.execute(
                    "UPDATE order_splits SET platform = platform + 1, base = base + 1 WHERE order_id = $1", order)
            }
            let told = try await house.service.explain(order.text, by: .finance)
            #expect(!told.addsUp)
            #expect(told.sums.filter { !$0.holds }.map(\.name) == ["split"])
        }
    }

    @Test func `whatever is not here is refused by name, and only finance and its auditors may ask`() async throws {
        let house = try await House()
        try await house.api { api in
            let path = "/v1/explanations/"
            for (subject, code) in [
                ("order_01hzzzzzzzzzzzzzzzzzzzzzzz", "explain_unknown"),
                ("ticket_01hzzzzzzzzzzzzzzzzzzzzzzz", "explain_unknown"),
                ("payout_01hzzzzzzzzzzzzzzzzzzzzzzz", "explain_unknown"),
                ("batch_2026-03-02:host_01hzzzzzzzzzzzzzzzzzzzzzzz:EUR", "explain_unknown"),
                ("nonsense", "explain_subject"), ("batch_2026-03-02:ana:EUR", "explain_subject"),
            ] {
                let answer = try await api.get(path + subject, key: House.financeKey)
                #expect(answer.code == code, "\(subject): \(answer.json)")
            }
            let host = try await api.host()
            #expect(try await api.get(path + "order_01hzzzzzzzzzzzzzzzzzzzzzzz", key: host.key).code == "key_scope")
        }
    }
}

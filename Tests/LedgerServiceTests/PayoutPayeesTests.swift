import Testing

@testable import LedgerService

@Suite struct PayoutPayeesTests {
    /// The register of a night, two at a time.
    private func payees(_ day: PayDay) async throws -> [[String: any Sendable]] {
        var all: [[String: any Sendable]] = []
        var cursor = ""
        for _ in 0..<10 {
            let page = try await day.api.get("\(PayDay.path)/payees?limit=2\(cursor)", key: House.financeKey)
            #expect(page.status == 200, "\(page.json)")
            let part = page.json["payees"] as? [[String: any Sendable]] ?? []
            #expect(part.count <= 2)
            all += part
            guard let next = page.json["next"] as? String else { return all }
            cursor = "&cursor=\(next)"
        }
        Issue.record("the pages have no end")
        return all
    }

    @Test func `the register comes page by page, each payee once, with the reason that the payee reads`() async throws {
        let house = try await House()
        try await house.api { api in
            var owing: Set<String> = []
            for name in ["Bea", "Cleo", "Dora", "Eve"] {
                let host = try await api.host(name).id
                let taken = try await api.post(
                    "/v1/hosts/\(host)/adjustments", #"{"amount":{"amount":-300,"currency":"EUR"},"reason":"a lamp"}"#,
                    key: House.operatorKey, once: "lamp-\(name)")
                #expect(taken.status == 201, "\(taken.json)")
                owing.insert(host)
            }
            let day = try await PayDay(house, api, isApproved: false)
            let all = try await payees(day)
            let hosts = all.compactMap { $0["host"] as? String }
            #expect(Set(hosts) == owing.union([day.host.id]) && hosts == hosts.sorted() && hosts.count == 5)
            for payee in all {
                let host = payee["host"] as? String ?? ""
                let own = try await api.get("/v1/hosts/\(host)/payout-reasons", key: House.financeKey)
                let row = (own.json["rows"] as? [[String: any Sendable]])?.first
                for member in ["currency", "reason", "words"] {
                    #expect(payee[member] as? String == row?[member] as? String, "\(payee)")
                }
                #expect(payee["name"] as? String == own.json["name"] as? String)
                #expect((payee["reason"] as? String == "negative") == owing.contains(host))
                #expect((payee["net"] == nil) == owing.contains(host))
            }
            #expect(try await api.get("\(PayDay.path)/payees", key: day.host.key).code == "key_scope")
            #expect(
                try await api.get("/v1/payout-batches/2026-03-01/payees", key: House.financeKey).code == "batch_unknown"
            )
            #expect(
                try await api.get("\(PayDay.path)/payees?cursor=x", key: House.financeKey).code == "parameter_malformed"
            )
        }
    }
}

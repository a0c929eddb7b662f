import BoxOffice
import HTTPEdge
import Testing
import Values

@testable import LedgerService

/// The long lists behind a batch: found by name, by reason, by state and by what has to be explained.
@Suite struct PayoutListTests {
    private static let names = ["Zoé Durand", "Ana-Lucía Morel", "Bea", "zoe MOREL", "Ｚoe Wide"]

    /// Five hosts who owe for a lamp, and Ana, who is paid.
    private func evening(_ house: House, _ api: API) async throws -> PayDay {
        for (number, name) in Self.names.enumerated() {
            let host = try await api.host(name).id
            let taken = try await api.post(
                "/v1/hosts/\(host)/adjustments",
                #"{"amount":{"amount":-\#(100 + number),"currency":"EUR"},"reason":"a lamp"}"#, key: House.operatorKey,
                once: "lamp-\(number)")
            #expect(taken.status == 201, "\(taken.json)")
        }
        return try await PayDay(house, api, isApproved: false)
    }

    private func names(_ query: String, _ day: PayDay, limit: Int = 2) async throws -> [String] {
        var names: [String] = []
        var cursor = ""
        repeat {
            let page = try await day.api.get(
                "\(PayDay.path)/payees?limit=\(limit)\(query)\(cursor)", key: House.financeKey)
            #expect(page.status == 200, "\(page.json)")
            let payees = page.json["payees"] as? [[String: any Sendable]] ?? []
            #expect(payees.count <= limit)
            names += payees.compactMap { $0["name"] as? String }
            cursor = (page.json["next"] as? String).map { "&cursor=\($0)" } ?? ""
        } while !cursor.isEmpty && names.count < 50
        return names
    }

    @Test func `payees are found by the words of their names, whatever case and accents, and by ids`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await evening(house, api)
            #expect(try await names("", day).count == 6)
            #expect(try await names("&find=ZOE", day).sorted() == ["Zoé Durand", "zoe MOREL", "Ｚoe Wide"])
            #expect(try await names("&find=morel%20lucia", day) == ["Ana-Lucía Morel"])
            #expect(try await names("&find=%20zo%C3%89%20durand%20", day) == ["Zoé Durand"])
            #expect(try await names("&find=nobody", day) == [])
            #expect(try await names("&find=%25", day) == [], "it is a text and no pattern")
            #expect(try await names("&find=\(day.host.id)", day) == ["Ana"])
            #expect(try await names("&find=ana&reason=negative", day) == ["Ana-Lucía Morel"])
            #expect(try await names("&reason=negative", day, limit: 5).count == 5)
            try await day.approve()
            #expect(try await day.send().state == "paid")
            #expect(try await names("&find=\(try await day.payout())", day) == ["Ana"])
            #expect(try await names("&reason=arrived", day) == ["Ana"])
            for query in ["find=", "find=%20", "find=\(String(repeating: "x", count: 81))", "reason=broke", "reason="] {
                let refused = try await api.get("\(PayDay.path)/payees?\(query)", key: House.financeKey)
                #expect(refused.status == 400 && refused.code == "parameter_malformed", "\(query) \(refused.json)")
            }
        }
    }

    @Test func `each reason says how many have it and how much that is`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await evening(house, api)
            let counts = try await api.get("\(PayDay.path)/reasons", key: House.financeKey)
            #expect(counts.json["payees"] as? Int == 6, "\(counts.json)")
            let reasons = counts.json["reasons"] as? [[String: any Sendable]] ?? []
            #expect(reasons.compactMap { $0["reason"] as? String } == ["negative", "awaiting_approval"])
            #expect(reasons.compactMap { $0["payees"] as? Int } == [5, 1])
            func amounts(_ member: String) -> [Int] {
                reasons.compactMap { ($0[member] as? [String: any Sendable])?["amount"] as? Int }
            }
            #expect(amounts("available") == [-510, 0] && amounts("net") == [0, 404] && amounts("pending") == [0, 0])
            #expect(try await api.get("\(PayDay.path)/reasons", key: day.host.key).code == "key_scope")
            let none = try await api.get("/v1/payout-batches/2026-03-01/reasons", key: House.financeKey)
            #expect(none.code == "batch_unknown")
        }
    }

    @Test func `items are listed by state and by what has to be explained`() async throws {
        let house = try await House { $0.payouts.itemAbove = [.eur: 403] }
        try await house.api { api in
            let day = try await evening(house, api)
            func hosts(_ query: String) async throws -> [String] {
                try await day.items(query).compactMap { $0["host"] as? String }
            }
            #expect(try await day.items().first?["findings"] as? [String] == ["item_above"])
            #expect(try await day.items().first?["name"] as? String == "Ana")
            for query in ["?state=planned", "?finding=any", "?finding=item_above", "?find=ana&state=planned"] {
                #expect(try await hosts(query) == [day.host.id], "\(query)")
            }
            for query in ["?state=paid", "?finding=growth", "?find=bea", "?find=ana&state=paid"] {
                #expect(try await hosts(query) == [], "\(query)")
            }
            let batch = try await day.batch()
            #expect((batch.json["approval"] as? [String: any Sendable])?["findingsCount"] as? Int == 1)
            try await day.approve(because: "a full house")
            #expect(try await day.send().state == "paid")
            #expect(try await hosts("?state=paid") == [day.host.id])
            #expect(try await hosts("?finding=any") == [], "what left needs no words any more")
            for query in ["state=gone", "finding=total_above", "find=", "cursor=x", "limit=0"] {
                let refused = try await api.get("\(PayDay.path)/items?\(query)", key: House.financeKey)
                #expect(refused.code == "parameter_malformed", "\(query) \(refused.json)")
            }
            #expect(try await api.get("\(PayDay.path)/items", key: day.host.key).code == "key_scope")
        }
    }

    @Test(arguments: [1, 7, 1_000])
    func `a page of a long list has what fits, in order, and the next goes on behind it`(limit: Int) {
        let all = Array(10_000..<13_500)
        var asked = 0
        func sift(_ after: String?, _ isWhole: Bool, where fits: (Int) -> Bool) -> (elements: [Int], next: String?) {
            PageRequest(list: "numbers", after: after, limit: limit).sifted(
                isWhole: isWhole, key: { String($0) },
                read: { after, limit in
                    asked = max(asked, limit)
                    return Array(all.filter { $0 > Int(after ?? "") ?? 0 }.prefix(limit))
                }, where: fits)
        }
        for fits: (Int) -> Bool in [{ $0 % 7 == 0 }, { $0 == 13_499 }, { _ in false }, { $0 < 10_003 }] {
            let wanted = all.filter(fits)
            let first = sift(nil, false, where: fits)
            #expect(first.elements == Array(wanted.prefix(limit)))
            #expect((first.next != nil) == (wanted.count > limit))
            guard let last = first.elements.last else { continue }
            let second = sift(String(last), false, where: fits)
            #expect(second.elements == Array(wanted.dropFirst(limit).prefix(limit)))
        }
        asked = 0
        #expect(sift(nil, true, where: { _ in true }).elements == Array(all.prefix(limit)))
        #expect(asked == limit + 1, "no more is read than a page takes")
    }
}

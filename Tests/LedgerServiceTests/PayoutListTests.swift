import BoxOffice
import HTTPEdge
import Payouts
import Store
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
            #expect(try await names("&find=host_", day) == [], "a few letters are in everybody's id")
            #expect(try await names("&find=\(day.host.id)", day) == ["Ana"])
            #expect(try await names("&find=ana&reason=negative", day) == ["Ana-Lucía Morel"])
            #expect(try await names("&reason=negative", day, limit: 5).count == 5)
            try await day.approve()
            #expect(try await day.send().state == "paid")
            #expect(try await names("&find=\(try await day.payout())", day) == ["Ana"])
            #expect(try await names("&reason=arrived", day) == ["Ana"])
            for query in [
                "find=", "find=%20", "find=\(String(repeating: "x", count: 81))", "find=%CC%81", "reason=broke",
                "reason=",
            ] {
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

    @Test func `what is found folds letters that have no accent to lose`() throws {
        for (text, name) in [
            ("lukasz", "Łukasz"), ("STRASSE", "Große Straße"), ("oeuvre", "Œuvre"), ("soren", "Søren"),
        ] {
            #expect(try NameSearch(text).finds(name), "\(text)")
            #expect(try NameSearch(name).finds(name.lowercased()), "\(name)")
        }
        #expect(try !NameSearch("strand").finds("Straße"))
        #expect(try NameSearch("HOST_01M8").finds("", ids: nil, "host_01m8fzbtk4fr483pq1899xzztk"))
        #expect(try !NameSearch("01m8fzb").finds("", ids: "host_01m8fzbtk4fr483pq1899xzztk"))
    }

    /// More lines than are read at once, two for each of 1,100 hosts.
    @Test func `lists and counts go on behind a part, each line once`() async throws {
        let house = try await House()
        try await house.api { api in
            _ = try await PayDay(house, api, isApproved: false)
            let (service, night) = (house.service, try #require(LocalDay("2026-03-02")))
            try await service.database.write { transaction in
                for number in 0..<1_100 {
                    let host: HostID = service.makeID()
                    try transaction.insertHost(host, name: "Crowd \(number)", at: service.clock.now())
                    for currency in [Currency.eur, .usd] {
                        try transaction.insertCarried(
                            CarriedEntry(
                                key: TierKey(host: host, currency: currency), available: -1, pending: 0,
                                reason: "negative", nextOn: nil, bracketUse: []), on: night)
                    }
                }
            }
            func lines(_ query: String, limit: Int) async throws -> [String] {
                var lines: [String] = []
                var cursor = ""
                repeat {
                    let page = try await api.get(
                        "\(PayDay.path)/payees?limit=\(limit)\(query)\(cursor)", key: House.financeKey)
                    #expect(page.status == 200, "\(page.json)")
                    for payee in page.json["payees"] as? [[String: any Sendable]] ?? [] {
                        lines.append("\(payee["host"] ?? "") \(payee["currency"] ?? "")")
                    }
                    cursor = (page.json["next"] as? String).map { "&cursor=\($0)" } ?? ""
                } while !cursor.isEmpty
                return lines
            }
            let all = try await lines("", limit: 1_000)
            #expect(all.count == 2_201 && Set(all).count == 2_201)
            let negative = try await lines("&reason=negative", limit: 999)
            #expect(negative.count == 2_200 && Set(negative).count == 2_200)
            #expect(try await lines("&find=crowd%201099", limit: 1).count == 2)
            let counts = try await api.get("\(PayDay.path)/reasons", key: House.financeKey)
            let reasons = counts.json["reasons"] as? [[String: any Sendable]] ?? []
            #expect(counts.json["payees"] as? Int == 2_201)
            #expect(reasons.compactMap { $0["payees"] as? Int }.sorted() == [1, 1_100, 1_100])
        }
    }

    @Test func `growth is held against the last twelve payouts of the same currency`() async throws {
        let house = try await House { $0.payouts.growthTimes = 2 }
        try await house.api { api in
            let day = try await PayDay(house, api, isApproved: false)
            let host = try #require(HostID(day.host.id))
            func pay(_ nets: [Int64], _ currency: Currency, from first: LocalDay) async throws {
                try await house.service.database.write { transaction in
                    for (number, net) in nets.enumerated() {
                        let day = first.advanced(byDays: number)
                        if try transaction.batchDigest(of: day) == nil {
                            try transaction.execute(
                                """
                                INSERT INTO nights (shard, day, cut_sequence, payee_cut, cutoff_us, policy, begun_us)
                                VALUES ('0', $1, 0, 0, 0, 'a policy', 0)
                                """, day)
                            try transaction.insertBatch(
                                of: day, digest: SHA256Digest(of: "\(day)"), id: "batch_\(day)", by: "a test")
                        }
                        try transaction.execute(
                            """
                            INSERT INTO payout_items (shard, batch, host, currency, gross, withheld, net, seq)
                            VALUES ('0', $1, $2, $3, $4, 0, $4, 1)
                            """, "batch_\(day)", host, currency, net)
                    }
                }
            }
            #expect(try await day.items("?finding=growth").isEmpty, "who was never paid does not grow")
            let january = try #require(LocalDay("2026-01-01"))
            // Thirteen payouts: the first and largest is none of the last twelve, and dollars are no euros.
            try await pay([1_000_000] + Array(repeating: 201, count: 12), .eur, from: january)
            try await pay(Array(repeating: 1_000_000, count: 12), .usd, from: january.advanced(byDays: 20))
            try await pay([1_000_000], .eur, from: try #require(LocalDay("2026-03-03")))
            let before = try await house.service.database.read {
                try $0.paidBefore("batch_2026-03-02", from: host.text, through: host.text, limit: 12)
            }
            #expect(before.count == 1)
            #expect(before[TierKey(host: host, currency: .eur)] == PaidBefore(count: 12, sum: 12 * 201))
            // 4.04 is more than twice 2.01.
            #expect(try await day.items("?finding=growth").count == 1)
            try await pay([202 * 13], .eur, from: try #require(LocalDay("2026-02-28")))
            #expect(try await day.items("?finding=growth").isEmpty)
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

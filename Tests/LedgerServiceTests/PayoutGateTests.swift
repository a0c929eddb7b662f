import BoxOffice
import HTTPEdge
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// Each gate, shut by what it is for and opened again.
@Suite struct PayoutGateTests {
    private func gate(_ name: String, _ day: PayDay) async throws -> (count: Int, detail: String) {
        let answer = try await day.api.get("\(PayDay.path)/gates", key: House.financeKey)
        let gates = (answer.json["now"] as? [String: any Sendable])?["gates"] as? [[String: any Sendable]] ?? []
        let one = gates.first { $0["gate"] as? String == name }
        return (one?["count"] as? Int ?? -1, one?["detail"] as? String ?? "")
    }

    private func audit(_ api: API, _ once: String) async throws -> API.Answer {
        try await api.post("/v1/audits", key: House.financeKey, once: once)
    }

    /// Books an entry past every rule, as a fault of a program would.
    private func book(_ name: String, _ leg: Leg, _ house: House) async throws {
        let now = house.time.clock.now()
        try await house.service.database.write { transaction in
            let stamp = try transaction.stamp(
                .derived(at: now, from: name), at: now, calendar: house.service.settings.housePolicy.calendar)
            if let entry = JournalEntry(stamp, kind: .settlement, legs: [leg]) { try transaction.append(entry) }
        }
    }

    @Test func `a batch leans on an audit that read all of its night, and not on an old one`() async throws {
        let house = try await House()
        try await house.api { api in
            #expect(try await audit(api, "before").status == 201)
            let day = try await PayDay(house, api)
            // The audit of before read nothing of this night.
            #expect(try await gate("books", day).count == 1)
            #expect(try await gate("books", day).detail.contains("audited through"))
            let made = try await audit(api, "a")
            #expect(made.status == 201 && made.json["clean"] as? Bool == true, "\(made.json)")
            #expect(try await audit(api, "a").bytes == made.bytes, "asking twice reads once")
            #expect(try await gate("books", day).count == 0)
            house.time.advance(bySeconds: 37 * 3_600)
            #expect(try await gate("books", day).count == 1)
            #expect(try await gate("books", day).detail.contains("last audit is of"))
            // Whoever sends need not know: it is audited anew.
            #expect(try await day.send("1").state == "paid")
            #expect(try await gate("books", day).count == 0)
            let list = try await api.get("/v1/audits?limit=2", key: House.financeKey)
            let audits = list.json["audits"] as? [[String: any Sendable]] ?? []
            #expect(audits.compactMap { $0["audit"] as? Int } == [3, 2] && list.json["next"] != nil, "\(list.json)")
            let rest = try await api.get("/v1/audits?cursor=\(list.text("next"))", key: House.financeKey)
            #expect((rest.json["audits"] as? [Any])?.count == 1 && rest.json["next"] == nil)
            #expect(try await api.get("/v1/audits", key: day.host.key).code == "key_scope")
            try await day.isClean()
        }
    }

    @Test func `what only an audit of everything finds holds a batch`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api)
            // Somebody else is owed what nothing explains: the chain holds, and so does the batch.
            let host = try #require(HostID(try await api.host("Bea").id))
            let leg = try #require(Leg(debit: .provider, credit: .host(host), amount: Money(5, .eur)))
            try await book("a gift", leg, house)
            let held = try await day.send("1")
            #expect(held.code == "payout_held" && held.text("detail").contains("books"), "\(held.json)")
            #expect(try await gate("books", day).detail.hasPrefix("audit: "))
            #expect(try await day.batch().text("state") == "approved")
        }
        let sound = try await House()
        try await sound.api { api in
            let day = try await PayDay(sound, api)
            #expect(try await day.send("1").state == "paid")
        }
    }

    @Test func `accounts of passage hold what is open of what they are for, and nothing else`() async throws {
        let house = try await House()
        try await house.api { api in
            let day = try await PayDay(house, api)
            let booked = try await api.post(
                "/v1/suspense",
                #"{"source":"bank","reference":"x1","amount":{"amount":700,"currency":"EUR"},"reason":"who is it"}"#,
                key: House.operatorKey, once: "s")
            #expect(booked.status == 201, "\(booked.json)")
            #expect(try await gate("clearing", day).count == 0, "an item explains its money")
            for account in [Account.unplaced, .onItsWay, .contestedClaims, .contested, .suspense] {
                let leg = try #require(Leg(debit: .provider, credit: account, amount: Money(5, .eur)))
                try await book("odd \(account)", leg, house)
                let shut = try await gate("clearing", day)
                #expect(shut.count == 1 && shut.detail.contains(account.text), "\(shut)")
                try await book("even \(account)", leg.mirrored, house)
                #expect(try await gate("clearing", day).count == 0, "\(account)")
            }
        }
    }

    @Test func `a payment whose statement the provider owes for a day holds a batch until it is there`() async throws {
        let house = try await House()
        try await house.api { api in
            let payments = PaymentTests()
            let stage = try await payments.stage(api)
            let day = try await PayDay(house, api)
            // Paid when the room was over: the money is booked all the same, goes back, and the provider keeps something.
            try await payments.play("pay", stage, api)
            // The event is read and booked; what the provider kept is still to be asked for, and the refund as well.
            _ = try await house.desk.turn()
            house.time.advance(bySeconds: 23 * 3_600)
            #expect(try await gate("inbox", day).count == 0, "still young")
            house.time.advance(bySeconds: 2 * 3_600)
            let shut = try await gate("inbox", day)
            #expect(shut.count == 2 && shut.detail.contains("sandbox fees \(stage.charge)"), "\(shut)")
            #expect(try await day.send("1").code == "payout_held")
            try await payments.settle(house)
            #expect(try await gate("inbox", day).count == 0)
            #expect(try await day.send("2").state == "paid")
            try await day.isClean()
        }
    }
}

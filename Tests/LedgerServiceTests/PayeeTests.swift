import HTTPTypes
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

@Suite struct PayeeTests {
    /// One room with two tickets of 5.00, of which the host has 808, closed and a minute later.
    private func evening(_ house: House, _ api: API) async throws -> String {
        let host = try await api.host()
        let room = try await api.room(host.key)
        for _ in 0..<2 {
            #expect(try await api.buy(room, key: try await api.wallet(500).key).status == 201)
        }
        try house.time.set("2026-03-02T19:00:00Z")
        #expect(try await api.post("/v1/rooms/\(room)/open", key: host.key).status == 200)
        #expect(try await api.post("/v1/rooms/\(room)/close", key: host.key).status == 200)
        house.time.advance(bySeconds: 60)
        return host.id
    }

    private func set(_ host: String, _ body: String, _ api: API) async throws -> API.Answer {
        try await api.send(.put, "/v1/hosts/\(host)/payee", body, key: House.financeKey)
    }

    private func night(_ day: String, _ api: API) async throws -> String {
        let answer = try await api.post("/v1/nights", #"{"day":"\#(day)","cutNow":true}"#, key: House.financeKey)
        #expect(answer.status == 201, "\(answer.json)")
        return String(decoding: answer.bytes, as: UTF8.self)
    }

    @Test func `a night keeps the withholding back and pays the net`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await evening(house, api)
            let none = try await api.get("/v1/hosts/\(host)/payee", key: House.financeKey)
            #expect(
                String(decoding: none.bytes, as: UTF8.self)
                    == #"{"blocked":false,"host":"\#(host)","withholdingBp":0}"#)
            let payee = try await set(host, #"{"withholdingBp":1575,"reason":"Form of March"}"#, api)
            #expect(payee.int("withholdingBp") == 1_575)
            #expect(payee.text("since") == "2026-03-02T19:01:00Z")
            let first = try await night("2026-03-02", api)
            // Q(808 · 1575 / 10000) = Q(127.26) = 127.
            #expect(
                first.contains(
                    #""gross":{"amount":808,"currency":"EUR"},"host":"\#(host)","net":{"amount":681,"currency":"EUR"},"#
                        + #""withheld":{"amount":127,"currency":"EUR"}"#), "\(first)")
            let csv = try await api.get("/v1/reports/payouts?format=csv", key: House.financeKey)
            #expect(String(decoding: csv.bytes, as: UTF8.self).hasSuffix("2026-03-02,\(host),EUR,808,127,681\r\n"))
            let held = try await house.service.database.read { transaction in
                try transaction.balances(through: .max).filter { $0.account.text == "liabilities:withholding" }
            }
            #expect(held.map(\.amount.minorUnits) == [-127])
            // What is set later belongs to later nights: the same night again says the same.
            #expect(try await set(host, #"{"withholdingBp":0,"reason":"Ended"}"#, api).int("withholdingBp") == 0)
            #expect(try await night("2026-03-02", api) == first)
        }
    }

    @Test func `a blocked payee is carried and paid after unblocking`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await evening(house, api)
            #expect(try await set(host, #"{"blocked":true,"reason":"Returned"}"#, api).json["blocked"] as? Bool == true)
            let blocked = try await night("2026-03-02", api)
            #expect(blocked.contains(#""payouts":[]"#), "\(blocked)")
            #expect(blocked.contains(#"{"available":{"amount":808,"currency":"EUR"},"host":"\#(host)""#), "\(blocked)")
            #expect(blocked.contains(#""reason":"blocked""#))
            #expect(try await api.get("/v1/reports?day=2026-03-02", key: House.financeKey).status == 200)
            try house.time.set("2026-03-03T10:00:00Z")
            #expect(
                try await set(host, #"{"blocked":false,"reason":"New bank account"}"#, api).json["blocked"] as? Bool
                    == false)
            let paid = try await night("2026-03-03", api)
            #expect(paid.contains(#""gross":{"amount":808,"currency":"EUR"},"host":"\#(host)""#), "\(paid)")
        }
    }

    @Test func `a night knows the terms as they stood at its cut-off, however late it runs`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await evening(house, api)
            _ = try await set(host, #"{"withholdingBp":1000,"reason":"Before"}"#, api)
            // After the day's end and before its night.
            try house.time.set("2026-03-03T05:00:00Z")
            _ = try await set(host, #"{"withholdingBp":5000,"blocked":true,"reason":"After"}"#, api)
            let late = try await night("2026-03-02", api)
            #expect(late.contains(#""withheld":{"amount":81,"currency":"EUR"}"#), "\(late)")
        }
    }

    @Test func `terms that do not fit are refused, and who may not set them`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let cases = [
                (#"{"reason":"x"}"#, "payee_terms"), (#"{"withholdingBp":10001,"reason":"x"}"#, "payee_withholding"),
                (#"{"withholdingBp":-1,"reason":"x"}"#, "payee_withholding"),
                (#"{"blocked":true,"reason":""}"#, "payee_reason"), (#"{"blocked":true}"#, "body_wrong_type"),
                (#"{"blocked":true,"reason":"a\u202eb"}"#, "payee_reason"),
            ]
            for (body, code) in cases { #expect(try await set(host.id, body, api).code == code, "\(body)") }
            let other = try await set("host_01kaz7c5e8f2v8y6t4m2s9r3qd", #"{"blocked":true,"reason":"x"}"#, api)
            #expect(other.code == "host_unknown")
            let own = try await api.send(
                .put, "/v1/hosts/\(host.id)/payee", #"{"blocked":false,"reason":"me"}"#, key: host.key)
            #expect(own.code == "key_scope")
            #expect(try await api.get("/v1/hosts/\(host.id)/payee").code == "key_missing")
            // The same words twice are one fact.
            for _ in 0..<2 { _ = try await set(host.id, #"{"blocked":true,"reason":"x"}"#, api) }
            let facts = try await house.service.database.read { try $0.lastPayeeFact(before: nil) }
            #expect(facts == 1)
            await #expect(throws: StoreFault.self) {
                try await house.service.database.write { try $0.execute("UPDATE payee_facts SET blocked = 0") }
            }
        }
    }
}

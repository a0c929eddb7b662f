import BankFiles
import BoxOffice
import Engines
import Foundation
import HTTPTypes
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// A day on which one host is paid 4.04 dollars through a bank of the United States.
private struct DollarDay {
    let api: API
    let digest: String

    static func house() async throws -> House {
        try await House { settings in
            settings.debtors.ach = try? DebtorAccount.ACH(
                companyName: "Guichet Inc", companyID: "1234567890", routing: "021000021", bankName: "First Bank")
        }
    }

    init(_ house: House, _ api: API) async throws {
        self.api = api
        let second = try await api.post("/v1/keys", #"{"scope":"finance"}"#, key: House.operatorKey).text("key")
        let host = try await api.host()
        let account = try await api.send(
            .put, "/v1/hosts/\(host.id)/bank-account",
            #"""
            {"legalName":"Bea","routing":"011000015","account":"0001234","accountKind":"checking","holder":"person",
            "address":{"town":"Boston","country":"US"}}
            """#, key: host.key)
        #expect(account.status == 200, "\(account.json)")
        let more = try await api.post(
            "/v1/hosts/\(host.id)/adjustments", #"{"amount":{"amount":404,"currency":"USD"},"reason":"A talk"}"#,
            key: House.financeKey, once: "more")
        #expect(more.status == 201, "\(more.json)")
        try house.time.set("2026-03-02T21:00:00Z")
        let night = try await api.post("/v1/nights", #"{"day":"2026-03-02","cutNow":true}"#, key: House.financeKey)
        #expect(night.status == 201, "\(night.json)")
        digest = night.text("digest")
        for key in [House.operatorKey, second] {
            let approved = try await api.post(
                "\(PayDay.path)/approvals", #"{"digest":"\#(digest)"}"#, key: key, once: "a")
            #expect(approved.status == 200, "\(approved.json)")
        }
    }

    func send(_ once: String) async throws {
        let sent = try await api.post(
            "\(PayDay.path)/send", #"{"digest":"\#(digest)"}"#, key: House.financeKey, once: once)
        #expect(sent.state == "requested", "\(sent.json)")
    }

    func make(_ once: String) async throws -> API.Answer {
        try await api.post("\(PayDay.path)/files", #"{"family":"nacha"}"#, key: House.financeKey, once: once)
    }

    func bytes(_ file: Int) async throws -> String {
        let answer = try await api.get("\(PayDay.path)/files/\(file)?format=nacha", key: House.financeKey)
        #expect(answer.status == 200, "\(answer.json)")
        return String(decoding: answer.bytes, as: UTF8.self)
    }

    /// Day, time and modifier, as they stand in a file's header.
    func stamp(_ file: Int) async throws -> String { String(try await bytes(file).dropFirst(23).prefix(11)) }
}

@Suite struct ACHFileTests {
    @Test func `a file is of the house's own day and minute, like its execution`() async throws {
        let house = try await DollarDay.house()
        try await house.api { api in
            let day = try await DollarDay(house, api)
            try await day.send("s")
            // In Paris it is half past midnight.
            try house.time.set("2026-03-02T23:30:00Z")
            let made = try await day.make("f")
            #expect(made.status == 201 && made.text("executionOn") == "2026-03-04", "\(made.json)")
            #expect(try await day.stamp(1) == "2603030030A")
            let lines = try await day.bytes(1).split(separator: "\n")
            #expect(lines[1].dropFirst(63).hasPrefix("260303260304"), "\(lines[1])")
        }
    }

    @Test func `a file from before the house's clock was written down keeps its bytes`() async throws {
        let house = try await House(on: .sqlite) { settings in
            settings.debtors.ach = try? DebtorAccount.ACH(
                companyName: "Guichet Inc", companyID: "1234567890", routing: "021000021", bankName: "First Bank")
        }
        try await house.api { api in
            let day = try await DollarDay(house, api)
            try await day.send("s")
            try house.time.set("2026-03-02T23:30:00Z")
            _ = try await day.make("f")
            try await house.service.database.write { transaction in
                try transaction.execute("DROP TRIGGER bank_files_stay")
                try transaction.execute("UPDATE bank_files SET local_day = NULL, local_minute = NULL, modifier = NULL")
            }
            #expect(try await day.stamp(1) == "2603022330A")
        }
    }
}

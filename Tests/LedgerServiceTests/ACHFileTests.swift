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

    /// The bank says no to everything that is on its way, and it is sent again.
    private func sendAgain(_ day: DollarDay, _ once: String) async throws {
        let items = try await day.api.get("\(PayDay.path)/items", key: House.financeKey)
        let payout = try #require((items.json["items"] as? [[String: any Sendable]])?.first?["payout"] as? String)
        let told = try await day.api.send(
            .post, "/v1/bank-reports",
            """
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt><GrpHdr><MsgId>R</MsgId></GrpHdr>\
            <OrgnlGrpInfAndSts><OrgnlMsgId>m</OrgnlMsgId></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><TxInfAndSts>\
            <OrgnlEndToEndId>\(payout.replacing("_", with: "-"))</OrgnlEndToEndId><TxSts>RJCT</TxSts>\
            </TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>
            """, key: House.financeKey, once: "r\(once)", contentType: "application/xml")
        #expect(told.int("booked") == 1, "\(told.json)")
        try await day.send(once)
    }

    @Test func `each file of a day has a modifier of its own, and the same for ever`() async throws {
        let house = try await DollarDay.house()
        try await house.api { api in
            let day = try await DollarDay(house, api)
            try await day.send("s1")
            #expect(try await day.make("f1").int("file") == 1)
            let first = try await day.bytes(1)
            try await sendAgain(day, "s2")
            #expect(try await day.make("f2").int("file") == 2)
            // Midnight of Paris is between this one and the next.
            #expect(try await day.stamp(2) == "2603022200B")
            try await sendAgain(day, "s3")
            try house.time.set("2026-03-02T23:00:00Z")
            #expect(try await day.make("f3").int("file") == 3)
            #expect(try await day.stamp(3) == "2603030000A")
            #expect(try await day.bytes(1) == first && first.contains("2603022200A"))
            let report = try await house.service.audit(by: .operator)
            #expect(report.isClean, "\(report.lines.filter { $0.broken > 0 })")
        }
    }

    @Test func `a thirty-seventh file of a day is refused, and is made the day after`() async throws {
        let house = try await DollarDay.house()
        try await house.api { api in
            let day = try await DollarDay(house, api)
            try await day.send("s1")
            #expect(try await day.make("f1").int("file") == 1)
            try await sendAgain(day, "s2")
            // As many as there are modifiers; the last one is from before they were written down.
            try await house.service.database.write { transaction in
                for n in 2...36 {
                    try transaction.execute(
                        """
                        INSERT INTO bank_files (shard, batch, n, prev_n, family, currency, message_id, debtor, remittance,
                          execution_on, transfers, total, made_by, made_us, local_day, local_minute, modifier)
                        SELECT shard, batch, $1, $2, family, currency, $3, debtor, remittance, execution_on, transfers, total,
                          made_by, made_us, $4, local_minute, $5 FROM bank_files WHERE n = 1
                        """, n, n - 1, "file \(n)", n < 36 ? "2026-03-02" : nil as String?,
                        n < 36 ? String(ACHFileID.modifiers[n - 1]) : nil as String?)
                }
            }
            let refused = try await day.make("f2")
            #expect(refused.status == 409 && refused.code == "bank_file_day_full", "\(refused.json)")
            #expect(refused.text("detail").contains("2026-03-02"), "\(refused.json)")
            try house.time.set("2026-03-02T23:00:00Z")
            #expect(try await day.make("f3").int("file") == 37)
            #expect(try await day.stamp(37) == "2603030000A")
        }
    }
}

import BankFiles
import BoxOffice
import Foundation
import HTTPTypes
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// A pay day whose host has an account at a bank.
struct BankDay {
    let day: PayDay
    let api: API

    static let iban = "DE89 3704 0044 0532 0130 00"

    init(
        _ house: House, _ api: API, isSent: Bool = true, prepare: (_ host: String) async throws -> Void = { _ in }
    ) async throws {
        self.api = api
        day = try await PayDay(house, api, to: nil, isApproved: false, prepare: prepare)
        let set = try await Self.set(day, api)
        #expect(set.status == 200, "\(set.json)")
        try await day.approve()
        if isSent { #expect(try await day.send().state == "requested") }
    }

    static func set(_ day: PayDay, _ api: API, _ iban: String = Self.iban) async throws -> API.Answer {
        try await api.send(
            .put, "/v1/hosts/\(day.host.id)/bank-account",
            #"{"legalName":"Žofie","iban":"\#(iban)","address":{"town":"Praha","country":"CZ"}}"#, key: day.host.key)
    }

    func make(_ once: String = "f", family: String = "sepa") async throws -> API.Answer {
        try await api.post("\(PayDay.path)/files", #"{"family":"\#(family)"}"#, key: House.financeKey, once: once)
    }

    func bytes(_ file: Int = 1, _ format: String = "pain.001.001.09") async throws -> API.Answer {
        try await api.get("\(PayDay.path)/files/\(file)?format=\(format)", key: House.financeKey)
    }

    func settle(_ text: String, _ once: String, key: String = House.financeKey) async throws -> API.Answer {
        try await api.send(.post, "/v1/bank-reports", text, key: key, once: once, contentType: "application/xml")
    }

    func endToEnd() async throws -> String { try await day.payout().text.replacing("_", with: "-") }

    static func camt(
        _ id: String, _ direction: String, _ amount: String = "4.04", _ currency: String = "EUR", _ note: String = ""
    )
        -> String
    {
        """
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>S\(note)</MsgId></GrpHdr>\
        <Stmt><Ntry><Amt Ccy="\(currency)">\(amount)</Amt><CdtDbtInd>\(direction)</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
        <NtryDtls><TxDtls><Refs><EndToEndId>\(id)</EndToEndId></Refs>\
        <RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>
        """
    }

    static func status(_ id: String, _ status: String) -> String {
        """
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt><GrpHdr><MsgId>R</MsgId></GrpHdr>\
        <OrgnlGrpInfAndSts><OrgnlMsgId>m</OrgnlMsgId></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><TxInfAndSts>\
        <OrgnlEndToEndId>\(id)</OrgnlEndToEndId><TxSts>\(status)</TxSts><StsRsnInf><Rsn><Cd>AC01</Cd></Rsn></StsRsnInf>\
        </TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>
        """
    }
}

extension API.Answer {
    /// Outcome and reason of the only line of a report.
    fileprivate var line: String {
        let lines = json["lines"] as? [[String: any Sendable]] ?? []
        guard lines.count == 1 else { return "\(lines.count) lines: \(code)" }
        return [lines[0]["outcome"], lines[0]["reason"]].compactMap { $0 as? String }.joined(separator: ": ")
    }
}

@Suite struct BankTests {
    static func banked() async throws -> House {
        try await House { settings in
            settings.debtors.sepa = try? DebtorAccount.SEPA(
                name: "Guichet", iban: "FR1420041010050500013M02606", bic: nil, address: nil)
        }
    }

    @Test func `an account is shown masked, kept in a history, and seen by whom it concerns`() async throws {
        let house = try await Self.banked()
        try await house.api { api in
            let day = try await PayDay(house, api, to: nil)
            let path = "/v1/hosts/\(day.host.id)/bank-account"
            #expect(try await api.get(path, key: day.host.key).json["account"] == nil)
            #expect(try await BankDay.set(day, api, "DE00370400440532013000").code == "bank_iban")
            let first = try await BankDay.set(day, api)
            #expect(first.text("account") == "DE89…3000" && first.json["coolsOff"] == nil, "\(first.json)")
            #expect(try await BankDay.set(day, api).bytes == first.bytes)
            house.time.advance(bySeconds: 10)
            let second = try await BankDay.set(day, api, "GB29NWBK60161331926819")
            #expect((second.json["history"] as? [Any])?.count == 2 && second.text("coolsOff") != "", "\(second.json)")
            #expect(!String(decoding: second.bytes, as: UTF8.self).contains("161331926"))
            #expect(try await api.get(path, key: House.financeKey).text("account") == "GB29…6819")
            let stranger = try await api.host("Bea")
            #expect(try await api.get(path, key: stranger.key).code == "key_scope")
            let log = try await house.service.database.read { transaction in
                try transaction.rows("SELECT detail FROM audit_log") { row throws(StoreFault) in try row.text(0) }
            }
            #expect(!log.joined().contains("3704") && log.contains("bank account"))
            for (body, code) in [
                (#""routing":"021000021","account":"1234""#, "bank_account"),
                (#""routing":"021000022","account":"1234","accountKind":"checking","holder":"person""#, "bank_routing"),
                (#""iban":"DE89370400440532013000","bic":"X""#, "bank_bic"),
                (#""iban":"DE89370400440532013000","bic":"BNP1FRPP""#, "bank_bic"),
                (#""iban":"DE89370400440532013000","bic":"BNPAFR1P""#, "bank_bic"),
                (#""iban":"DE89370400440532013000","account":"1234""#, "bank_account"),
                (#""bic":"BNPAFRPP""#, "bank_iban"),
            ] {
                let answer = try await api.send(
                    .put, path, #"{"legalName":"A",\#(body),"address":{"town":"Paris","country":"FR"}}"#,
                    key: day.host.key)
                #expect(answer.code == code, "\(body): \(answer.json)")
            }
            try await day.isClean()
        }
    }

    @Test func `a file asks for what was sent, once, and has the same bytes for ever`() async throws {
        let house = try await Self.banked()
        try await house.api { api in
            let bank = try await BankDay(house, api, isSent: false)
            #expect(try await bank.make("1").code == "bank_file_nothing")
            #expect(try await bank.day.send().state == "requested")
            #expect(try await bank.make("2", family: "nacha").code == "bank_file_nothing")
            let made = try await bank.make("3")
            #expect(made.status == 201 && made.int("transfers") == 1, "\(made.json)")
            #expect(
                made.text("executionOn") == "2026-03-03" && made.text("messageID").hasPrefix("payouts-2026-03-02-1-"))
            #expect(try await bank.make("3").bytes == made.bytes)
            house.time.advance(bySeconds: 86_400)
            // Nothing is new: it is the same file.
            #expect(try await bank.make("4").bytes == made.bytes)
            let first = try await bank.bytes()
            let text = String(decoding: first.bytes, as: UTF8.self)
            let id = try await bank.endToEnd()
            #expect(text.contains("<EndToEndId>\(id)</EndToEndId>") && text.contains(">4.04<"), "\(text)")
            #expect(try await bank.bytes().bytes == first.bytes)
            #expect(try await bank.bytes(1, "pain.001.001.03").status == 200)
            #expect(try await bank.bytes(1, "nacha").code == "bank_file_format")
            #expect(try await bank.bytes(1, "mt101").code == "bank_file_format")
            #expect(try await bank.bytes(2).code == "bank_file_unknown")
            // Refused by the bank and sent again, it stands in another file.
            let refused = try await bank.settle(BankDay.status(bank.endToEnd(), "RJCT"), "r")
            #expect(refused.line == "booked", "\(refused.json)")
            #expect(try await bank.day.state() == "refused")
            #expect(try await bank.day.send("again").state == "requested")
            let list = try await api.get("\(PayDay.path)/files", key: House.financeKey)
            #expect((list.json["unfiled"] as? [Any])?.count == 1, "\(list.json)")
            let second = try await bank.make("5")
            #expect(second.int("file") == 2, "\(second.json)")
            #expect(try await bank.bytes().bytes == first.bytes)
            let again = String(decoding: try await bank.bytes(2).bytes, as: UTF8.self)
            let next = try await bank.endToEnd()
            #expect(again.contains(next) && next != id)
            try await bank.day.isClean()
        }
    }

    @Test func `without the house's own account, or without a sending, there is no file`() async throws {
        let house = try await House()
        try await house.api { api in
            let bank = try await BankDay(house, api)
            #expect(try await bank.make("1").code == "bank_debtor")
            #expect(
                try await api.post(
                    "/v1/payout-batches/2026-03-01/files", #"{"family":"sepa"}"#, key: House.financeKey, once: "n"
                ).code == "batch_unknown")
            try await bank.day.isClean()
        }
    }

    /// A returned entry as banks of the United States send it.
    private static func achReturn(_ trace: String, _ amount: String) -> String {
        func pad(_ text: String) -> String { text + String(repeating: " ", count: max(0, 94 - text.utf8.count)) }
        let lines = [
            pad("101 02100002112345678902603041200A094101First Bank             Guichet Inc"),
            pad("5220Guichet Inc                         1234567890PPDPAYOUT    260302260303   1011000010000001"),
            "621021000021" + "0001234          " + amount + String(repeating: " ", count: 15)
                + "BEA                   " + "  1" + "011000010000001",
            "799R03" + trace + "      01100001" + String(repeating: " ", count: 44) + "011000010000001",
            "8220000002" + "0002100002" + "000000000000" + "00" + amount + "1234567890"
                + String(repeating: " ", count: 25) + "011000010000001",
            "9000001000001" + "00000002" + "0002100002" + "000000000000" + "00" + amount
                + String(repeating: " ", count: 39),
        ]
        return (lines + (0..<4).map { _ in String(repeating: "9", count: 94) }).joined(separator: "\n") + "\n"
    }

    @Test func `dollars go by NACHA, and a returned entry finds its payout by its trace number`() async throws {
        let house = try await House { settings in
            settings.debtors.ach = try? DebtorAccount.ACH(
                companyName: "Guichet Inc", companyID: "1234567890", routing: "021000021", bankName: "First Bank")
        }
        try await house.api { api in
            let second = try await api.post("/v1/keys", #"{"scope":"finance"}"#, key: House.operatorKey).text("key")
            let host = try await api.host()
            let account = try await api.send(
                .put, "/v1/hosts/\(host.id)/bank-account",
                #"""
                {"legalName":"Bea","routing":"011000015","account":"0001234","accountKind":"checking","holder":"person",
                "address":{"town":"Boston","country":"US"}}
                """#, key: host.key)
            #expect(
                account.text("account") == "011000015 …1234" && account.text("family") == "nacha", "\(account.json)")
            let dollars = #"{"amount":500,"currency":"USD"}"#
            let room = try await api.post(
                "/v1/rooms",
                #"""
                {"title":"T","startsAt":"2026-03-02T19:00:00Z","endsAt":"2026-03-02T20:00:00Z","capacity":3,
                "doorsOpenAt":"2026-03-02T18:30:00Z","price":\#(dollars)}
                """#, key: host.key
            ).text("room")
            let wallet = try await api.wallet(0)
            _ = try await api.post(
                "/v1/wallets/\(wallet.holder)/topups", #"{"amount":\#(dollars)}"#, key: wallet.key, once: "t")
            let order = try await api.post(
                "/v1/orders", #"{"room":"\#(room)","price":\#(dollars)}"#, key: wallet.key, once: "b")
            #expect(order.status == 201, "\(order.json)")
            try house.time.set("2026-03-02T21:00:00Z")
            let night = try await api.post("/v1/nights", #"{"day":"2026-03-02","cutNow":true}"#, key: House.financeKey)
            let digest = #"{"digest":"\#(night.text("digest"))"}"#
            for key in [House.operatorKey, second] {
                _ = try await api.post("\(PayDay.path)/approvals", digest, key: key, once: "a")
            }
            let sent = try await api.post("\(PayDay.path)/send", digest, key: House.financeKey, once: "s")
            #expect(sent.state == "requested", "\(sent.json)")
            let made = try await api.post(
                "\(PayDay.path)/files", #"{"family":"nacha"}"#, key: House.financeKey, once: "f")
            #expect(made.status == 201, "\(made.json)")
            let file = try await api.get("\(PayDay.path)/files/1?format=nacha", key: House.financeKey)
            let entry = String(decoding: file.bytes, as: UTF8.self).split(separator: "\n")[2]
            #expect(entry.hasPrefix("6220110000150001234"), "\(entry)")
            let amount = String(entry.dropFirst(29).prefix(10))
            for (trace, expected) in [
                (String(entry.suffix(15)), "booked"), ("021000020009999", "exception: no payout has this id"),
            ] {
                let told = try await api.send(
                    .post, "/v1/bank-reports", Self.achReturn(trace, amount), key: House.financeKey, once: trace,
                    contentType: "text/plain")
                #expect(told.line == expected, "\(told.json)")
            }
            let batch = try await api.get(PayDay.path, key: House.financeKey)
            #expect(batch.state == "returned", "\(batch.json)")
            let report = try await house.service.audit(by: .operator)
            #expect(report.isClean, "\(report.lines.filter { $0.broken > 0 })")
        }
    }

    @Test func `what a bank says is booked once, and what does not fit is an exception`() async throws {
        let house = try await Self.banked()
        try await house.api { api in
            let bank = try await BankDay(house, api)
            _ = try await bank.make()
            let id = try await bank.endToEnd()
            let nobody = PayoutTransferID.derived(at: Instant(seconds: 0), from: "nobody").text.replacing(
                "_", with: "-")
            let before = try await bank.day.balances()
            for (number, (text, expected)) in [
                (BankDay.camt(nobody, "DBIT"), "exception: no payout has this id"),
                (BankDay.camt("rent", "DBIT"), "noted"),
                (BankDay.status("rent", "ACSC"), "exception: no payout has this id"),
                (BankDay.camt(id, "DBIT", "4.05"), "exception: it is of 4.04 EUR, not 4.05 EUR"),
                (BankDay.camt(id, "DBIT", "4.04", "USD"), "exception: it is of EUR, not USD"),
                (BankDay.status(id, "ACCP"), "noted"), (BankDay.status(id, "WHAT"), "noted"),
            ].enumerated() {
                let answer = try await bank.settle(text, "x\(number)")
                #expect(answer.status == 201 && answer.line == expected, "\(answer.json)")
            }
            #expect(try await bank.day.state() == "requested")
            #expect(try await bank.day.balances() == before)
            for (text, code) in [
                ("", "bank_report_unreadable"), ("<Document/>", "bank_report_unreadable"),
                ("not xml", "bank_report_unreadable"),
                ("<!DOCTYPE x><Document/>", "bank_report_unreadable"),
            ] { #expect(try await bank.settle(text, "bad").code == code) }
            #expect(try await bank.settle(BankDay.camt(id, "DBIT"), "h", key: bank.day.host.key).code == "key_scope")
            let paid = try await bank.settle(BankDay.camt(id.uppercased(), "DBIT"), "paid")
            #expect(paid.line == "booked", "\(paid.json)")
            #expect(try await bank.settle(BankDay.camt(id.uppercased(), "DBIT"), "paid").bytes == paid.bytes)
            #expect(try await bank.settle(BankDay.camt(id.uppercased(), "DBIT"), "other").code == "bank_report_taken")
            #expect(try await bank.settle(BankDay.camt(id, "DBIT"), "again").line == "known")
            #expect(try await bank.day.batch().text("state") == "settled")
            #expect(
                try await bank.settle(BankDay.status(id, "RJCT"), "late").line
                    == "exception: it was refused after it was paid")
            let shown = try await api.get("/v1/bank-reports/\(paid.text("report"))", key: House.financeKey)
            #expect(shown.bytes == paid.bytes)
            #expect(try await api.get("/v1/bank-reports/x", key: House.financeKey).code == "bank_file_unknown")
            try await bank.day.isClean()
            // It comes back, twice, and is owed again with the bank's reason.
            #expect(try await bank.settle(BankDay.camt(id, "CRDT"), "back").line == "booked")
            #expect(try await bank.settle(BankDay.camt(id, "CRDT", "4.04", "EUR", "2"), "back2").line == "known")
            #expect(try await bank.day.balances()["liabilities:host"] == -404)
            let payee = try await api.get("/v1/hosts/\(bank.day.host.id)/payee", key: House.financeKey)
            #expect(payee.text("reason").contains("AC04, the account is closed"), "\(payee.json)")
            let why = try await api.get("/v1/hosts/\(bank.day.host.id)/payout-reasons", key: bank.day.host.key)
            #expect(String(decoding: why.bytes, as: UTF8.self).contains("the account is closed"), "\(why.json)")
            try await bank.day.isClean()
            try await bank.day.payAgain()
        }
    }

    @Test func `whatever banks say in whatever order, the books end as those of the ordered run`() async throws {
        for order in [["DBIT", "CRDT"], ["CRDT", "DBIT"], ["CRDT"], ["DBIT", "DBIT", "CRDT", "CRDT"]] {
            let house = try await Self.banked()
            try await house.api { api in
                let bank = try await BankDay(house, api)
                let id = try await bank.endToEnd()
                for (number, direction) in order.enumerated() {
                    let answer = try await bank.settle(
                        BankDay.camt(id, direction, "4.04", "EUR", "\(number)"), "o\(number)")
                    #expect(["booked", "known"].contains(answer.line), "\(order) \(answer.json)")
                }
                #expect(try await bank.day.state() == "returned")
                #expect(try await bank.day.balances()["assets:bank"] == nil)
                #expect(try await bank.day.balances()["liabilities:host"] == -404)
                try await bank.day.isClean("\(order)")
            }
        }
    }

    @Test func `only a line of ours is an exception, whatever else stands in a statement`() async throws {
        let house = try await Self.banked()
        try await house.api { api in
            let bank = try await BankDay(house, api)
            let id = try await bank.endToEnd()
            func entry(_ direction: String, _ amount: String, _ currency: String, _ ids: String...) -> String {
                """
                <Ntry><Amt Ccy="\(currency)">\(amount)</Amt><CdtDbtInd>\(direction)</CdtDbtInd><Sts>BOOK</Sts><NtryDtls>\
                \(ids.map { "<TxDtls><Refs><EndToEndId>\($0)</EndToEndId></Refs></TxDtls>" }.joined())</NtryDtls></Ntry>
                """
            }
            func statement(_ entries: String) -> String {
                """
                <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr><MsgId>S</MsgId></GrpHdr>\
                <Stmt>\(entries)</Stmt></BkToCstmrStmt></Document>
                """
            }
            let foreign =
                entry("CRDT", "300", "EUR", "order 1", "order 2") + entry("CRDT", "7", "XTS", "order 3")
                + entry("CRDT", "7", "XTS")
            let unclear = try await bank.settle(statement(foreign + entry("DBIT", "9", "EUR", id, "rent")), "u")
            #expect(unclear.int("booked") == 0 && unclear.int("exceptions") == 1, "\(unclear.json)")
            let lines = try #require(unclear.json["lines"] as? [[String: any Sendable]])
            #expect(lines.compactMap { $0["outcome"] as? String } == ["noted", "noted", "noted", "exception", "noted"])
            #expect(lines[3]["reason"] as? String == "it has no amount of its own")
            #expect(try await bank.day.state() == "requested")
            let clear = try await bank.settle(statement(foreign + entry("DBIT", "4.04", "EUR", id)), "c")
            #expect(clear.int("booked") == 1 && clear.int("exceptions") == 0, "\(clear.json)")
            #expect(try await bank.day.state() == "paid")
            try await bank.day.isClean()
        }
    }

    @Test func `a status of the whole file refuses each of its transfers`() async throws {
        let house = try await Self.banked()
        try await house.api { api in
            let bank = try await BankDay(house, api)
            let name = try await bank.make().text("messageID")
            let text = """
                <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt><GrpHdr><MsgId>R</MsgId></GrpHdr>\
                <OrgnlGrpInfAndSts><OrgnlMsgId>\(name)</OrgnlMsgId><GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts>\
                </CstmrPmtStsRpt></Document>
                """
            let answer = try await bank.settle(text, "r")
            #expect(answer.line == "booked", "\(answer.json)")
            #expect(try await bank.day.state() == "refused")
            #expect(try await bank.settle(text + " ", "s").line == "known")
            let sent = try await bank.day.send("again")
            #expect(sent.state == "requested", "\(sent.json)")
            // News that the refused one was paid all the same is for a person.
            let old = try #require((answer.json["lines"] as? [[String: any Sendable]])?.first?["payout"] as? String)
            let late = try await bank.settle(BankDay.camt(old.replacing("_", with: "-"), "DBIT"), "late")
            #expect(late.line.hasPrefix("exception: "), "\(late.json)")
            try await bank.day.isClean()
        }
    }
}

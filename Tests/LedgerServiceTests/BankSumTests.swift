import BankFiles
import BoxOffice
import Foundation
import HTTPTypes
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// A file of two payouts, of 4.04 and 6.00, that the bank books in one sum.
private struct SumDay {
    let bank: BankDay
    let name: String

    init(_ house: House, _ api: API) async throws {
        bank = try await BankDay(house, api, isSent: false) { _ in
            let other = try await api.host("Bea")
            let account = try await api.send(
                .put, "/v1/hosts/\(other.id)/bank-account",
                #"{"legalName":"Bea","iban":"FR1420041010050500013M02606","address":{"town":"Paris","country":"FR"}}"#,
                key: other.key)
            #expect(account.status == 200, "\(account.json)")
            let more = try await api.post(
                "/v1/hosts/\(other.id)/adjustments", #"{"amount":{"amount":600,"currency":"EUR"},"reason":"A talk"}"#,
                key: House.financeKey, once: "more")
            #expect(more.status == 201, "\(more.json)")
        }
        #expect(try await bank.day.send().status == 200)
        let made = try await bank.make()
        #expect(made.int("transfers") == 2, "\(made.json)")
        name = made.text("messageID")
    }

    func statement(_ amount: String, _ more: String, direction: String = "DBIT", note: String = "") -> String {
        """
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>S\(note)</MsgId></GrpHdr>\
        <Stmt><Ntry><Amt Ccy="EUR">\(amount)</Amt><CdtDbtInd>\(direction)</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
        <NtryDtls>\(more)</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>
        """
    }

    func batch(_ count: Int? = 2) -> String {
        "<Btch><MsgId>of the bank</MsgId><PmtInfId>\(name)</PmtInfId>"
            + "\(count.map { "<NbOfTxs>\($0)</NbOfTxs>" } ?? "")</Btch>"
    }

    func ids() async throws -> [String] {
        try await bank.day.items().compactMap { ($0["payout"] as? String)?.replacing("_", with: "-") }
    }

    func states() async throws -> [String] { try await bank.day.items().compactMap { $0["state"] as? String } }
}

extension API.Answer {
    /// Outcomes of a report's lines, with the reasons of exceptions.
    fileprivate var outcomes: [String] {
        (json["lines"] as? [[String: any Sendable]] ?? []).map { line in
            [line["outcome"], line["reason"]].compactMap { $0 as? String }.joined(separator: ": ")
        }
    }
}

@Suite struct BankSumTests {
    @Test func `a file that was booked in one sum is paid, once`() async throws {
        for way in 0..<3 {
            let house = try await BankTests.banked()
            try await house.api { api in
                let day = try await SumDay(house, api)
                let details = try await day.ids().map {
                    "<TxDtls><Refs><EndToEndId>\($0)</EndToEndId></Refs></TxDtls>"
                }.joined()
                let more = [
                    day.batch(), "<TxDtls><Refs><MsgId>\(day.name)</MsgId></Refs></TxDtls>", day.batch(nil) + details,
                ][way]
                let paid = try await day.bank.settle(day.statement("10.04", more), "p")
                #expect(paid.outcomes == ["booked", "booked"] + (way == 2 ? ["known", "known"] : []), "\(paid.json)")
                #expect(try await day.states() == ["paid", "paid"])
                // Told again, in one sum and one by one.
                let again = try await day.bank.settle(day.statement("10.04", day.batch(), note: "2"), "a")
                #expect(again.outcomes == ["known", "known"], "\(again.json)")
                let id = try #require(try await day.ids().first { !$0.isEmpty })
                let one = try await day.bank.settle(BankDay.camt(id, "CRDT", "4.04"), "o")
                let other = try await day.bank.settle(BankDay.camt(id, "CRDT", "6.00"), "o2")
                #expect(Set([one, other].flatMap(\.outcomes).map { $0.prefix(6) }) == ["booked", "except"])
                #expect(try await Set(day.states()) == ["paid", "returned"])
                try await day.bank.day.isClean()
            }
        }
    }

    @Test func `a sum that is not that of the open payouts is an exception and books nothing`() async throws {
        let house = try await BankTests.banked()
        try await house.api { api in
            let day = try await SumDay(house, api)
            for (number, (statement, expected)) in [
                (
                    day.statement("10.05", day.batch()),
                    "exception: open in the file: 2 of 10.04 EUR; booked by the bank: 2 of 10.05 EUR"
                ),
                (
                    day.statement("10.04", day.batch(3)),
                    "exception: open in the file: 2 of 10.04 EUR; booked by the bank: 3 of 10.04 EUR"
                ),
                (
                    day.statement("10.04", day.batch(), direction: "CRDT"),
                    "exception: it came back in one sum, and which payouts are in it is not said"
                ),
                (day.statement("10.04", "<Btch><PmtInfId>rent</PmtInfId></Btch>"), "noted"),
            ].enumerated() {
                let told = try await day.bank.settle(statement, "x\(number)")
                #expect(told.outcomes == [expected], "\(told.json)")
                #expect(try await day.states() == ["requested", "requested"])
            }
            // One of them was refused: then the sum of the other is the file's.
            let items = try await day.bank.day.items()
            let refused = try #require(items.first { ($0["net"] as? [String: any Sendable])?["amount"] as? Int == 404 })
            let id = try #require(refused["payout"] as? String).replacing("_", with: "-")
            #expect(try await day.bank.settle(BankDay.status(id, "RJCT"), "r").outcomes == ["booked"])
            #expect(
                try await day.bank.settle(day.statement("10.04", day.batch(), note: "3"), "s").outcomes == [
                    "exception: open in the file: 1 of 6.00 EUR; booked by the bank: 2 of 10.04 EUR"
                ])
            #expect(try await day.bank.settle(day.statement("6.00", day.batch(1)), "t").outcomes == ["booked"])
            #expect(try await Set(day.states()) == ["paid", "refused"])
            try await day.bank.day.isClean()
        }
    }
}

import Foundation
import Schemas
import Testing
import Values

@testable import Reporting

@Suite("Reports that are refused")
struct RefusalTests {
    private static let story = Story(seed: 5, days: 6).facts

    private func refusal(_ change: (inout NightFacts) -> Void) -> ReportRefusal? {
        var facts = Self.story
        change(&facts)
        do {
            _ = try NightReport.files(facts, language: .english)
            return nil
        } catch {
            return error
        }
    }

    @Test("A row whose parts are not its gross is refused")
    func rowSum() { #expect(refusal { $0.sales[0].vat += 1 }?.code == "report_row_sum") }

    @Test("A payout that is not net plus withheld is refused")
    func payoutSum() { #expect(refusal { $0.payouts[0].net += 1 }?.code == "report_row_sum") }

    @Test("A host twice in one batch is refused")
    func twice() { #expect(refusal { $0.payouts.append($0.payouts[0]) }?.code == "report_not_unique") }

    @Test("A missing journal entry is refused as a gap")
    func gap() {
        #expect(
            refusal { facts in
                // A top-up that is gone from journal and balances alike cannot be found by adding.
                facts.journal.removeAll { $0.seq == 3 }
                var sums: [BalanceRow: Int64] = [:]
                for row in facts.journal {
                    sums[BalanceRow(account: row.account, currency: row.currency, balance: 0), default: 0] += row.amount
                }
                facts.balances = sums.map { BalanceRow(account: $0.account, currency: $0.currency, balance: $1) }
            }?.code == "report_broken")
    }

    @Test("A journal that begins late without opening balances is refused")
    func lateBeginning() { #expect(refusal { $0.journal.removeAll { $0.seq == 1 } }?.code == "report_broken") }

    @Test("A head that is not the last entry is refused")
    func head() { #expect(refusal { $0.headSequence += 1 }?.code == "report_chain_head") }

    @Test("A balance that the postings do not give is refused")
    func balance() { #expect(refusal { $0.balances[0].balance += 1 }?.code == "report_balance") }

    @Test("Escrow of rooms that is not the ledger's is refused")
    func escrow() { #expect(refusal { $0.escrow[0].held += 1 }?.code == "report_total") }

    @Test("A statement that does not close at the ledger's balance is refused")
    func statement() { #expect(refusal { $0.hosts[0].opening += 1 }?.code == "report_statement") }

    @Test("A sum that no number holds is refused")
    func overflow() {
        #expect(
            refusal { facts in
                var payout = facts.payouts[0]
                (payout.gross, payout.withheld, payout.net) = (.max, 0, .max)
                facts.payouts[0] = payout
                payout.host += "2"
                facts.payouts.append(payout)
            }?.code == "report_overflow")
    }

    @Test("A definition that asks for what there is not is refused")
    func definition() throws {
        let definitions = try ReportDefinition.all()
        let definition = try #require(definitions.first { $0.checks.contains { $0.control != nil } })
        let refusal = #expect(throws: ReportRefusal.self) { _ = try Table(definition, rows: [], controls: [:]) }
        #expect(refusal?.code == "report_definition")
    }

    @Test("Every refusal has its words in both languages")
    func words() throws {
        let all: [ReportRefusal] = [
            .columnCount(table: "", row: 0), .cellKind(table: "", row: 0, column: ""),
            .notUnique(table: "", row: 0), .rowSum(table: "", row: 0, column: ""),
            .total(table: "", column: "", currency: "", expected: 0, found: 0), .broken(table: "", row: 0, column: ""),
            .definition(table: "", detail: ""), .chainHead(expected: "", found: ""),
            .balance(account: "", currency: "", expected: 0, found: 0),
            .statement(host: "", currency: "", expected: 0, found: 0), .overflow(table: ""),
        ]
        for refusal in all { #expect(RefusalTexts.all[refusal.code] != nil, "\(refusal.code)") }
    }
}

import BoxOffice
import Foundation
import Ledger
import Payouts
import Schemas
import Testing
import Values

@Suite("The worked cases of the payout rules")
struct WorkedCaseTests {
    @Test(
        "come out to the last minor unit",
        arguments: [
            "01-sale-and-refunds", "02-tier-straddle", "03-tier-capacity-back", "04-cohosts", "05-minimum-carry",
            "06-negative-recovery", "09-cutoff-dst", "13-duplicates", "14-hold",
        ])
    func workedCase(_ name: String) throws {
        let play = try WorkedCase(named: name)
        let replay = try CaseReplay(play)
        let result = replay.result(lastDay: play.config.last_day)
        #expect(result.batches == play.expected.batches)
        #expect(result.orders == play.expected.orders)
        #expect(result.rejected == play.expected.rejected)
        #expect(result.duplicates == play.expected.duplicates)
        #expect(result.balances == play.expected.balances)
        #expect(replay.csv == play.expectedCSV)
        // Accounts that were never touched may be missing on either side; a balance of zero says the same.
        #expect(
            result.ledger.filter { $0.balance != 0 } == play.expected.ledger.filter { $0.balance != 0 })
        #expect(replay.house.balances.trialBalance.values.allSatisfy { $0 == 0 })
        #expect(try verifyChain(replay.house.journal) == replay.house.head)
        let chart = try ChartOfAccounts(json: ChartOfAccountsFile.json)
        #expect(replay.house.balances.violations(of: chart) == [])
    }

    @Test("give the same journal, batches and digests when they are played twice")
    func playedTwice() throws {
        let play = try WorkedCase(named: "06-negative-recovery")
        let (first, second) = (try CaseReplay(play), try CaseReplay(play))
        #expect(first.house.head == second.house.head)
        #expect(first.house.batches.map(\.digest) == second.house.batches.map(\.digest))
    }
}

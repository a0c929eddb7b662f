import Ledger
import Schemas
import Simulation
import Testing
import Values

@Suite("Accounts and their chart")
struct AccountTests {
    let chart: ChartOfAccounts

    init() throws { chart = try ChartOfAccounts(json: ChartOfAccountsFile.json) }

    @Test("the names in the code keep the grammar, know their class, and stand in the chart")
    func known() {
        var generator = SeededGenerator(seed: 1)
        let instant = Instant(seconds: 1_767_225_600)
        let accounts: [Account] = [
            .provider, .bank, .vat, .withholding, .commission, .suspense, .unplaced, .earnings,
            .wallet(.make(at: instant, using: &generator)), .escrow(.make(at: instant, using: &generator)),
            .host(.make(at: instant, using: &generator)),
        ]
        for account in accounts {
            #expect(Account(account.text) == account)
            #expect(chart.line(for: account)?.class == account.accountClass, "\(account)")
        }
    }

    @Test("wallets and escrows never go into debit, hosts may")
    func floors() {
        func mayGoIntoDebit(_ text: String) -> Bool? {
            Account(text).flatMap { chart.line(for: $0)?.mayGoIntoDebit }
        }
        #expect(mayGoIntoDebit("liabilities:wallet:x") == false)
        #expect(mayGoIntoDebit("liabilities:escrow:x") == false)
        #expect(mayGoIntoDebit("liabilities:host:x") == true)
        #expect(mayGoIntoDebit("expenses:dispute-fees") == true)
        #expect(mayGoIntoDebit("liabilities:wallet:x:y") == nil)
        #expect(mayGoIntoDebit("liabilities:other") == nil)
    }

    @Test(
        "names are refused that are not one",
        arguments: [
            "", "assets:", ":psp", "money:psp", "Assets:psp", "assets:PSP", "assets::psp", "assets:p|sp", "assets:p sp",
            "assets:é", "assets:psp\n",
        ])
    func refused(_ text: String) {
        #expect(Account(text) == nil)
    }

    @Test("a chart with a slip of the pen is refused")
    func slips() {
        func line(_ pattern: String, _ accountClass: AccountClass) -> ChartOfAccounts.Line {
            .init(pattern: pattern, class: accountClass, mayGoIntoDebit: true, meaning: "")
        }
        #expect(throws: ChartFault.wrongClass("assets:psp")) {
            try ChartOfAccounts(lines: [line("assets:psp", .income)])
        }
        #expect(throws: ChartFault.notAnAccount("psp")) { try ChartOfAccounts(lines: [line("psp", .asset)]) }
        #expect(throws: ChartFault.twice("suspense")) {
            try ChartOfAccounts(lines: [line("suspense", .asset), line("suspense", .asset)])
        }
        #expect(throws: ChartFault.self) { try ChartOfAccounts(json: Array("{".utf8)) }
    }
}

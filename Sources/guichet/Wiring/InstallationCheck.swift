import BoxOffice
import Ledger
import Schemas

/// What the ledger reads from its resources, proved before the first request: a server that could not explain its
/// accounts or its refusals does not start.
struct InstallationCheck {
    var chart = ChartOfAccountsFile.json
    var presets = PolicyPresets.json
    var textProblems = RefusalTexts.problems()

    /// The policies, once everything else is sound too.
    /// - Throws: ``CommandFailure`` with the first thing that is wrong.
    func policies() throws -> PolicyBook {
        if let problem = textProblems.first { throw broken("the refusal texts are broken: \(problem)") }
        let accounts: ChartOfAccounts
        do { accounts = try ChartOfAccounts(json: chart) } catch {
            throw broken("the chart of accounts is broken: \(error)")
        }
        if let account = accounts.missing.first {
            throw broken("the chart of accounts has no line for \(account), which entries are posted to")
        }
        do { return try PolicyBook(json: presets) } catch {
            throw broken("the presets of policies are broken: \(error)")
        }
    }

    /// The terms that rooms may be made with.
    func terms() throws -> TermsBook {
        do { return try TermsBook(json: RoomTermsPresets.json) } catch {
            throw broken("the terms of rooms are broken: \(error)")
        }
    }

    private func broken(_ words: String) -> CommandFailure {
        CommandFailure(.configuration, "Guichet does not start: \(words). Install it again, or undo the change.")
    }
}

internal import Values

/// A checked table of a night as a workbook, in the same form as the reports of queries.
enum TableWorkbook {
    static func render(
        _ table: Table, _ scope: ReportScope, _ language: ReportLanguage
    ) throws(ReportRefusal) -> [UInt8] {
        let sink = KeptBytes()
        let writer = WorkbookRowWriter(table.definition, scope, language, BufferedOutput(sink))
        // Counts what the last sheet says; the checks hold already, and hold again row by row.
        var checks = try StreamedChecks(table.definition)
        do {
            try writer.begin()
            for row in table.rows {
                try checks.add(row)
                try writer.add(row, checks)
            }
            try writer.end(checks)
        } catch let refusal as ReportRefusal {
            throw refusal
        } catch {
            // Beyond 4 GiB: no archive of this form holds the rows.
            throw .overflow(table: table.definition.name)
        }
        return sink.bytes
    }
}

extension NightFacts {
    /// What a workbook of this night was made of.
    func scope(of period: ReportPeriod) -> ReportScope {
        ReportScope(
            platform: platform, timeZone: timeZone, period: period, firstSequence: journal.map(\.seq).min(),
            lastSequence: journal.map(\.seq).max(), through: headSequence, headHash: headHash)
    }
}

extension NightBooks.HostStatement {
    /// From the first day of an account to the last day of one; the night's own day without any account.
    func period(_ facts: NightFacts) -> ReportPeriod {
        let first = accounts.map(\.facts.from).min() ?? facts.day
        let last = accounts.map(\.facts.through).max() ?? facts.day
        return ReportPeriod(from: first, to: last) ?? ReportPeriod(day: facts.day)
    }
}

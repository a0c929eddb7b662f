/// The data of the reports: definitions, words and the style sheet of pages. Embedded, so that the binary is whole.
public enum ReportResources {
    /// Every report definition, by the name of its file without extension.
    public static var definitions: [(name: String, bytes: [UInt8])] {
        [
            ("balances", PackageResources.balances_json),
            ("carried", PackageResources.carried_json),
            ("escrow", PackageResources.escrow_json),
            ("journal", PackageResources.journal_json),
            ("payouts", PackageResources.payouts_json),
            ("sales", PackageResources.sales_json),
            ("statement", PackageResources.statement_json),
        ]
    }

    /// The words of pages: `{ "key": { "en": "…", "fr": "…" } }`.
    public static var words: [UInt8] { PackageResources.report_words_json }

    /// The style sheet that every page carries inside it.
    public static var styleSheet: [UInt8] { PackageResources.report_css }
}

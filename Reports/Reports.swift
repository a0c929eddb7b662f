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

    /// Definitions with a query of their own. Further ones can lie in a folder that the service is told of.
    public static var queries: [(name: String, bytes: [UInt8])] {
        [
            ("query-audit-log", PackageResources.query_audit_log_json),
            ("query-fund-statement", PackageResources.query_fund_statement_json),
            ("query-general-ledger", PackageResources.query_general_ledger_json),
            ("query-negative-balances", PackageResources.query_negative_balances_json),
            ("query-payout-register", PackageResources.query_payout_register_json),
            ("query-provider-differences", PackageResources.query_provider_differences_json),
            ("query-provider-reconciliation", PackageResources.query_provider_reconciliation_json),
            ("query-revenue-share", PackageResources.query_revenue_share_json),
            ("query-room-sales", PackageResources.query_room_sales_json),
            ("query-tax-year", PackageResources.query_tax_year_json),
            ("query-trial-balance", PackageResources.query_trial_balance_json),
            ("query-vat-by-country", PackageResources.query_vat_by_country_json),
        ]
    }

    /// The words of pages: `{ "key": { "en": "…", "fr": "…" } }`.
    public static var words: [UInt8] { PackageResources.report_words_json }

    /// The style sheet that every page carries inside it.
    public static var styleSheet: [UInt8] { PackageResources.report_css }
}

internal import Embedded

/// The chart of accounts as it is embedded in the binary; `Ledger` reads it at the start.
public enum ChartOfAccountsFile {
    /// The bytes of `chart-of-accounts.json`.
    public static var json: [UInt8] { Shelf.schemas["chart-of-accounts.json"] }
}

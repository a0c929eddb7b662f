/// The numbered SQL scripts of each database, in order.
public enum SchemaScripts {
    /// One script: its number, its name and its SQL text.
    public typealias Script = (number: Int64, name: String, text: String)

    /// The ledger's database (SQLite).
    public static var ledger: [Script] {
        [
            (1, "ledger-0001", String(decoding: PackageResources.ledger_0001_sql, as: UTF8.self)),
            (2, "ledger-0002", String(decoding: PackageResources.ledger_0002_sql, as: UTF8.self)),
            (3, "ledger-0003", String(decoding: PackageResources.ledger_0003_sql, as: UTF8.self)),
            (4, "ledger-0004", String(decoding: PackageResources.ledger_0004_sql, as: UTF8.self)),
            (6, "ledger-0006", String(decoding: PackageResources.ledger_0006_sql, as: UTF8.self)),
            (7, "ledger-0007", String(decoding: PackageResources.ledger_0007_sql, as: UTF8.self)),
            (8, "ledger-0008", String(decoding: PackageResources.ledger_0008_sql, as: UTF8.self)),
            (9, "ledger-0009", String(decoding: PackageResources.ledger_0009_sql, as: UTF8.self)),
            (10, "ledger-0010", String(decoding: PackageResources.ledger_0010_sql, as: UTF8.self)),
            (11, "ledger-0011", String(decoding: PackageResources.ledger_0011_sql, as: UTF8.self)),
            (13, "ledger-0013", String(decoding: PackageResources.ledger_0013_sql, as: UTF8.self)),
            (14, "ledger-0014", String(decoding: PackageResources.ledger_0014_sql, as: UTF8.self)),
            (16, "ledger-0016", String(decoding: PackageResources.ledger_0016_sql, as: UTF8.self)),
            (17, "ledger-0017", String(decoding: PackageResources.ledger_0017_sql, as: UTF8.self)),
            (19, "ledger-0019", String(decoding: PackageResources.ledger_0019_sql, as: UTF8.self)),
            (20, "ledger-0020", String(decoding: PackageResources.ledger_0020_sql, as: UTF8.self)),
            (21, "ledger-0021", String(decoding: PackageResources.ledger_0021_sql, as: UTF8.self)),
            (22, "ledger-0022", String(decoding: PackageResources.ledger_0022_sql, as: UTF8.self)),
            (23, "ledger-0023", String(decoding: PackageResources.ledger_0023_sql, as: UTF8.self)),
            (24, "ledger-0024", String(decoding: PackageResources.ledger_0024_sql, as: UTF8.self)),
            (25, "ledger-0025", String(decoding: PackageResources.ledger_0025_sql, as: UTF8.self)),
            (27, "ledger-0027", String(decoding: PackageResources.ledger_0027_sql, as: UTF8.self)),
            (28, "ledger-0028", String(decoding: PackageResources.ledger_0028_sql, as: UTF8.self)),
            (29, "ledger-0029", String(decoding: PackageResources.ledger_0029_sql, as: UTF8.self)),
            (30, "ledger-0030", String(decoding: PackageResources.ledger_0030_sql, as: UTF8.self)),
            (31, "ledger-0031", String(decoding: PackageResources.ledger_0031_sql, as: UTF8.self)),
            (32, "ledger-0032", String(decoding: PackageResources.ledger_0032_sql, as: UTF8.self)),
        ]
    }

    /// A gateway's spool (SQLite).
    public static var spool: [Script] {
        [
            (1, "spool-0001", String(decoding: PackageResources.spool_0001_sql, as: UTF8.self)),
            (2, "spool-0002", String(decoding: PackageResources.spool_0002_sql, as: UTF8.self)),
            (3, "spool-0003", String(decoding: PackageResources.spool_0003_sql, as: UTF8.self)),
        ]
    }
}

/// The description of the HTTP interface.
public enum OpenAPIDescription {
    /// `openapi.yaml` as it is served at `/v1/openapi.yaml`.
    public static var yaml: [UInt8] { PackageResources.openapi_yaml }
}

/// Presets of sale and share policies: data that operators choose by name.
public enum PolicyPresets {
    public static var json: [UInt8] { PackageResources.presets_json }
}

/// Rates of value added tax by country and day.
public enum TaxRates {
    public static var json: [UInt8] { PackageResources.tax_rates_json }
}

/// Terms that hosts choose for their rooms by name: refunds, passing tickets on, resale.
public enum RoomTermsPresets {
    public static var json: [UInt8] { PackageResources.room_terms_json }
}

/// Presets of funds: stipends, pots, rate cards and user-centric ones.
public enum FundProgramPresets {
    public static var json: [UInt8] { PackageResources.fund_programs_json }
}

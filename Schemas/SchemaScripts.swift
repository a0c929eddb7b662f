internal import Embedded

/// The numbered SQL scripts of each database, in order.
public enum SchemaScripts {
    /// One script: its number, its name and its SQL text.
    public typealias Script = (number: Int64, name: String, text: String)

    /// The ledger's database (SQLite).
    public static var ledger: [Script] { scripts(of: "ledger") }

    /// A gateway's spool (SQLite).
    public static var spool: [Script] { scripts(of: "spool") }

    /// Those of one database: `ledger-0001.sql` is its first.
    private static func scripts(of database: String) -> [Script] {
        Shelf.schemas.names(startingWith: database + "-").map { file in
            let name = String(file.dropLast(".sql".count))
            guard let number = Int64(name.dropFirst(database.count + 1)) else {
                preconditionFailure("The script \(file) has no number.")
            }
            return (number, name, Shelf.schemas.text(file))
        }
    }
}

/// The description of the HTTP interface.
public enum OpenAPIDescription {
    /// `openapi.yaml` as it is served at `/v1/openapi.yaml`.
    public static var yaml: [UInt8] { Shelf.schemas["openapi.yaml"] }
}

/// Presets of sale and share policies: data that operators choose by name.
public enum PolicyPresets {
    public static var json: [UInt8] { Shelf.schemas["presets.json"] }
}

/// Rates of value added tax by country and day.
public enum TaxRates {
    public static var json: [UInt8] { Shelf.schemas["tax-rates.json"] }
}

/// Terms that hosts choose for their rooms by name: refunds, passing tickets on, resale.
public enum RoomTermsPresets {
    public static var json: [UInt8] { Shelf.schemas["room-terms.json"] }
}

/// Presets of funds: stipends, pots, rate cards and user-centric ones.
public enum FundProgramPresets {
    public static var json: [UInt8] { Shelf.schemas["fund-programs.json"] }
}

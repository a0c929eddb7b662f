internal import Foundation
internal import Reports

/// What a report is: which rows, which columns of them in which order, what must hold, and how it is drawn.
///
/// Definitions are data (`Reports/resources/NAME.json`). Rows come from a source of the night, where a column or a chart
/// can be added as long as the source has the field; or from a query of the definition's own.
struct ReportDefinition: Hashable, Sendable, Codable {
    struct Column: Hashable, Sendable, Codable {
        /// The field of the source, and the heading in files for machines.
        let name: String
        let kind: ColumnKind
        let title: Wording
        /// Of money: the column with the currency.
        let currency: String?
        /// May a value be absent?
        let optional: Bool?
        /// Heading of a further column of the CSV with the decimal text of the amount.
        let decimal: String?
        /// Shown in the page's table; files have every column.
        let page: Bool?
        /// Of text: `code` is translated from the vocabulary of the reports (`state.open`), `id` is set in the
        /// face of ids.
        let style: Style?
        /// Of `code`: the first part of the vocabulary's key.
        let vocabulary: String?
        /// Of money in the report of a query: the column whose amounts are added up here from row to row, The query
        /// does not give it.
        let running: Running?
    }

    struct Running: Hashable, Sendable, Codable {
        /// The column of amounts.
        let of: String
        /// The columns whose change begins a new sum.
        let within: [String]
    }

    enum Style: String, Hashable, Sendable, Codable {
        case code, id
    }

    /// What must hold, else the report is refused.
    struct Check: Hashable, Sendable, Codable {
        enum Kind: String, Hashable, Sendable, Codable {
            /// In every row the `columns` add up to the column `equals`.
            case rowSum = "row_sum"
            /// The `columns` of all rows add up, per currency, to the control total `control`, or to zero.
            case total
            /// No two rows agree in all `columns`.
            case unique
            /// The first of `columns` rises by nothing or one from row to row.
            case noGap = "no_gap"
            /// Within a currency, the second of `columns` is its value in the row before plus the first.
            case running
        }

        let kind: Kind
        let columns: [String]
        let equals: String?
        let control: String?
        /// What the check proves, for the reader of the page.
        let says: Wording
    }

    struct Chart: Hashable, Sendable, Codable {
        enum Kind: String, Hashable, Sendable, Codable {
            /// Upright columns along days.
            case columns
            /// Lying bars, the longest first.
            case bars
        }

        let kind: Kind
        let title: Wording
        let about: Wording
        /// Rows with the same value here are one mark.
        let by: String
        /// The column whose text names the mark; `by` itself where absent.
        let label: String?
        /// The column of money that is added up.
        let sum: String
        /// Only rows whose day in this column is the night's.
        let onlyNight: String?
    }

    /// Rows that a page shows as one because there may be thousands; files have each of them.
    struct Fold: Hashable, Sendable, Codable {
        let column: String
        let prefixes: [String]
    }

    /// Where the rows come from that are not facts of a night: the database, by a SELECT of the definition.
    struct Query: Hashable, Sendable, Codable {
        /// The lines of the query; see `ReportQuery` for what it may say.
        let sql: [String]
        let period: ReportPeriod.Unit
        /// Queries of control totals by name: each gives a currency and an amount.
        let controls: [String: [String]]?
        /// Tables without which the report is not offered.
        let needs: [String]?
    }

    let name: String
    let query: Query?
    /// The rows it is made of: `sales`, `escrow`, `payouts`, `carried`, `balances`, `journal` or `statement`; absent
    /// where there is a query.
    let source: String?
    /// The file name without its extension; `{host}` stands for the host of a statement. That of a query has the
    /// report's name and period.
    let file: String?
    /// Of a source; a query has every format.
    let formats: [Format]?
    let title: Wording
    let about: Wording
    /// What an empty table says.
    let empty: Wording
    /// Place on the night's page; absent where it is not shown there.
    let place: Int?
    let columns: [Column]
    let sort: [String]
    let fold: Fold?
    let checks: [Check]
    let charts: [Chart]

    enum Format: String, Hashable, Sendable, Codable {
        case csv, json, xlsx
    }

    /// The position of a column, by name.
    func index(of name: String) -> Int? { columns.firstIndex { $0.name == name } }

    /// Every definition that ships with the product, by name.
    ///
    /// A definition that cannot be read is a broken build, told by name; the tests read all of them.
    static func all() throws(ReportRefusal) -> [ReportDefinition] {
        var definitions: [ReportDefinition] = []
        for (name, bytes) in ReportResources.definitions {
            do {
                definitions.append(try JSONDecoder().decode(ReportDefinition.self, from: Data(bytes)))
            } catch {
                throw .definition(table: name, detail: String(describing: error))
            }
        }
        return definitions.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}

internal import Embedded

/// The data of the reports: definitions, words and the style sheet of pages. Embedded, so that the binary is whole.
public enum ReportResources {
    /// Every report definition, by the name of its file without extension.
    public static var definitions: [(name: String, bytes: [UInt8])] { files(withQuery: false) }

    /// Definitions with a query of their own. Further ones can lie in a folder that the service is told of.
    public static var queries: [(name: String, bytes: [UInt8])] { files(withQuery: true) }

    /// The words of pages: `{ "key": { "en": "…", "fr": "…" } }`.
    public static var words: [UInt8] { Shelf.reports[wordsFile] }

    /// The style sheet that every page carries inside it.
    public static var styleSheet: [UInt8] { Shelf.reports["report.css"] }

    private static let wordsFile = "report-words.json"

    private static func files(withQuery: Bool) -> [(name: String, bytes: [UInt8])] {
        Shelf.reports.names().filter { name in
            name.hasSuffix(".json") && name != wordsFile && name.hasPrefix("query-") == withQuery
        }.map { (String($0.dropLast(".json".count)), Shelf.reports[$0]) }
    }
}

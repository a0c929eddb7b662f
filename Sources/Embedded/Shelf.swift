internal import CEmbedded

/// The files of one folder of the repository that the binary carries in itself, by their path below that folder.
public struct Shelf: Sendable {
    /// `Schemas/resources`.
    public static let schemas = Shelf(embedded_schemas_shelf())
    /// `Reports/resources`.
    public static let reports = Shelf(embedded_reports_shelf())
    /// `Sources/LedgerService/Web/resources`.
    public static let pages = Shelf(embedded_pages_shelf())

    private let files: [String: [UInt8]]

    private init(_ first: UnsafePointer<embedded_file>) {
        var files: [String: [UInt8]] = [:]
        var entry = first
        while let name = entry.pointee.name, let text = entry.pointee.text {
            let name = String(cString: name)
            precondition(files[name] == nil, "The file \(name) is on its shelf twice.")
            files[name] = Array(String(cString: text).utf8)
            entry += 1
        }
        self.files = files
    }

    /// The names of all files of a folder of the shelf (`assets/`) or with a common start (`refusals-`), sorted.
    public func names(startingWith prefix: String = "") -> [String] {
        files.keys.filter { $0.hasPrefix(prefix) }.sorted()
    }

    /// A file's bytes. Its absence is a mistake in the program, not in what anybody gave it.
    public subscript(name: String) -> [UInt8] {
        guard let bytes = files[name] else { preconditionFailure("There is no embedded file \(name).") }
        return bytes
    }

    /// A file's text.
    public func text(_ name: String) -> String { String(decoding: self[name], as: UTF8.self) }
}

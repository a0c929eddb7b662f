internal import Values

/// `control.json`: what a receiver needs to prove that nothing is missing or changed. It names every other file
/// with its rows, its sums per currency, its digest, and the journal entries it was made from.
struct ControlFile: Sendable {
    static let name = "control.json"

    struct Entry: Sendable {
        let name: String
        let contentType: String
        let bytes: Int
        let sha256: String
        /// Rows of a table; absent for pages.
        let rows: Int?
        /// Sums of columns of money: column, currency code, minor units.
        let sums: [String: [String: Int64]]

        init(_ file: ReportFile, rows: Int? = nil, sums: [String: [String: Int64]] = [:]) {
            name = file.name
            contentType = file.contentType
            bytes = file.bytes.count
            sha256 = SHA256Digest(of: file.bytes).hex
            self.rows = rows
            self.sums = sums
        }

        func json(first: Int64, last: Int64) -> JSONText {
            .object([
                "name": .string(name), "content_type": .string(contentType), "bytes": .integer(Int64(bytes)),
                "sha256": .string(sha256), "rows": rows.map { .integer(Int64($0)) } ?? .null,
                "sums": .object(sums.mapValues { .object($0.mapValues { .integer($0) }) }),
                "first_sequence": .integer(first), "last_sequence": .integer(last),
            ])
        }
    }

    static func render(_ facts: NightFacts, _ entries: [Entry]) -> ReportFile {
        let first = facts.journal.map(\.seq).min() ?? 0
        let sorted = entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let document = JSONText.object([
            "day": .string(facts.day.description), "cutoff": .string(facts.cutoff.description),
            "policy": .object(["name": .string(facts.policy), "version": .integer(facts.policyVersion)]),
            "journal": .object([
                "first_sequence": .integer(first), "cut_sequence": .integer(facts.cutSequence),
                "last_sequence": .integer(facts.headSequence), "head_hash": .string(facts.headHash),
            ]),
            "files": .array(sorted.map { $0.json(first: first, last: facts.headSequence) }),
        ])
        return ReportFile(name: name, contentType: "application/json", bytes: document.document)
    }
}

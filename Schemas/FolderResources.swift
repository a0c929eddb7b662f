// The sanitizers' build only (`GUICHET_ONLY=core` in the manifest), in place of what is embedded otherwise: under the
// thread sanitizer the compiler works at 700 KB of array literals for more than ten minutes.
internal import Foundation

/// The files of `resources`, read where they lie in the sources, under the names that embedded ones have.
let PackageResources = ResourceFolder()

@dynamicMemberLookup
struct ResourceFolder: Sendable {
    private let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "resources")

    /// `refusals_books_json` is `refusals-books.json`.
    subscript(dynamicMember name: String) -> [UInt8] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        guard
            let file = names.first(where: { String($0.map { $0.isLetter || $0.isNumber ? $0 : "_" }) == name }),
            let bytes = try? Data(contentsOf: folder.appending(path: file))
        else { preconditionFailure("There is no resource \(name) in \(folder.path).") }
        return Array(bytes)
    }
}

import Embedded
import Foundation
import Testing

@Suite("What the binary carries")
struct ShelfTests {
    static let shelves: [(Shelf, folder: String)] = [
        (.schemas, "Schemas/resources"), (.reports, "Reports/resources"),
        (.pages, "Sources/LedgerService/Web/resources"),
    ]

    @Test("Each shelf holds its folder's files, each byte of them, and no others", arguments: shelves.indices)
    func shelfIsItsFolder(_ index: Int) throws {
        let (shelf, name) = Self.shelves[index]
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: name)
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            .filter {
                try folder.appending(path: $0).resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
            }
        #expect(shelf.names() == files.sorted())
        for file in files where shelf.names().contains(file) {
            #expect(try Data(shelf[file]) == Data(contentsOf: folder.appending(path: file)), "\(file)")
        }
    }

    @Test("Files are found by the start of their names, in order")
    func filesByPrefix() {
        #expect(Shelf.schemas.names(startingWith: "spool-").first == "spool-0001.sql")
        #expect(Shelf.pages.names(startingWith: "templates/").allSatisfy { $0.hasSuffix(".mustache") })
        #expect(Shelf.pages.names(startingWith: "nothing").isEmpty)
    }
}

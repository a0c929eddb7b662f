import Foundation
import Testing

@testable import guichet

/// Files that a person names are written where they stand.
@Suite struct OutputFileTests {
    @Test func `what is there keeps its place and loses its content, as a device or a pipe must`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (file, link) = (folder.appendingPathComponent("file").path, folder.appendingPathComponent("link").path)
        try OutputFile.write(Data("longer than the next".utf8), to: file)
        func inode() throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int
        }
        let before = try inode()
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
        try OutputFile.write(Data("short".utf8), to: link)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "short")
        #expect(try inode() == before)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == file)
        #expect(throws: CommandFailure.self) { try OutputFile.write(Data(), to: folder.path) }
    }
}

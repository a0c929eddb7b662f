import Foundation
import Testing

@testable import guichet

/// Files that a person names are there whole or not at all; links are followed, and devices stay what they are.
@Suite struct OutputFileTests {
    @Test func `a link stays one, a device stays one, and what is there is replaced whole`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (file, link) = (folder.appendingPathComponent("file").path, folder.appendingPathComponent("link").path)
        try OutputFile.write(Data("longer than the next".utf8), to: file)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
        try OutputFile.write(Data("short".utf8), to: link)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "short")
        try OutputFile.write(Data("short".utf8), to: "/dev/null")
        let kind = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
        #expect(kind != .typeRegular)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == file)
        #expect(throws: CommandFailure.self) { try OutputFile.write(Data(), to: folder.path) }
    }
}

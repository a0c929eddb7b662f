import Foundation
import Testing
import Values

@testable import Store

/// Files that are written by processes that die: at every named point of every kind.
@Suite struct WholeFileTests {
    private static let old = Data("what was there\n".utf8)
    private static let new = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 * 7) })

    private func folder() throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("whole-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test func `every point of a file is of a kind, and no two kinds share one`() {
        let points = WholeFile.Kind.allCases.flatMap { [$0.written, $0.named] }
        #expect(Set(points).count == points.count)
        let files = CrashPoint.allCases.filter { $0.rawValue.hasPrefix("file.") }
        #expect(Set(files).isSubset(of: Set(points)), "A point of a file that no file passes is none.")
        for kind in WholeFile.Kind.allCases {
            #expect(kind.written.rawValue.hasSuffix(".written") && kind.named.rawValue.hasSuffix(".named"))
        }
    }

    @Test(arguments: WholeFile.Kind.allCases)
    func `a file of which the writer dies is as it was, and the next writer makes it the same`(
        kind: WholeFile.Kind
    ) async throws {
        for (point, isThere) in [(kind.written, false), (kind.named, true)] {
            for hasOld in [false, true] {
                let folder = try folder()
                defer { try? FileManager.default.removeItem(atPath: folder) }
                let path = folder + "/a file.csv"
                if hasOld { try WholeFile.write(Self.old, to: path, kind) }
                let (arm, name) = (point.rawValue, kind.rawValue)
                await #expect(processExitsWith: .signal(SIGABRT), "\(arm)") {
                    [arm = arm as String, name = name as String, path = path as String] in
                    setenv("GUICHET_CRASH_AT", arm, 1)
                    guard let kind = WholeFile.Kind(rawValue: name) else { return }
                    try WholeFile.write(Self.new, to: path, kind)
                }
                #expect(FileManager.default.contents(atPath: path) == (isThere ? Self.new : hasOld ? Self.old : nil))
                try WholeFile.write(Self.new, to: path, kind)
                #expect(FileManager.default.contents(atPath: path) == Self.new)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a file.csv"], "\(arm)")
            }
        }
    }

    @Test func `a new file takes nobody's place, and what fails leaves nothing`() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/operator.key"
        try WholeFile.write(Self.old, to: path, .key, mode: 0o600, isNew: true)
        #expect(throws: StoreFault.self) { try WholeFile.write(Self.new, to: path, .key, mode: 0o600, isNew: true) }
        #expect(FileManager.default.contents(atPath: path) == Self.old)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(throws: StoreFault.self) { try WholeFile.write(Self.new, to: folder, .output) }
        #expect(throws: StoreFault.self) { try WholeFile.write(Self.new, to: folder + "/none/x", .output) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["operator.key"])
    }

    @Test func `a link is followed, and two writers at once leave one of the two`() async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (path, link) = (folder + "/real", folder + "/link")
        try WholeFile.write(Self.old, to: path, .output)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        try WholeFile.write(Self.new, to: link, .output)
        #expect(FileManager.default.contents(atPath: path) == Self.new)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    try? WholeFile.write(Data(repeating: UInt8(number), count: 50_000), to: path, .output)
                }
            }
        }
        let bytes = try #require(FileManager.default.contents(atPath: path))
        #expect(bytes.count == 50_000 && Set(bytes).count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["link", "real"])
    }
}

import Foundation

/// A path in the temporary folder; whatever was made of it is removed at the end.
final class TemporaryFile: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("guichet-\(UUID().uuidString).db").path
    }

    deinit {
        for suffix in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }
}

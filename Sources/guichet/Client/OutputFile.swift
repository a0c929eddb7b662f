import Foundation
import Store

/// A file that a person named, to be written.
enum OutputFile {
    /// Opens what is written as it comes, where it stands.
    /// - Throws: ``CommandFailure`` where it can't be written.
    static func open(_ path: String, mode: mode_t = 0o644) throws -> FileHandle {
        let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw CommandFailure(.file, "\(path) can't be written.") }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Writes all of it: whole or not at all; a device or a pipe (`--out /dev/null`) is written where it stands.
    static func write(
        _ data: Data, to path: String, _ kind: WholeFile.Kind = .output, mode: mode_t = 0o644
    ) throws {
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let found = try? FileManager.default.attributesOfItem(atPath: real)[.type] as? FileAttributeType
        do {
            guard let found, found != .typeRegular else { return try WholeFile.write(data, to: path, kind, mode: mode) }
            let handle = try open(path, mode: mode)
            try handle.write(contentsOf: data)
            try handle.close()
        } catch { throw CommandFailure(.file, "\(path) can't be written.") }
    }
}

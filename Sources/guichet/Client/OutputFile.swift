import Foundation

/// A file that a person named, to be written: it is made, or emptied where it stands. Never put there anew, which would
/// take the place of a device or a pipe (`--out /dev/null`).
enum OutputFile {
    /// - Throws: ``CommandFailure`` where it can't be written.
    static func open(_ path: String, mode: mode_t = 0o644) throws -> FileHandle {
        let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw CommandFailure(.file, "\(path) can't be written.") }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Writes all of it.
    static func write(_ data: Data, to path: String, mode: mode_t = 0o644) throws {
        let handle = try open(path, mode: mode)
        do {
            try handle.write(contentsOf: data)
            try handle.close()
        } catch { throw CommandFailure(.file, "\(path) can't be written.") }
    }
}

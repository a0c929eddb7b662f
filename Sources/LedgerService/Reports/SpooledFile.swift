internal import Foundation
internal import Reporting
internal import Values

/// A file that belongs to one export: it has no name, so that it is gone with its last reader, whatever happens.
///
/// `@unchecked Sendable`: written by the thread of reports until `finish`, only read from then on, at given offsets.
final class SpooledFile: ReportSink, @unchecked Sendable {
    private let descriptor: Int32
    private var digest: SHA256Stream? = SHA256Stream()
    private(set) var count: Int64 = 0
    private(set) var sha256 = SHA256Digest.zero

    /// The disk of the spool is full, or can't be written to.
    struct Fault: Error, CustomStringConvertible {
        let code: Int32
        var description: String { "A report can't be spooled: \(String(cString: strerror(code)))." }
    }

    /// In the temporary folder, readable by its owner only.
    init() throws {
        var path = Array((FileManager.default.temporaryDirectory.path + "/guichet-report-XXXXXX").utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw Fault(code: errno) }
        unlink(path)
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8]) throws {
        digest?.update(bytes)
        count += Int64(bytes.count)
        try bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let written = Foundation.write(
                    descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw Fault(code: errno) }
                rest = rest.dropFirst(written)
            }
        }
    }

    /// Nothing is written any more.
    func finish() {
        guard let digest = digest.take() else { return }
        sha256 = digest.digest()
    }

    /// The bytes from a place on, at most so many; none at the end.
    func read(at offset: Int64, upTo size: Int) throws -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            let read = pread(descriptor, buffer.baseAddress, size, off_t(offset))
            if read < 0 { failure = errno }
            count = max(0, read)
        }
        guard failure == 0 else { throw Fault(code: failure) }
        return bytes
    }
}

public import Foundation
internal import Values

/// A file that stands under its name whole or not at all, whatever happens to the process or the machine: written beside it
/// under another name, put on disk, and then named.
///
/// Whoever dies before the name leaves what was there; the next one who writes it begins again and removes what was left.
/// Two at once follow one another. ``Kind`` is closed: each kind has its two places at which a process can be made to die,
/// and a test dies at all of them.
public final class WholeFile {
    /// What is written, by its reader.
    public enum Kind: String, CaseIterable, Sendable {
        /// A signed head of the journal.
        case head
        /// A file of a night's reports, its control file among them.
        case report
        /// A file of an export, its control file among them.
        case export
        /// A file for a bank.
        case bank
        /// A file of a replay, or of a history for one.
        case replay
        /// Anything else that a person named: a receipt, a picture of a ticket's code.
        case output
        /// The first operator's key.
        case key
        /// A copy of a database.
        case backup

        /// All of it is on disk, under another name.
        var written: CrashPoint {
            switch self {
            case .head: .headFileWritten
            case .report: .reportFileWritten
            case .export: .exportFileWritten
            case .bank: .bankFileWritten
            case .replay: .replayFileWritten
            case .output: .outputFileWritten
            case .key: .keyFileWritten
            case .backup: .backupWritten
            }
        }

        /// It has its name.
        var named: CrashPoint {
            switch self {
            case .head: .headFileNamed
            case .report: .reportFileNamed
            case .export: .exportFileNamed
            case .bank: .bankFileNamed
            case .replay: .replayFileNamed
            case .output: .outputFileNamed
            case .key: .keyFileNamed
            case .backup: .backupNamed
            }
        }
    }

    private let kind: Kind
    private let target: String
    private let partial: String
    private let isNew: Bool
    private let descriptor: Int32
    private var isNamed = false

    /// Begins a file. What stands under the name stays until ``close()``; a link is followed to the file it names.
    /// - Parameters:
    ///   - mode: who may read it, from the first byte on.
    ///   - isNew: nothing is replaced: the one who names it first has made it.
    public init(_ path: String, _ kind: Kind, mode: UInt32 = 0o644, isNew: Bool = false) throws(StoreFault) {
        var target = path
        if let real = realpath(path, nil) {
            target = String(cString: real)
            free(real)
        }
        let url = URL(fileURLWithPath: target)
        self.kind = kind
        self.target = target
        self.isNew = isNew
        partial = url.deletingLastPathComponent().path + "/." + url.lastPathComponent + ".partial"
        descriptor = try Self.begin(partial, mode)
    }

    /// Opens the unnamed file for one writer at a time, empty.
    private static func begin(_ path: String, _ mode: UInt32) throws(StoreFault) -> Int32 {
        while true {
            let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode)
            guard opened >= 0 else { throw .file(path: path, code: errno) }
            var (mine, there) = (stat(), stat())
            // Whoever waited here may hold what has its name by now: that is not to be emptied.
            guard flock(opened, LOCK_EX) == 0, fstat(opened, &mine) == 0 else {
                let code = errno
                Foundation.close(opened)
                throw .file(path: path, code: code)
            }
            guard stat(path, &there) == 0, there.st_ino == mine.st_ino, there.st_dev == mine.st_dev else {
                Foundation.close(opened)
                continue
            }
            // A writer that died between its two names: the file that has one is not to be emptied.
            guard mine.st_nlink == 1 else {
                unlink(path)
                Foundation.close(opened)
                continue
            }
            // What a dead writer left may be open to more than this one is to be.
            guard ftruncate(opened, 0) == 0, mode & 0o077 != 0 || fchmod(opened, mode) == 0 else {
                let code = errno
                Foundation.close(opened)
                throw .file(path: path, code: code)
            }
            return opened
        }
    }

    deinit {
        if !isNamed { unlink(partial) }
        Foundation.close(descriptor)
    }

    /// Appends bytes.
    public func write(_ bytes: some ContiguousBytes) throws(StoreFault) {
        let failure = bytes.withUnsafeBytes { buffer -> Int32 in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Foundation.write(
                    descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return errno }
                rest = rest.dropFirst(count)
            }
            return 0
        }
        guard failure == 0 else { throw .file(path: target, code: failure) }
    }

    /// Puts it on disk and gives it its name; from then on it is what stands there. Nothing can be written to it any more.
    /// - Throws: `EEXIST` where it was to be new and something has the name.
    public func close() throws(StoreFault) {
        guard fsync(descriptor) == 0 else { throw .file(path: target, code: errno) }
        kind.written.pass()
        guard isNew ? link(partial, target) == 0 : rename(partial, target) == 0 else {
            throw .file(path: target, code: errno)
        }
        if isNew { unlink(partial) }
        isNamed = true
        try synchronizeFolder(of: target)
        kind.named.pass()
    }

    /// Writes all of a file.
    public static func write(
        _ bytes: some ContiguousBytes, to path: String, _ kind: Kind, mode: UInt32 = 0o644, isNew: Bool = false
    ) throws(StoreFault) {
        let file = try WholeFile(path, kind, mode: mode, isNew: isNew)
        try file.write(bytes)
        try file.close()
    }
}

/// The name is on disk once its folder is.
func synchronizeFolder(of path: String) throws(StoreFault) {
    try synchronize(URL(fileURLWithPath: path).deletingLastPathComponent().path)
}

/// Puts a file, or the names in a folder, on disk.
func synchronize(_ path: String) throws(StoreFault) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .file(path: path, code: errno) }
    defer { Foundation.close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .file(path: path, code: errno) }
}

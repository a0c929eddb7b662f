#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif
internal import Values

/// Private keys on disk: an edge, the only place of this module that touches the system.
public enum KeyFile {
    /// A PEM file with an Ed25519 key has about 120 bytes; comments around it may take the rest.
    private static let maximumBytes = 16 * 1024

    /// Reads a private key in PEM from a file that only its owner can read.
    public static func load(_ path: String) throws(KeyRefusal) -> SigningKey {
        let bytes = try read(path)
        guard let key = SigningKey(pem: bytes) else { throw .fileMalformed(path: path) }
        return key
    }

    /// Writes a private key in PEM to a new file with mode 0600, durably. Never overwrites.
    public static func save(_ key: SigningKey, to path: String) throws(KeyRefusal) { try save(key.pem, to: path) }

    /// Writes a secret to a new file with mode 0600, durably. Never overwrites.
    static func save(_ secret: [UInt8], to path: String) throws(KeyRefusal) {
        // Under another name first: whoever dies here leaves no half of a key that the next start would stumble over.
        let partial = "\(path).\(getpid()).partial"
        unlink(partial)
        defer { unlink(partial) }
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .fileNotWritten(path: path) }
        let complete = write(descriptor, secret, secret.count) == secret.count && fsync(descriptor) == 0
        guard close(descriptor) == 0, complete else { throw .fileNotWritten(path: path) }
        CrashPoint.keyFileWritten.pass()
        guard link(partial, path) == 0, synchronizeFolder(of: path) else { throw .fileNotWritten(path: path) }
        CrashPoint.keyFileNamed.pass()
    }

    /// The name is on disk once its folder is.
    private static func synchronizeFolder(of path: String) -> Bool {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }

    /// The key at `path`, made on first use.
    public static func loadOrGenerate(_ path: String) throws(KeyRefusal) -> SigningKey {
        if access(path, F_OK) != 0 {
            let key = SigningKey.generate()
            try save(key, to: path)
            return key
        }
        return try load(path)
    }

    /// Refuses a file that others than its owner can read or write: mode bits 077, another owner, not an ordinary file.
    public static func checkMode(_ path: String) throws(KeyRefusal) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .fileUnreadable(path: path) }
        defer { close(descriptor) }
        try checkMode(of: descriptor, path)
    }

    /// Checks the file that was opened, not the name: nobody can change what is behind the name in between.
    private static func checkMode(of descriptor: Int32, _ path: String) throws(KeyRefusal) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .fileUnreadable(path: path) }
        let owner = geteuid()
        // A container may mount a secret as root's for a process of another user.
        let owned = status.st_uid == owner || status.st_uid == 0
        guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 == 0, owned else {
            throw .fileExposed(path: path, mode: String(status.st_mode & 0o7777, radix: 8))
        }
    }

    /// Reads a file that only its owner can read.
    static func read(_ path: String) throws(KeyRefusal) -> [UInt8] {
        // Without O_NONBLOCK a named pipe would hold the process here.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .fileUnreadable(path: path) }
        defer { close(descriptor) }
        try checkMode(of: descriptor, path)
        var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
        var count = 0
        while count < bytes.count {
            let received = bytes.withUnsafeMutableBytes { buffer in
                #if canImport(Glibc)
                    Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
                #else
                    Darwin.read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
                #endif
            }
            guard received >= 0 else { throw .fileUnreadable(path: path) }
            if received == 0 { break }
            count += received
        }
        guard count <= maximumBytes else { throw .fileMalformed(path: path) }
        return Array(bytes.prefix(count))
    }
}

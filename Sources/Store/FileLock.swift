internal import Foundation
internal import Synchronization

/// An exclusive `flock` on a file beside the database: the second writer learns at start that there is a first.
///
/// ``release()`` drops it at once; the kernel does when the process ends, however that happens.
final class FileLock: Sendable {
    private let descriptor: Mutex<Int32?>

    init(besides path: String) throws(StoreFault) {
        let lockPath = path + ".lock"
        let opened = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw .file(path: lockPath, code: errno) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            Foundation.close(opened)
            throw .inUse(path: path)
        }
        descriptor = Mutex(opened)
    }

    deinit { release() }

    func release() {
        descriptor.withLock { held in
            guard let descriptor = held else { return }
            // A program that is being started holds copies of all descriptors until it runs: the lock ends here, not with
            // the last of them.
            flock(descriptor, LOCK_UN)
            close(descriptor)
            held = nil
        }
    }
}

/// Money and wallets: readable by the owner only, from the first byte on.
func createPrivateFile(_ path: String) throws(StoreFault) {
    let created = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard created >= 0 else { throw .file(path: path, code: errno) }
    close(created)
}

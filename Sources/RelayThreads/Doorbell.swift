internal import Datagrams
internal import Synchronization

/// Wakes a media thread for which another one has put something into a ring; costs a system call only if it sleeps.
///
/// The thread says that it will sleep, looks at its rings once more, and sleeps; who fills a ring looks afterwards
/// whether it sleeps. All four are in one order, so that one of the two sees the other.
final class Doorbell: Sendable {
    let wake: Wake
    private let isAsleep = Atomic<Bool>(false)

    init() throws(SocketFault) { wake = try Wake() }

    /// After something was put into one of the thread's rings.
    func ring() { if isAsleep.load(ordering: .sequentiallyConsistent) { wake.signal() } }

    /// Before the thread looks at its rings for the last time and waits.
    func fallAsleep() { isAsleep.store(true, ordering: .sequentiallyConsistent) }
    func getUp() { isAsleep.store(false, ordering: .relaxed) }
}

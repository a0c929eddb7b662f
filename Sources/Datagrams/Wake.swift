internal import CDatagrams

/// Wakes a thread that waits in `UDPSocket.wait`, from any other thread (Linux eventfd).
///
/// Shared by the waiting thread and by everybody who has something for it; the descriptor lives as long as the last
/// of them, so a late wake never hits a descriptor that the kernel has given to somebody else.
public final class Wake: Sendable {
    let descriptor: Int32

    public init() throws(SocketFault) {
        let opened = cdatagrams_open_wake()
        guard opened >= 0 else { throw SocketFault("eventfd", negated: opened) }
        descriptor = opened
    }

    deinit { cdatagrams_close(descriptor) }

    /// Makes the next or the present wait return.
    public func signal() { cdatagrams_wake(descriptor) }

    /// Takes all signals so far; the waiting thread calls it before it looks at its mailbox.
    public func clear() { cdatagrams_clear_wake(descriptor) }
}

internal import CDatagrams
internal import Glibc
public import MediaWire

/// Many bound UDP sockets that one thread serves: the many clients of a load generator, each with an address of its
/// own as a relay must see it, and one block of memory for all of them.
///
/// A wait costs one `epoll_wait` for up to 256 sockets that have something, a socket one `recvmmsg`. Messages that their
/// sender let the kernel cut (UDP_SEGMENT) are taken uncut where it can (UDP_GRO): on loopback it is the sender who pays
/// for the cutting, which on a wire is the interface's work or the receiver's.
public struct UDPSocketGroup: ~Copyable {
    /// Datagrams a system call; a client of a voice has one to three waiting.
    public static let batchCapacity = 16
    private static let readyCapacity = 256
    /// No message is longer.
    private static let messageCapacity = 1 << 16

    private let epoll: Int32
    private let wake: Wake
    /// Open sockets by their number; -1 for one that was closed.
    private var descriptors: [Int32] = []
    private let storage: UnsafeMutableRawBufferPointer
    private let incoming: Batch
    private let outgoing: Batch
    private let tags: UnsafeMutableBufferPointer<UInt64>

    /// - Parameter wake: ends a wait from another thread.
    public init(wake: Wake) throws(SocketFault) {
        let opened = cdatagrams_group_open(wake.descriptor)
        guard opened >= 0 else { throw SocketFault("epoll", negated: opened) }
        epoll = opened
        self.wake = wake
        storage = .allocate(byteCount: Self.batchCapacity * Self.messageCapacity, alignment: 64)
        incoming = Batch(capacity: Self.batchCapacity)
        outgoing = Batch(capacity: Self.batchCapacity)
        tags = .allocate(capacity: Self.readyCapacity)
        for index in 0..<Self.batchCapacity {
            let start = storage.baseAddress.map { $0 + index * Self.messageCapacity }
            incoming.vectors[index] = iovec(iov_base: start, iov_len: Self.messageCapacity)
        }
    }

    deinit {
        for descriptor in descriptors where descriptor >= 0 { cdatagrams_close(descriptor) }
        cdatagrams_close(epoll)
        storage.deallocate()
        incoming.deallocate()
        outgoing.deallocate()
        tags.deallocate()
    }

    /// Opens one more socket; port 0 takes a free one.
    ///
    /// - Returns: the socket's number here, and where it is bound.
    public mutating func open(
        bind address: SocketAddress, bufferBytes: Int32 = 1 << 20
    ) throws(SocketFault) -> (socket: Int, localAddress: SocketAddress) {
        var wanted = address.c
        let opened = cdatagrams_open(&wanted, bufferBytes, bufferBytes)
        guard opened >= 0 else { throw SocketFault("bind", negated: opened) }
        var bound = cdatagrams_address()
        let found = cdatagrams_local_address(opened, &bound)
        guard found == 0, let local = SocketAddress(bound) else {
            cdatagrams_close(opened)
            throw SocketFault("getsockname", negated: found)
        }
        let added = cdatagrams_group_add(epoll, opened, UInt64(descriptors.count))
        guard added == 0 else {
            cdatagrams_close(opened)
            throw SocketFault("epoll_ctl", negated: added)
        }
        // Where it can't, datagrams come one by one as ever.
        _ = cdatagrams_take_uncut(opened)
        descriptors.append(opened)
        return (descriptors.count - 1, local)
    }

    /// Closes a socket; its number is not used again.
    public mutating func close(_ socket: Int) {
        guard descriptors[socket] >= 0 else { return }
        _ = cdatagrams_group_remove(epoll, descriptors[socket])
        cdatagrams_close(descriptors[socket])
        descriptors[socket] = -1
    }

    /// Waits at most so many milliseconds and names the sockets that have datagrams.
    ///
    /// - Returns: whether somebody woke the thread.
    public mutating func wait(
        milliseconds: Int32, _ body: (_ socket: Int) -> Void
    ) throws(SocketFault) -> Bool {
        let count = cdatagrams_group_wait(epoll, tags.baseAddress, Int32(Self.readyCapacity), milliseconds)
        guard count >= 0 else { throw SocketFault("epoll_wait", negated: count) }
        var woken = false
        for index in 0..<Int(count) {
            if tags[index] == UInt64.max { woken = true } else { body(Int(tags[index])) }
        }
        return woken
    }

    /// One `recvmmsg` of a socket, as ``UDPSocket/receive(_:)`` has it.
    ///
    /// - Returns: how many messages there were, of one datagram or several.
    public mutating func receive(
        from socket: Int, _ body: (_ datagram: UnsafeMutableRawBufferPointer, _ from: SocketAddress) -> Void
    ) -> Int {
        guard descriptors[socket] >= 0 else { return 0 }
        for index in 0..<Self.batchCapacity { incoming.expect(index, control: true) }
        let count = cdatagrams_receive(descriptors[socket], incoming.messages, UInt32(Self.batchCapacity))
        for index in 0..<Int(max(count, 0)) {
            let message = incoming.messages[index]
            guard message.header.msg_flags & Int32(MSG_TRUNC) == 0,
                let address = SocketAddress(cdatagrams_decode(incoming.names + index))
            else { continue }
            let cut = Int(cdatagrams_received_segment(incoming.messages + index))
            var start = index * Self.messageCapacity
            let end = start + Int(message.length)
            repeat {
                let stop = cut > 0 ? min(start + cut, end) : end
                body(UnsafeMutableRawBufferPointer(rebasing: storage[start..<stop]), address)
                start = stop
            } while start < end
        }
        return Int(max(count, 0))
    }

    /// Sends datagrams from an arena by one of the sockets; what the kernel does not take at once is dropped.
    ///
    /// - Returns: how many were sent.
    public mutating func send(
        by socket: Int, from arena: UnsafeRawBufferPointer, count: Int,
        _ describe: (Int) -> (offset: Int, length: Int, destination: SocketAddress)
    ) -> Int {
        guard descriptors[socket] >= 0 else { return 0 }
        var sent = 0
        var next = 0
        while next < count {
            let batch = min(Self.batchCapacity, count - next)
            for index in 0..<batch {
                let (offset, length, destination) = describe(next + index)
                precondition(
                    offset >= 0 && length >= 0 && offset + length <= arena.count, "A datagram lies outside its arena.")
                outgoing.fill(
                    index, arena.baseAddress.map { $0 + offset }, count: length, cut: 0, to: destination)
            }
            // A refused datagram stops the batch: the next one begins behind it.
            let taken = Int(max(0, cdatagrams_send(descriptors[socket], outgoing.messages, UInt32(batch))))
            sent += taken
            next += max(taken, 1)
        }
        return sent
    }
}

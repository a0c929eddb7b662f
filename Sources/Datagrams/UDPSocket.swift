internal import CDatagrams
internal import Glibc
public import MediaWire

/// A bound, non-blocking UDP socket that receives and sends in batches from memory that is allocated once.
///
/// One thread owns it. Per datagram after `init`: no allocation, no reference counting. The kernel's UDP path costs
/// about 2.8 µs a sent datagram, the code here some nanoseconds, so nothing but fewer datagrams would make it faster.
public struct UDPSocket: ~Copyable {
    /// Datagrams a system call: 64 x 2 KiB of receive memory stay in the second-level cache.
    public static let batchCapacity = 64
    /// An Ethernet frame holds 1,472 bytes of UDP; anything longer reaches us truncated and is dropped.
    public static let datagramCapacity = 2_048

    /// Where the socket is bound, with the real port.
    public let localAddress: SocketAddress
    let descriptor: Int32
    private let storage: UnsafeMutableRawBufferPointer
    private let incoming: Batch
    let outgoing: Batch
    /// The datagrams of one message that the kernel would not cut.
    let apart: Batch
    /// Whether messages of several datagrams go to the kernel as one (UDP_SEGMENT): it was asked once whether it can.
    public internal(set) var segments: Bool
    /// Messages in a row that it refused to cut all the same.
    var refusedCuts = 0

    /// Binds to an address; port 0 takes a free one. `::` carries IPv4 too, and IPv4 peers have their plain names.
    ///
    /// - Parameter bufferBytes: asked of the kernel for each direction. The default holds about 5,000 packets: 100 ms
    ///   of a media thread that is kept from running while 1,000 people speak and listen.
    public init(bind address: SocketAddress, bufferBytes: Int32 = 4 << 20) throws(SocketFault) {
        var wanted = address.c
        let opened = cdatagrams_open(&wanted, bufferBytes, bufferBytes)
        guard opened >= 0 else { throw SocketFault("bind", negated: opened) }
        var bound = cdatagrams_address()
        let found = cdatagrams_local_address(opened, &bound)
        guard found == 0, let local = SocketAddress(bound) else {
            cdatagrams_close(opened)
            throw SocketFault("getsockname", negated: found)
        }
        descriptor = opened
        localAddress = local
        storage = .allocate(byteCount: Self.batchCapacity * Self.datagramCapacity, alignment: 64)
        incoming = Batch(capacity: Self.batchCapacity)
        let isDualStack = address.family == .ipv6 && address.isUnspecified
        outgoing = Batch(capacity: Self.batchCapacity, isDualStack: isDualStack)
        apart = Batch(capacity: Self.batchCapacity, isDualStack: isDualStack)
        segments = cdatagrams_can_segment(opened) == 1
        for index in 0..<Self.batchCapacity {
            let start = storage.baseAddress.map { $0 + index * Self.datagramCapacity }
            incoming.vectors[index] = iovec(iov_base: start, iov_len: Self.datagramCapacity)
        }
    }

    deinit {
        cdatagrams_close(descriptor)
        storage.deallocate()
        incoming.deallocate()
        outgoing.deallocate()
        apart.deallocate()
    }

    /// The kernel's real receive buffer in bytes, as it counts them (twice what was asked, capped).
    public var receiveBufferBytes: Int { Int(cdatagrams_receive_buffer(descriptor)) }

    /// Datagrams that found that buffer full, since the socket was opened: a thread that is late loses what people say,
    /// and nobody else knows. A system call.
    public var unreadCount: Int { Int(cdatagrams_unread(descriptor)) }

    /// One pass of `recvmmsg`: hands over at most `batchCapacity` datagrams and returns how many there were, those too
    /// that ``datagram(_:)`` leaves out.
    public mutating func receive(
        _ body: (_ datagram: UnsafeMutableRawBufferPointer, _ from: SocketAddress) -> Void
    ) throws(SocketFault) -> Int {
        let count = try fetch()
        for index in 0..<count {
            if let (bytes, address) = datagram(index) { body(bytes, address) }
        }
        return count
    }

    /// One pass of `recvmmsg`, for callers that send in between; ``datagram(_:)`` has what came.
    ///
    /// - Returns: how many there are, at most `batchCapacity`.
    public mutating func fetch() throws(SocketFault) -> Int {
        for index in 0..<Self.batchCapacity { incoming.expect(index, control: false) }
        let count = cdatagrams_receive(descriptor, incoming.messages, UInt32(Self.batchCapacity))
        guard count >= 0 else {
            // Nothing waits, or the kernel reports an earlier ICMP error: neither is a fault of this socket.
            if count == -EAGAIN || count == -ECONNREFUSED { return 0 }
            throw SocketFault("recvmmsg", negated: count)
        }
        return Int(count)
    }

    /// One of those that were fetched last. The bytes may be changed in place and are valid until the next ``fetch()``.
    ///
    /// - Returns: `nil` for a datagram that was truncated or is of a foreign address family.
    @inline(__always)
    public borrowing func datagram(
        _ index: Int
    ) -> (bytes: UnsafeMutableRawBufferPointer, from: SocketAddress)? {
        let message = incoming.messages[index]
        guard message.header.msg_flags & Int32(MSG_TRUNC) == 0,
            let address = SocketAddress(cdatagrams_decode(incoming.names + index))
        else { return nil }
        let start = index * Self.datagramCapacity
        return (UnsafeMutableRawBufferPointer(rebasing: storage[start..<(start + Int(message.length))]), address)
    }

    /// Waits until a datagram is there, `wake` is signalled or the time-out passes (`nil`: no time-out).
    ///
    /// - Returns: whether datagrams may be waiting, and whether somebody signalled.
    public borrowing func wait(
        wake: Wake, timeoutNanoseconds: Int64?
    ) throws(SocketFault) -> (readable: Bool, woken: Bool) {
        let result = cdatagrams_wait(descriptor, wake.descriptor, 0, timeoutNanoseconds.map { max($0, 0) } ?? -1)
        guard result >= 0 else { throw SocketFault("ppoll", negated: result) }
        return (
            result & Int32(CDATAGRAMS_READABLE) != 0, result & Int32(CDATAGRAMS_WOKEN) != 0
        )
    }
}

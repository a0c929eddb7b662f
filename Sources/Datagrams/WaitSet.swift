internal import CDatagrams

/// What one thread waits for besides its wake: some sockets, at most 16.
public struct WaitSet: Sendable {
    public static let maximumSockets = 16

    private var descriptors: [Int32] = []

    public init() {}

    public mutating func add(_ socket: borrowing UDPSocket) { add(socket.descriptor) }
    public mutating func add(_ streams: borrowing StreamSockets) { add(streams.watch) }

    private mutating func add(_ descriptor: Int32) {
        precondition(descriptors.count < Self.maximumSockets, "A thread waits for 16 sockets at most.")
        descriptors.append(descriptor)
    }

    /// Waits until a socket has something, `wake` is signalled or the time-out passes.
    ///
    /// - Returns: which sockets have something, bit by bit in the order in which they were added, and whether somebody
    ///   signalled.
    public func wait(
        wake: Wake, timeoutNanoseconds: Int64
    ) throws(SocketFault) -> (ready: UInt32, woken: Bool) {
        let result = cdatagrams_wait_any(
            descriptors, Int32(descriptors.count), wake.descriptor, max(timeoutNanoseconds, 0))
        guard result >= 0 else { throw SocketFault("ppoll", negated: result) }
        return (UInt32(result) & 0xFFFF, result & (1 << 30) != 0)
    }
}

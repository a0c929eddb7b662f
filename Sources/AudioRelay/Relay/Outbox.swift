public import MediaWire

/// The datagrams that a relay or a client wants sent: one owned block of bytes and, per datagram, where it lies and
/// where it goes. Filled `inout`, sent from (`sendmmsg` straight out of the block), emptied, used again: after
/// warm-up nothing is allocated.
///
/// `@unchecked Sendable`: the block belongs to this value alone, and the value can't be copied.
public struct Outbox: ~Copyable, @unchecked Sendable {
    /// Datagrams to one destination that lie behind each other and may go to the kernel as one message.
    public struct Message: Sendable {
        /// Bytes from the beginning of the block.
        public let offset: Int
        public fileprivate(set) var length: Int
        /// The size of every datagram but the last, which may be shorter.
        public let segmentBytes: Int
        public let destination: SocketAddress

        /// One datagram, unless more joined it.
        public var datagramCount: Int { length <= segmentBytes ? 1 : (length + segmentBytes - 1) / segmentBytes }

        /// Whether a datagram may come behind: only the last one is shorter than the others.
        @inline(__always)
        fileprivate func admits(_ bytes: Int, to destination: SocketAddress) -> Bool {
            bytes <= segmentBytes && bytes > 0 && length % segmentBytes == 0
                && length < Outbox.maximumSegments * segmentBytes && length + bytes <= Outbox.maximumMessageBytes
                && destination == self.destination
        }
    }

    /// What the kernel cuts in one go (UDP_SEGMENT), and what it may hold together: 64 KiB less the headers.
    static let maximumSegments = 64
    static let maximumMessageBytes = 65_000

    /// In the order in which they must be sent.
    public private(set) var messages: [Message] = []
    /// Datagrams in all messages.
    public private(set) var count = 0
    /// Datagrams that found no room, since the outbox was made.
    public private(set) var refused = 0

    /// The ``SocketAddress/via`` of all destinations, together: 0 when the first socket is enough.
    public private(set) var ways: UInt8 = 0

    private var block: UnsafeMutableRawBufferPointer
    private var used = 0
    private let maximumBytes: Int

    /// - Parameters:
    ///   - bytes: what is taken at once; the block doubles when it is too small.
    ///   - maximumBytes: where doubling ends. 64 MiB are 400,000 packets of a voice: more than any tick can send.
    public init(bytes: Int = 1 << 18, maximumBytes: Int = 64 << 20) {
        precondition(bytes > 0 && maximumBytes >= bytes, "An outbox has room, and no less at its bound.")
        block = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 16)
        self.maximumBytes = maximumBytes
        messages.reserveCapacity(1_024)
    }

    deinit { block.deallocate() }

    public var isEmpty: Bool { messages.isEmpty }

    /// The block that the offsets count in; valid until the outbox is filled again.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(block))
    }

    /// Visits every datagram in order.
    public func forEach(_ body: (UnsafeRawBufferPointer, SocketAddress) -> Void) {
        for message in messages {
            var offset = message.offset
            let end = offset + message.length
            while offset < end {
                let bytes = min(message.segmentBytes, end - offset)
                body(UnsafeRawBufferPointer(rebasing: block[offset..<offset + bytes]), message.destination)
                offset += bytes
            }
        }
    }

    /// Forgets all datagrams and keeps the memory.
    public mutating func removeAll() {
        messages.removeAll(keepingCapacity: true)
        count = 0
        used = 0
        ways = 0
    }

    /// Room for one datagram of at most `capacity` bytes at the end of the block; `nil` when the bound is reached.
    /// Valid until the next call. `commit` makes it a datagram.
    @inline(__always)
    mutating func reserve(_ capacity: Int) -> UnsafeMutablePointer<UInt8>? {
        if used + capacity > block.count, !grow(toHold: used + capacity) { return nil }
        // Never empty, so the base address is there.
        return (block.baseAddress! + used).assumingMemoryBound(to: UInt8.self)
    }

    /// Makes the first `length` bytes of the room just reserved a datagram.
    ///
    /// - Parameter joins: it may travel with the datagram before it, if that one goes to the same destination and both
    ///   fit into one message.
    @inline(__always)
    mutating func commit(_ length: Int, to destination: SocketAddress, joins: Bool = false) {
        let last = messages.count - 1
        if joins, last >= 0, messages[last].admits(length, to: destination) {
            messages[last].length += length
        } else {
            messages.append(
                Message(offset: used, length: length, segmentBytes: length, destination: destination))
        }
        count += 1
        ways |= destination.via
        used += length
    }

    /// Copies a datagram in.
    mutating func append(_ bytes: UnsafeRawBufferPointer, to destination: SocketAddress) {
        guard !bytes.isEmpty, let room = reserve(bytes.count) else { return }
        UnsafeMutableRawPointer(room).copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)  // Not empty.
        commit(bytes.count, to: destination)
    }

    private mutating func grow(toHold bytes: Int) -> Bool {
        guard bytes <= maximumBytes else {
            refused += 1
            return false
        }
        var size = block.count
        while size < bytes { size *= 2 }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: min(size, maximumBytes), alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: block[..<used]))
        block.deallocate()
        block = larger
        return true
    }
}

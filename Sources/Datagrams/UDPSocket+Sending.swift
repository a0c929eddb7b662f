internal import CDatagrams
internal import Glibc
public import MediaWire

/// One message for the kernel: one datagram, or several to one destination that lie behind each other.
///
/// Several cost one way through the kernel instead of one each (1.6 µs a datagram instead of 2.9 with three of them).
public struct OutgoingMessage: Sendable {
    /// UDP over IPv4 carries 65,507 bytes.
    public static let maximumBytes = 65_507
    /// Kernels before 6.9 cut into no more.
    public static let maximumDatagrams = Int(CDATAGRAMS_MAXIMUM_SEGMENTS)

    public var offset: Int
    public var length: Int
    /// The size of every datagram but the last, which may be shorter; the same as `length` for a single one.
    public var segmentBytes: Int
    public var destination: SocketAddress

    public init(offset: Int, length: Int, segmentBytes: Int, destination: SocketAddress) {
        self.offset = offset
        self.length = length
        self.segmentBytes = segmentBytes
        self.destination = destination
    }
}

/// What became of datagrams given to a socket.
public struct SendOutcome: Hashable, Sendable {
    public var sent = 0
    /// Refused one by one by the kernel (no route, a forbidden address).
    public var refused = 0
    /// Not sent since the socket's buffer was full: real-time sound that is late is worth nothing.
    public var overflowed = 0
    /// Of those sent, how many were cut from a longer message by the kernel.
    public var cut = 0
    /// Messages that it would not cut: their datagrams were sent one by one.
    public var uncut = 0
}

extension UDPSocket {
    /// After so many refusals in a row the socket stops asking: a device that can't compute checksums never will.
    static let patience = 16

    /// Sends `count` datagrams straight from an arena; `describe(i)` names the place and the destination of the i-th.
    public mutating func send(
        from arena: UnsafeRawBufferPointer, count: Int,
        _ describe: (Int) -> (offset: Int, length: Int, destination: SocketAddress)
    ) -> SendOutcome {
        sendMessages(from: arena, count: count) { index in
            let (offset, length, destination) = describe(index)
            return OutgoingMessage(offset: offset, length: length, segmentBytes: length, destination: destination)
        }
    }

    /// Sends `count` messages straight from an arena, as few ways through the kernel as it allows.
    ///
    /// A message that the kernel will not cut goes out datagram by datagram: none is lost or sent twice.
    public mutating func sendMessages(
        from arena: UnsafeRawBufferPointer, count: Int, _ describe: (Int) -> OutgoingMessage
    ) -> SendOutcome {
        var outcome = SendOutcome()
        var filled = 0
        for index in 0..<count {
            let message = describe(index)
            precondition(
                message.offset >= 0 && message.length >= 0 && message.offset + message.length <= arena.count,
                "A datagram lies outside its arena.")
            let isLonger = message.length > message.segmentBytes
            precondition(
                !isLonger
                    || (message.segmentBytes > 0 && message.length <= OutgoingMessage.maximumBytes
                        && message.length <= message.segmentBytes * OutgoingMessage.maximumDatagrams),
                "A message is cut into at most 64 datagrams, 64 KiB together.")
            let piece = isLonger && !segments ? message.segmentBytes : message.length
            var done = 0
            repeat {
                if filled == Self.batchCapacity {
                    flush(outgoing, filled, into: &outcome)
                    filled = 0
                }
                let bytes = min(piece, message.length - done)
                outgoing.fill(
                    filled, arena.baseAddress.map { $0 + message.offset + done }, count: bytes,
                    cut: bytes > message.segmentBytes ? message.segmentBytes : 0, to: message.destination)
                filled += 1
                done += bytes
            } while done < message.length
        }
        if filled > 0 { flush(outgoing, filled, into: &outcome) }
        return outcome
    }

    private mutating func flush(_ batch: Batch, _ count: Int, into outcome: inout SendOutcome) {
        var done = 0
        var waited = false
        while done < count {
            let sent = cdatagrams_send(descriptor, batch.messages + done, UInt32(count - done))
            if sent > 0 {
                for index in done..<done + Int(sent) { note(sent: batch, index, into: &outcome) }
                done += Int(sent)
            } else if sent == -EAGAIN || sent == -ENOBUFS {
                // One millisecond for the interface to drain, once a batch; then what is left is late anyway.
                if !waited, cdatagrams_wait(descriptor, -1, 1, 1_000_000) & Int32(CDATAGRAMS_WRITABLE) != 0 {
                    waited = true
                    continue
                }
                for index in done..<count { outcome.overflowed += batch.datagramCount(index) }
                return
            } else {
                if batch.cuts[done] != 0 {
                    // A route that is gone for a second says nothing about cutting.
                    refusedCuts += [EIO, EINVAL, EOPNOTSUPP].contains(-sent) ? 1 : 0
                    sendApart(batch, done, into: &outcome)
                } else {
                    outcome.refused += 1
                }
                done += 1
            }
        }
    }

    @inline(__always)
    private mutating func note(sent batch: Batch, _ index: Int, into outcome: inout SendOutcome) {
        let datagrams = batch.datagramCount(index)
        outcome.sent += datagrams
        guard datagrams > 1 else { return }
        outcome.cut += datagrams
        refusedCuts = 0
    }

    /// Whatever the reason (EIO: no checksum offload on that way, EINVAL: longer than its MTU): one by one, each
    /// datagram has its own fate.
    private mutating func sendApart(_ batch: Batch, _ index: Int, into outcome: inout SendOutcome) {
        outcome.uncut += 1
        if refusedCuts >= Self.patience { segments = false }
        let cut = Int(batch.cuts[index])
        let length = batch.vectors[index].iov_len
        let base = batch.vectors[index].iov_base.map { UnsafeRawPointer($0) }
        guard let destination = SocketAddress(cdatagrams_decode(batch.names + index)) else {
            outcome.refused += batch.datagramCount(index)
            return
        }
        var pieces = 0
        // At most 64 of them (checked above), as many as the second batch holds.
        for offset in stride(from: 0, to: length, by: cut) {
            apart.fill(
                pieces, base.map { $0 + offset }, count: min(cut, length - offset), cut: 0, to: destination)
            pieces += 1
        }
        flush(apart, pieces, into: &outcome)
    }
}

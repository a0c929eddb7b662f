internal import CDatagrams
internal import Glibc
internal import MediaWire

/// The parallel arrays that recvmmsg and sendmmsg want, linked to each other once.
struct Batch {
    let messages: UnsafeMutablePointer<cdatagrams_message>
    let vectors: UnsafeMutablePointer<iovec>
    let names: UnsafeMutablePointer<sockaddr_storage>
    /// After how many bytes the kernel cuts each message; 0: it is one datagram.
    let cuts: UnsafeMutablePointer<UInt16>
    private let controls: UnsafeMutableRawPointer
    /// Of a socket that carries both families: IPv4 destinations are written as IPv6 ones.
    private let isDualStack: Bool

    init(capacity: Int, isDualStack: Bool = false) {
        self.isDualStack = isDualStack
        messages = .allocate(capacity: capacity)
        vectors = .allocate(capacity: capacity)
        names = .allocate(capacity: capacity)
        cuts = .allocate(capacity: capacity)
        controls = .allocate(byteCount: capacity * Int(CDATAGRAMS_CONTROL_BYTES), alignment: 8)
        messages.initialize(repeating: cdatagrams_message(), count: capacity)
        vectors.initialize(repeating: iovec(), count: capacity)
        names.initialize(repeating: sockaddr_storage(), count: capacity)
        cuts.initialize(repeating: 0, count: capacity)
        memset(controls, 0, capacity * Int(CDATAGRAMS_CONTROL_BYTES))
        for index in 0..<capacity {
            messages[index].header.msg_name = UnsafeMutableRawPointer(names + index)
            messages[index].header.msg_iov = vectors + index
            messages[index].header.msg_iovlen = 1
        }
    }

    /// Makes message `index` one for sending. The bytes are only read.
    ///
    /// - Parameter cut: 0, or the size of all its datagrams but the last.
    @inline(__always)
    func fill(_ index: Int, _ bytes: UnsafeRawPointer?, count: Int, cut: Int, to destination: SocketAddress) {
        var address = isDualStack ? destination.mapped : destination.c
        messages[index].header.msg_namelen = cdatagrams_encode(&address, names + index)
        // sendmmsg only reads; iovec has no const form.
        vectors[index] = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes), iov_len: count)
        let cut = UInt16(truncatingIfNeeded: cut)
        guard cut != 0 || cuts[index] != 0 else { return }
        cuts[index] = cut
        cdatagrams_set_segment(messages + index, controls + index * Int(CDATAGRAMS_CONTROL_BYTES), cut)
    }

    /// Makes message `index` one to receive into; with `control` room for where to cut it.
    @inline(__always)
    func expect(_ index: Int, control: Bool) {
        messages[index].header.msg_namelen = socklen_t(MemoryLayout<sockaddr_storage>.size)
        if control {
            cdatagrams_expect_control(messages + index, controls + index * Int(CDATAGRAMS_CONTROL_BYTES))
        }
    }

    /// How many datagrams message `index` is.
    @inline(__always)
    func datagramCount(_ index: Int) -> Int {
        let cut = Int(cuts[index])
        return cut == 0 ? 1 : (vectors[index].iov_len + cut - 1) / cut
    }

    func deallocate() {
        messages.deallocate()
        vectors.deallocate()
        names.deallocate()
        cuts.deallocate()
        controls.deallocate()
    }
}

internal import CDatagrams
internal import Glibc
public import MediaWire

/// Listening TCP sockets and their connections, as further ways of datagrams: for people whose network lets no UDP
/// through. One thread owns it, beside a UDP socket; nothing here ever waits.
///
/// Whoever connects is a stranger until the relay has accepted a check: strangers are few, and for five seconds.
public struct StreamSockets: ~Copyable {
    private static let readyCapacity = 64
    private static let readBytes = 16 << 10
    /// Of a stranger, who has only checks to send, each again a few times.
    private static let strangerReadBytes = 2 << 10
    private static let strangerFrames = 16
    /// The first byte of whatever is no STUN is above these (RFC 7983).
    private static let stunBytes: ClosedRange<UInt8> = 0...3
    private static let tendEveryNanoseconds: UInt64 = 1_000_000_000
    /// Half of a second for each of three voices; the kernel doubles it.
    private static let kernelSendBytes: Int32 = 16 << 10

    /// Where it listens, with the real ports, in the order of what it was asked to bind.
    public let localAddresses: [SocketAddress]
    public private(set) var counters = Counters()
    /// Readable when there is something to do.
    let watch: Int32
    private let limits: Limits
    private let listeners: [Int32]
    /// By the descriptor's number.
    private var connections: [Int32: StreamConnection] = [:]
    private var descriptors: [SocketAddress: Int32] = [:]
    private var networks: [SocketAddress: (open: Int, strangers: Int)] = [:]
    private var strangers = 0
    private var closed: [SocketAddress] = []
    /// The process has no descriptor left: nobody is accepted until the next look at the clock.
    private var isPaused = false
    private let space: UnsafeMutableRawBufferPointer
    private let framed: UnsafeMutableRawBufferPointer
    private let tags: UnsafeMutableBufferPointer<UInt64>
    private let ready: UnsafeMutableBufferPointer<UInt8>
    /// When ``tend(at:isKnown:)`` wants to be called; `.max` while nobody is connected.
    public private(set) var deadline = UInt64.max

    /// Listens on each address; port 0 takes a free one.
    public init(bind addresses: [SocketAddress], limits: Limits = Limits()) throws(SocketFault) {
        let bound = try Self.listen(addresses)
        let opened = cdatagrams_watch_open()
        guard opened >= 0 else {
            for (listener, _) in bound { cdatagrams_close(listener) }
            throw SocketFault("epoll", negated: opened)
        }
        watch = opened
        self.limits = limits
        listeners = bound.map(\.listener)
        localAddresses = bound.map(\.address)
        space = .allocate(byteCount: Self.readBytes + FrameReader.maximumFrameBytes + 2, alignment: 16)
        // A message of the outbox has at most 64 datagrams in 65,000 bytes.
        framed = .allocate(byteCount: 66 << 10, alignment: 16)
        tags = .allocate(capacity: Self.readyCapacity)
        ready = .allocate(capacity: Self.readyCapacity)
        // Only a lack of kernel memory makes this fail; then nobody is accepted.
        for listener in listeners { _ = cdatagrams_watch(watch, listener, UInt64(listener), 0, 1) }
    }

    private static func listen(
        _ addresses: [SocketAddress]
    ) throws(SocketFault) -> [(listener: Int32, address: SocketAddress)] {
        var bound: [(listener: Int32, address: SocketAddress)] = []
        for address in addresses {
            var wanted = address.c
            let listener = cdatagrams_listen(&wanted)
            var local = cdatagrams_address()
            let found = listener < 0 ? listener : cdatagrams_local_address(listener, &local)
            guard found == 0, let address = SocketAddress(local) else {
                for (listener, _) in bound { cdatagrams_close(listener) }
                if listener >= 0 { cdatagrams_close(listener) }
                throw SocketFault("listen", negated: found)
            }
            bound.append((listener, address))
        }
        return bound
    }

    deinit {
        for listener in listeners { cdatagrams_close(listener) }
        for descriptor in connections.keys {
            cdatagrams_stream_finish(descriptor)
            cdatagrams_close(descriptor)
        }
        cdatagrams_close(watch)
        space.deallocate()
        framed.deallocate()
        tags.deallocate()
        ready.deallocate()
    }

    // MARK: What comes in

    /// Does what is ready: accepts, reads, sends what waited. At most 64 connections, 16 KiB of each, a call.
    ///
    /// - Parameter body: gets a datagram and where it came from; says whether a live peer is known there now.
    /// - Returns: whether there may be more.
    public mutating func receive(
        at now: UInt64, _ body: (UnsafeMutableRawBufferPointer, SocketAddress) -> Bool
    ) -> Bool {
        let count = Int(cdatagrams_watch_poll(watch, tags.baseAddress, ready.baseAddress, Int32(Self.readyCapacity)))
        for index in 0..<max(count, 0) {
            let descriptor = Int32(truncatingIfNeeded: tags[index])
            if let listener = listeners.firstIndex(of: descriptor) {
                accept(listener, at: now)
                continue
            }
            if ready[index] & 2 != 0, connections[descriptor]?.flush(at: now) == false {
                close(descriptor)
                continue
            }
            if ready[index] & 2 != 0, connections[descriptor]?.backlog.isEmpty == true {
                _ = cdatagrams_watch(watch, descriptor, UInt64(descriptor), 0, 0)
            }
            if ready[index] & 1 != 0 { read(descriptor, body) }
        }
        return count == Self.readyCapacity
    }

    /// At most 64 new ones at a time: existing ones have their turn in between.
    private mutating func accept(_ listener: Int, at now: UInt64) {
        for _ in 0..<64 {
            var peer = cdatagrams_address()
            let descriptor = cdatagrams_accept(listeners[listener], Self.kernelSendBytes, &peer)
            guard descriptor >= 0 else {
                if descriptor != -EAGAIN { pause(at: now) }
                return
            }
            guard let address = SocketAddress(peer)?.with(via: SocketAddress.streams | UInt8(listener)),
                descriptors[address] == nil
            else {
                cdatagrams_close(descriptor)
                continue
            }
            let network = address.network
            // Strangers who hold all places must not keep out the next one, who may be honest.
            if strangers >= limits.strangers { closeOldestStranger() }
            let there = networks[network] ?? (0, 0)
            let refusal: StreamRefusal? =
                connections.count >= limits.connections || strangers >= limits.strangers
                ? .full
                : there.open >= limits.connectionsPerNetwork || there.strangers >= limits.strangersPerNetwork
                    ? .network : nil
            guard refusal == nil, cdatagrams_watch(watch, descriptor, UInt64(descriptor), 0, 1) == 0 else {
                counters.refused[refusal ?? .full] += 1
                cdatagrams_close(descriptor)
                continue
            }
            connections[descriptor] = StreamConnection(
                descriptor: descriptor, address: address, network: network, acceptedAt: now)
            descriptors[address] = descriptor
            networks[network] = (there.open + 1, there.strangers + 1)
            strangers += 1
            counters.accepted += 1
            counters.open = connections.count
            deadline = min(deadline, now &+ Self.tendEveryNanoseconds)
        }
    }

    /// Without a pause the listeners would be ready for ever, and the thread would do nothing else.
    private mutating func pause(at now: UInt64) {
        guard !isPaused else { return }
        isPaused = true
        counters.refused[.full] += 1
        for listener in listeners { cdatagrams_unwatch(watch, listener) }
        deadline = min(deadline, now &+ Self.tendEveryNanoseconds)
    }

    private mutating func read(
        _ descriptor: Int32, _ body: (UnsafeMutableRawBufferPointer, SocketAddress) -> Bool
    ) {
        guard let connection = connections[descriptor] else { return }
        let kept = connection.partial.count
        space.copyBytes(from: connection.partial)
        var isKnown = connection.isKnown
        let most = isKnown ? Self.readBytes : Self.strangerReadBytes
        let taken = cdatagrams_stream_read(descriptor, space.baseAddress.map { $0 + kept }, most)
        if taken == -Int(EAGAIN) { return }
        guard taken > 0 else { return close(descriptor) }
        let bytes = UnsafeMutableRawBufferPointer(rebasing: space[..<(kept + taken)])
        var strangeFrames = connection.strangeFrames
        var isStrange = false
        let whole = FrameReader.read(bytes) { frame in
            if !isKnown {
                strangeFrames += 1
                isStrange = strangeFrames > Self.strangerFrames || !Self.stunBytes.contains(frame[0])
                guard !isStrange else { return false }
            }
            if body(frame, connection.address) { isKnown = true }
            return true
        }
        guard let whole else { return close(descriptor, isStrange ? .unauthenticated : .oversized) }
        connections[descriptor]?.strangeFrames = strangeFrames
        if isKnown, !connection.isKnown { noteKnown(descriptor) }
        connections[descriptor]?.partial.removeAll(keepingCapacity: true)
        if whole < bytes.count { connections[descriptor]?.partial += bytes[whole...] }
    }

    /// Of the network that has most of them.
    private mutating func closeOldestStranger() {
        guard let crowded = networks.max(by: { $0.value.strangers < $1.value.strangers })?.key,
            let oldest = connections.values.filter({ !$0.isKnown && $0.network == crowded })
                .min(by: { $0.acceptedAt < $1.acceptedAt })
        else { return }
        close(oldest.descriptor, .full)
    }

    private mutating func noteKnown(_ descriptor: Int32) {
        guard let network = connections[descriptor]?.network else { return }
        connections[descriptor]?.isKnown = true
        strangers -= 1
        networks[network]?.strangers -= 1
    }

    // MARK: What goes out

    /// Sends the datagrams of one message, framed; false when they were not taken.
    ///
    /// - Parameter segmentBytes: the size of every datagram but the last.
    public mutating func send(
        _ bytes: UnsafeRawBufferPointer, segmentBytes: Int, to address: SocketAddress, at now: UInt64
    ) -> Bool {
        guard let descriptor = descriptors[address], segmentBytes > 0 else { return false }
        var used = 0
        var offset = 0
        while offset < bytes.count {
            let length = min(segmentBytes, bytes.count - offset)
            guard used + 2 + length <= framed.count, length <= FrameReader.maximumFrameBytes else { return false }
            framed.storeBytes(of: UInt16(length).bigEndian, toByteOffset: used, as: UInt16.self)
            UnsafeMutableRawBufferPointer(rebasing: framed[(used + 2)..<(used + 2 + length)])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + length)]))
            used += 2 + length
            offset += length
        }
        let frames = UnsafeRawBufferPointer(rebasing: framed[..<used])
        switch connections[descriptor]?.give(frames, at: now) {
        case .sent: return true
        case .waits:
            _ = cdatagrams_watch(watch, descriptor, UInt64(descriptor), 1, 0)
            return true
        case .dropped:
            counters.overflowed += 1
            return false
        case .broken, nil:
            close(descriptor)
            return false
        }
    }

    // MARK: Time

    /// Closes who has shown no check in time, whose peer is gone, and who takes nothing.
    public mutating func tend(at now: UInt64, isKnown: (SocketAddress) -> Bool) {
        guard deadline <= now else { return }
        if isPaused {
            isPaused = false
            for listener in listeners { _ = cdatagrams_watch(watch, listener, UInt64(listener), 0, 1) }
        }
        for (descriptor, connection) in connections {
            if !isKnown(connection.address) {
                if connection.isKnown {
                    close(descriptor, .idle)
                } else if now &- connection.acceptedAt >= limits.strangerNanoseconds {
                    close(descriptor, .unauthenticated)
                }
            } else if !connection.isKnown {
                noteKnown(descriptor)
            } else if !connection.backlog.isEmpty, now &- connection.movedAt >= limits.stuckNanoseconds {
                close(descriptor, .stuck)
            }
        }
        deadline = connections.isEmpty ? .max : now &+ Self.tendEveryNanoseconds
    }

    /// Where nobody is any more that a check had come from, since the last call: the port may be somebody else's next.
    public mutating func takeClosed() -> [SocketAddress] {
        guard !closed.isEmpty else { return [] }
        defer { closed.removeAll() }
        return closed
    }

    private mutating func close(_ descriptor: Int32, _ refusal: StreamRefusal? = nil) {
        guard let connection = connections.removeValue(forKey: descriptor) else { return }
        descriptors[connection.address] = nil
        if connection.isKnown { closed.append(connection.address) }
        let there = networks[connection.network] ?? (1, 0)
        networks[connection.network] =
            there.open > 1 ? (there.open - 1, there.strangers - (connection.isKnown ? 0 : 1)) : nil
        if !connection.isKnown { strangers -= 1 }
        if let refusal { counters.refused[refusal] += 1 }
        counters.open = connections.count
        // A goodbye that the kernel has is still delivered.
        cdatagrams_stream_finish(descriptor)
        cdatagrams_close(descriptor)
    }
}

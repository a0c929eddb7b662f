internal import AudioRelay
internal import Datagrams
internal import MediaWire

/// The sockets of one media thread: a UDP socket for each address that it is bound to, and TCP for networks that let no
/// UDP through. An address says by its ``SocketAddress/via`` which of them leads to it.
///
/// `@unchecked Sendable`: it owns its sockets and their memory alone and can't be copied, so that handing it to a thread
/// hands them over.
struct MediaSockets: ~Copyable, @unchecked Sendable {
    /// More addresses than a browser would try.
    static let maximumBinds = 8

    /// A socket beyond the first: an array holds no values that can't be copied.
    private final class Further {
        var socket: UDPSocket
        init(_ socket: consuming UDPSocket) { self.socket = socket }
    }

    private final class Streams {
        var sockets: StreamSockets
        init(_ sockets: consuming StreamSockets) { self.sockets = sockets }
    }

    /// Where UDP is received, with the real ports, in the order of the configuration.
    let localAddresses: [SocketAddress]
    /// Where TCP connections are taken; empty without TCP.
    let streamAddresses: [SocketAddress]
    /// TCP was wanted on the number of the UDP port, and somebody else has it.
    let isStreamPortTaken: Bool

    private var first: UDPSocket
    private let further: [Further]
    private let streams: Streams?
    private let waiting: WaitSet
    /// Which sockets may have something, bit by bit; the last is TCP.
    private var ready = UInt32.max
    /// The messages for one socket, kept for its memory.
    private var chosen: [Int] = []

    /// How often a number is looked for that is free for UDP and for TCP.
    private static let attempts = 16

    /// Binds everything. Where any port will do, it is one that TCP can have as well.
    ///
    /// - Parameter addresses: one to eight.
    static func open(
        bind addresses: [SocketAddress], streams port: StreamPort, thread: Int, of threads: Int = 1
    ) throws(SocketFault) -> MediaSockets {
        // The kernel gives a number that is free for UDP; for TCP a connection of anybody's may have it.
        if port == .sameAsUDP, addresses.allSatisfy({ $0.port == 0 }) {
            for _ in 1..<attempts {
                let sockets = try bound(to: addresses, streams: port, thread: thread, of: threads)
                if !sockets.isStreamPortTaken { return sockets }
            }
        }
        return try bound(to: addresses, streams: port, thread: thread, of: threads)
    }

    private static func bound(
        to addresses: [SocketAddress], streams port: StreamPort, thread: Int, of threads: Int
    ) throws(SocketFault) -> MediaSockets {
        let first = try UDPSocket(bind: addresses[0])
        var further: [Further] = []
        for address in addresses.dropFirst() { further.append(Further(try UDPSocket(bind: address))) }
        let locals = [first.localAddress] + further.map { $0.socket.localAddress }
        var streams: Streams?
        var isTaken = false
        if port != .off {
            let wanted = locals.map { $0.with(port: port.number(beside: $0.port, thread: thread)) }
            do throws(SocketFault) {
                streams = Streams(try StreamSockets(bind: wanted, limits: .init(threads: threads)))
            } catch {
                guard error.isTaken, port == .sameAsUDP else { throw error }
                isTaken = true
            }
        }
        return MediaSockets(first, further, streams, locals, isStreamPortTaken: isTaken)
    }

    private init(
        _ first: consuming UDPSocket, _ further: [Further], _ streams: Streams?, _ locals: [SocketAddress],
        isStreamPortTaken: Bool
    ) {
        var waiting = WaitSet()
        waiting.add(first)
        for box in further { waiting.add(box.socket) }
        if let streams { waiting.add(streams.sockets) }
        self.waiting = waiting
        self.first = first
        self.further = further
        self.streams = streams
        localAddresses = locals
        streamAddresses = streams?.sockets.localAddresses ?? []
        self.isStreamPortTaken = isStreamPortTaken
    }

    var datagramSocketCount: Int { 1 + further.count }

    // MARK: What comes in

    func mayHaveDatagrams(_ socket: Int) -> Bool { ready >> UInt32(socket) & 1 == 1 }
    var mayHaveStreams: Bool { streams != nil && ready >> UInt32(1 + further.count) & 1 == 1 }

    /// One pass of `recvmmsg` on one socket; returns how many datagrams there were.
    mutating func fetch(by socket: Int) throws(SocketFault) -> Int {
        socket == 0 ? try first.fetch() : try further[socket - 1].socket.fetch()
    }

    /// One of those that were fetched last by that socket; valid until it fetches again.
    @inline(__always)
    func datagram(_ index: Int, by socket: Int) -> (bytes: UnsafeRawBufferPointer, from: SocketAddress)? {
        guard socket > 0 else { return first.datagram(index).map { (UnsafeRawBufferPointer($0.bytes), $0.from) } }
        let via = UInt8(truncatingIfNeeded: socket)
        return further[socket - 1].socket.datagram(index).map {
            (UnsafeRawBufferPointer($0.bytes), $0.from.with(via: via))
        }
    }

    /// Does what is ready on TCP; says whether there may be more.
    mutating func receiveStreams(
        at now: UInt64, _ body: (UnsafeRawBufferPointer, SocketAddress) -> Bool
    ) -> Bool {
        streams?.sockets.receive(at: now) { body(UnsafeRawBufferPointer($0), $1) } ?? false
    }

    /// Datagrams that found a full socket.
    var unreadCount: Int { further.reduce(first.unreadCount) { $0 + $1.socket.unreadCount } }

    // MARK: What goes out

    mutating func send(_ outbox: borrowing Outbox, at now: UInt64, _ counted: inout MediaThread.Counters) {
        // Nearly everybody is reached by the first socket.
        guard outbox.ways != 0 else {
            let outcome = outbox.withBytes { bytes in
                first.sendMessages(from: bytes, count: outbox.messages.count) { OutgoingMessage(outbox.messages[$0]) }
            }
            return counted.add(outcome)
        }
        for socket in 0...further.count {
            chosen.removeAll(keepingCapacity: true)
            for index in outbox.messages.indices where Int(outbox.messages[index].destination.via) == socket {
                chosen.append(index)
            }
            guard !chosen.isEmpty else { continue }
            let (chosen, count) = (chosen, chosen.count)
            counted.add(
                outbox.withBytes { bytes in
                    socket == 0
                        ? first.sendMessages(from: bytes, count: count) {
                            OutgoingMessage(outbox.messages[chosen[$0]])
                        }
                        : further[socket - 1].socket.sendMessages(from: bytes, count: count) {
                            OutgoingMessage(outbox.messages[chosen[$0]])
                        }
                })
        }
        sendStreams(outbox, at: now, &counted)
    }

    private mutating func sendStreams(
        _ outbox: borrowing Outbox, at now: UInt64, _ counted: inout MediaThread.Counters
    ) {
        for index in outbox.messages.indices where outbox.messages[index].destination.isStream {
            let message = outbox.messages[index]
            let wasTaken = outbox.withBytes { bytes in
                streams?.sockets.send(
                    UnsafeRawBufferPointer(rebasing: bytes[message.offset..<(message.offset + message.length)]),
                    segmentBytes: message.segmentBytes, to: message.destination, at: now) ?? false
            }
            if wasTaken {
                counted.datagramsOut &+= message.datagramCount
            } else {
                counted.sendOverflowed &+= message.datagramCount
            }
        }
    }

    // MARK: Time

    /// When ``tend(at:isKnown:)`` must be called at the latest.
    var deadline: UInt64 { streams?.sockets.deadline ?? .max }

    /// Closes connections whose time is over.
    mutating func tend(at now: UInt64, isKnown: (SocketAddress) -> Bool) {
        streams?.sockets.tend(at: now, isKnown: isKnown)
    }

    /// Addresses over TCP where nobody is any more.
    mutating func takeClosed() -> [SocketAddress] { streams?.sockets.takeClosed() ?? [] }

    var streamCounters: StreamSockets.Counters { streams?.sockets.counters ?? StreamSockets.Counters() }

    /// Waits until a socket has something, `wake` is signalled or the time-out passes; says whether somebody signalled.
    mutating func wait(wake: Wake, timeoutNanoseconds: Int64) -> Bool {
        guard let (ready, woken) = try? waiting.wait(wake: wake, timeoutNanoseconds: timeoutNanoseconds) else {
            self.ready = .max
            return false
        }
        self.ready = ready
        return woken
    }

    /// The thread goes on without waiting: anybody may have something.
    mutating func skipWaiting() { ready = .max }
}

extension OutgoingMessage {
    fileprivate init(_ message: Outbox.Message) {
        self.init(
            offset: message.offset, length: message.length, segmentBytes: message.segmentBytes,
            destination: message.destination)
    }
}

extension MediaThread.Counters {
    fileprivate mutating func add(_ outcome: SendOutcome) {
        datagramsOut &+= outcome.sent
        sendRefused &+= outcome.refused
        sendOverflowed &+= outcome.overflowed
        datagramsCut &+= outcome.cut
        messagesUncut &+= outcome.uncut
    }
}

internal import CDatagrams
internal import Glibc
internal import MediaWire

/// One TCP connection that carries datagrams, each behind its length in two bytes (RFC 4571).
///
/// What is held of it is bounded: of what comes, the begin of one frame (``FrameReader``); of what goes, ``maximumBacklog`` bytes besides
/// the kernel's own buffer. What a reader is too slow for is dropped, a whole datagram at a time.
struct StreamConnection {
    /// A second of three voices; later than that sound is worth nothing.
    static let maximumBacklog = 24 << 10

    let descriptor: Int32
    let address: SocketAddress
    /// The client's IPv4 address or IPv6 /64.
    let network: SocketAddress
    let acceptedAt: UInt64
    /// Whether the relay has accepted a check from here.
    var isKnown = false
    /// How many frames have come from here while it had not.
    var strangeFrames = 0
    /// The begin of a frame of which the rest has not come.
    var partial: [UInt8] = []
    /// What the kernel did not take yet.
    var backlog: [UInt8] = []
    /// When the kernel last took something while there was a backlog.
    var movedAt: UInt64 = 0

    enum Given { case sent, waits, dropped, broken }

    /// Sends whole frames, or keeps or drops them.
    mutating func give(_ frames: UnsafeRawBufferPointer, at now: UInt64) -> Given {
        guard backlog.isEmpty else {
            guard backlog.count + frames.count <= Self.maximumBacklog else { return .dropped }
            backlog += frames
            return .waits
        }
        let taken = cdatagrams_stream_write(descriptor, frames.baseAddress, frames.count)
        guard taken != frames.count else { return .sent }
        guard taken >= 0 || taken == -Int(EAGAIN) else { return .broken }
        // A frame of which a part is gone must be followed by its rest, whatever the bound.
        guard taken > 0 || frames.count <= Self.maximumBacklog else { return .dropped }
        backlog += frames[max(taken, 0)...]
        movedAt = now
        return .waits
    }

    /// Sends what waits; false when the connection is broken.
    mutating func flush(at now: UInt64) -> Bool {
        guard !backlog.isEmpty else { return true }
        let taken = backlog.withUnsafeBytes { cdatagrams_stream_write(descriptor, $0.baseAddress, $0.count) }
        guard taken >= 0 else { return taken == -Int(EAGAIN) }
        if taken > 0 {
            backlog.removeFirst(taken)
            movedAt = now
        }
        return true
    }
}

extension SocketAddress {
    /// Whoever has one of these has all of them: the IPv4 address, or the IPv6 /64.
    var network: SocketAddress {
        ipv4.map { SocketAddress(ipv4: $0, port: 0) } ?? SocketAddress(ipv6High: high, low: 0, port: 0)
    }
}

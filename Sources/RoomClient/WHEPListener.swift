public import AsyncHTTPClient
public import AudioRelay
internal import Datagrams

/// Listens at a WHEP endpoint and hands out the packets as they come, untouched.
public struct WHEPListener: Sendable {
    private let url: String
    private let exchange: SessionExchange

    /// - Parameters: as those of ``WHIPPublisher``.
    public init(url: String, token: String?, http: HTTPClient) {
        self.url = url
        exchange = SessionExchange(http: http, token: token)
    }

    /// Listens until `seconds` after the connection stands, the server ends it or the task is cancelled.
    ///
    /// - Parameters:
    ///   - slots: how many voices to hear at once, 1 to 3.
    ///   - onPacket: each packet with its arrival on CLOCK_MONOTONIC, in nanoseconds.
    /// - Throws: ``RefusedByServer``, ``SignallingFault``, ``MediaFault``.
    public func listen(
        slots: Int = 1, for seconds: Double? = nil, onConnected: @escaping @Sendable () -> Void = {},
        onPacket: (HeardPacket, _ atNanoseconds: UInt64) -> Void
    ) async throws -> ListenSummary {
        let connection = try await ClientConnection.open(.listen(slots: slots))
        let session = try await exchange.post(offer: connection.offer, to: url)
        connection.post(.accept(answer: session.answer))
        var summary = ListenSummary()
        var wasConnected = false
        var alarm: Task<Void, any Error>?
        defer { alarm?.cancel() }
        try await withTaskCancellationHandler {
            for await event in connection.events {
                switch event {
                case .connected:
                    wasConnected = true
                    onConnected()
                    if let seconds {
                        alarm = Task {
                            try await Task.sleep(for: .seconds(seconds))
                            connection.post(.close)
                        }
                    }
                case .heard(let packet, let nanoseconds):
                    summary.count(packet, at: nanoseconds)
                    onPacket(packet, nanoseconds)
                case .quality(let quality): summary.quality = quality
                case .closed(let reason): summary.end = SessionEnd(reason, isCancelled: Task.isCancelled)
                case .unusable(let fault): throw MediaFault.unusableAnswer(fault.rawValue)
                case .played: continue
                }
            }
        } onCancel: {
            connection.post(.close)
        }
        await exchange.leave(session)
        guard wasConnected else { throw MediaFault.notConnected(summary.end.rawValue) }
        return summary
    }
}

/// What came of listening.
public struct ListenSummary: Hashable, Sendable {
    public internal(set) var end = SessionEnd.finished
    public private(set) var packets = 0
    /// As the transport saw it, all slots together.
    public internal(set) var quality = ClientQuality()
    /// Packets that the server numbered between a slot's first and last and that never came.
    public var lost: Int { slots.values.reduce(0) { $0 + max(0, Int($1.last - $1.first) + 1 - $1.count) } }
    /// Arrival of the first and of the last packet, CLOCK_MONOTONIC in nanoseconds.
    public private(set) var firstAtNanoseconds: UInt64?
    public private(set) var lastAtNanoseconds: UInt64?

    private var slots: [Int: Slot] = [:]

    private struct Slot: Hashable, Sendable {
        var first: UInt64
        var last: UInt64
        var count = 0
    }

    mutating func count(_ packet: HeardPacket, at nanoseconds: UInt64) {
        packets += 1
        if firstAtNanoseconds == nil { firstAtNanoseconds = nanoseconds }
        lastAtNanoseconds = nanoseconds
        var slot = slots[packet.slot] ?? Slot(first: packet.index, last: packet.index)
        slot.first = min(slot.first, packet.index)
        slot.last = max(slot.last, packet.index)
        slot.count += 1
        slots[packet.slot] = slot
    }
}

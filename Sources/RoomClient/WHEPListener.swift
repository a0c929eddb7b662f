public import AsyncHTTPClient
public import AudioRelay
internal import Datagrams
internal import Synchronization

/// Listens at a WHEP endpoint and hands out the packets as they come, untouched.
public struct WHEPListener: Sendable {
    private let url: String
    private let exchange: SessionExchange

    /// - Parameters: as those of ``WHIPPublisher``.
    public init(url: String, token: String?, http: HTTPClient, proof: RequestProof? = nil) {
        self.url = url
        exchange = SessionExchange(http: http, token: token, proof: proof)
    }

    /// Listens until `seconds` after the connection stands, the server ends it or the task is cancelled.
    ///
    /// A connection that was lost is built again. A Guichet server gives the same seat for the secret that came with the
    /// first answer; another server sees a second session.
    ///
    /// - Parameters:
    ///   - slots: how many voices to hear at once, 1 to 3.
    ///   - rebuilds: how many attempts there may be to build a lost connection again.
    ///   - onConnected: called each time that a connection stands.
    ///   - onNotice: what a Guichet server tells beside the sound; `nil` asks for none of it.
    ///   - onPacket: each packet with its arrival on CLOCK_MONOTONIC, in nanoseconds.
    /// - Throws: ``RefusedByServer``, ``SignallingFault``, ``MediaFault``.
    public func listen(
        slots: Int = 1, for seconds: Double? = nil, rebuilds: Int = 0,
        onConnected: @escaping @Sendable () -> Void = {}, onNotice: (@Sendable (RoomNotice) -> Void)? = nil,
        onPacket: (HeardPacket, _ atNanoseconds: UInt64) -> Void
    ) async throws -> ListenSummary {
        var course = Course(wantsNotices: onNotice != nil || rebuilds > 0) { onNotice?($0) }
        var attempts = 0
        while true {
            do {
                try await session(slots, for: seconds, &course, onConnected, onPacket)
                guard course.isLost, attempts < rebuilds, !Task.isCancelled else {
                    return course.summary
                }
            } catch let refusal as RefusedByServer where refusal.code == "resume_over" && course.secret != nil {
                // Nobody has kept the seat; what follows is an entry like any other.
                course.secret = nil
            } catch let refusal as RefusedByServer where refusal.code == "resume_replaced" {
                // The ticket came in on another device; coming in anew here would take the seat from that one.
                return course.summary(replacedAs: refusal)
            } catch  where course.wasConnected && attempts < rebuilds && !(error is RefusedByServer) {
                // The network is still away.
            }
            attempts += 1
            // Half a second, then twice as long each time, eight seconds at most.
            try await Task.sleep(for: .milliseconds(min(8_000, 250 << min(attempts, 5))))
            if let end = course.end, ContinuousClock.now >= end { return course.summary }
            course.summary.beginAgain()
        }
    }

    /// What outlives a connection.
    private struct Course {
        let wantsNotices: Bool
        let onNotice: @Sendable (RoomNotice) -> Void
        /// What the server said of the end of the present connection.
        let said = Said()
        var summary = ListenSummary()
        var secret: String?
        var wasConnected = false
        /// When the time asked for is over.
        var end: ContinuousClock.Instant?

        private static let passing: Set = ["consent_lost", "handshake_timeout"]

        /// Whether the connection ended and nobody wished for it: we or the server found that the other one is silent.
        var isLost: Bool {
            summary.end == .consentLost
                || summary.end == .endedByServer && Self.passing.contains(said.code.withLock { $0 } ?? "")
        }

        /// What came of it when the server says that the seat is somebody's own on another device. That is told now, unless
        /// it was while the line was away.
        func summary(replacedAs refusal: RefusedByServer) -> ListenSummary {
            if said.code.withLock({ $0 }) != "replaced" {
                onNotice(.ended(code: "replaced", title: refusal.title, next: refusal.next ?? ""))
            }
            var summary = summary
            summary.end = .endedByServer
            return summary
        }
    }

    /// Filled by the task that follows the room, read by the one that listens.
    private final class Said: Sendable {
        let code = Mutex<String?>(nil)
    }

    /// One connection, from its offer to its end.
    private func session(
        _ slots: Int, for seconds: Double?, _ course: inout Course, _ onConnected: @escaping @Sendable () -> Void,
        _ onPacket: (HeardPacket, UInt64) -> Void
    ) async throws {
        let connection = try await ClientConnection.open(.listen(slots: slots))
        let session = try await exchange.post(offer: connection.offer, to: url, resuming: course.secret)
        course.secret = session.resume
        connection.post(.accept(answer: session.answer))
        var isConnected = false
        var alarm: Task<Void, any Error>?
        var notices: Task<Void, Never>?
        defer {
            alarm?.cancel()
            notices?.cancel()
        }
        try await withTaskCancellationHandler {
            for await event in connection.events {
                switch event {
                case .connected:
                    isConnected = true
                    course.wasConnected = true
                    onConnected()
                    if course.wantsNotices {
                        let (said, onNotice) = (course.said, course.onNotice)
                        said.code.withLock { $0 = nil }
                        notices = Task {
                            await exchange.notices.follow(session.location) { notice in
                                if case .ended(let code, _, _) = notice { said.code.withLock { $0 = code } }
                                onNotice(notice)
                            }
                        }
                    }
                    if let seconds {
                        let end = course.end ?? ContinuousClock.now + .seconds(seconds)
                        course.end = end
                        alarm = Task {
                            try await Task.sleep(until: end)
                            connection.post(.close)
                        }
                    }
                case .heard(let packet, let nanoseconds):
                    course.summary.count(packet, at: nanoseconds)
                    onPacket(packet, nanoseconds)
                case .quality(let quality): course.summary.quality = quality
                case .closed(let reason):
                    course.summary.end = SessionEnd(reason, isCancelled: Task.isCancelled)
                    course.summary.endedAtNanoseconds = monotonicNanoseconds()
                case .stalled(let fragment): exchange.renew(session, fragment, for: connection)
                case .unusable(let fault): throw MediaFault.unusableAnswer(fault.rawValue)
                case .played: continue
                }
            }
        } onCancel: {
            connection.post(.close)
        }
        // The reason comes by another way than the end, and may be some milliseconds behind it.
        if course.summary.end == .endedByServer, notices != nil { try? await Task.sleep(for: .milliseconds(500)) }
        // The seat of a connection that was lost is kept, and saying goodbye would give it away.
        if !course.isLost { await exchange.leave(session) }
        guard isConnected else { throw MediaFault.notConnected(course.summary.end.rawValue) }
    }
}

/// What came of listening.
public struct ListenSummary: Hashable, Sendable {
    public internal(set) var end = SessionEnd.finished
    public private(set) var packets = 0
    /// As the transport saw it, all slots together; of the last connection.
    public internal(set) var quality = ClientQuality()
    /// Packets that the server numbered between a slot's first and last of a connection and that never came.
    public var lost: Int {
        lostBefore + slots.values.reduce(0) { $0 + max(0, Int($1.last - $1.first) + 1 - $1.count) }
    }
    /// How often the connection was built again.
    public private(set) var rebuilds = 0
    /// Arrival of the first and of the last packet, CLOCK_MONOTONIC in nanoseconds.
    public private(set) var firstAtNanoseconds: UInt64?
    public private(set) var lastAtNanoseconds: UInt64?
    /// When the last connection ended, CLOCK_MONOTONIC in nanoseconds.
    public internal(set) var endedAtNanoseconds: UInt64?
    /// How long it is quiet by now; `nil` if nothing was heard.
    public var secondsOfSilence: Double? {
        lastAtNanoseconds.map { Double(monotonicNanoseconds() - $0) / 1_000_000_000 }
    }

    private var slots: [Int: Slot] = [:]
    private var lostBefore = 0

    private struct Slot: Hashable, Sendable {
        var first: UInt64
        var last: UInt64
        var count = 0
    }

    /// Another connection: numbers of the one before say nothing about it.
    mutating func beginAgain() {
        lostBefore = lost
        slots = [:]
        rebuilds += 1
        end = .finished
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

internal import AudioRelay
internal import Datagrams
internal import MediaWire
internal import Synchronization

/// A thread with many clients, each with its own socket, ICE, DTLS and SRTP. The async world gives orders; packets never
/// meet an `await`.
final class LoadThread: Sendable {
    /// A client that was made: its number on this thread, and its offer.
    struct Opened: Sendable {
        let client: Int
        let offer: String
    }

    enum Order: Sendable {
        /// - `voice`: which voice it sends; `nil` for a listener.
        case open(ClientPurpose, voice: Int?, CheckedContinuation<Opened, any Error>)
        case accept(client: Int, answer: String, CheckedContinuation<Void, any Error>)
        case answer(client: Int, offer: String, CheckedContinuation<String, any Error>)
        /// Resumed once the client is connected, or has ended before.
        case connected(client: Int, CheckedContinuation<Void, any Error>)
        case close(client: Int)
        /// Voices speak, or stop.
        case speak(Bool)
        /// Whether the frames that voices send from now on count.
        case count(Bool)
        case tally(CheckedContinuation<LoadTally, Never>)
        case stop
    }

    private let waiting = Mutex<[Order]>([])
    private let wake: Wake
    private let thread: Mutex<OwnThread?>

    init(named name: String) throws {
        wake = try Wake()
        thread = Mutex(nil)
        let hall = HandOver(try LoadHall(wake: wake))
        let started = OwnThread(named: name) { [self] in
            guard var hall = hall.take() else { return }
            hall.run { self.takeOrders() }
        }
        thread.withLock { $0 = started }
    }

    func post(_ order: Order) {
        waiting.withLock { $0.append(order) }
        wake.signal()
    }

    private func takeOrders() -> [Order] {
        wake.clear()
        return waiting.withLock { orders in
            defer { orders = [] }
            return orders
        }
    }

    /// Ends the thread with all its clients; they say goodbye.
    func stop() async {
        post(.stop)
        await thread.withLock { $0 }?.finished()
    }

    // MARK: The orders that have an answer

    func open(_ purpose: ClientPurpose, voice: Int? = nil) async throws -> Opened {
        try await withCheckedThrowingContinuation { post(.open(purpose, voice: voice, $0)) }
    }

    func accept(_ answer: String, for client: Int) async throws {
        try await withCheckedThrowingContinuation { post(.accept(client: client, answer: answer, $0)) }
    }

    func answer(_ offer: String, for client: Int) async throws -> String {
        try await withCheckedThrowingContinuation { post(.answer(client: client, offer: offer, $0)) }
    }

    func connected(_ client: Int) async throws {
        try await withCheckedThrowingContinuation { post(.connected(client: client, $0)) }
    }

    func tally() async -> LoadTally { await withCheckedContinuation { post(.tally($0)) } }

    /// Carries the hall, which cannot be copied, into the thread's closure.
    private final class HandOver: Sendable {
        private let hall: Mutex<LoadHall?>

        init(_ hall: consuming sending LoadHall) { self.hall = Mutex(hall) }

        func take() -> sending LoadHall? { hall.withLock { $0.take() } }
    }
}

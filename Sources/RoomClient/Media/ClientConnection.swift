internal import AudioRelay
internal import Datagrams
internal import MediaWire
internal import Synchronization

/// A client's media connection on a thread of its own: the socket, the ``ClientPeer`` and the clock.
///
/// The async world posts orders and reads a stream of events; packets never meet an `await`.
final class ClientConnection: Sendable {
    enum Order: Sendable {
        case accept(answer: String)
        case play(Playlist)
        /// The server's fragment of a restart.
        case renew(fragment: String)
        case close
    }

    enum Event: Sendable {
        case connected
        case heard(HeardPacket, atNanoseconds: UInt64)
        /// The playlist has played to its end; all of it was sent.
        case played
        /// How it went, just before it is closed.
        case quality(ClientQuality)
        /// The server does not answer; the fragment that restarts ICE, for the server to get by another way.
        case stalled(fragment: String)
        case closed(ClientClosing)
        case unusable(AnswerFault)
    }

    /// Half an hour of three slots that nobody reads; whoever is that late has left.
    private static let bufferedEvents = 1 << 18

    let offer: String
    let events: AsyncStream<Event>
    private let mailbox: Mailbox

    /// Binds a socket, makes the offer and starts the thread.
    static func open(_ purpose: ClientPurpose) async throws -> ClientConnection {
        let mailbox = Mailbox(wake: try Wake())
        let (events, continuation) = AsyncStream.makeStream(
            of: Event.self, bufferingPolicy: .bufferingOldest(bufferedEvents))
        let offer = try await withCheckedThrowingContinuation { (ready: CheckedContinuation<String, any Error>) in
            _ = OwnThread(named: "guichet-client") {
                var loop: ClientLoop
                do {
                    loop = try ClientLoop(purpose, mailbox: mailbox, events: continuation)
                } catch {
                    continuation.finish()
                    return ready.resume(throwing: error)
                }
                ready.resume(returning: loop.offer)
                loop.run()
                continuation.finish()
            }
        }
        return ClientConnection(offer: offer, events: events, mailbox: mailbox)
    }

    private init(offer: String, events: AsyncStream<Event>, mailbox: Mailbox) {
        self.offer = offer
        self.events = events
        self.mailbox = mailbox
    }

    /// A connection that nobody holds any more ends, and its thread with it.
    deinit { mailbox.post(.close) }

    func post(_ order: Order) { mailbox.post(order) }

    /// Orders on their way to the thread.
    final class Mailbox: Sendable {
        /// Protects the orders that wait.
        private let waiting = Mutex<[Order]>([])
        let wake: Wake

        init(wake: Wake) { self.wake = wake }

        func post(_ order: Order) {
            waiting.withLock { $0.append(order) }
            wake.signal()
        }

        func takeAll() -> [Order] {
            waiting.withLock { orders in
                defer { orders = [] }
                return orders
            }
        }
    }
}

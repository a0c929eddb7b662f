import BoxOffice
import Foundation
import Synchronization
import Values

@testable import LedgerService

/// Somebody else's system: takes events, answers as it is told, and remembers everything.
final class Receiver: WebhookSender, Sendable {
    struct Delivery: Sendable {
        let url: String
        let message: WebhookMessage
        let outcome: WebhookOutcome

        /// A member of the event.
        subscript(_ name: String) -> String {
            let event = (try? JSONSerialization.jsonObject(with: Data(message.body.utf8))) as? [String: Any] ?? [:]
            return event[name].map { "\($0)" } ?? ""
        }
    }

    private struct State {
        var deliveries: [Delivery] = []
        var answers: [WebhookOutcome] = []
        var isReachable = true
    }

    private let state = Mutex(State())

    /// Every attempt, in the order in which it came.
    var attempts: [Delivery] { state.withLock { $0.deliveries } }
    /// What was taken.
    var taken: [Delivery] { attempts.filter { $0.outcome == .answered(status: 204) } }
    /// Kinds of what was taken, in order.
    var kinds: [String] { taken.map { $0["type"] } }

    /// What the next attempts are answered; later ones are taken.
    func answer(_ outcomes: WebhookOutcome...) { state.withLock { $0.answers += outcomes } }
    func setReachable(_ isReachable: Bool) { state.withLock { $0.isReachable = isReachable } }
    func forget() { state.withLock { $0.deliveries = [] } }

    func open(_ url: WebhookURL) async throws(WebhookUnreachable) -> any WebhookLine {
        guard state.withLock({ $0.isReachable }) else { throw WebhookUnreachable("not reachable") }
        return Line(receiver: self, url: url.text)
    }

    private func take(_ message: WebhookMessage, at url: String) -> WebhookOutcome {
        state.withLock { state in
            let outcome = state.answers.isEmpty ? .answered(status: 204) : state.answers.removeFirst()
            state.deliveries.append(Delivery(url: url, message: message, outcome: outcome))
            return outcome
        }
    }

    private struct Line: WebhookLine {
        let receiver: Receiver
        let url: String
        func send(_ message: WebhookMessage) async -> WebhookOutcome { receiver.take(message, at: url) }
        func close() async {}
    }
}

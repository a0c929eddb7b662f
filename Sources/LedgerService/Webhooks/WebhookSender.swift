public import BoxOffice
internal import Values

/// One event on its way, in the terms of Standard Webhooks 1.0 (standardwebhooks.com).
public struct WebhookMessage: Sendable, Hashable {
    /// The same for every attempt at one event.
    public let id: String
    /// Seconds since 1970, of this attempt.
    public let timestamp: Int64
    public let signatures: String
    public let body: String
}

/// What became of an attempt.
public enum WebhookOutcome: Sendable, Hashable {
    case answered(status: Int)
    /// There was no answer; words of ours, without addresses.
    case failed(String)

    var isDelivered: Bool {
        switch self {
        case .answered(let status): (200..<300).contains(status)
        case .failed: false
        }
    }

    /// As the delivery log shows it.
    var words: String {
        switch self {
        case .answered(let status) where (200..<300).contains(status): "delivered"
        case .answered(let status) where (300..<400).contains(status): "redirects are not followed"
        case .answered: "refused"
        case .failed(let words): words
        }
    }
}

/// A way to one endpoint, kept for some events in a row.
public protocol WebhookLine: Sendable {
    /// Sends one event and waits for its answer, a bounded time.
    func send(_ message: WebhookMessage) async -> WebhookOutcome
    func close() async
}

/// Why there is no way to an endpoint.
public struct WebhookUnreachable: Error, Hashable {
    public let words: String
    public init(_ words: String) { self.words = words }
}

/// Opens ways to endpoints: over HTTP, or to a receiver that a test has in hand.
public protocol WebhookSender: Sendable {
    func open(_ url: WebhookURL) async throws(WebhookUnreachable) -> any WebhookLine
}

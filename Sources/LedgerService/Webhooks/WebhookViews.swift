public import BoxOffice
internal import Foundation
internal import HTTPEdge
internal import Store
public import Values

/// What somebody wants to be told, and where.
public struct WebhookDraft: Sendable, Hashable {
    public var url: String
    /// Names of kinds; empty for all.
    public var events: [String]
    /// An operator may register for a host.
    public var host: HostID?

    public init(url: String, events: [String] = [], host: HostID? = nil) {
        self.url = url
        self.events = events
        self.host = host
    }
}

/// An endpoint as the API shows it.
public struct WebhookView: Sendable, Hashable, Encodable {
    public let webhook: WebhookID
    public let host: HostID?
    public let url: String
    /// Empty for all that its owner may hear of.
    public let events: [String]
    public let state: WebhookEndpoint.State
    /// Why it was paused.
    public let reason: String?
    /// The last event that it has.
    public let delivered: Int64
    public let failures: Int64
    public let failingSince: Instant?
    public let nextAttemptAt: Instant?
    /// Until when the secret before signs as well.
    public let previousSecretUntil: Instant?
    public let createdAt: Instant
    /// Shown when it is made, and when it is changed; never again.
    public let secret: String?

    init(_ row: WebhookRow, _ progress: WebhookProgress, secret: String? = nil, at now: Instant) {
        webhook = row.id
        host = row.host
        url = row.url
        events = row.kinds.map(\.rawValue)
        state = row.endpoint.state
        reason = row.endpoint.state == .paused ? row.reason : nil
        delivered = progress.sequence
        failures = progress.failures
        failingSince = progress.failingSince
        nextAttemptAt = progress.failures > 0 ? progress.nextAt : nil
        previousSecretUntil = row.endpoint.overlapUntil.flatMap { $0 > now ? $0 : nil }
        createdAt = row.createdAt
        self.secret = secret
    }
}

/// An attempt as the delivery log shows it.
public struct WebhookAttemptView: Sendable, Hashable, Encodable {
    public let sequence: Int64
    public let attempt: Int64
    public let status: Int?
    /// `delivered`, or why not.
    public let outcome: String
    public let at: Instant
    public let tookMicroseconds: Int64

    init(_ row: WebhookAttempt) {
        sequence = row.sequence
        attempt = row.attempt
        status = row.status
        outcome = row.outcome
        at = row.at
        tookMicroseconds = row.tookMicroseconds
    }
}

/// Some events, and the cursor behind which further ones are.
public struct EventPage: Sendable, Hashable {
    /// The very texts that endpoints get.
    let bodies: [String]
    public let next: Int64

    /// `{"events":[…],"next":7}`.
    public var json: [UInt8] {
        Array(#"{"events":[\#(bodies.joined(separator: ","))],"next":\#(next)}"#.utf8)
    }
}

extension OutboxRow {
    /// Stable, whoever asks and however often: it follows from the place in the outbox.
    func id(shard: String) -> String {
        Identifier<EventIDKind>.derived(at: at, from: "\(shard)|\(sequence)").text
    }

    /// The event as it goes out and as it is polled, the same to the byte.
    func payload(shard: String) -> String {
        """
        {"data":\(body),"id":"\(id(shard: shard))","sequence":\(sequence),"timestamp":"\(at)","type":"\(kind.rawValue)"}
        """
    }
}

enum EventIDKind: IdentifierKind { static let prefix = "event" }

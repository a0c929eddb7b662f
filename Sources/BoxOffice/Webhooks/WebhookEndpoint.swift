public import Values

/// The life of an endpoint.
///
///     enabled ⇄ disabled          by whoever owns it
///        │ ▲       │
///        │ └───────┼── enable
///        ▼         │
///      paused ─────┤              by itself: nothing got through for ``DeliverySchedule/patience``
///                  ▼
///              removed            from every other state, for good
///
/// | state    | enable  | disable  | rotate   | pause  | remove  |
/// | -------- | ------- | -------- | -------- | ------ | ------- |
/// | enabled  | –       | disabled | enabled  | paused | removed |
/// | disabled | enabled | –        | disabled | –      | removed |
/// | paused   | enabled | disabled | paused   | –      | removed |
/// | removed  | refused | refused  | refused  | –      | –       |
public struct WebhookEndpoint: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        case enabled, disabled, paused, removed
    }

    public private(set) var state: State
    /// The number of the secret that signs, from 1.
    public private(set) var secret: Int64
    /// Until when the secret before signs too.
    public private(set) var overlapUntil: Instant?

    /// For how long both secrets sign after a rotation: a day in which the receiver takes the new one over.
    public static let overlapSeconds: Int64 = 86_400

    public init() {
        state = .enabled
        secret = 1
    }

    /// As stored.
    public init(state: State, secret: Int64, overlapUntil: Instant?) {
        self.state = state
        self.secret = secret
        self.overlapUntil = overlapUntil
    }

    /// What an event brings about.
    public enum Outcome: Sendable, Hashable {
        case changed, unchanged
    }

    public mutating func enable() throws(WebhookRefusal) -> Outcome {
        switch state {
        case .enabled: return .unchanged
        case .disabled, .paused:
            state = .enabled
            return .changed
        case .removed: throw .removed
        }
    }

    public mutating func disable() throws(WebhookRefusal) -> Outcome {
        switch state {
        case .disabled: return .unchanged
        case .enabled, .paused:
            state = .disabled
            return .changed
        case .removed: throw .removed
        }
    }

    /// A new secret; the one before signs as well for a while.
    public mutating func rotate(at now: Instant) throws(WebhookRefusal) {
        switch state {
        case .enabled, .disabled, .paused:
            secret += 1
            overlapUntil = now.advanced(bySeconds: Self.overlapSeconds)
        case .removed: throw .removed
        }
    }

    /// Nothing got through for too long.
    public mutating func pause() -> Outcome {
        switch state {
        case .enabled:
            state = .paused
            return .changed
        case .disabled, .paused, .removed: return .unchanged
        }
    }

    public mutating func remove() -> Outcome {
        switch state {
        case .enabled, .disabled, .paused:
            state = .removed
            return .changed
        case .removed: return .unchanged
        }
    }

    /// The secrets that sign at a moment, the newest first.
    public func secrets(at now: Instant) -> [Int64] {
        guard secret > 1, let overlapUntil, now < overlapUntil else { return [secret] }
        return [secret, secret - 1]
    }
}

/// When a delivery that failed is tried again, and when nobody tries any more.
public enum DeliverySchedule {
    /// Seconds to wait after the first, second, … failure in a row; after the last of these always as long.
    public static let pausesSeconds: [Int64] = [1, 5, 30, 120, 600, 1_800, 3_600]
    /// Three days without a success: a long weekend's outage is survived, and a receiver that is gone is let go of.
    public static let patienceSeconds: Int64 = 3 * 86_400

    /// - Parameters:
    ///   - failures: in a row, at least one.
    ///   - jitter: from 0 to 1, so that endpoints of one receiver do not all come back in one moment.
    public static func pauseMicroseconds(after failures: Int64, jitter: Double) -> Int64 {
        let index = min(max(1, failures), Int64(pausesSeconds.count)) - 1
        let pause = pausesSeconds[Int(index)] * 1_000_000
        return pause + Int64(Double(pause) * 0.2 * min(max(0, jitter), 1))
    }

    /// Whether an endpoint that has been failing since a moment is given up.
    public static func isOver(failingSince first: Instant, at now: Instant) -> Bool {
        first.microseconds(until: now) >= patienceSeconds * 1_000_000
    }
}

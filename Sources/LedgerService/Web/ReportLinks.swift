internal import Synchronization
public import Values

/// Short-lived addresses under which a browser can open a night's reports without carrying a key.
///
/// Kept in memory: a restart forgets them, and whoever may read reports asks for a new one.
public final class ReportLinks: Sendable {
    /// One hour: long enough to read and pass on to a colleague, short enough to be useless in an old mail.
    public static let lifetimeSeconds: Int64 = 3_600
    /// Links that are open at one time; the oldest gives way, so that asking often fills no memory.
    public static let capacity = 256

    public struct Link: Sendable, Hashable {
        /// 64 hexadecimal digits of the system's random generator.
        public let access: String
        public let expiresAt: Instant
    }

    private struct Open {
        let day: LocalDay
        let expiresAt: Instant
    }

    /// Protects the table. It is keyed by the hash of the access token, so that how long a look-up takes says nothing
    /// about a token's digits.
    private let open = Mutex<[SHA256Digest: Open]>([:])

    public init() {}

    /// A new link to the reports of a day.
    public func issue(for day: LocalDay, at now: Instant) -> Link {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let link = Link(
            access: hexadecimal(bytes), expiresAt: now.advanced(bySeconds: Self.lifetimeSeconds))
        open.withLock { open in
            open = open.filter { $0.value.expiresAt > now }
            if open.count >= Self.capacity, let oldest = open.min(by: { $0.value.expiresAt < $1.value.expiresAt }) {
                open[oldest.key] = nil
            }
            open[Self.key(link.access)] = Open(day: day, expiresAt: link.expiresAt)
        }
        return link
    }

    /// The day that a token opens; `nil` for an unknown or expired one.
    public func day(for access: String, at now: Instant) -> LocalDay? {
        guard access.utf8.count == 64 else { return nil }
        return open.withLock { open in
            guard let found = open[Self.key(access)], found.expiresAt > now else { return nil }
            return found.day
        }
    }

    private static func key(_ access: String) -> SHA256Digest { SHA256Digest(of: Array(access.utf8)) }
}

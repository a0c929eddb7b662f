internal import Synchronization
internal import Values

/// Which keys were used, until it is written down: coarse, so that reading costs no write.
final class KeyUses: Sendable {
    /// What is written down stands so long before it moves again.
    static let coarseSeconds: Int64 = 300
    /// More keys than that in one interval: those beyond are noted next time.
    private static let capacity = 10_000

    private let uses = Mutex<[SHA256Digest: Instant]>([:])

    func note(_ hash: SHA256Digest, last: Instant?, at now: Instant) {
        if let last, now < last.advanced(bySeconds: Self.coarseSeconds) { return }
        uses.withLock { uses in
            guard uses.count < Self.capacity || uses[hash] != nil else { return }
            uses[hash] = now
        }
    }

    func take() -> [SHA256Digest: Instant] {
        uses.withLock { uses in
            defer { uses = [:] }
            return uses
        }
    }
}

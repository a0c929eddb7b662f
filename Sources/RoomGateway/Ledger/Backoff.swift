/// Pauses between attempts: doubling from a quarter of a second to 15 s, each by up to a quarter longer, so that a
/// hundred gateways do not come back to a restarted ledger in the same moment.
struct Backoff: Sendable {
    private(set) var failures = 0

    mutating func succeeded() { failures = 0 }

    /// The pause after one more failure.
    mutating func failed(using generator: inout some RandomNumberGenerator) -> Duration {
        let milliseconds = min(250 << min(failures, 6), 15_000)
        failures += 1
        return .milliseconds(milliseconds + Int.random(in: 0...milliseconds / 4, using: &generator))
    }
}

import Foundation
import Values

/// Times as people type them.
enum WallTime {
    static func now() -> Instant { Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }

    /// Reads RFC 3339, `now`, or a distance such as `+30m`, `+2h`, `+10s`.
    static func read(_ text: String, _ now: Instant) throws -> Instant {
        if text == "now" { return now }
        if let instant = Instant(text) { return instant }
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard text.hasPrefix("+"), let unit = text.last.flatMap({ units[$0] }),
            let count = Int64(text.dropFirst().dropLast()), (0...10_000_000).contains(count)
        else {
            throw CommandFailure(
                .usage, "'\(text)' is not a time. Write 2026-12-01T20:00:00+01:00, now, or a distance such as +30m.")
        }
        return now.advanced(bySeconds: count * unit)
    }
}

/// Amounts as people type them: `5.00 EUR`.
enum MoneyArgument {
    static func read(_ text: String) throws -> Money {
        guard let money = Money(parsing: text) else {
            throw CommandFailure(
                .usage, "'\(text)' is not an amount. Write it with a point and the currency: \"5.00 EUR\".")
        }
        return money
    }
}

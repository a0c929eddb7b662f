import Foundation

/// A fresh Idempotency-Key for one intention of one person; a command that is told a key uses that instead, so
/// that running it again after a lost answer can't pay twice.
enum IdempotencyKey {
    static func fresh() -> String { UUID().uuidString.lowercased() }
}

internal import Foundation
internal import Stage
internal import Store
internal import Values

/// What the ledger said last, for a start while it is away (``LedgerMemory``).
extension ReceiptSpool {
    /// Stores what the ledger said, and when that was all: both or neither, so that nothing that was heard by then is
    /// missing. Durable when it returns.
    ///
    /// Events stand behind their snapshot and are not worked into it: a snapshot as the ledger gave it can be read
    /// again, whatever comes behind it. The texts are made outside the transaction, where no join waits for them.
    /// - Parameters:
    ///   - snapshot: takes the place of all that is stored; `nil` if the events follow that.
    ///   - events: all that came since.
    @concurrent
    func keep(_ snapshot: GatewaySnapshot?, _ events: [FeedEvent], heardAt: Instant) async throws {
        let encoder = JSONEncoder()
        let whole = try snapshot.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        let texts = try events.map { ($0.sequence, String(decoding: try encoder.encode($0), as: UTF8.self)) }
        try await database.write { transaction in
            if let whole {
                try transaction.execute("DELETE FROM heard_events")
                try transaction.execute(
                    """
                    INSERT INTO heard (only_row, snapshot, heard_at) VALUES (1, $1, $2)
                    ON CONFLICT (only_row) DO UPDATE SET snapshot = excluded.snapshot, heard_at = excluded.heard_at
                    """, whole, heardAt)
            }
            for (sequence, text) in texts {
                try transaction.execute(
                    "INSERT INTO heard_events (sequence, body) VALUES ($1, $2) ON CONFLICT (sequence) DO NOTHING",
                    sequence, text)
            }
            if whole == nil { try transaction.execute("UPDATE heard SET heard_at = $1", heardAt) }
        }
    }

    /// All that the ledger said, until when; `nil` if nothing is stored.
    /// - Throws: also where what is stored can't be read.
    func heard() async throws -> (snapshot: GatewaySnapshot, at: Instant)? {
        let stored = try await database.read { transaction in
            let whole = try transaction.row("SELECT snapshot, heard_at FROM heard") { row throws(StoreFault) in
                (text: try row.text(0), at: try row.instant(1))
            }
            let events = try transaction.rows("SELECT body FROM heard_events ORDER BY sequence") {
                row throws(StoreFault) in try row.text(0)
            }
            return (whole, events)
        }
        guard let whole = stored.0 else { return nil }
        let decoder = JSONDecoder()
        var snapshot = try decoder.decode(GatewaySnapshot.self, from: Data(whole.text.utf8))
        snapshot.apply(try stored.1.map { try decoder.decode(FeedEvent.self, from: Data($0.utf8)) })
        return (snapshot, whole.at)
    }
}

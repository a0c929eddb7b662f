internal import Foundation
internal import Stage
internal import Store
internal import Values

/// Acts of stages until the ledger has them, and stages as they were left.
extension ReceiptSpool {
    /// Stores acts, each with the next number, and the stages that they have changed. Durable when it returns.
    func note(_ acts: [ActRecord], stages: [RoomID: StageMemory]) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let memories = try stages.map { ($0.key, String(decoding: try encoder.encode($0.value), as: UTF8.self)) }
        try await database.write { transaction in
            let head = try transaction.row("SELECT sequence FROM act_head") { row throws(StoreFault) in
                try row.integer(0)
            }
            guard var sequence = head else { throw StoreFault.corrupt(column: "act_head") }
            for var act in acts {
                sequence += 1
                act.sequence = sequence
                try transaction.execute(
                    "INSERT INTO acts (sequence, body) VALUES ($1, $2)", sequence,
                    String(decoding: try encoder.encode(act), as: UTF8.self))
            }
            try transaction.execute("UPDATE act_head SET sequence = $1", sequence)
            for (room, body) in memories {
                try transaction.execute(
                    """
                    INSERT INTO stages (room, body) VALUES ($1, $2)
                    ON CONFLICT (room) DO UPDATE SET body = excluded.body
                    """, room, body)
            }
        }
        actArrivals.yield()
    }

    /// The stages that an earlier run left.
    func stageMemories() async throws -> [RoomID: StageMemory] {
        let rows = try await database.read { transaction in
            try transaction.rows("SELECT room, body FROM stages") { row throws(StoreFault) in
                (try row.identifier(0) as RoomID, try row.text(1))
            }
        }
        return try Dictionary(
            uniqueKeysWithValues: rows.map {
                ($0.0, try JSONDecoder().decode(StageMemory.self, from: Data($0.1.utf8)))
            })
    }

    func forgetStage(of room: RoomID) async throws {
        try await database.write { transaction in
            try transaction.execute("DELETE FROM stages WHERE room = $1", room)
        }
    }

    /// The oldest acts that wait.
    func waitingActs(limit: Int) async throws -> [ActRecord] {
        let bodies = try await database.read { transaction in
            try transaction.rows("SELECT body FROM acts ORDER BY sequence LIMIT $1", limit) {
                row throws(StoreFault) in try row.text(0)
            }
        }
        return try bodies.map { try JSONDecoder().decode(ActRecord.self, from: Data($0.utf8)) }
    }

    /// The ledger has them.
    func acknowledgeActs(through sequence: Int64) async throws {
        try await database.write { transaction in
            try transaction.execute("DELETE FROM acts WHERE sequence <= $1", sequence)
        }
    }
}

internal import Foundation
internal import Schemas
internal import Stage
internal import Store
internal import Values

/// The durable memory of a gateway: receipts until the ledger has them, open admissions, removals.
///
/// Sequence number and hash of a receipt are given inside the transaction that stores it, so the chain has no gap
/// whatever fails. A join waits for one group commit (0.2 to 1 ms of disk); packets never do.
struct ReceiptSpool: Sendable {
    /// What was found at the start.
    struct Opening: Sendable {
        let gateway: GatewayID
        /// How many admissions a crash had left open; each has its `left` receipt now.
        let recovered: Int
        let removals: [Removal]
    }

    /// Somebody who may not come back into a room.
    struct Removal: Sendable, Hashable {
        let room: RoomID
        let ticket: TicketID
        let holder: Subject
    }

    let database: Database
    /// Ticks when there may be acts to deliver (`ReceiptSpool+Acts.swift`).
    let mayDeliverActs: AsyncStream<Void>
    let actArrivals: AsyncStream<Void>.Continuation
    private let arrivals: AsyncStream<Void>.Continuation
    /// Ticks when there may be something to deliver.
    let mayDeliver: AsyncStream<Void>

    init(path: String) throws(StoreFault) {
        database = try Database(
            path: path,
            migrations: SchemaScripts.spool.map { Migration(number: $0.number, name: $0.name, script: $0.text) },
            readers: 1)
        (mayDeliverActs, actArrivals) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (mayDeliver, arrivals) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Finds out who this gateway is, and closes what a crash left open.
    ///
    /// When people really left is not known. They are counted until the gateway was last known to be alive: nobody is
    /// billed for time in which there was no sound.
    func open(at now: Instant, newGateway: GatewayID, reason: ReasonCode) async throws -> Opening {
        let opening = try await database.write { transaction in
            if try Self.head(transaction) == nil {
                try transaction.execute(
                    "INSERT INTO gateway (only_row, id, sequence, hash, alive_at) VALUES (1, $1, 0, $2, $3)",
                    newGateway, ReceiptChain.firstPreviousHash, now)
            }
            guard let (chain, aliveAt) = try Self.head(transaction) else { throw StoreFault.corrupt(column: "gateway") }
            let open = try Self.openAdmissions(transaction)
            for (room, seat, flow) in open {
                let end = max(seat.since, min(aliveAt, now))
                try Self.appendLeft(transaction, seat, room: room, reason: reason, flow: flow, at: end)
            }
            let removals = try transaction.rows("SELECT room, ticket, holder FROM removals") { row throws(StoreFault) in
                guard let holder = Subject(try row.text(2)) else { throw row.corrupt(2) }
                return Removal(room: try row.identifier(0), ticket: try row.identifier(1), holder: holder)
            }
            try transaction.execute("UPDATE gateway SET alive_at = $1", now)
            return Opening(gateway: chain.gateway, recovered: open.count, removals: removals)
        }
        arrivals.yield()
        return opening
    }

    /// Stores that somebody came in, or took up the connection of an earlier admission. Durable when it returns.
    func enter(_ seat: Seat, room: RoomID, resuming earlier: AdmissionID? = nil) async throws {
        try await database.write { transaction in
            let kind = earlier.map { Receipt.Kind.resumed($0) } ?? .entered
            try Self.append(transaction, kind, of: seat, room: room, at: seat.since)
            try transaction.execute(
                """
                INSERT INTO open_admissions (admission, room, ticket, holder, role, direction, since)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """,
                seat.admission, room, seat.ticket, seat.holder.text, seat.role.rawValue, seat.direction.rawValue,
                seat.since)
        }
        arrivals.yield()
    }

    /// Stores that somebody with a valid ticket was turned away.
    func refuse(_ seat: Seat, room: RoomID, code: ReasonCode) async throws {
        try await database.write { transaction in
            try Self.append(transaction, .refused(code: code), of: seat, room: room, at: seat.since)
        }
        arrivals.yield()
    }

    /// Stores that somebody left. An admission that is not open any more has its receipt already.
    /// - Parameter flow: what flowed; `nil` if no sound could.
    func leave(_ seat: Seat, room: RoomID, reason: ReasonCode, flow: FlowMeter?, at now: Instant) async throws {
        try await database.write { transaction in
            try Self.appendLeft(transaction, seat, room: room, reason: reason, flow: flow, at: now)
        }
        arrivals.yield()
    }

    /// Stores that a person may not come back into a room.
    func remove(_ removal: Removal, at now: Instant) async throws {
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO removals (room, ticket, holder, removed_at) VALUES ($1, $2, $3, $4)
                ON CONFLICT (room, ticket) DO NOTHING
                """, removal.room, removal.ticket, removal.holder.text, now)
        }
    }

    /// Forgets the removals of a room that is over.
    func forgetRemovals(of room: RoomID) async throws {
        try await database.write { transaction in
            try transaction.execute("DELETE FROM removals WHERE room = $1", room)
        }
    }

    /// Stores that the gateway is alive, and what has flowed: a crash after it costs the time since, and no more.
    func noteAlive(at now: Instant, flows: [AdmissionID: FlowMeter]) async throws {
        let encoder = JSONEncoder()
        let texts = try flows.map { ($0, String(decoding: try encoder.encode($1), as: UTF8.self)) }
        try await database.write { transaction in
            try transaction.execute("UPDATE gateway SET alive_at = $1", now)
            for (admission, text) in texts {
                try transaction.execute("UPDATE open_admissions SET flow = $1 WHERE admission = $2", text, admission)
            }
        }
    }

    /// The oldest receipts that wait.
    func waiting(limit: Int) async throws -> [Receipt] {
        let bodies = try await database.read { transaction in
            try transaction.rows("SELECT body FROM receipts ORDER BY sequence LIMIT $1", limit) {
                row throws(StoreFault) in try row.text(0)
            }
        }
        return try bodies.map { try JSONDecoder().decode(Receipt.self, from: Data($0.utf8)) }
    }

    func waitingCount() async throws -> Int {
        try await database.read { transaction in
            try transaction.row("SELECT count(*) FROM receipts") { row throws(StoreFault) in try row.int(0) } ?? 0
        }
    }

    /// The ledger has them.
    func acknowledge(through sequence: Int64) async throws {
        try await database.write { transaction in
            try transaction.execute("DELETE FROM receipts WHERE sequence <= $1", sequence)
        }
    }

    func close() async {
        arrivals.finish()
        actArrivals.finish()
        await database.close()
    }
}

// MARK: - Statements

extension ReceiptSpool {
    private static func head(
        _ transaction: borrowing Transaction
    ) throws(StoreFault) -> (chain: ReceiptChain, aliveAt: Instant)? {
        try transaction.row("SELECT id, sequence, hash, alive_at FROM gateway") { row throws(StoreFault) in
            let hash = try row.text(2)
            guard ReceiptChain.isHash(hash) else { throw row.corrupt(2) }
            return (
                ReceiptChain(gateway: try row.identifier(0), sequence: try row.integer(1), hash: hash),
                try row.instant(3)
            )
        }
    }

    private static func append(
        _ transaction: borrowing Transaction, _ kind: Receipt.Kind, of seat: Seat, room: RoomID, at now: Instant
    ) throws {
        guard var (chain, _) = try head(transaction) else { throw StoreFault.corrupt(column: "gateway") }
        let receipt = chain.append(kind, of: seat, room: room, at: now)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try transaction.execute(
            "INSERT INTO receipts (sequence, body) VALUES ($1, $2)", receipt.sequence,
            String(decoding: try encoder.encode(receipt), as: UTF8.self))
        try transaction.execute("UPDATE gateway SET sequence = $1, hash = $2", chain.sequence, chain.hash)
    }

    private static func appendLeft(
        _ transaction: borrowing Transaction, _ seat: Seat, room: RoomID, reason: ReasonCode, flow: FlowMeter?,
        at now: Instant
    ) throws {
        let closed = try transaction.execute("DELETE FROM open_admissions WHERE admission = $1", seat.admission)
        guard closed == 1 else { return }
        let seconds = max(0, seat.since.microseconds(until: now)) / 1_000_000
        try append(
            transaction,
            .left(
                reason: reason, secondsConnected: seconds, packets: flow?.packets ?? 0,
                // Without any, nothing flowed; a receipt without a record is one of an older gateway.
                media: flow?.record ?? MediaRecord()),
            of: seat, room: room, at: now)
    }

    private static func openAdmissions(
        _ transaction: borrowing Transaction
    ) throws(StoreFault) -> [(room: RoomID, seat: Seat, flow: FlowMeter?)] {
        try transaction.rows(
            """
            SELECT admission, room, ticket, holder, role, direction, since, flow FROM open_admissions
            ORDER BY since, admission
            """
        ) { row throws(StoreFault) in
            guard let holder = Subject(try row.text(3)) else { throw row.corrupt(3) }
            guard let role = Role(rawValue: try row.text(4)) else { throw row.corrupt(4) }
            guard let direction = Seat.Direction(rawValue: try row.text(5)) else { throw row.corrupt(5) }
            let seat = Seat(
                admission: try row.identifier(0), ticket: try row.identifier(2), holder: holder, role: role,
                direction: direction, since: try row.instant(6))
            // What can't be read is no flow: nobody is billed for it.
            let flow = try row.optionalText(7).flatMap {
                try? JSONDecoder().decode(FlowMeter.self, from: Data($0.utf8))
            }
            return (try row.identifier(1), seat, flow)
        }
    }
}

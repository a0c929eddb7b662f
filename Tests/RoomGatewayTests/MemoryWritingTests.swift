import Dispatch
import Logging
import Stage
import Store
import Synchronization
import Testing
import Tickets
import Values

@testable import RoomGateway

@Suite("What the ledger said goes to the disk beside the feed", .serialized, .timeLimit(.minutes(2)))
struct MemoryWritingTests {
    private static let start = Instant(seconds: 1_772_000_000)

    private static func snapshot(_ cursor: Int64, rooms: [RoomBrief] = []) -> GatewaySnapshot {
        GatewaySnapshot(cursor: cursor, issuer: "i", audience: "a", jwks: "{}", rooms: rooms, revoked: [])
    }

    private static func revoked(_ sequence: Int64) -> FeedEvent {
        FeedEvent(
            sequence: sequence,
            change: .revoked(.init(ticket: TestHouse.id(), room: TestHouse.id(), reason: .refunded, at: start)))
    }

    private static func withMemory(_ body: (LedgerMemory, ReceiptSpool) async throws -> Void) async throws {
        let path = TestHouse.temporarySpool()
        defer { TestHouse.removeSpool(path) }
        let spool = try ReceiptSpool(path: path)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        try await body(LedgerMemory(spool: spool, logger: logger), spool)
        await spool.close()
    }

    private static func storedEvents(_ spool: ReceiptSpool) async throws -> Int? {
        try await spool.database.read { transaction in
            try transaction.row("SELECT count(*) FROM heard_events") { row throws(StoreFault) in try row.int(0) }
        }
    }

    /// Whether a snapshot with so many revocations is stored, and nothing behind it.
    private static func isWhole(_ spool: ReceiptSpool, revoked count: Int) async throws -> Bool {
        guard try await storedEvents(spool) == 0, let heard = try await spool.heard() else { return false }
        return heard.snapshot.revoked.count == count
    }

    /// A disk that does not answer until the gate opens.
    private static func block(_ spool: ReceiptSpool) async throws -> (
        gate: DispatchSemaphore, blocked: Task<Void, any Error>
    ) {
        let (gate, isBlocked) = (DispatchSemaphore(value: 0), Flag())
        let blocked = Task {
            _ = try await spool.database.write { _ in
                isBlocked.raise()
                gate.wait()
            }
        }
        #expect(try await holds { isBlocked.isRaised })
        return (gate, blocked)
    }

    private final class Flag: Sendable {
        private let value = Mutex(false)
        func raise() { value.withLock { $0 = true } }
        var isRaised: Bool { value.withLock { $0 } }
    }

    @Test("a revocation is heard while the disk does not answer, and is stored when it does")
    func slowDisk() async throws {
        try await TestHouse.open { house async throws in
            let spool = house.gateway.spool
            #expect(try await holds { try await spool.heard() != nil })
            let (gate, blocked) = try await Self.block(spool)
            let late = TestHouse.brief()
            await house.ledger.say(.room(late))
            #expect(try await holds { await house.gateway.rooms.briefs[late.room] != nil })
            let refunded: TicketID = TestHouse.id()
            await house.ledger.say(
                .revoked(.init(ticket: refunded, room: house.room.room, reason: .refunded, at: wallNow())))
            let isHeard = try await holds { house.gateway.knowledge.revocation(of: refunded) != nil }
            gate.signal()
            try await blocked.value
            #expect(isHeard)
            let isStored = try await holds {
                let stored = try await spool.heard()?.snapshot
                return stored?.revoked.map(\.ticket) == [refunded] && stored?.rooms.contains(late) == true
            }
            #expect(isStored)
        }
    }

    @Test("what comes during a write follows it whole, and the instant on disk is never that of more than stands there")
    func gathered() async throws {
        try await Self.withMemory { memory, spool async throws in
            var told = Self.snapshot(7)
            await memory.keep(told, heardAt: Self.start)
            let (gate, blocked) = try await Self.block(spool)
            let writing = Task { await memory.write() }
            let events = (8...12).map { Self.revoked($0) }
            for (event, second) in zip(events, Int64(1)...) {
                await memory.keep([event], heardAt: Self.start.advanced(bySeconds: second))
            }
            gate.signal()
            try await blocked.value
            await writing.value
            let between = try #require(try await spool.heard())
            let seconds = Self.start.microseconds(until: between.at) / 1_000_000
            #expect(Int64(between.snapshot.revoked.count) == seconds)
            await memory.write()
            told.apply(events)
            let after = try #require(try await spool.heard())
            #expect(after.snapshot == told && after.at == Self.start.advanced(bySeconds: 5))
            // A newer snapshot takes the place of what is owed, also of what could not be written.
            try await spool.database.write { try $0.execute("ALTER TABLE heard_events RENAME TO away") }
            await memory.keep([Self.revoked(13)], heardAt: Self.start.advanced(bySeconds: 6))
            await memory.write()
            await memory.keep(Self.snapshot(13), heardAt: Self.start.advanced(bySeconds: 7))
            try await spool.database.write { try $0.execute("ALTER TABLE away RENAME TO heard_events") }
            await memory.write()
            let newest = try #require(try await spool.heard())
            #expect(newest.snapshot == Self.snapshot(13) && newest.at == Self.start.advanced(bySeconds: 7))
            #expect(try await Self.storedEvents(spool) == 0)
        }
    }

    @Test("behind many events a new snapshot is asked for once a minute; behind too many the disk is left as it was")
    func many() async throws {
        try await Self.withMemory { memory, spool async throws in
            let most = Int64(LedgerMemory.maximumEvents)
            await memory.keep(Self.snapshot(0), heardAt: Self.start)
            await memory.keep((1...most).map { Self.revoked($0) }, heardAt: Self.start)
            #expect(await !memory.asksForSnapshot(at: Self.start))
            await memory.keep([Self.revoked(most + 1)], heardAt: Self.start)
            #expect(await memory.asksForSnapshot(at: Self.start))
            #expect(await !memory.asksForSnapshot(at: Self.start.advanced(bySeconds: 59)))
            #expect(await memory.asksForSnapshot(at: Self.start.advanced(bySeconds: 60)))
            await memory.write()
            // Nothing is worked into the snapshot meanwhile, and nothing is missing.
            #expect(try await Self.storedEvents(spool) == Int(most) + 1)
            #expect(try await spool.heard()?.snapshot.revoked.count == Int(most) + 1)
            await memory.keep(
                (most + 2...2 * most + 1).map { Self.revoked($0) }, heardAt: Self.start.advanced(bySeconds: 61))
            await memory.write()
            #expect(try await spool.heard()?.at == Self.start)
            #expect(await memory.asksForSnapshot(at: Self.start.advanced(bySeconds: 120)))
            await memory.keep(Self.snapshot(2 * most + 1), heardAt: Self.start.advanced(bySeconds: 121))
            #expect(await !memory.asksForSnapshot(at: Self.start.advanced(bySeconds: 181)))
            await memory.write()
            #expect(try await Self.storedEvents(spool) == 0)
            #expect(try await spool.heard()?.at == Self.start.advanced(bySeconds: 121))
        }
    }

    @Test("rooms beyond the bound of a snapshot are read again: they stand behind it, not in it")
    func bound() async throws {
        try await Self.withMemory { memory, spool async throws in
            let rooms = (0..<WireLimits.rooms - 100).map { _ in TestHouse.brief() }
            await memory.keep(Self.snapshot(0, rooms: rooms), heardAt: Self.start)
            let more = (1...Int64(200)).map { FeedEvent(sequence: $0, change: .room(TestHouse.brief())) }
            await memory.keep(more, heardAt: Self.start)
            await memory.write()
            let recalled = await memory.recall(at: Self.start, AdmissionPolicy())
            #expect(recalled?.snapshot.rooms.count == WireLimits.rooms + 100)
        }
    }

    @Test("behind many events the follower fetches a snapshot, which takes their place on the disk")
    func renewed() async throws {
        let told = LedgerMemory.maximumEvents + 1
        try await TestHouse.open { house async throws in
            #expect(try await holds { try await house.gateway.spool.heard() != nil })
            await Self.revoke(told, through: house.ledger)
            #expect(try await holds { try await Self.isWhole(house.gateway.spool, revoked: told) })
        }
    }

    @Test("while the ledger can't give another snapshot the feed goes on")
    func onlyOnce() async throws {
        let path = TestHouse.temporarySpool()
        defer { TestHouse.removeSpool(path) }
        let ledger = ScriptedLedger(jwks: KeyRing([SigningKey.generate().verifyingKey]).jwks, rooms: [])
        let link = OneSnapshot(ledger: ledger)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let gateway = try await RoomGateway(
            configuration: GatewayConfiguration(spoolPath: path), link: link, logger: logger)
        let running = Task { await gateway.run() }
        #expect(try await holds { gateway.isReady })
        await Self.revoke(LedgerMemory.maximumEvents + 1, through: ledger)
        #expect(try await holds { link.asked.withLock { $0 } == 2 })
        let last = Self.revoked(1)
        guard case .revoked(let notice) = last.change else { return }
        await ledger.say(last.change)
        let isHeard = try await holds { gateway.knowledge.revocation(of: notice.ticket) != nil }
        #expect(isHeard)
        let asked = link.asked.withLock { $0 }
        #expect(asked == 2)
        gateway.shutdown()
        await running.value
    }

    @Test("what is owed when the gateway stops is written then")
    func stopped() async throws {
        let path = TestHouse.temporarySpool()
        defer { TestHouse.removeSpool(path) }
        let last = Self.revoked(1)
        guard case .revoked(let notice) = last.change else { return }
        try await TestHouse.open(spool: path) { house async throws in
            let spool = house.gateway.spool
            #expect(try await holds { try await spool.heard() != nil })
            try await spool.database.write { try $0.execute("ALTER TABLE heard_events RENAME TO away") }
            await house.ledger.say(last.change)
            #expect(try await holds { house.gateway.knowledge.revocation(of: notice.ticket) != nil })
            try await spool.database.write { try $0.execute("ALTER TABLE away RENAME TO heard_events") }
        }
        let spool = try ReceiptSpool(path: path)
        #expect(try await spool.heard()?.snapshot.revoked == [notice])
        await spool.close()
    }

    private static func revoke(_ count: Int, through ledger: ScriptedLedger) async {
        for number in 1...Int64(count) { await ledger.say(revoked(number).change) }
    }
}

/// A ledger that gives one snapshot and no other. It injects what a real one can't be made to do at a given moment.
private final class OneSnapshot: LedgerLink {
    struct Refused: Error {}

    let ledger: ScriptedLedger
    let asked = Mutex(0)

    init(ledger: ScriptedLedger) { self.ledger = ledger }

    func snapshot(for gateway: GatewayID) async throws -> GatewaySnapshot {
        let count = asked.withLock { asked in
            asked += 1
            return asked
        }
        guard count == 1 else { throw Refused() }
        return try await ledger.snapshot(for: gateway)
    }

    func keys() async throws -> String { try await ledger.keys() }

    func feed(after cursor: Int64, waitSeconds: Int, for gateway: GatewayID) async throws -> FeedPage {
        try await ledger.feed(after: cursor, waitSeconds: waitSeconds, for: gateway)
    }

    func deliver(_ batch: ReceiptBatch) async throws -> ReceiptAcknowledgement { try await ledger.deliver(batch) }
    func deliver(_ batch: ActBatch) async throws -> ActAcknowledgement { try await ledger.deliver(batch) }
}

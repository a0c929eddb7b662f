import Foundation
import HTTPEdge
import Logging
import Stage
import Store
import Synchronization
import Testing
import Tickets
import Values

@testable import RoomGateway

@Suite("A gateway that starts while the ledger is away", .serialized, .timeLimit(.minutes(2)))
struct MemoryTests {
    private struct Sold: Sendable {
        let good, refunded, longer, bound, banned, host: TestHouse.Held
    }

    @Test(
        "knows what it knew: rooms, keys, and all that the feed had said, also after a crash; then it hears the ledger")
    func restart() async throws {
        let (spool, afterCrash) = (TestHouse.temporarySpool(), TestHouse.temporarySpool())
        defer {
            TestHouse.removeSpool(spool)
            TestHouse.removeSpool(afterCrash)
        }
        let key = SigningKey.generate()
        let room = TestHouse.brief()
        let ledger = ScriptedLedger(jwks: KeyRing([key.verifyingKey]).jwks, rooms: [room])
        let sold = Mutex<Sold?>(nil)
        let (late, moved) = (TestHouse.brief(), wallNow().advanced(bySeconds: 3_600))
        try await TestHouse.open(spool: spool, key: key, room: room, ledger: ledger) { house async throws in
            let tickets = Sold(
                good: house.ticket(.listener), refunded: house.ticket(.listener),
                longer: house.ticket(.listener, from: -120, seconds: -60), bound: house.ticket(.listener),
                banned: house.ticket(.listener), host: house.ticket(.host))
            sold.withLock { $0 = tickets }
            // All of it by the feed, behind the snapshot.
            await ledger.say(.room(late))
            await ledger.say(
                .extended(TicketEnd(ticket: tickets.longer.id, room: room.room, endsAt: moved, at: wallNow())))
            await ledger.say(
                .bound(TicketBinding(ticket: tickets.bound.id, room: room.room, thumbprint: SigningKey.generate().id)))
            await ledger.say(.banned(HostBanNotice(host: room.host, holder: tickets.banned.holder, banned: true)))
            await ledger.say(
                .revoked(.init(ticket: tickets.refunded.id, room: room.room, reason: .refunded, at: wallNow())))
            let isHeard = try await holds {
                let stored = try await house.gateway.spool.heard()?.snapshot.revoked.count
                return house.gateway.knowledge.revocation(of: tickets.refunded.id) != nil && stored == 1
            }
            #expect(isHeard)
            // The files as they are on disk at this moment: what kill -9 leaves behind.
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: spool + suffix, toPath: afterCrash + suffix)
            }
        }
        await ledger.setAway(true)
        let tickets = try #require(sold.withLock { $0 })
        for path in [spool, afterCrash] {
            try await TestHouse.open(spool: path, key: key, room: room, ledger: ledger) { house async throws in
                let offer = try TestHouse.deadOffer()
                #expect(try await house.enter(tickets.good, offer).status == 201)
                #expect(try await house.enter(tickets.longer, offer).status == 201)
                #expect(try await house.enter(tickets.refunded, offer).code == "ticket_revoked")
                #expect(try await house.enter(tickets.banned, offer).code == "banned_by_host")
                #expect(try await house.enter(tickets.bound, offer).code == "proof_missing")
                #expect(try await house.send("GET", "stage", token: tickets.host.token).status == 200)
                #expect(await house.gateway.rooms.briefs[late.room] == late)
            }
        }
        await ledger.setAway(false)
        await ledger.say(
            .revoked(.init(ticket: tickets.good.id, room: room.room, reason: .refunded, at: wallNow())))
        try await TestHouse.open(spool: spool, key: key, room: room, ledger: ledger) { house async throws in
            let isTold = try await holds {
                try await house.enter(tickets.good, TestHouse.deadOffer()).code == "ticket_revoked"
            }
            #expect(isTold)
        }
    }

    @Test("what is too old opens no door, and neither does what a clock that was set back calls the future")
    func stale() async throws {
        let spool = TestHouse.temporarySpool()
        defer { TestHouse.removeSpool(spool) }
        let room = TestHouse.brief()
        let ledger = ScriptedLedger(jwks: KeyRing([SigningKey.generate().verifyingKey]).jwks, rooms: [room])
        try await TestHouse.open(spool: spool, room: room, ledger: ledger) { house async throws in
            #expect(try await holds { try await house.gateway.spool.heard() != nil })
        }
        await ledger.setAway(true)
        for (seconds, isReady) in [(590, true), (601, false), (-60, false)] as [(Int64, Bool)] {
            var configuration = GatewayConfiguration(spoolPath: spool)
            configuration.feedWaitSeconds = 1
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let gateway = try await RoomGateway(
                configuration: configuration, link: ledger,
                clock: WallClock { wallNow().advanced(bySeconds: seconds) }, logger: logger)
            let running = Task { await gateway.run() }
            #expect(gateway.isReady == isReady, "\(seconds)")
            #expect((gateway.knowledge.heardAt != nil) == isReady, "\(seconds)")
            gateway.shutdown()
            await running.value
        }
    }

    @Test("what can't be stored is owed, and until it is stored the disk says that nothing was heard since")
    func owed() async throws {
        let path = TestHouse.temporarySpool()
        defer { TestHouse.removeSpool(path) }
        let spool = try ReceiptSpool(path: path)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let memory = LedgerMemory(spool: spool, logger: logger)
        let start = Instant(seconds: 1_772_000_000)
        var snapshot = GatewaySnapshot(cursor: 7, issuer: "i", audience: "a", jwks: "{}", rooms: [], revoked: [])
        func revoked(_ sequence: Int64) -> FeedEvent {
            FeedEvent(
                sequence: sequence,
                change: .revoked(.init(ticket: TestHouse.id(), room: TestHouse.id(), reason: .refunded, at: start)))
        }
        // Events without a snapshot before them would be half of a truth.
        await memory.keep([revoked(6)], heardAt: start)
        await memory.write()
        #expect(try await spool.heard() == nil)
        await memory.keep(snapshot, heardAt: start)
        await memory.write()
        let first = revoked(8)
        try await spool.database.write { try $0.execute("ALTER TABLE heard_events RENAME TO away") }
        await memory.keep([first], heardAt: start.advanced(bySeconds: 1))
        await memory.write()
        try await spool.database.write { try $0.execute("ALTER TABLE away RENAME TO heard_events") }
        let before = try #require(try await spool.heard())
        #expect(before.at == start && before.snapshot == snapshot)
        let second = revoked(9)
        await memory.keep([second], heardAt: start.advanced(bySeconds: 2))
        await memory.write()
        snapshot.apply([first, second])
        let after = try #require(try await spool.heard())
        #expect(
            after.at == start.advanced(bySeconds: 2) && after.snapshot == snapshot && after.snapshot.revoked.count == 2)
        // Nothing but that it was heard.
        await memory.keep([], heardAt: start.advanced(bySeconds: 3))
        await memory.write()
        let later = try #require(try await spool.heard())
        #expect(later.at == start.advanced(bySeconds: 3) && later.snapshot == snapshot)
        // What can't be read is nothing, and no reason not to start.
        try await spool.database.write { try $0.execute("UPDATE heard SET snapshot = '{'") }
        #expect(await memory.recall(at: start.advanced(bySeconds: 6), AdmissionPolicy()) == nil)
        await spool.close()
    }
}

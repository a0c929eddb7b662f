import BoxOffice
import Ledger
import Store
import Testing
import Values

@Suite struct SuspenseTests {
    private static let now = Instant(seconds: 1_772_000_000)

    private func arrival(_ reference: String, _ cents: Int64 = 700) throws -> SuspenseArrival {
        try SuspenseArrival(
            id: .derived(at: Self.now, from: "item \(reference) \(cents)"), source: "bank", reference: reference,
            amount: Money(cents, .eur), reason: "late for its order")
    }

    private func stamp(_ name: String) throws -> EntryStamp {
        EntryStamp(
            id: .derived(at: Self.now, from: name), postedAt: Self.now,
            effectiveOn: try #require(LocalDay("2026-02-25")))
    }

    @Test func `an arrival is booked once, whatever comes under its reference again`() async throws {
        let file = TemporaryFile()
        let database = try Database.ledger(at: file.path)
        let (first, again) = (try arrival("p-1"), try arrival("p-1", 800))
        let stamps = try (stamp("a"), stamp("b"))
        let booked = try await database.write { try $0.bookSuspense(first, stamp: stamps.0) }
        #expect(booked.isNew)
        let repeated = try await database.write { try $0.bookSuspense(again, stamp: stamps.1) }
        #expect(!repeated.isNew)
        #expect(repeated.item == booked.item)
        let (head, held) = try await database.read {
            (try $0.journalHead().chain.sequence, try $0.amount(in: .unplaced, .eur))
        }
        #expect(head == 1)
        #expect(held == Money(700, .eur))
        await database.close()
    }

    @Test func `an item leaves suspense once, and the tables say so`() async throws {
        let file = TemporaryFile()
        let database = try Database.ledger(at: file.path)
        let arrival = try arrival("p-1")
        let stamps = try (stamp("a"), stamp("b"), stamp("c"))
        let item = try await database.write { try $0.bookSuspense(arrival, stamp: stamps.0).item }
        @Sendable func resolve(_ stamp: EntryStamp) async throws {
            let entry = try decideResolution(of: item.amount, isOpen: true, .refund, wallet: nil, stamp: stamp)
            try await database.write { transaction in
                let chained = try transaction.append(entry)
                try transaction.endSuspense(
                    item, how: "refund", holder: nil, sequence: chained.sequence, by: "operator", at: Self.now)
            }
        }
        #expect(try await database.read { try $0.suspenseItems(openOnly: true, after: "", limit: 9) } == [item])
        try await resolve(stamps.1)
        let fault = await #expect(throws: StoreFault.self) { try await resolve(stamps.2) }
        #expect(fault?.isConstraint == true)
        let (open, all, held) = try await database.read {
            (
                try $0.suspenseItems(openOnly: true, after: "", limit: 9),
                try $0.suspenseItems(openOnly: false, after: "", limit: 9), try $0.amount(in: .unplaced, .eur)
            )
        }
        #expect(open.isEmpty)
        #expect(all.map(\.end?.how) == ["refund"])
        #expect(held.isZero)
        await database.close()
    }

    @Test func `a resolution is refused in the order that is written down`() throws {
        let stamp = try stamp("r")
        let holder = HolderID.derived(at: Self.now, from: "holder")
        let money = Money(700, .eur)
        #expect(throws: SuspenseRefusal.unknown) {
            try decideResolution(of: nil, isOpen: false, .refund, wallet: nil, stamp: stamp)
        }
        #expect(throws: SuspenseRefusal.alreadyResolved) {
            try decideResolution(
                of: money, isOpen: false, .wallet(holder), wallet: Money(Money.limit, .eur), stamp: stamp)
        }
        #expect(throws: SuspenseRefusal.walletFull) {
            try decideResolution(
                of: money, isOpen: true, .wallet(holder), wallet: Money(Money.limit, .eur), stamp: stamp)
        }
        #expect(throws: SuspenseRefusal.words) {
            try SuspenseArrival(
                id: .derived(at: Self.now, from: "x"), source: "bank", reference: "a\nb", amount: money, reason: "x")
        }
        #expect(throws: SuspenseRefusal.amount) {
            try SuspenseArrival(
                id: .derived(at: Self.now, from: "x"), source: "bank", reference: "a", amount: Money(0, .eur),
                reason: "x")
        }
    }
}

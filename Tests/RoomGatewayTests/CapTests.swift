import AsyncHTTPClient
import Foundation
import NIOCore
import Simulation
import Stage
import Testing
import Values

@testable import RoomGateway

@Suite("The cap is exact", .serialized, .timeLimit(.minutes(5)))
struct CapTests {
    /// What one of a thousand people does, drawn before the start from the seed.
    private struct Plan: Sendable {
        let number: Int
        let ticket: TestHouse.Held
        /// Loses the connection once in, and comes back so many times.
        let comesBack: Int
        let isRefunded: Bool
        let leaves: Bool
        let copies: Int
    }

    @Test(
        "a thousand people at once, who come back, share and are refunded, never have more seats than the room",
        arguments: [UInt64(1), 2])
    func rush(seed: UInt64) async throws {
        let capacity = 120
        let brief = {
            var brief = TestHouse.brief(capacity: capacity)
            brief.sharing = seed % 2 == 0 ? .newestWins : .firstWins
            return brief
        }()
        try await TestHouse.open(
            room: brief,
            configure: {
                $0.maximumPeers = 5_000
                $0.pendingHandshakesPerNetwork = 5_000
            }
        ) { house in
            let offer = try TestHouse.deadOffer()
            var generator = SeededGenerator(seed: seed)
            let plans = (0..<1_000).map { number in
                Plan(
                    number: number, ticket: house.ticket(.listener),
                    comesBack: Int.random(in: 0...2, using: &generator),
                    isRefunded: Int.random(in: 0..<5, using: &generator) == 0,
                    leaves: Int.random(in: 0..<3, using: &generator) == 0,
                    copies: Int.random(in: 1...2, using: &generator))
            }.shuffled(using: &generator)
            // A thousand requests wait for 200 connections, longer than a person would.
            var configuration = HTTPClient.Configuration()
            configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 200
            configuration.timeout.connect = .seconds(120)
            var many = house
            many.http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            let crowd = many
            let over = Watch()
            let watching = Task {
                while !Task.isCancelled {
                    let people = await house.gateway.rooms.rooms[brief.room]?.roster.count(of: .listener) ?? 0
                    await over.saw(people)
                    await Task.yield()
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for plan in plans { group.addTask { try await play(plan, in: crowd, offer, over) } }
                try await group.waitForAll()
            }
            try await crowd.http.shutdown()
            watching.cancel()
            let most = await over.most
            #expect(most == capacity, "seed \(seed): saw \(most)")
            let revoked = await over.revoked
            #expect(try await holds { revoked.allSatisfy { house.gateway.knowledge.revocation(of: $0) != nil } })
            // No seat is lost: who is in is known to the gateway, and as many may come in as the room has left.
            let seats = await house.seats
            let admissions = await house.gateway.rooms.admissions
            #expect(Set(seats.map(\.ticket)).count == seats.count, "seed \(seed)")
            for seat in seats {
                let admission = try #require(admissions[seat.admission], "seed \(seed)")
                #expect(admission.ending == nil, "seed \(seed)")
            }
            let left = capacity - seats.count
            for number in 0..<left + 3 {
                let entry = try await house.enter(house.ticket(.listener), offer, from: "10.9.\(number).1")
                #expect(entry.status == (number < left ? 201 : 409), "seed \(seed), \(number) of \(left)")
            }
        }
    }

    private func play(_ plan: Plan, in house: TestHouse, _ offer: String, _ watch: Watch) async throws {
        let address = "10.\(1 + plan.number / 250).\(plan.number % 250).1"
        let entries = try await withThrowingTaskGroup(of: TestHouse.Entry.self) { group in
            for _ in 0..<plan.copies { group.addTask { try await house.enter(plan.ticket, offer, from: address) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for entry in entries where entry.status != 201 {
            #expect(["room_full", "ticket_in_use", "resume_replaced"].contains(entry.code ?? ""), "\(entry)")
        }
        guard var mine = entries.last(where: { $0.status == 201 }) else { return }
        for round in 0..<plan.comesBack {
            if round == 0, let id = mine.admission, let known = await house.gateway.rooms.admissions[id],
                known.ending == nil
            {
                try await house.lose(mine)
            }
            let back = try await house.enter(plan.ticket, offer, secret: mine.secret, from: address)
            // A newer copy of the same ticket may have taken the seat over.
            guard back.status == 201 else {
                #expect(["resume_over", "resume_replaced"].contains(back.code), "\(back)")
                return
            }
            mine = back
        }
        if plan.isRefunded {
            await watch.revoke(plan.ticket.id)
            await house.ledger.say(
                .revoked(.init(ticket: plan.ticket.id, room: house.room.room, reason: .refunded, at: wallNow())))
        } else if plan.leaves {
            _ = try await house.leave(mine, plan.ticket)
        }
    }
}

/// The most people that were seen at one time.
private actor Watch {
    private(set) var most = 0
    private(set) var revoked: Set<TicketID> = []
    func saw(_ people: Int) { most = max(most, people) }
    func revoke(_ ticket: TicketID) { revoked.insert(ticket) }
}

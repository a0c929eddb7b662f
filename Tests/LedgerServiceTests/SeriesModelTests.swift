import Foundation
import HTTPEdge
import Ledger
import Simulation
import Store
import Testing
import Values

@testable import LedgerService

/// Passes against single sales and refunds: in a race, and at random beside a naive model.
@Suite struct SeriesModelTests {
    @Test func `the last pass against single sales: no seat twice, and all of a pass or nothing`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await SeriesWorld(house, api, capacity: 5, passes: 4)
            var passes: [(key: String, quote: String)] = []
            for _ in 0..<12 {
                let wallet = try await api.wallet(2_000)
                passes.append((wallet.key, try await world.quote(wallet.key).text("quote")))
            }
            var singles: [String] = []
            for _ in 0..<6 { singles.append(try await api.wallet(2_000).key) }
            let codes = try await withThrowingTaskGroup(of: String.self) { group in
                for pass in passes {
                    group.addTask {
                        let answer = try await world.buy(quote: pass.quote, key: pass.key)
                        return answer.status == 201 ? "pass" : answer.code
                    }
                }
                for key in singles {
                    group.addTask {
                        let answer = try await api.buy(world.rooms[1], key: key, price: 700)
                        return answer.status == 201 ? "single" : answer.code
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            let (sold, single) = (codes["pass"] ?? 0, codes["single"] ?? 0)
            #expect(sold <= 4 && sold + single == 5, "\(codes)")
            #expect(codes.values.reduce(0, +) == 18)
            #expect(
                Set(codes.keys).isSubset(of: ["pass", "single", "series_sold_out", "series_room_full", "sold_out"]))
            #expect(try await world.seatsLeft() == [5 - sold, 0, 5 - sold])
            try await world.isClean()
        }
    }

    /// What the test believes: seats, passes and wallets as plain numbers.
    private struct Model {
        var seats = [3, 3, 3]
        var passes = 4
        var wallets: [Int] = []
        /// Index of the wallet, id, and what each ticket still holds.
        var sold: [(wallet: Int, pass: String, left: [Int])] = []
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `random sales and refunds agree with a naive model`(seed: UInt64) async throws {
        let house = try await House()
        try await house.api { api in
            var generator = SeededGenerator(seed: seed)
            let world = try await SeriesWorld(house, api, passes: 3)
            #expect(try await world.offer(1_800, passes: 3).int("offerVersion") == 1)
            var model = Model()
            model.passes = 3
            var wallets: [(holder: String, key: String)] = []
            for _ in 0..<3 { wallets.append(try await api.wallet(6_000)) }
            model.wallets = wallets.map { _ in 6_000 }
            let (prices, shares) = ([500, 700, 1_000], [409, 573, 818])
            for step in 0..<40 {
                let wallet = Int.random(in: 0..<3, using: &generator)
                let room = Int.random(in: 0..<3, using: &generator)
                switch Int.random(in: 0..<6, using: &generator) {
                case 0, 1:
                    let answer = try await world.buy(wallets[wallet].key, once: "p\(step)")
                    let isSold = model.passes > 0 && !model.seats.contains(0) && model.wallets[wallet] >= 1_800
                    #expect((answer.status == 201) == isSold, "seed \(seed), step \(step): \(answer.json)")
                    guard isSold else { continue }
                    model.passes -= 1
                    model.wallets[wallet] -= 1_800
                    for index in 0..<3 { model.seats[index] -= 1 }
                    model.sold.append((wallet, answer.text("pass"), shares))
                case 2:
                    let answer = try await api.buy(
                        world.rooms[room], key: wallets[wallet].key, price: prices[room], once: "s\(step)")
                    let isSold = model.seats[room] > 0 && model.wallets[wallet] >= prices[room]
                    #expect((answer.status == 201) == isSold, "seed \(seed), step \(step): \(answer.json)")
                    guard isSold else { continue }
                    model.seats[room] -= 1
                    model.wallets[wallet] -= prices[room]
                case 3 where !model.sold.isEmpty:
                    let index = Int.random(in: 0..<model.sold.count, using: &generator)
                    let one = model.sold[index]
                    let answer = try await api.post(
                        "/v1/passes/\(one.pass)/refund", key: wallets[one.wallet].key, once: "r\(step)")
                    let total = one.left.reduce(0, +)
                    #expect((answer.status == 201) == (total > 0), "seed \(seed), step \(step): \(answer.json)")
                    if total > 0 { #expect(answer.amount("total") == total) }
                    model.wallets[one.wallet] += total
                    for room in 0..<3 where one.left[room] > 0 { model.seats[room] += 1 }
                    model.sold[index].left = [0, 0, 0]
                case 4 where !model.sold.isEmpty:
                    // One ticket of a pass by itself.
                    let index = Int.random(in: 0..<model.sold.count, using: &generator)
                    let one = model.sold[index]
                    let pass = try await api.get("/v1/passes/\(one.pass)", key: wallets[one.wallet].key)
                    let ticket = pass.tickets[room]["ticket"] as? String ?? ""
                    let answer = try await api.post(
                        "/v1/tickets/\(ticket)/refund", key: wallets[one.wallet].key, once: "t\(step)")
                    #expect((answer.status == 201) == (one.left[room] > 0), "seed \(seed), step \(step)")
                    guard one.left[room] > 0 else { continue }
                    model.wallets[one.wallet] += one.left[room]
                    model.seats[room] += 1
                    model.sold[index].left[room] = 0
                default: house.time.advance(bySeconds: 60)
                }
                for (index, wallet) in wallets.enumerated() {
                    #expect(
                        try await world.balance(wallet.holder) == Int64(model.wallets[index]), "seed \(seed), \(step)")
                }
                #expect(try await world.seatsLeft() == model.seats, "seed \(seed), step \(step)")
                #expect(try await api.get("/v1/series/\(world.series)").int("passesLeft") == model.passes)
            }
            try await world.isClean("seed \(seed)")
        }
    }
}

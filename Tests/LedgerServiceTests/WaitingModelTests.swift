import BoxOffice
import HTTPEdge
import Simulation
import Store
import Testing
import Values

@testable import LedgerService

/// A waiting list as a child would keep it: arrays that are walked from the front, one price, no database.
private struct NaiveRoom {
    struct Party {
        let person: Int
        let count: Int
        let most: Int64?
        var state = "waiting"
        var ends: Int64 = 0
    }
    struct Hold {
        let person: Int
        let count: Int
        let ends: Int64
    }

    let capacity: Int
    var price: Int64 = 500
    var now: Int64 = 0
    /// Who holds each ticket that was sold.
    var sold: [Int] = []
    var holds: [Hold] = []
    var parties: [Party] = []

    var free: Int {
        capacity - sold.count - holds.reduce(0) { $0 + $1.count }
            - parties.filter { $0.state == "offered" }.reduce(0) { $0 + $1.count }
    }
    var isGathering: Bool {
        free > 0 && parties.contains { ($0.state == "waiting" || $0.state == "passed") && price <= $0.most ?? price }
    }

    mutating func step(_ seconds: Int64) {
        now += seconds
        holds.removeAll { $0.ends <= now }
        for index in parties.indices where parties[index].state == "offered" && parties[index].ends <= now {
            parties[index].state = "lapsed"
        }
        serve()
    }

    mutating func serve() {
        guard free > 0 else { return }
        for index in parties.indices where parties[index].state == "waiting" || parties[index].state == "passed" {
            if let most = parties[index].most, most < price {
                parties[index].state = "passed"
            } else if parties[index].count <= free {
                parties[index].state = "offered"
                parties[index].ends = now + 1_800
            } else {
                parties[index].state = "waiting"
                return
            }
        }
    }

    /// What a buyer is told.
    func buying(_ count: Int) -> String {
        if free == 0 { return "sold_out" }
        if isGathering { return "waiting_first" }
        return free < count ? "not_enough_seats" : "done"
    }

    func joining(_ person: Int, _ count: Int) -> String {
        if count > capacity { return "waiting_too_many" }
        if parties.contains(where: { $0.person == person && ["waiting", "passed", "offered"].contains($0.state) }) {
            return "waiting_already"
        }
        return free >= count && !isGathering ? "waiting_not_needed" : "done"
    }

    func position(of index: Int) -> Int? {
        func waits(_ party: Party) -> Bool { party.state == "waiting" || party.state == "passed" }
        return waits(parties[index]) ? parties[..<index].filter(waits).count + 1 : nil
    }
}

@Suite struct WaitingModelTests {
    /// The ledger beside the arrays, and what connects them.
    private struct Pair {
        let queue: Queue
        var model: NaiveRoom
        var people: [HolderID] = []
        var tickets: [(ticket: TicketID, person: Int)] = []
        var waits: [WaitingID] = []
        var generator: SeededGenerator

        mutating func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `random joins, buys, refunds, lapses and hours go as a list on paper goes`(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let capacity = Int.random(in: 3...7, using: &generator)
        var pair = Pair(
            queue: try await Queue(capacity: capacity), model: NaiveRoom(capacity: capacity), generator: generator)
        for _ in 0..<6 { pair.people.append(try await pair.queue.person(1_000_000)) }
        for number in 0..<140 {
            try await act(&pair)
            try await compare(pair, "seed \(seed), step \(number)")
        }
        #expect(pair.waits.count > 5 && pair.model.parties.contains { $0.state == "bought" }, "seed \(seed)")
        try await pair.queue.close()
    }

    private func act(_ pair: inout Pair) async throws {
        let person = pair.pick(0...5)
        switch pair.pick(0...15) {
        case 0, 1, 2: try await buy(&pair, person)
        case 3: try await hold(&pair, person)
        case 4, 5, 6: try await refund(&pair)
        case 7, 8, 9: try await join(&pair, person)
        case 10, 11: try await pay(&pair)
        case 12: try await leave(&pair)
        case 13:
            let price = Int64(pair.pick(3...7)) * 100
            _ = try await pair.queue.service.setPrice(
                Money(price, .eur), of: pair.queue.room, by: .host(pair.queue.host))
            if price != pair.model.price {
                pair.model.price = price
                pair.model.serve()
            }
        default:
            let seconds = Int64(pair.pick(1...4)) * 300
            pair.queue.house.time.advance(bySeconds: seconds)
            try await pair.queue.service.settleWaits()
            pair.model.step(seconds)
        }
    }

    private func buy(_ pair: inout Pair, _ person: Int) async throws {
        let (count, price, queue, holder) = (pair.pick(1...3), pair.model.price, pair.queue, pair.people[person])
        let expected = pair.model.buying(count)
        var bought: [TicketID] = []
        let told = await queue.code { bought = try await queue.buy(count, price: price, by: holder) }
        #expect(told == expected)
        // Whoever asks first looks at who waits.
        if told == "done" { pair.model.serve() }
        for ticket in bought {
            pair.tickets.append((ticket, person))
            pair.model.sold.append(person)
        }
    }

    private func hold(_ pair: inout Pair, _ person: Int) async throws {
        let (count, queue, holder) = (pair.pick(1...2), pair.queue, pair.people[person])
        let expected = pair.model.buying(count)
        let order = queue.order(count, price: pair.model.price)
        let told = await queue.code {
            _ = try await queue.service.hold(order, key: try queue.once(), by: .wallet(holder))
        }
        #expect(told == expected)
        if told == "done" {
            pair.model.serve()
            pair.model.holds.append(NaiveRoom.Hold(person: person, count: count, ends: pair.model.now + 600))
        }
    }

    private func refund(_ pair: inout Pair) async throws {
        guard !pair.tickets.isEmpty else { return }
        let given = pair.tickets.remove(at: pair.pick(0...(pair.tickets.count - 1)))
        try await pair.queue.giveBack(given.ticket, by: pair.people[given.person])
        let index = try #require(pair.model.sold.firstIndex(of: given.person))
        pair.model.sold.remove(at: index)
        pair.model.serve()
    }

    private func join(_ pair: inout Pair, _ person: Int) async throws {
        let (count, queue, holder) = (pair.pick(1...8), pair.queue, pair.people[person])
        let most: Int64? = pair.pick(0...1) == 0 ? nil : Int64(pair.pick(3...6)) * 100
        let expected = pair.model.joining(person, count)
        var made: WaitingID?
        let told = await queue.code { made = try await queue.join(count, most: most, by: holder) }
        #expect(told == expected)
        guard let made else { return }
        pair.model.serve()
        pair.waits.append(made)
        pair.model.parties.append(NaiveRoom.Party(person: person, count: count, most: most))
    }

    private func pay(_ pair: inout Pair) async throws {
        guard let index = pair.model.parties.firstIndex(where: { $0.state == "offered" }) else { return }
        let party = pair.model.parties[index]
        let paid = try await pair.queue.pay(pair.waits[index], by: pair.people[party.person])
        pair.model.serve()
        pair.model.parties[index].state = "bought"
        for ticket in paid.tickets ?? [] {
            pair.tickets.append((ticket.ticket, party.person))
            pair.model.sold.append(party.person)
        }
    }

    private func leave(_ pair: inout Pair) async throws {
        guard !pair.waits.isEmpty else { return }
        let index = pair.pick(0...(pair.waits.count - 1))
        let party = pair.model.parties[index]
        let (queue, id, holder) = (pair.queue, pair.waits[index], pair.people[party.person])
        let told = await queue.code {
            _ = try await queue.service.leaveWaiting(id, key: try queue.once(), by: .wallet(holder))
        }
        switch party.state {
        case "bought": #expect(told == "waiting_bought")
        case "lapsed": #expect(told == "waiting_over")
        default:
            #expect(told == "done")
            pair.model.parties[index].state = "withdrawn"
            if party.state != "withdrawn" { pair.model.serve() }
        }
    }

    private func compare(_ pair: Pair, _ place: String) async throws {
        for (index, id) in pair.waits.enumerated() {
            let view = try await pair.queue.look(id)
            #expect(view.state == pair.model.parties[index].state, "\(place): party \(index)")
            #expect(view.position == pair.model.position(of: index), "\(place): party \(index)")
        }
        let left = try await pair.queue.service.room(pair.queue.room).seatsLeft
        #expect(left == pair.model.free, "\(place)")
        #expect(pair.model.free >= 0, "\(place)")
    }
}

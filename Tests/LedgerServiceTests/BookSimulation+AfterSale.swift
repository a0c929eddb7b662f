import Foundation
import HTTPEdge
import HTTPTypes
import Testing
import Values

@testable import LedgerService

/// The part of the random days that is about tickets on their way: passed on, paid through a provider that fails, sold in
/// passes, tipped for, and cancelled by a plan.
extension BookSimulationTests {
    struct SimulatedTip: Sendable {
        let id: String
        let wallet: Int
        let room: Int
        let amount: Int
        var isBack = false
    }

    struct SimulatedCharge: Sendable {
        let id: String
        let hold: String
        let wallet: Int
        let room: Int
        let price: Int
        let count: Int
    }

    /// One of the commands of this file, by its number from 0.
    func actAfterSale(_ world: inout World, _ house: House, _ api: API, _ number: Int) async throws {
        switch number {
        case 0, 1: try await passOn(&world, api)
        case 2: try await tip(&world, api)
        case 3: try await takeTipBack(&world, api)
        case 4, 5: try await checkOut(&world, house, api)
        case 6, 7: try await pay(&world, house, api)
        case 8: try await giveSuspendedBack(&world, api)
        case 9: try await cancelByPlan(&world, api)
        case 10: try await makeSeries(&world, house, api)
        case 11: try await fillByCard(&world, house, api)
        default: try await buyPass(&world, api)
        }
    }

    /// Everything of a room goes back: to whoever holds its tickets now, and to who tipped.
    func giveEverythingBack(of room: Int, _ world: inout World) {
        for index in world.tickets.indices where world.tickets[index].room == room {
            world.wallets[world.tickets[index].wallet].balance += world.tickets[index].left
            world.tickets[index].left = 0
        }
        for index in world.tips.indices where world.tips[index].room == room && !world.tips[index].isBack {
            world.wallets[world.tips[index].wallet].balance += world.tips[index].amount
            world.tips[index].isBack = true
        }
    }

    private func passOn(_ world: inout World, _ api: API) async throws {
        guard !world.tickets.isEmpty else { return }
        let index = world.pick(world.tickets.count)
        let taker = world.pick(world.wallets.count)
        let ticket = world.tickets[index]
        let offered = try await api.post(
            "/v1/tickets/\(ticket.id)/transfers", key: world.wallets[ticket.wallet].key, once: "o\(world.step)")
        #expect(offered.status == 201 || (400...499).contains(offered.status), "\(offered.json)")
        guard offered.status == 201 else { return }
        #expect(ticket.left > 0, "\(offered.json)")
        let taken = try await api.post(
            "/v1/transfers/accept", #"{"code":"\#(offered.text("code"))"}"#, key: world.wallets[taker].key,
            once: "a\(world.step)")
        guard taken.status == 201 else {
            #expect(taker == ticket.wallet && taken.code == "transfer_own", "\(taken.json)")
            // Else the ticket stays offered, and could not be offered again.
            let withdrawn = try await api.post(
                "/v1/transfers/\(offered.text("transfer"))/withdraw", key: world.wallets[ticket.wallet].key,
                once: "w\(world.step)")
            #expect(withdrawn.status == 200, "\(withdrawn.json)")
            return
        }
        world.tickets[index] = World.Ticket(
            id: taken.text("ticket"), wallet: taker, room: ticket.room, left: ticket.left)
    }

    private func tip(_ world: inout World, _ api: API) async throws {
        guard !world.tickets.isEmpty else { return }
        let ticket = world.tickets[world.pick(world.tickets.count)]
        let amount = 100 + world.pick(200)
        let answer = try await api.post(
            "/v1/rooms/\(world.rooms[ticket.room].id)/tips", #"{"amount":{"amount":\#(amount),"currency":"EUR"}}"#,
            key: world.wallets[ticket.wallet].key, once: "p\(world.step)")
        #expect(answer.status == 201 || (400...499).contains(answer.status), "\(answer.json)")
        guard answer.status == 201 else { return }
        world.wallets[ticket.wallet].balance -= amount
        world.tips.append(
            SimulatedTip(id: answer.text("tip"), wallet: ticket.wallet, room: ticket.room, amount: amount))
    }

    private func takeTipBack(_ world: inout World, _ api: API) async throws {
        guard !world.tips.isEmpty else { return }
        let index = world.pick(world.tips.count)
        let tip = world.tips[index]
        let answer = try await api.post(
            "/v1/tips/\(tip.id)/refund", key: world.rooms[tip.room].hostKey, once: "q\(world.step)")
        #expect((answer.status == 201) == !tip.isBack, "\(answer.json)")
        guard answer.status == 201 else { return }
        world.tips[index].isBack = true
        world.wallets[tip.wallet].balance += tip.amount
    }

    /// Lets the next calls of the provider go wrong, now and then.
    private func disturb(_ world: inout World, _ house: House) {
        for _ in 0..<world.pick(3) {
            house.sandbox.fail([.serverError, .timeoutAfterSuccess, .unreachable][world.pick(3)])
        }
    }

    private func checkOut(_ world: inout World, _ house: House, _ api: API) async throws {
        guard !world.rooms.isEmpty, !world.wallets.isEmpty else { return }
        let (room, wallet) = (world.pick(world.rooms.count), world.pick(world.wallets.count))
        let (price, count) = (world.rooms[room].price, 1 + world.pick(2))
        disturb(&world, house)
        let answer = try await api.post(
            "/v1/checkouts",
            """
            {"provider":"sandbox","room":"\(world.rooms[room].id)","count":\(count),\
            "price":{"amount":\(price),"currency":"EUR"}}
            """, key: world.wallets[wallet].key, once: "c\(world.step)")
        #expect(answer.status == 201 || (400...499).contains(answer.status), "\(answer.json)")
        guard answer.status == 201 else { return }
        world.charges.append(
            SimulatedCharge(
                id: answer.text("charge"), hold: answer.text("hold"), wallet: wallet, room: room, price: price,
                count: count))
    }

    private func pay(_ world: inout World, _ house: House, _ api: API) async throws {
        // A hold that is not paid soon is over: most of the time the last one is meant.
        guard !world.charges.isEmpty else { return }
        let index = world.pick(2) == 0 ? world.charges.count - 1 : world.pick(world.charges.count)
        let charge = world.charges[index]
        try await turn(house)
        let outcome = ["pay", "pay_twice", "pay_reordered", "pay", "expire"][world.pick(5)]
        let played = try await api.post(
            "/v1/providers/sandbox/checkouts/sandbox_\(charge.id)", #"{"outcome":"\#(outcome)"}"#)
        // A provider in memory forgets when its process dies; nobody can pay there any more.
        guard played.status == 200 else { return }
        world.charges.remove(at: index)
        disturb(&world, house)
        try await turn(house)
        let shown = try await api.get("/v1/charges/\(charge.id)", key: House.operatorKey)
        switch shown.text("purchase") {
        case "ticketed":
            let hold = try await api.get("/v1/holds/\(charge.hold)", key: world.wallets[charge.wallet].key)
            let tickets = hold.json["tickets"] as? [[String: any Sendable]] ?? []
            #expect(tickets.count == charge.count, "\(hold.json)")
            for ticket in tickets {
                world.tickets.append(
                    World.Ticket(
                        id: ticket["ticket"] as? String ?? "", wallet: charge.wallet, room: charge.room,
                        left: charge.price))
            }
        case "suspended":
            world.suspended.append((charge.hold, charge.wallet, charge.price * charge.count))
        case let state: #expect(outcome == "expire", "\(outcome): \(state)")
        }
    }

    private func fillByCard(_ world: inout World, _ house: House, _ api: API) async throws {
        guard !world.wallets.isEmpty else { return }
        let (wallet, amount) = (world.pick(world.wallets.count), 100 + world.pick(900))
        disturb(&world, house)
        let made = try await api.post(
            "/v1/wallets/\(world.wallets[wallet].holder)/checkouts",
            #"{"provider":"sandbox","amount":{"amount":\#(amount),"currency":"EUR"}}"#, key: world.wallets[wallet].key,
            once: "f\(world.step)")
        #expect(made.status == 201, "\(made.json)")
        try await turn(house)
        let outcome = ["pay", "pay_twice", "pay_reordered", "expire"][world.pick(4)]
        let played = try await api.post(
            "/v1/providers/sandbox/checkouts/sandbox_\(made.text("charge"))", #"{"outcome":"\#(outcome)"}"#)
        #expect(played.status == 200, "\(played.json)")
        disturb(&world, house)
        try await turn(house)
        let shown = try await api.get("/v1/charges/\(made.text("charge"))", key: House.operatorKey)
        #expect(shown.text("state") == (outcome == "expire" ? "ended" : "captured"), "\(shown.json)")
        if outcome != "expire" { world.wallets[wallet].balance += amount }
    }

    /// The worker's turns until the provider has been asked as often as it failed.
    private func turn(_ house: House) async throws {
        for _ in 0..<6 {
            house.time.advance(bySeconds: 9)
            _ = try await house.desk.turn()
        }
    }

    private func giveSuspendedBack(_ world: inout World, _ api: API) async throws {
        guard !world.suspended.isEmpty else { return }
        let (hold, wallet, amount) = world.suspended.remove(at: world.pick(world.suspended.count))
        let answer = try await api.post("/v1/holds/\(hold)/refund", key: House.operatorKey, once: "h\(world.step)")
        #expect(answer.status == 201, "\(answer.json)")
        world.wallets[wallet].balance += amount
    }

    private func cancelByPlan(_ world: inout World, _ api: API) async throws {
        guard !world.rooms.isEmpty else { return }
        let room = world.pick(world.rooms.count)
        let key = world.rooms[room].hostKey
        let plan = try await api.post(
            "/v1/rooms/\(world.rooms[room].id)/cancellations", key: key, once: "k\(world.step)")
        #expect(plan.status == 201 || (400...499).contains(plan.status), "\(plan.json)")
        guard plan.status == 201 else { return }
        let path = "/v1/cancellations/\(plan.text("cancellation"))/run"
        let named = #"{"digest":"\#(plan.text("digest"))""#
        // Interrupted after the room was cancelled, and carried on.
        let begun = try await api.post(path, named + #","batches":0}"#, key: key)
        #expect(begun.status == 200 || (400...499).contains(begun.status), "\(begun.json)")
        guard begun.status == 200 else { return }
        let done = try await api.post(path, named + "}", key: key)
        #expect(done.text("state") == "done", "\(done.json)")
        giveEverythingBack(of: room, &world)
    }

    private func makeSeries(_ world: inout World, _ house: House, _ api: API) async throws {
        guard let last = world.rooms.last else { return }
        let rooms = world.rooms.filter { $0.hostKey == last.hostKey }.suffix(3)
        guard rooms.count > 1 else { return }
        let list = rooms.map { "\"\($0.id)\"" }.joined(separator: ",")
        let price = max(100, rooms.reduce(0) { $0 + $1.price } * 8 / 10)
        let answer = try await api.post(
            "/v1/series",
            """
            {"title":"Series \(world.step)","rooms":[\(list)],"price":{"amount":\(price),"currency":"EUR"},"passes":1}
            """, key: last.hostKey, once: "m\(world.step)")
        #expect(answer.status == 201 || (400...499).contains(answer.status), "\(answer.json)")
        if answer.status == 201 { world.series.append(answer.text("series")) }
    }

    private func buyPass(_ world: inout World, _ api: API) async throws {
        guard let series = world.series.last, !world.wallets.isEmpty else { return }
        let wallet = world.pick(world.wallets.count)
        let key = world.wallets[wallet].key
        let quote = try await api.send(.post, "/v1/series/\(series)/quotes", "{}", key: key)
        guard quote.status == 200 else { return #expect((400...499).contains(quote.status), "\(quote.json)") }
        let pass = try await api.post(
            "/v1/passes", #"{"quote":"\#(quote.text("quote"))"}"#, key: key, once: "z\(world.step)")
        guard pass.status == 201 else {
            return #expect(pass.code == "insufficient_funds", "\(pass.json)")
        }
        world.wallets[wallet].balance -= pass.amount("price")
        for ticket in pass.tickets {
            let share = (ticket["share"] as? [String: any Sendable])?["amount"] as? Int ?? -1
            let room = try #require(world.rooms.firstIndex { $0.id == ticket["room"] as? String })
            world.tickets.append(
                World.Ticket(id: ticket["ticket"] as? String ?? "", wallet: wallet, room: room, left: share))
        }
    }
}

import BoxOffice
import Foundation
import HTTPEdge
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// A room on sale and people who wait, in process.
struct Queue {
    let house: House
    let service: LedgerService
    let host: HostID
    let room: RoomID

    init(capacity: Int, price: Int64 = 500, terms: String? = nil) async throws {
        house = try await House()
        service = house.service
        host = try await service.createHost(name: "Ana", by: .operator).host.host
        let start = service.clock.now().advanced(bySeconds: 86_400)
        let draft = RoomDraft(
            title: "Soirée", language: "fr", doorsOpenAt: start, startsAt: start,
            endsAt: start.advanced(bySeconds: 3_600), capacity: capacity)
        room = try await service.createRoom(draft, price: Money(price, .eur), terms: terms, by: .host(host)).room
    }

    func once(_ text: String = UUID().uuidString) throws -> IdempotencyKey { try #require(IdempotencyKey(text)) }

    func person(_ cents: Int64 = 50_000) async throws -> HolderID {
        let holder = try await service.createWallet().holder
        if cents > 0 {
            _ = try await service.topUp(holder, Money(cents, .eur), key: try once(), by: .operator)
        }
        return holder
    }

    func order(_ count: Int = 1, price: Int64 = 500) -> TicketOrder {
        TicketOrder(room: room, count: count, price: Money(price, .eur))
    }

    /// Buys, and gives the tickets.
    func buy(_ count: Int = 1, price: Int64 = 500, by holder: HolderID) async throws -> [TicketID] {
        let sale = try await service.buy(order(count, price: price), key: try once(), by: .wallet(holder))
        return sale.tickets?.map(\.ticket) ?? [sale.ticket]
    }

    func join(
        _ count: Int = 1, most: Int64? = nil, tier: String? = nil, voucher: String? = nil, by holder: HolderID
    ) async throws -> WaitingID {
        let order = WaitingOrder(
            room: room, count: count, tier: tier, most: most.map { Money($0, .eur) }, voucher: voucher)
        return try await service.joinWaiting(order, key: try once(), by: .wallet(holder)).waiting
    }

    func look(_ waiting: WaitingID) async throws -> WaitingView { try await service.waiting(waiting, by: .operator) }
    func state(_ waiting: WaitingID) async throws -> String { try await look(waiting).state }
    func giveBack(_ ticket: TicketID, by holder: HolderID) async throws {
        _ = try await service.refund(ticket, key: try once(), by: .wallet(holder))
    }
    func pay(_ waiting: WaitingID, by holder: HolderID) async throws -> WaitingView {
        try await service.payWaiting(waiting, key: try once(), by: .wallet(holder))
    }

    func code(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "done"
        } catch let refusal as any Refusal { return refusal.code } catch { return "\(error)" }
    }

    func buying(_ count: Int = 1, price: Int64 = 500, by holder: HolderID) async -> String {
        await code { _ = try await buy(count, price: price, by: holder) }
    }

    /// Nothing is wrong in the books, and nothing is left open behind the test.
    func close() async throws {
        let report = try await service.audit(by: .operator)
        for line in report.lines { #expect(line.findings.isEmpty, "\(line.check) \(line.findings)") }
        await service.database.close()
    }
}

@Suite struct WaitingTests {
    @Test func `seats gather for a group that waits, and nobody gets past it by any way of buying`() async throws {
        let queue = try await Queue(capacity: 3)
        let (owner, group, other) = (try await queue.person(), try await queue.person(), try await queue.person())
        let tickets = try await queue.buy(3, by: owner)
        let party = try await queue.join(2, by: group)
        #expect(try await queue.look(party).position == 1)
        try await queue.giveBack(tickets[0], by: owner)
        #expect(try await queue.state(party) == "waiting")
        let service = queue.service
        #expect(await queue.buying(by: other) == "waiting_first")
        #expect(await queue.buying(2, by: other) == "waiting_first")
        for way in [
            { _ = try await service.hold(queue.order(), key: try queue.once(), by: .wallet(other)) },
            { _ = try await service.quote(queue.order(), by: .wallet(other)) },
            {
                _ = try await queue.house.desk.checkout(
                    queue.order(), through: .sandbox, key: try queue.once(), by: .wallet(other))
            },
            { _ = try await service.gift(queue.order(), until: nil, key: try queue.once(), by: .wallet(other)) },
        ] as [@Sendable () async throws -> Void] {
            #expect(await queue.code(way) == "waiting_first")
        }
        // The second seat makes it a pair: both are held for the group in the transaction that freed it.
        try await queue.giveBack(tickets[1], by: owner)
        let offered = try await queue.look(party)
        #expect(offered.state == "offered" && offered.offer?.seats == [1, 2])
        #expect(offered.offer?.total == Money(1_000, .eur))
        #expect(await queue.buying(by: other) == "sold_out")
        let paid = try await queue.pay(party, by: group)
        #expect(paid.state == "bought" && paid.tickets?.map(\.seat) == [1, 2])
        try await queue.close()
    }

    @Test func `the order of joining decides, a later single does not pass a group`() async throws {
        let queue = try await Queue(capacity: 3)
        let owner = try await queue.person()
        let tickets = try await queue.buy(3, by: owner)
        let people = [try await queue.person(), try await queue.person(), try await queue.person()]
        let group = try await queue.join(3, by: people[0])
        let single = try await queue.join(by: people[1])
        let last = try await queue.join(2, by: people[2])
        #expect(try await queue.look(last).position == 3)
        for ticket in tickets.prefix(2) { try await queue.giveBack(ticket, by: owner) }
        #expect(try await queue.state(single) == "waiting")
        // The group gives up: the single is served, and the pair gathers behind it.
        _ = try await queue.service.leaveWaiting(group, key: try queue.once(), by: .wallet(people[0]))
        #expect(try await queue.state(group) == "withdrawn")
        #expect(try await queue.state(single) == "offered")
        #expect(try await queue.look(last).position == 1)
        try await queue.giveBack(tickets[2], by: owner)
        #expect(try await queue.state(last) == "offered")
        let length = try await queue.service.waitingList(
            of: queue.room, PageRequest(list: "waiting"), by: .host(queue.host))
        #expect(length.parties == 0 && length.offered == 2 && length.waiting.map(\.count) == [1, 2])
        #expect(length.waiting.allSatisfy { $0.holder == nil })
        try await queue.close()
    }

    @Test func `an offer that nobody pays in time goes to the next, and its holder may join again behind`() async throws
    {
        let queue = try await Queue(capacity: 1)
        let (owner, first, second) = (try await queue.person(), try await queue.person(), try await queue.person())
        let ticket = try await queue.buy(by: owner)[0]
        let a = try await queue.join(by: first)
        try await queue.giveBack(ticket, by: owner)
        #expect(try await queue.state(a) == "offered")
        queue.house.time.advance(bySeconds: 1_799)
        #expect(try await queue.state(a) == "offered")
        queue.house.time.advance(bySeconds: 1)
        #expect(try await queue.state(a) == "lapsed")
        let late = await queue.code { _ = try await queue.pay(a, by: first) }
        #expect(late == "hold_expired")
        let leave = await queue.code {
            _ = try await queue.service.leaveWaiting(a, key: try queue.once(), by: .wallet(first))
        }
        #expect(leave == "waiting_over")
        // Nobody waits, so the seat is there to be bought; nothing needed to write the end down before.
        let again = await queue.code { _ = try await queue.join(by: first) }
        #expect(again == "waiting_not_needed")
        let taken = try await queue.buy(by: owner)[0]
        let b = try await queue.join(by: second)
        let c = try await queue.join(by: first)
        try await queue.giveBack(taken, by: owner)
        #expect(try await queue.state(b) == "offered")
        queue.house.time.advance(bySeconds: 1_800)
        try await queue.service.settleWaits()
        #expect(try await queue.state(c) == "offered")
        #expect(try await queue.pay(c, by: first).state == "bought")
        let bought = await queue.code {
            _ = try await queue.service.leaveWaiting(c, key: try queue.once(), by: .wallet(first))
        }
        #expect(bought == "waiting_bought")
        try await queue.close()
    }

    @Test func `seats of a hold that ran out go to whoever waits, by the clock or by the next who asks`() async throws {
        let queue = try await Queue(capacity: 2)
        let people = [try await queue.person(), try await queue.person(), try await queue.person()]
        _ = try await queue.service.hold(queue.order(2), key: try queue.once(), by: .wallet(people[0]))
        let party = try await queue.join(by: people[1])
        queue.house.time.advance(bySeconds: 600)
        // Somebody asks before the clock's turn: the queue is served, and what is left is sold.
        #expect(await queue.buying(by: people[2]) == "done")
        #expect(try await queue.state(party) == "offered")
        _ = try await queue.service.leaveWaiting(party, key: try queue.once(), by: .wallet(people[1]))
        _ = try await queue.service.hold(queue.order(), key: try queue.once(), by: .wallet(people[0]))
        let again = try await queue.join(by: people[1])
        queue.house.time.advance(bySeconds: 600)
        #expect(try await queue.state(again) == "waiting")
        try await queue.service.settleWaits()
        #expect(try await queue.state(again) == "offered")
        // A cancelled hold is served at once.
        _ = try await queue.service.leaveWaiting(again, key: try queue.once(), by: .wallet(people[1]))
        let held = try await queue.service.hold(queue.order(), key: try queue.once(), by: .wallet(people[0]))
        let third = try await queue.join(by: people[1])
        _ = try await queue.service.cancelHold(held.hold, key: try queue.once(), by: .wallet(people[0]))
        #expect(try await queue.state(third) == "offered")
        try await queue.close()
    }

    @Test func `who finds it too dear is passed over, holds nobody up, and is served when the price falls`()
        async throws
    {
        let queue = try await Queue(capacity: 2)
        let people = [try await queue.person(), try await queue.person(), try await queue.person()]
        let tickets = try await queue.buy(2, by: people[0])
        let modest = try await queue.join(most: 400, by: people[1])
        let other = try await queue.join(by: people[2])
        try await queue.giveBack(tickets[0], by: people[0])
        #expect(try await queue.look(modest).reason == "price")
        #expect(try await queue.look(modest).position == 1)
        #expect(try await queue.state(other) == "offered")
        try await queue.giveBack(tickets[1], by: people[0])
        #expect(await queue.buying(by: people[0]) == "done")
        _ = try await queue.service.leaveWaiting(other, key: try queue.once(), by: .wallet(people[2]))
        _ = try await queue.service.setPrice(Money(400, .eur), of: queue.room, by: .host(queue.host))
        #expect(try await queue.look(modest).offer?.price == Money(400, .eur))
        #expect(try await queue.pay(modest, by: people[1]).tickets?.count == 1)
        try await queue.close()
    }

    @Test func `an entry outlives an early phase and a full tier, and its voucher counts while it does`() async throws {
        let queue = try await Queue(capacity: 2, price: 900)
        let now = queue.service.clock.now()
        let early = TierDraft(
            tier: "early", price: Money(300, .eur), until: now.advanced(bySeconds: 3_600), places: 1)
        _ = try await queue.service.setTier(early, of: queue.room, by: .host(queue.host))
        let code = try await queue.service.createVoucher(
            VoucherDraft(benefit: .amount(Money(100, .eur)), uses: 1, code: "HUNDRED"), key: try queue.once(),
            by: .host(queue.host))
        let people = [try await queue.person(), try await queue.person(), try await queue.person()]
        let cheap = try await queue.buy(price: 300, by: people[0])[0]
        let dear = try await queue.buy(price: 900, by: people[0])[0]
        let waits = try await queue.join(tier: "early", voucher: "hundred", by: people[1])
        let second = try await queue.join(tier: "early", by: people[2])
        // The dear ticket comes back: no place is free at the early price, so it is offered at the regular one.
        try await queue.giveBack(dear, by: people[0])
        #expect(try await queue.look(waits).offer?.price == Money(800, .eur))
        #expect(try await queue.pay(waits, by: people[1]).state == "bought")
        queue.house.time.advance(bySeconds: 3_600)
        try await queue.giveBack(cheap, by: people[0])
        #expect(try await queue.look(second).offer?.price == Money(900, .eur))
        #expect(try await queue.service.vouchers(by: .host(queue.host)).first { $0.voucher == code.voucher }?.used == 1)
        try await queue.close()
    }

    @Test func `with the room the list ends, and what was offered`() async throws {
        for end in ["close", "cancel", "time"] {
            let queue = try await Queue(capacity: 1)
            let people = [try await queue.person(), try await queue.person(), try await queue.person()]
            let ticket = try await queue.buy(by: people[0])[0]
            let (a, b) = (try await queue.join(by: people[1]), try await queue.join(by: people[2]))
            try await queue.giveBack(ticket, by: people[0])
            switch end {
            case "close":
                _ = try await queue.service.openRoom(queue.room, by: .host(queue.host))
                _ = try await queue.service.closeRoom(queue.room, by: .host(queue.host))
            case "cancel": _ = try await queue.service.cancelRoom(queue.room, by: .host(queue.host))
            default: queue.house.time.advance(bySeconds: 200_000)
            }
            #expect(try await queue.state(b) == "ended")
            let open = await queue.code { _ = try await queue.join(by: people[0]) }
            #expect(open == (end == "cancel" ? "room_cancelled" : "room_closed"))
            try await queue.service.settleWaits()
            #expect(try await queue.state(a) == (end == "time" ? "lapsed" : "ended"))
            #expect(try await queue.state(b) == "ended")
            let left = try await queue.service.database.read { try $0.waitingLength(of: queue.room) }
            #expect(left.parties + left.offered == 0)
            try await queue.close()
        }
    }

    @Test func `late money stands behind whoever waits`() async throws {
        let queue = try await Queue(capacity: 1)
        let (late, waits) = (try await queue.person(0), try await queue.person())
        let held = try await queue.service.hold(queue.order(), key: try queue.once(), by: .wallet(late))
        let party = try await queue.join(by: waits)
        queue.house.time.advance(bySeconds: 600)
        let money = HoldMoney(provider: "bank", reference: "pi_1", amount: Money(500, .eur))
        let view = try await queue.service.receive(money, for: held.hold, key: try queue.once(), by: .operator)
        #expect(view.state == "suspended")
        #expect(try await queue.state(party) == "offered")
        try await queue.close()
    }

    @Test func `late money of a hold at a limited price finds its own place again, and is booked once`() async throws {
        let queue = try await Queue(capacity: 2, price: 900)
        let early = TierDraft(tier: "early", price: Money(300, .eur), places: 1)
        _ = try await queue.service.setTier(early, of: queue.room, by: .host(queue.host))
        let late = try await queue.person(0)
        let held = try await queue.service.hold(
            queue.order(price: 300), key: try queue.once(), by: .wallet(late))
        queue.house.time.advance(bySeconds: 600)
        let money = HoldMoney(provider: "bank", reference: "pi_1", amount: Money(300, .eur))
        let view = try await queue.service.receive(money, for: held.hold, key: try queue.once(), by: .operator)
        #expect(view.state == "ticketed")
        let states = try await queue.service.database.read { try $0.holdStates(of: held.hold).map(\.state) }
        #expect(states == [.held, .expired, .paid, .ticketed])
        try await queue.close()
    }

    @Test func `who waits twice, too long or for nothing is told so, and a stranger sees nothing`() async throws {
        let queue = try await Queue(capacity: 1)
        let (owner, other) = (try await queue.person(), try await queue.person())
        let free = await queue.code { _ = try await queue.join(by: other) }
        #expect(free == "waiting_not_needed")
        _ = try await queue.buy(by: owner)
        let many = await queue.code { _ = try await queue.join(2, by: other) }
        #expect(many == "waiting_too_many")
        let unknown = await queue.code { _ = try await queue.join(voucher: "NOBODY", by: other) }
        #expect(unknown == "voucher_unknown")
        let foreign = await queue.code {
            _ = try await queue.service.joinWaiting(
                WaitingOrder(room: queue.room, most: Money(5, .usd)), key: try queue.once(), by: .wallet(other))
        }
        #expect(foreign == "waiting_price")
        let key = try queue.once("same")
        let one = try await queue.service.joinWaiting(WaitingOrder(room: queue.room), key: key, by: .wallet(other))
        let two = try await queue.service.joinWaiting(WaitingOrder(room: queue.room), key: key, by: .wallet(other))
        #expect(one == two)
        let twice = await queue.code { _ = try await queue.join(by: other) }
        #expect(twice == "waiting_already")
        let stranger = await queue.code { _ = try await queue.service.waiting(one.waiting, by: .wallet(owner)) }
        #expect(stranger == "waiting_unknown")
        let early = await queue.code { _ = try await queue.pay(one.waiting, by: other) }
        #expect(early == "waiting_not_offered")
        let mine = try await queue.service.waitingList(of: queue.room, PageRequest(list: "w"), by: .wallet(owner))
        #expect(mine.parties == 1 && mine.waiting.isEmpty)
        try await queue.close()
    }

    @Test func `an offer is paid through a provider, on one page, and a dispute of it serves the next`() async throws {
        let queue = try await Queue(capacity: 1)
        let (owner, first, next) = (try await queue.person(), try await queue.person(0), try await queue.person(0))
        let desk = queue.house.desk
        let ticket = try await queue.buy(by: owner)[0]
        let (a, b) = (try await queue.join(by: first), try await queue.join(by: next))
        try await queue.giveBack(ticket, by: owner)
        let early = await queue.code {
            _ = try await desk.checkout(waiting: b, through: .sandbox, key: try queue.once(), by: .wallet(next))
        }
        #expect(early == "waiting_not_offered")
        let charge = try await desk.checkout(
            waiting: a, through: .sandbox, key: try queue.once(), by: .wallet(first))
        let again = try await desk.checkout(
            waiting: a, through: .sandbox, key: try queue.once(), by: .wallet(first))
        #expect(charge.charge == again.charge && charge.amount == Money(500, .eur))
        func play(_ outcome: SandboxOutcome) async throws {
            _ = try await desk.play(outcome, on: "sandbox_\(charge.charge)")
            for _ in 0..<30 {
                queue.house.time.advance(bySeconds: 1)
                _ = try await desk.turn()
            }
        }
        try await play(.pay)
        let bought = try await queue.service.waiting(a, by: .wallet(first))
        #expect(bought.state == "bought" && bought.tickets?.map(\.seat) == [1])
        try await play(.dispute)
        #expect(try await queue.state(b) == "offered")
        // A dispute that is won finds no seat: it is kept for somebody else by then.
        try await play(.disputeWon)
        #expect(try await queue.state(b) == "offered")
        try await queue.close()
    }

    @Test func `an answer to a move frees a seat for whoever waits; a ticket that is passed on frees none`()
        async throws
    {
        let queue = try await Queue(capacity: 2)
        let people = [try await queue.person(), try await queue.person(), try await queue.person()]
        let tickets = try await queue.buy(2, by: people[0])
        let party = try await queue.join(by: people[1])
        let offer = try await queue.service.offerTransfer(
            of: tickets[0], until: nil, key: try queue.once(), by: .wallet(people[0]))
        _ = try await queue.service.acceptTransfer(
            code: try #require(offer.code), key: try queue.once(), by: .wallet(people[2]))
        #expect(try await queue.state(party) == "waiting")
        let start = queue.service.clock.now().advanced(bySeconds: 3 * 86_400)
        let times = RoomTimes(doorsOpenAt: start, startsAt: start, endsAt: start.advanced(bySeconds: 3_600))
        _ = try await queue.service.moveRoom(
            queue.room, to: times, notice: "Ana is ill.", key: try queue.once(), by: .host(queue.host))
        _ = try await queue.service.answerMove(tickets[1], .refund, key: try queue.once(), by: .wallet(people[0]))
        #expect(try await queue.state(party) == "offered")
        try await queue.close()
    }

    @Test func `two hundred at once: seats that come back are the group's, whoever asks for them`() async throws {
        let queue = try await Queue(capacity: 10)
        let owner = try await queue.person()
        let tickets = try await queue.buy(10, by: owner)
        var joined: [(id: WaitingID, holder: HolderID)] = []
        for count in [10, 4, 4, 2] {
            let holder = try await queue.person()
            joined.append((try await queue.join(count, by: holder), holder))
        }
        let waiting = joined
        var buyers: [HolderID] = []
        for _ in 0..<95 { buyers.append(try await queue.person(1_000)) }
        func rush(_ acts: [@Sendable () async throws -> Void]) async -> [String: Int] {
            await withTaskGroup(of: String.self) { group in
                for act in acts { group.addTask { await queue.code(act) } }
                return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
        }
        let buys = buyers.map { buyer in { @Sendable in _ = try await queue.buy(by: buyer) } }
        let holds = buyers.map { buyer in
            { @Sendable in _ = try await queue.service.hold(queue.order(), key: try queue.once(), by: .wallet(buyer)) }
        }
        let refunds = tickets.map { ticket in { @Sendable in try await queue.giveBack(ticket, by: owner) } }
        var codes = await rush((buys + holds + refunds).shuffled())
        #expect(codes["done"] == 10, "\(codes)")
        #expect((codes["waiting_first"] ?? 0) + (codes["sold_out"] ?? 0) == 190, "\(codes)")
        #expect(try await queue.state(waiting[0].id) == "offered")
        // The group lets it go while everybody buys: the rest of the list gets all ten, and each pays.
        let leave = { @Sendable in
            _ = try await queue.service.leaveWaiting(
                waiting[0].id, key: try queue.once(), by: .wallet(waiting[0].holder))
        }
        codes = await rush((buys + holds + [leave]).shuffled())
        #expect(codes == ["done": 1, "sold_out": 190], "\(codes)")
        let pays = waiting.dropFirst().flatMap { party in
            (0..<5).map { _ in { @Sendable in _ = try await queue.pay(party.id, by: party.holder) } }
        }
        codes = await rush(pays)
        #expect(codes == ["done": 3, "hold_paid": 12], "\(codes)")
        #expect(try await queue.service.room(queue.room).seatsLeft == 0)
        try await queue.close()
    }
}

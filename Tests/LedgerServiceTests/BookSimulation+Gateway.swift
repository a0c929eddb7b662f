import Foundation
import HTTPEdge
import Stage
import Store
import Testing
import Values

@testable import LedgerService

/// The part of the random days that a gateway plays: it writes receipts as people come and go, brings them in pieces,
/// loses answers, brings them again, and sometimes brings what it may not.
extension BookSimulationTests {
    func letIn(_ world: inout World, _ house: House, _ api: API) async throws {
        if world.gateway == nil {
            let made = try await api.post("/v1/keys", #"{"scope":"gateway"}"#, key: House.operatorKey)
            #expect(made.status == 201, "\(made.json)")
            let id = try #require(GatewayID(made.text("subject")))
            world.gateway = World.Gateway(key: made.text("key"), chain: ReceiptChain(gateway: id))
        }
        guard !world.tickets.isEmpty else { return }
        let ticket = world.tickets[world.pick(world.tickets.count)]
        let now = house.service.clock.now()
        let seat = Seat(
            admission: .make(at: now, using: &world.generator), ticket: try #require(TicketID(ticket.id)),
            holder: .holder(try #require(HolderID(world.wallets[ticket.wallet].holder))), role: .listener,
            direction: .listening, since: now)
        let room = try #require(RoomID(world.rooms[ticket.room].id))
        let kinds: [Receipt.Kind] = [
            .entered, .left(reason: .left, secondsConnected: Int64(world.pick(600)), packets: Int64(world.pick(9_000))),
        ]
        for kind in kinds.prefix(1 + world.pick(2)) {
            guard var chain = world.gateway?.chain else { return }
            world.gateway?.spool.append(chain.append(kind, of: seat, room: room, at: now))
            world.gateway?.chain = chain
        }
    }

    /// Some of what the ledger may not have; every third answer is lost on the way.
    func deliver(_ world: inout World, _ api: API) async throws {
        guard let gateway = world.gateway, gateway.acknowledged < gateway.spool.count else { return }
        let count = 1 + world.pick(gateway.spool.count - gateway.acknowledged)
        let taken = try await deliver(
            gateway.spool[gateway.acknowledged..<(gateway.acknowledged + count)], of: gateway, api)
        #expect(taken >= gateway.acknowledged + count)
        if world.pick(3) > 0 { world.gateway?.acknowledged = gateway.acknowledged + count }
    }

    /// - Returns: how many receipts the ledger says that it has.
    func deliver(_ receipts: ArraySlice<Receipt>, of gateway: World.Gateway, _ api: API) async throws -> Int {
        guard !receipts.isEmpty else { return 0 }
        let answer = try await send(Array(receipts), of: gateway, api)
        #expect(answer.status == 200, "\(answer.json)")
        return answer.int("acceptedThrough") ?? -1
    }

    private func send(_ receipts: [Receipt], of gateway: World.Gateway, _ api: API) async throws -> API.Answer {
        let batch = ReceiptBatch(gateway: gateway.chain.gateway, receipts: receipts)
        let body = String(decoding: try JSONEncoder().encode(batch), as: UTF8.self)
        return try await api.post("/v1/gateway/receipts", body, key: gateway.key)
    }

    /// A gap, a receipt of another content, one that hangs on nothing: refused, and nothing of it is kept.
    func deliverWrongly(_ world: World, _ api: API) async throws {
        guard let gateway = world.gateway, let last = gateway.spool.last else { return }
        var ahead = gateway.chain
        let seat = Seat(
            admission: last.admission, ticket: last.ticket, holder: last.holder, role: last.role,
            direction: .listening, since: last.occurredAt)
        _ = ahead.append(.entered, of: seat, room: last.room, at: last.occurredAt)
        let gap = ahead.append(.entered, of: seat, room: last.room, at: last.occurredAt)
        #expect(try await send([gap], of: gateway, api).code == "receipt_gap")
        var forged = ReceiptChain(gateway: gateway.chain.gateway, sequence: gateway.chain.sequence)
        let foreign = forged.append(.entered, of: seat, room: last.room, at: last.occurredAt)
        let code = try await send([foreign], of: gateway, api).code
        // Behind what the ledger has it breaks the chain; further ahead it leaves a gap as well.
        #expect(["receipt_chain", "receipt_gap"].contains(code), "\(code)")
    }

    /// The ledger has what the gateway wrote, in its order, at least as far as the gateway was told.
    func lookAtReceipts(_ world: World, _ house: House, _ seed: UInt64) async throws {
        guard let gateway = world.gateway else { return }
        let page = try await house.service.receipts(after: 0, limit: 1_000, by: .operator)
        #expect(page.receipts.count >= gateway.acknowledged, "seed \(seed), step \(world.step)")
        #expect(page.receipts == Array(gateway.spool.prefix(page.receipts.count)), "seed \(seed), step \(world.step)")
    }
}

import BoxOffice
import Foundation
import HTTPEdge
import HTTPTypes
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// Where a dispute meets what happened to the ticket, the room or the money meanwhile.
extension PaymentTests {
    private func wallet(_ holder: String, _ house: House) async throws -> Int64 {
        try await balance(.wallet(try #require(HolderID(holder))), house)
    }

    private func tickets(_ key: String, of holder: String, _ api: API) async throws -> [[String: any Sendable]] {
        let list = try await api.get("/v1/wallets/\(holder)/tickets", key: key)
        return list.json["tickets"] as? [[String: any Sendable]] ?? []
    }

    /// The events of the sandbox whose whole story is told.
    private func tell(_ outcomes: [String], _ stage: Stage, _ house: House, _ api: API) async throws {
        for outcome in outcomes {
            try await play(outcome, stage, api)
            try await settle(house)
        }
    }

    @Test(arguments: ["dispute_won", "dispute_lost"])
    func `a dispute of a ticket that was passed on moves nobody's wallet`(end: String) async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api)
            try await tell(["pay"], stage, house, api)
            let ticket = try #require(
                try await tickets(stage.wallet.key, of: stage.wallet.holder, api).first?["ticket"] as? String)
            let other = try await api.wallet(0)
            let offer = try await api.post(
                "/v1/tickets/\(ticket)/transfers", "{}", key: stage.wallet.key, once: "offer")
            #expect(offer.status == 201, "\(offer.json)")
            let taken = try await api.post(
                "/v1/transfers/accept", #"{"code":"\#(offer.text("code"))"}"#, key: other.key, once: "accept")
            #expect(taken.status == 201, "\(taken.json)")
            try await tell(["dispute"], stage, house, api)
            #expect(try await wallet(stage.wallet.holder, house) == 0)
            #expect(try await wallet(other.holder, house) == 0)
            #expect(try await tickets(other.key, of: other.holder, api).first?["state"] as? String == "refunded")
            try await isClean(house)
            try await tell([end], stage, house, api)
            #expect(try await wallet(stage.wallet.holder, house) == 0)
            #expect(try await wallet(other.holder, house) == 0)
            let states = try await tickets(other.key, of: other.holder, api).compactMap { $0["state"] as? String }
            #expect(states.contains("not_yet_valid") == (end == "dispute_won"))
            try await isClean(house)
        }
    }

    @Test func `a dispute that is won after the room was cancelled ends in the buyer's wallet`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api)
            try await tell(["pay", "dispute"], stage, house, api)
            let cancelled = try await api.post("/v1/rooms/\(stage.room)/cancel", key: stage.host, once: "cancel")
            #expect(cancelled.status == 200, "\(cancelled.json)")
            #expect(try await wallet(stage.wallet.holder, house) == 0)
            try await tell(["dispute_won"], stage, house, api)
            #expect(try await wallet(stage.wallet.holder, house) == 500)
            #expect(try await balance(.escrow(try #require(RoomID(stage.room))), house) == 0)
            try await isClean(house)
        }
    }

    @Test(arguments: ["dispute_won", "dispute_lost"])
    func `a dispute of money that waits takes that money, and no second time`(end: String) async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api, count: 2)
            let charge = try #require(ChargeID(stage.charge))
            @Sendable func hear(_ fact: ProviderFact) async throws {
                let now = house.time.clock.now()
                let report = ProviderReport(charge: charge, objects: [], facts: [fact])
                let outcome = try await house.service.database.write { transaction in
                    try house.service.apply(report, from: .sandbox, at: now, in: transaction)
                }
                #expect(outcome == .applied)
            }
            // Another sum than was asked for: somebody has to look.
            try await hear(.captured(Money(999, .eur)))
            try await settle(house)
            #expect(try await balance(.unplaced, house) == 999)
            try await hear(.dispute(name: "du", amount: Money(999, .eur), [.opened, .withdrawn]))
            #expect(try await balance(.unplaced, house) == 0)
            #expect(try await wallet(stage.wallet.holder, house) == 0)
            #expect(try await wallet(stage.wallet.holder, house) == 0)
            let facts: Set<DisputeFact> = end == "dispute_won" ? [.won, .reinstated] : [.lost]
            try await hear(.dispute(name: "du", amount: Money(999, .eur), facts))
            #expect(try await wallet(stage.wallet.holder, house) == (end == "dispute_won" ? 999 : 0))
            #expect(try await balance(.disputeLosses, house) == 0)
            try await isClean(house)
        }
    }

    @Test(arguments: ["dispute_won", "dispute_lost"])
    func `a dispute of money that went back already takes nothing else from the wallet`(end: String) async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api, count: 2)
            let filled = try await api.post(
                "/v1/wallets/\(stage.wallet.holder)/topups", #"{"amount":{"amount":700,"currency":"EUR"}}"#,
                key: stage.wallet.key, once: "t")
            #expect(filled.status == 201, "\(filled.json)")
            house.time.advance(bySeconds: 3_600)
            let rival = try await api.wallet()
            for number in 1...2 {
                #expect(try await api.buy(stage.room, key: rival.key, once: "\(number)").status == 201)
            }
            try await tell(["pay", "dispute"], stage, house, api)
            #expect(try await wallet(stage.wallet.holder, house) == 700)
            try await isClean(house)
            try await tell([end], stage, house, api)
            #expect(try await wallet(stage.wallet.holder, house) == 700)
            // The payer has the money twice: the house loses it, unless the bank sees that it went back.
            #expect(try await balance(.disputeLosses, house) == (end == "dispute_won" ? 0 : 1_000))
            try await isClean(house)
        }
    }

    @Test func `money that is sent back after a dispute was taken is none that the dispute missed`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api, count: 2)
            try await tell(["pay"], stage, house, api)
            for ticket in try await tickets(stage.wallet.key, of: stage.wallet.holder, api) {
                let ticket = try #require(ticket["ticket"] as? String)
                let back = try await api.post("/v1/tickets/\(ticket)/refund", key: stage.wallet.key, once: ticket)
                #expect(back.status == 201, "\(back.json)")
            }
            // Spent elsewhere: the dispute finds nothing.
            let other = try await api.room(try await api.host().key, capacity: 3)
            for number in 1...2 {
                #expect(try await api.buy(other, key: stage.wallet.key, once: "\(number)").status == 201)
            }
            let charge = try #require(ChargeID(stage.charge))
            let told = ProviderFact.dispute(name: "d", amount: Money(600, .eur), [.opened, .withdrawn])
            try await house.service.takeIn(
                ProviderEvent(
                    id: "evt_d", kind: "test", object: "",
                    report: ProviderReport(charge: charge, objects: [], facts: [told]),
                    bodyHash: SHA256Digest(of: "d")), from: .sandbox)
            try await settle(house)
            let filled = try await api.post(
                "/v1/wallets/\(stage.wallet.holder)/topups", #"{"amount":{"amount":400,"currency":"EUR"}}"#,
                key: House.operatorKey, once: "fill")
            #expect(filled.status == 201, "\(filled.json)")
            let back = try await api.post(
                "/v1/charges/\(stage.charge)/repayments", key: stage.wallet.key, once: "back")
            #expect(back.status == 201, "\(back.json)")
            #expect(try await wallet(stage.wallet.holder, house) == 0)
            try await tell(["refunds_fail"], stage, house, api)
            #expect(try await wallet(stage.wallet.holder, house) == 400)
            try await isClean(house)
        }
    }

    @Test func `who only reads the books moves no money of a wallet`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api)
            try await tell(["pay"], stage, house, api)
            let reader = try await api.post("/v1/keys", #"{"scope":"auditor"}"#, key: House.operatorKey).text("key")
            for key in [reader, House.financeKey] {
                let refused = try await api.post("/v1/charges/\(stage.charge)/repayments", key: key, once: "read")
                #expect(refused.code == "key_scope")
            }
        }
    }

    @Test func `an event that can't be booked is set aside, and those behind it are read`() async throws {
        let house = try await House()
        try await house.api { api in
            let first = try await stage(api, count: 2)
            house.time.advance(bySeconds: 3_600)
            let rival = try await api.wallet()
            for number in 1...2 {
                #expect(try await api.buy(first.room, key: rival.key, once: "\(number)").status == 201)
            }
            // Somebody has booked this very money by hand, and not for the purchase.
            let booked = try await api.post(
                "/v1/suspense",
                #"{"source":"sandbox","reference":"\#(first.charge)","amount":{"amount":1000,"currency":"EUR"},"reason":"by hand"}"#,
                key: House.operatorKey, once: "by-hand")
            #expect(booked.status == 201, "\(booked.json)")
            try await tell(["pay"], first, house, api)
            let second = try await stage(api)
            try await tell(["pay"], second, house, api)
            func state(_ stage: Stage) async throws -> String {
                try await api.get("/v1/charges/\(stage.charge)", key: House.operatorKey).text("state")
            }
            #expect(try await state(first) != "captured")
            #expect(try await state(second) == "captured")
            try await isClean(house)
        }
    }
}

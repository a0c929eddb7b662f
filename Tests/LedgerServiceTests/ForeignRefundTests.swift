import BoxOffice
import Foundation
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// Money that somebody gives back on the provider's own page.
@Suite struct ForeignRefundTests {
    private typealias Stage = PaymentTests.Stage
    private let payments = PaymentTests()

    private func tickets(_ stage: Stage, _ api: API) async throws -> [String] {
        let hold = try await api.get("/v1/holds/\(stage.hold)", key: stage.wallet.key)
        return (hold.json["tickets"] as? [[String: any Sendable]])?.compactMap { $0["ticket"] as? String } ?? []
    }

    private func wallet(_ stage: Stage, _ house: House) async throws -> Int64 {
        try await payments.balance(.wallet(try #require(HolderID(stage.wallet.holder))), house)
    }

    /// What an event would say of such a refund.
    private func tell(
        _ name: String, _ cents: Int64, _ told: RepaymentEvent, _ stage: Stage, _ house: House
    ) async throws {
        let amount = Money(cents, .eur)
        let report = ProviderReport(
            objects: [stage.checkout], facts: [.repayment(name: name, ours: nil, amount: amount, told)])
        let event = ProviderEvent(
            id: "evt_\(name)_\(told.rawValue)", kind: "refund", object: stage.checkout, report: report,
            bodyHash: SHA256Digest(of: name + told.rawValue))
        try await house.service.takeIn(event, from: .sandbox)
        try await payments.settle(house)
    }

    @Test func `a refund on the provider's page ends the tickets, and leaves nothing in the wallet`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await payments.stage(api, count: 2)
            try await payments.play("pay", stage, api)
            try await payments.settle(house)
            let held = try await payments.balance(.provider, house)
            for _ in 1...2 { try await payments.play("refund_elsewhere", stage, api) }
            try await payments.settle(house)
            #expect(try await payments.balance(.provider, house) == held - 1_000)
            #expect(try await payments.balance(.onItsWay, house) == 0)
            #expect(try await wallet(stage, house) == 0)
            for ticket in try await tickets(stage, api) {
                let row = try await house.service.database.read { try $0.ticket(try #require(TicketID(ticket))) }
                #expect(row?.revoked?.reason == "refunded")
            }
            try await payments.isClean(house)
            // The bank sends it back, as it may with any refund: the payer has it here.
            try await payments.play("refund_elsewhere_fails", stage, api)
            try await payments.settle(house)
            #expect(try await payments.balance(.provider, house) == held)
            #expect(try await wallet(stage, house) == 1_000)
            try await payments.isClean(house)
        }
    }

    @Test(arguments: [
        [RepaymentEvent.pending, .succeeded, .failed], [.failed, .succeeded, .pending], [.succeeded, .failed],
        [.failed],
    ])
    func `whatever order its events come in, the books end alike`(order: [RepaymentEvent]) async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await payments.stage(api)
            try await payments.play("pay", stage, api)
            try await payments.settle(house)
            let held = try await payments.balance(.provider, house)
            for told in order { try await tell("re_1", 500, told, stage, house) }
            #expect(try await wallet(stage, house) == 500)
            #expect(try await payments.balance(.provider, house) == held)
            #expect(try await payments.balance(.onItsWay, house) == 0)
            try await payments.isClean(house)
        }
    }

    @Test func `a part of it takes from the first tickets and leaves the others`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await payments.stage(api, count: 2)
            try await payments.play("pay", stage, api)
            try await payments.settle(house)
            try await tell("re_part", 700, .succeeded, stage, house)
            let rows = try await tickets(stage, api).map { try #require(TicketID($0)) }
            let ended = try await house.service.database.read { transaction in
                try rows.map { try transaction.ticket($0)?.revoked != nil }
            }
            #expect(ended.filter(\.self).count == 1)
            // More than is left of the payment is nobody's to give.
            try await tell("re_much", 301, .succeeded, stage, house)
            try await tell("re_rest", 300, .succeeded, stage, house)
            #expect(try await wallet(stage, house) == 0)
            try await payments.isClean(house)
            let much = try await house.service.database.read {
                try $0.providerEvent("evt_re_much_succeeded", of: .sandbox)
            }
            #expect(much != nil)
        }
    }

    @Test func `money that a refund here put into the wallet is what goes`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await payments.stage(api)
            try await payments.play("pay", stage, api)
            try await payments.settle(house)
            let ticket = try #require(try await tickets(stage, api).first)
            #expect(
                try await api.post("/v1/tickets/\(ticket)/refund", key: stage.wallet.key, once: "r").status == 201)
            #expect(try await wallet(stage, house) == 500)
            try await payments.play("refund_elsewhere", stage, api)
            try await payments.settle(house)
            #expect(try await wallet(stage, house) == 0)
            try await payments.isClean(house)
        }
    }

    @Test func `nobody loses a ticket for money that they had back before`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await payments.stage(api, count: 2)
            try await payments.play("pay", stage, api)
            try await payments.settle(house)
            let held = try await tickets(stage, api)
            let back = try await api.post("/v1/tickets/\(held[0])/refund", key: stage.wallet.key, once: "r")
            #expect(back.status == 201)
            try await tell("re_first", 500, .succeeded, stage, house)
            #expect(try await wallet(stage, house) == 0)
            let other = try await house.service.database.read { try $0.ticket(try #require(TicketID(held[1]))) }
            #expect(other?.revoked == nil)
            try await payments.isClean(house)
        }
    }

    @Test func `what a ticket that was passed on is worth is not the payer's, and a person has to look`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await payments.stage(api)
            try await payments.play("pay", stage, api)
            try await payments.settle(house)
            let ticket = try #require(try await tickets(stage, api).first)
            let other = try await api.wallet(0)
            let offer = try await api.post("/v1/tickets/\(ticket)/transfers", key: stage.wallet.key, once: "t")
            #expect(offer.status == 201, "\(offer.json)")
            let taken = try await api.post(
                "/v1/transfers/accept", #"{"code":"\#(offer.text("code"))"}"#, key: other.key, once: "a")
            #expect(taken.status == 201, "\(taken.json)")
            let held = try await payments.balance(.provider, house)
            try await payments.play("refund_elsewhere", stage, api)
            try await payments.settle(house)
            #expect(try await payments.balance(.provider, house) == held)
            let isSetAside = try await house.service.database.read { transaction in
                try transaction.row("SELECT 1 FROM audit_log WHERE act = 'event_set_aside'") { _ throws(StoreFault) in
                    true
                }
            }
            #expect(isSetAside == true)
            try await payments.isClean(house)
        }
    }
}

import BoxOffice
import Foundation
import HTTPEdge
import HTTPTypes
import Ledger
import Payouts
import Simulation
import Store
import Synchronization
import Testing
import Values

@testable import LedgerService

/// Any order, doubling and delay of what a provider tells ends in the books of the ordered run.
@Suite struct PaymentOrderTests {
    /// What is the same after every run of one story.
    private struct End: Equatable {
        let charge: String
        let purchase: String
        let repayments: [String]
        let disputes: [String]
        let balances: [String]
        let fees: [Money]
    }

    /// A story: what is told after the capture, which our own command (the repayment) follows.
    private enum Story: CaseIterable {
        case paid, refunded, refundFailed, won, lost, inquiry
        /// A ticket is given back and its money is on its way to the payer, where it never comes to; meanwhile the payer
        /// disputes all of the payment.
        case failedThenWon, failedThenLost, sentBackThenLost

        /// What our own command asks to pay back, minor units.
        var repaid: Int64? {
            switch self {
            case .refunded, .refundFailed: 300
            case .failedThenWon, .failedThenLost, .sentBackThenLost: 500
            case .paid, .won, .lost, .inquiry: nil
            }
        }

        var isDisputed: Bool { [.failedThenWon, .failedThenLost, .sentBackThenLost].contains(self) }
    }

    private func report(_ charge: ChargeID, _ facts: [ProviderFact]) -> ProviderReport {
        ProviderReport(charge: charge, objects: ["pay_\(charge)"], facts: facts)
    }

    /// In the order in which the provider made them.
    private func events(_ story: Story, _ charge: ChargeID, _ repayment: RepaymentID?) -> [[ProviderFact]] {
        let all = Money(1_000, .eur)
        func dispute(_ facts: Set<DisputeFact>) -> ProviderFact { .dispute(name: "dispute", amount: all, facts) }
        func refund(_ event: RepaymentEvent) -> ProviderFact {
            .repayment(name: "refund", ours: repayment, amount: Money(story.repaid ?? 0, .eur), event)
        }
        let fee = ProviderFact.fee(movement: "fee", fee: Money(39, .eur), of: .charge)
        let disputeFee = ProviderFact.fee(movement: "dispute fee", fee: Money(1_500, .eur), of: .dispute)
        let paid: [[ProviderFact]] = [[.opened(url: nil)], [.processing], [.captured(all)], [.ended], [fee]]
        switch story {
        case .paid: return paid
        case .refunded: return [[refund(.pending)], [refund(.succeeded)], [fee]]
        case .refundFailed: return [[refund(.pending)], [refund(.succeeded)], [refund(.failed)]]
        case .won:
            return paid + [
                [dispute([.opened])], [dispute([.opened, .withdrawn]), disputeFee],
                [dispute([.opened, .withdrawn, .won])],
                [dispute([.opened, .withdrawn, .won, .reinstated])],
            ]
        case .lost:
            return paid + [
                [dispute([.opened])], [dispute([.opened, .withdrawn]), disputeFee],
                [dispute([.opened, .withdrawn, .lost])],
            ]
        case .failedThenWon:
            return [
                [refund(.failed)], [dispute([.opened, .withdrawn]), disputeFee],
                [dispute([.opened, .withdrawn, .won, .reinstated])],
            ]
        case .failedThenLost:
            return [
                [refund(.failed)], [dispute([.opened, .withdrawn]), disputeFee],
                [dispute([.opened, .withdrawn, .lost])],
            ]
        case .sentBackThenLost:
            return [
                [refund(.succeeded)], [refund(.failed)], [dispute([.opened, .withdrawn])],
                [dispute([.opened, .withdrawn, .lost])],
            ]
        case .inquiry: return paid + [[dispute([.opened])], [dispute([.opened, .won])]]
        }
    }

    private func run(_ story: Story, seed: UInt64?) async throws -> End {
        let house = try await House()
        let end = Mutex<End?>(nil)
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key, capacity: 3)
            let wallet = try await api.wallet(story.isDisputed ? 0 : 500)
            let body = #"{"provider":"sandbox","room":"\#(room)","count":2,"price":{"amount":500,"currency":"EUR"}}"#
            let made = try await api.post("/v1/checkouts", body, key: wallet.key, once: "checkout")
            let charge = try #require(ChargeID(made.text("charge")))
            var repayment: RepaymentID?
            if let repaid = story.repaid {
                try await deliver(events(.paid, charge, nil), charge, to: house, seed: nil)
                if story.isDisputed {
                    let tickets = try await api.get("/v1/wallets/\(wallet.holder)/tickets", key: wallet.key)
                    let list = tickets.json["tickets"] as? [[String: any Sendable]]
                    let ticket = try #require(list?.first?["ticket"] as? String)
                    let back = try await api.post("/v1/tickets/\(ticket)/refund", key: wallet.key, once: "refund")
                    #expect(back.status == 201, "\(back.json)")
                }
                // The answer to the call is lost: the events are all that is heard of it.
                house.sandbox.fail(.unreachable, .unreachable, .unreachable, .unreachable, .unreachable, .unreachable)
                let asked = try await api.post(
                    "/v1/charges/\(charge)/repayments", #"{"amount":{"amount":\#(repaid),"currency":"EUR"}}"#,
                    key: wallet.key, once: "back")
                #expect(asked.status == 201, "\(asked.json)")
                let found = try await house.service.database.read { try $0.repayments(of: charge) }
                repayment = try #require(found.first).id
            }
            try await deliver(events(story, charge, repayment), charge, to: house, seed: seed)
            let audit = try await house.service.audit(by: .auditor)
            #expect(audit.isClean, "\(audit.lines.filter { !$0.findings.isEmpty })")
            let shown = try await house.service.charge(charge, by: .operator)
            let balances = try await house.service.database.read { transaction in
                try transaction.balances(through: .max).filter { !$0.amount.isZero }.map { posting in
                    // Rooms and holders have other names in each run.
                    let name = posting.account.text.split(separator: ":").prefix(2).joined(separator: ":")
                    return "\(name) \(posting.amount)"
                }
            }
            let found = End(
                charge: shown.state, purchase: shown.purchase ?? "", repayments: shown.repayments.map(\.state),
                disputes: shown.disputes.map { "\($0.position) \($0.facts)" }, balances: balances.sorted(),
                fees: shown.fees ?? [])
            end.withLock { $0 = found }
        }
        return try #require(end.withLock { $0 })
    }

    /// Sends reports as events of their own: in order, or each up to three times, shuffled, with pauses between.
    private func deliver(
        _ told: [[ProviderFact]], _ charge: ChargeID, to house: House, seed: UInt64?
    ) async throws {
        var generator = SeededGenerator(seed: seed ?? 0)
        var queue: [ProviderEvent] = []
        let start = house.service.clock.now()
        for (number, facts) in told.enumerated() {
            let report = report(charge, facts)
            for copy in 0..<(seed == nil ? 1 : Int.random(in: 1...3, using: &generator)) {
                // A copy under the same name, or the same fact under another.
                let name = copy == 1 ? "\(number) again" : "\(number)"
                queue.append(
                    ProviderEvent(
                        id: "evt \(start) \(name)", kind: "test", object: "", report: report,
                        bodyHash: SHA256Digest(of: "\(number)")))
            }
        }
        if seed != nil { queue.shuffle(using: &generator) }
        for event in queue {
            try await house.service.takeIn(event, from: .sandbox)
            if seed == nil || Bool.random(using: &generator) {
                house.time.advance(bySeconds: Int64.random(in: 1...10, using: &generator))
                try await house.desk.turn()
            }
        }
        for _ in 0..<12 {
            house.time.advance(bySeconds: 20)
            try await house.desk.turn()
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func `any order ends in the books of the ordered run`(seed: UInt64) async throws {
        for story in Story.allCases {
            let ordered = try await run(story, seed: nil)
            let mixed = try await run(story, seed: seed)
            #expect(mixed == ordered, "\(story), seed \(seed)")
            #expect(ordered.charge == "captured" && ordered.purchase == "ticketed", "\(story)")
        }
    }

    @Test func `an order is given back by nights through a dispute: shares, brackets and payouts are right`()
        async throws
    {
        for (story, isReleasedFirst) in [(Story.won, false), (.won, true), (.lost, false), (.lost, true)] {
            let house = try await House()
            try await house.api { api in
                let host = try await api.host()
                let room = try await api.room(host.key, capacity: 3)
                let wallet = try await api.wallet(0)
                let body =
                    #"{"provider":"sandbox","room":"\#(room)","count":1,"price":{"amount":1000,"currency":"EUR"}}"#
                _ = try await api.send(
                    .put, "/v1/rooms/\(room)/price", #"{"price":{"amount":1000,"currency":"EUR"}}"#, key: host.key)
                let made = try await api.post("/v1/checkouts", body, key: wallet.key, once: "checkout")
                let charge = try #require(ChargeID(made.text("charge")))
                let told = events(story, charge, nil)
                let untilPaid = Array(told.prefix(5))
                let untilTaken = Array(told.dropFirst(5).prefix(2))
                try await deliver(untilPaid, charge, to: house, seed: nil)
                func night(_ day: String) async throws {
                    let night = try await api.post("/v1/nights", #"{"day":"\#(day)"}"#, key: House.operatorKey)
                    #expect(night.status == 201, "\(night.json)")
                    let audit = try await house.service.audit(by: .auditor)
                    for name in ["result.json", "statement-\(host.id).csv"] {
                        let file = try await api.get("/v1/reports/\(name)?day=\(day)", key: House.financeKey)
                        #expect(file.status == 200, "\(story) \(day) \(name) \(file.json)")
                    }
                    #expect(audit.isClean, "\(story) \(day) \(audit.lines.filter { !$0.findings.isEmpty })")
                }
                if isReleasedFirst {
                    try house.time.set("2026-03-03T12:00:00Z")
                    try await night("2026-03-02")
                }
                try await deliver(untilTaken, charge, to: house, seed: nil)
                try house.time.set("2026-03-04T12:00:00Z")
                try await night("2026-03-03")
                let hostAccount = Account.host(try #require(HostID(host.id)))
                func owed() async throws -> Int64 {
                    try await house.service.database.read { try $0.amount(in: hostAccount, .eur).minorUnits }
                }
                func brackets() async throws -> [Int64] {
                    try await house.service.database.read { transaction in
                        try transaction.tierUse(
                            of: .init(host: try #require(HostID(host.id)), currency: .eur)
                        ).used
                    }
                }
                let laid = try await brackets()
                // An open dispute gives no capacity back (R4).
                #expect(laid.reduce(0, +) > 0, "\(story)")
                try await deliver(Array(told.dropFirst(7)), charge, to: house, seed: nil)
                try house.time.set("2026-03-20T12:00:00Z")
                try await night("2026-03-19")
                #expect(try await brackets().reduce(0, +) == (story == .won ? laid.reduce(0, +) : 0), "\(story)")
                let paid = try await house.service.database.read { transaction in
                    -(try transaction.balance(of: .bank, in: .eur).minorUnits)
                }
                let left = try await owed() + paid
                #expect(story == .won ? left > 0 : left == 0, "\(story) \(isReleasedFirst): \(left)")
            }
        }
    }
}

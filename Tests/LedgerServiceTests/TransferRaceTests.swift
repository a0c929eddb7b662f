import Store
import Testing
import Values

@testable import LedgerService

@Suite struct TransferRaceTests {
    @Test func `a refund against a transfer against an entry: one owner or none, and the money with one`() async throws
    {
        let stall = try await Stall(capacity: 20)
        var winners: Set<String> = []
        for _ in 0..<12 {
            let giver = try await stall.buyer(500)
            let taker = try await stall.buyer(0)
            let sale = try await stall.buy(by: giver)
            let key = stall.once()
            async let refund = stall.code {
                _ = try await stall.service.refund(sale.ticket, key: key, by: .wallet(giver))
            }
            async let transfer = stall.code { _ = try await stall.pass(sale.ticket, to: taker) }
            async let entry = stall.code { try await stall.enter(sale.ticket, by: giver) }
            let (refunded, passed, entered) = await (refund, transfer, entry)
            #expect(entered == "done", "what was seen at the door is kept: \(entered)")
            let inForce = try await stall.service.database.read { try $0.ticketsInForce(of: sale.order) }
            let money = try await stall.balance(giver)
            if refunded == "done" {
                #expect(passed != "done" && inForce.isEmpty && money == Money(500, .eur), "\(passed)")
                winners.insert("refund")
            } else {
                #expect(refunded == "ticket_replaced" && passed == "done", "\(refunded), \(passed)")
                #expect(inForce.count == 1 && inForce != [sale.ticket] && money == Money(0, .eur))
                winners.insert("transfer")
            }
        }
        #expect(!winners.isEmpty)
        try await stall.isClean()
        await stall.close()
    }
}

import BoxOffice
import HTTPEdge
import Ledger
import Schemas
import Store
import Testing
import Values

@testable import LedgerService

/// The place of a limited price, once its ticket was given back: sold again where the policy says so, and only there.
@Suite struct TierPlaceTests {
    /// - Parameter isFree: paid by a voucher for the whole price; a free ticket has no entry in the journal.
    @Test(arguments: [false, true], [true, false])
    func `a place of a limited price comes back with its ticket where the policy says so`(isFree: Bool, returns: Bool)
        async throws
    {
        let name = #""name": "guichet-demo-2026","#
        let presets = String(decoding: PolicyPresets.json, as: UTF8.self)
        let changed = presets.replacing(name, with: #"\#(name) "return_tier_places": \#(returns),"#)
        #expect(changed != presets)
        let policies = try PolicyBook(json: Array(changed.utf8))
        let sale = try await SaleRoom(capacity: 10, price: 800) { $0.policies = policies }
        let buyer = try await sale.buyer()
        _ = try await sale.service.setTier(
            TierDraft(tier: "early", price: Money(500, .eur), places: 1), of: sale.room, by: .host(sale.host))
        var order = sale.order()
        if isFree {
            order.voucher = try await sale.service.createVoucher(
                VoucherDraft(benefit: .free), key: try sale.once("v"), by: .host(sale.host)
            ).code
        }
        let bought = try await sale.service.buy(order, key: try sale.once("1"), by: .wallet(buyer))
        func left() async throws -> Int? {
            try await sale.service.prices(of: sale.room).first { $0.tier == "early" }?.placesLeft
        }
        #expect(try await left() == 0)
        _ = try await sale.service.refund(bought.ticket, key: try sale.once("back"), by: .wallet(buyer))
        #expect(try await left() == (returns ? 1 : 0))
        let report = try await sale.service.audit(by: .auditor)
        #expect(report.isClean, "\(report.lines.filter { !$0.findings.isEmpty })")
        await sale.close()
    }
}

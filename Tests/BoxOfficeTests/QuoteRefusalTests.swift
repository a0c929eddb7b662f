import BoxOffice
import Testing
import Values

/// What a refusal of the sale means to somebody who was promised a price.
@Suite struct QuoteRefusalTests {
    @Test func `a quote that does not hold any more says which part of it does not`() {
        let money = Money(100, .eur)
        let at = Instant(seconds: 0)
        for refusal in [.priceChanged(now: money), .belowFloor(least: money), .aboveMost(most: money)]
            as [PurchaseRefusal]
        {
            #expect(QuoteRefusal(refusal) == QuoteRefusal.price(now: money))
        }
        for refusal in [.tierUnknown, .tierNotOpen(opensAt: at), .tierOver, .tierFull(left: 1)] as [PurchaseRefusal] {
            #expect(QuoteRefusal(refusal) == QuoteRefusal.phase)
        }
        for refusal in [.voucherUnknown, .voucherNotYet(from: at), .voucherOver, .voucherUsedUp(left: 1)]
            as [PurchaseRefusal]
        {
            #expect(QuoteRefusal(refusal) == QuoteRefusal.voucher)
        }
        for refusal in [
            .roomUnknown, .roomCancelled, .roomClosed, .saleNotOpen(opensAt: at), .count(most: 20),
            .currencyMismatch(price: .eur), .channelUnknown, .soldOut(capacity: 3), .notEnoughSeats(left: 1),
            .insufficientFunds(missing: money), .holdLimit(seats: 20),
        ] as [PurchaseRefusal] {
            #expect(QuoteRefusal(refusal) == nil)
        }
    }
}

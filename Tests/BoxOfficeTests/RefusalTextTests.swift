import BoxOffice
import Schemas
import Testing
import Values

@Suite("The box office's refusals")
struct RefusalTextTests {
    /// Every case of every refusal of this module.
    static let all: [any Refusal] = {
        let money = Money(100, .eur)
        let rooms: [RoomRefusal] = [.title, .language, .times, .ended, .tooLong, .capacity, .cohosts]
        let states: [RoomStateRefusal] = [.cancelled, .closed, .ended, .notOpen]
        let prices: [PriceRefusal] = [
            .roomUnknown, .roomCancelled, .roomClosed, .currencyNotSold(.jpy), .outOfRange(least: money, most: money),
            .tierName, .listFull(tiers: 12), .listCurrency(.eur), .tierDates, .tierPlaces(capacity: 3),
        ]
        let purchases: [PurchaseRefusal] = [
            .roomUnknown, .roomCancelled, .roomClosed, .saleNotOpen(opensAt: Instant(seconds: 0)),
            .currencyMismatch(price: .eur), .priceChanged(now: money), .soldOut(capacity: 3),
            .insufficientFunds(missing: money), .count(most: 20), .tierUnknown,
            .tierNotOpen(opensAt: Instant(seconds: 0)), .tierOver, .tierFull(left: 1), .belowFloor(least: money),
            .aboveMost(most: money), .voucherUnknown, .voucherNotYet(from: Instant(seconds: 0)), .voucherOver,
            .voucherUsedUp(left: 1), .channelUnknown, .notEnoughSeats(left: 1), .holdLimit(seats: 20),
            .waitingFirst,
        ]
        let waiting: [WaitingRefusal] = [
            .tooMany(capacity: 3), .price, .full(most: 2), .already, .notNeeded(left: 1), .unknown, .notOffered,
            .bought,
            .over,
        ]
        let quotes: [QuoteRefusal] = [
            .invalid, .expired, .holder, .way, .price(now: money), .postings, .phase, .voucher,
        ]
        let refunds: [RefundRefusal] = [
            .ticketUnknown, .alreadyRefunded, .refundClosed(endedAt: Instant(seconds: 0)),
            .exceedsOrder(remaining: money), .replaced, .never, .used(at: Instant(seconds: 0)), .nothingDue,
            .offerChanged(now: money),
        ]
        let successions: [SuccessionRefusal] = [
            .ticketUnknown, .replaced, .revoked, .expired(at: Instant(seconds: 0)), .window,
        ]
        let transfers: [TransferRefusal] = [
            .ticketUnknown, .ticketReplaced, .ticketEnded, .roomCancelled, .never,
            .closed(endedAt: Instant(seconds: 0)),
            .limit(most: 3), .open, .expiry, .unknown, .accepted, .withdrawn, .expired(at: Instant(seconds: 0)), .own,
        ]
        let overtimes: [OvertimeRefusal] = [
            .roomUnknown, .roomCancelled, .roomClosed, .roomEnded, .limit(most: 8),
            .end(present: Instant(seconds: 0)), .tooLong(latest: Instant(seconds: 0)), .currency(.eur),
            .price(most: money),
        ]
        let extensions: [ExtensionRefusal] = [
            .ticketUnknown, .ticketReplaced, .ticketEnded, .roomCancelled, .roomClosed, .none,
            .whole(endsAt: Instant(seconds: 0)), .tooLate(endedAt: Instant(seconds: 0)), .moveOpen, .price(now: money),
            .insufficientFunds(missing: money), .unknown, .alreadyRefunded, .begun(at: Instant(seconds: 0)), .notLast,
        ]
        let resales: [ResaleRefusal] = [
            .ticketUnknown, .ticketReplaced, .ticketEnded, .roomCancelled, .never,
            .closed(endedAt: Instant(seconds: 0)),
            .used(at: Instant(seconds: 0)), .open, .notOffered, .lent(until: Instant(seconds: 0)), .resold,
        ]
        let keys: [HolderKeyRefusal] = [
            .ticketUnknown, .ticketReplaced, .ticketEnded, .ticketOver(at: Instant(seconds: 0)), .notAsked, .otherKey,
        ]
        let placements: [PlacementRefusal] = [.gatewayUnknown, .address, .roomOver, .tooMany(100)]
        let topups: [TopupRefusal] = [.currencyNotSold(.jpy), .outOfRange(least: money, most: money), .walletFull]
        let suspense: [SuspenseRefusal] = [.words, .amount, .conflict, .unknown, .alreadyResolved, .walletFull]
        return rooms + states + prices + purchases + quotes + HoldRefusal.allCases + VoucherRefusal.allCases + refunds
            + topups + suspense + successions + transfers + waiting + overtimes + extensions + [MoveRefusal.overtime]
            + resales + keys + placements
    }()

    @Test("have plain words in both languages, and every fact finds its place")
    func words() throws {
        for refusal in Self.all {
            let text = try #require(RefusalTexts.all[refusal.code], "\(refusal.code)")
            #expect((400...499).contains(text.status))
            for language in ["en", "fr"] {
                let raw = try #require(text.words[language])
                let words = text.words(in: language, facts: refusal.facts)
                for line in [words.title, words.detail, words.next] {
                    #expect(!line.isEmpty)
                    #expect(!line.contains("{"), "\(refusal.code) in \(language) names a fact that it does not have")
                }
                let all = raw.title + raw.detail + raw.next
                for fact in refusal.facts.keys {
                    #expect(all.contains("{\(fact)}"), "\(refusal.code) in \(language) does not say \(fact)")
                }
            }
        }
    }

    @Test("have the statuses that clients act on")
    func statuses() {
        func status(_ code: String) -> Int? { RefusalTexts.all[code]?.status }
        #expect(status("room_unknown") == 404)
        #expect(status("room_cancelled") == 410)
        #expect(status("room_closed") == 410)
        #expect(status("sale_not_open") == 425)
        #expect(status("price_changed") == 409)
        #expect(status("currency_mismatch") == 422)
        #expect(status("sold_out") == 409)
        #expect(status("insufficient_funds") == 402)
    }
}

import BoxOffice
import Ledger
import Schemas
import Testing
import Values

@Suite("Payouts on their way")
struct PayoutTransferTests {
    @Test("every state with every event is as the table says")
    func table() {
        let table: [PayoutTransferState: [PayoutTransferEvent: [PayoutTransferState]]] = [
            .requested: [.paid: [.paid], .refused: [.refused], .returned: [.paid, .returned]],
            .refused: [.paid: [.paid], .refused: [], .returned: [.paid, .returned]],
            .paid: [.paid: [], .refused: [], .returned: [.returned]],
            .returned: [.paid: [], .refused: [], .returned: []],
        ]
        for state in PayoutTransferState.allCases {
            for event in PayoutTransferEvent.allCases {
                var life = PayoutTransferLife(state)
                let entered = life.tell(event)
                #expect(entered == table[state]?[event], "\(state) \(event)")
                #expect(life.state == entered.last ?? state)
            }
        }
    }

    @Test("whatever the order and number of the news, the end and the states entered are the same")
    func orders() {
        for news in [
            [.paid, .returned], [.returned, .paid], [.returned, .paid, .returned], [.refused, .paid, .returned],
        ]
            as [[PayoutTransferEvent]]
        {
            var life = PayoutTransferLife(.requested)
            let entered = news.flatMap { life.tell($0) }
            #expect(life.state == .returned)
            #expect(entered.filter { $0 != .refused } == [.paid, .returned], "\(news)")
        }
    }

    @Test("an item is sent once, and not without a reason to")
    func sending() throws {
        let destination = try PayoutDestination(provider: .stripe, text: "acct_1NxYZ")
        func decide(
            net: Int64 = 100, last: PayoutTransferState? = nil, to: PayoutDestination? = destination,
            isBlocked: Bool = false, through: Set<ProviderName> = [.stripe]
        ) -> PayoutSending {
            decideSending(
                PayoutItemStanding(net: Money(net, .eur), last: last, destination: to, isBlocked: isBlocked),
                through: through)
        }
        #expect(decide() == .send(destination))
        #expect(decide(last: .refused) == .send(destination))
        for state in [PayoutTransferState.requested, .paid, .returned] {
            #expect(decide(net: 0, last: state, to: nil, isBlocked: true, through: []) == .sent(state))
        }
        #expect(decide(net: 0, to: nil, isBlocked: true) == .nothing)
        #expect(decide(to: nil, isBlocked: true) == .blocked)
        #expect(decide(to: nil, through: []) == .noDestination)
        #expect(decide(through: [.manual]) == .noProvider)
    }

    @Test("a destination is what its provider could mean")
    func destinations() throws {
        for text in ["", " a", "a ", "a\nb", String(repeating: "x", count: 201)] {
            #expect(throws: PayoutRefusal.destination) { try PayoutDestination(provider: .manual, text: text) }
        }
        for text in ["acct_", "acct_a b", "acct_é", "ba_123", "acct_" + String(repeating: "1", count: 101)] {
            #expect(throws: PayoutRefusal.destination) { try PayoutDestination(provider: .stripe, text: text) }
        }
        #expect(try PayoutDestination(provider: .manual, text: "FR76 3000 6000").text == "FR76 3000 6000")
    }

    @Test("a machine takes the money from what it holds, a person from the bank")
    func recipes() {
        let money = Money(900, .eur)
        let legs = PostingRecipe.payoutTransfer(of: money, through: .stripe)
        #expect(legs == [Leg(debit: .bank, credit: .provider, amount: money)].compactMap(\.self))
        #expect(PostingRecipe.payoutReturn(of: money, through: .sandbox) == legs.map(\.mirrored))
        #expect(PostingRecipe.payoutTransfer(of: money, through: .manual).isEmpty)
        #expect(PostingRecipe.payoutReturn(of: money, through: .manual).isEmpty)
    }

    @Test("every refusal has words in both languages", arguments: PayoutRefusal.allCases)
    func words(refusal: PayoutRefusal) throws {
        let text = try #require(RefusalTexts.all[refusal.code], "\(refusal.code)")
        for language in ["en", "fr"] {
            let words = text.words(in: language, facts: refusal.facts)
            #expect(![words.title, words.detail, words.next].contains(""))
        }
    }
}

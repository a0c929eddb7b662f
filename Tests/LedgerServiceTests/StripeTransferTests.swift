import BoxOffice
import Testing
import Values

@testable import LedgerService

/// What is read from Stripe's words about transfers to connected accounts.
@Suite struct StripeTransferTests {
    private let payout = PayoutTransferID.derived(at: Instant(seconds: 0), from: "payout")

    private func read(_ kind: String, _ members: String) -> ProviderReport? {
        let body = """
            {"id":"evt_1","object":"event","type":"\(kind)","data":{"object":{"id":"tr_1","object":"transfer",\
            "currency":"eur",\(members)}}}
            """
        return StripeEvents.read(Array(body.utf8))?.report
    }

    @Test(arguments: [
        (#""amount":404,"amount_reversed":0"#, ProviderTransfer.State.paid), (#""amount":404"#, .paid),
        (#""amount":404,"amount_reversed":404,"reversed":true"#, .returned),
        (#""amount":404,"amount_reversed":403"#, .partlyReturned),
    ])
    func `a transfer is made when it exists, and came back when all of it was reversed`(
        members: String, state: ProviderTransfer.State
    ) {
        let told = read("transfer.updated", #""metadata":{"payout":"\#(payout)"},\#(members)"#)?.transfer
        #expect(told == ProviderTransfer(name: "tr_1", ours: payout, amount: Money(404, .eur), state: state))
    }

    @Test func `a transfer of another system has none of our ids, and one without an amount is none`() {
        let told = read("transfer.created", #""amount":5,"metadata":{"payout":"theirs"}"#)
        #expect(told?.transfer?.ours == nil && told?.transfer != nil)
        #expect(read("transfer.created", #""metadata":{}"#) == nil)
        #expect(read("transfer.failed", #""amount":5"#) == nil)
    }

    @Test func `a report with a transfer is stored and read back as it was`() throws {
        let report = ProviderReport(
            transfer: ProviderTransfer(name: "tr_1", ours: payout, amount: Money(1, .eur), state: .returned))
        #expect(try value(ProviderReport.self, from: text(of: report), column: "x") == report)
    }
}

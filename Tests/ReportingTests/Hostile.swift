import Reporting
import Values

/// Facts whose every text tries to leave its place: markup, formulas, quotes, line ends, other folders, other
/// directions of writing.
enum Hostile {
    static let title =
        "</style><script>alert(\"1\")</script> & <b>'x'</b>\r\n=HYPERLINK(\"http://x\",\"y\")\u{202E}\u{0}"
    static let host = "../..\\ana; <i>&\"'\r\n|(x)"

    static var facts: NightFacts {
        let day = LocalDay(daysSince1970: 20_454)
        let at = Instant(seconds: 1_767_250_000)
        let account = "liabilities:host:" + host
        let hash = String(repeating: "a", count: 64)
        func posting(_ seq: Int64, _ account: String, _ amount: Int64) -> JournalPostingRow {
            JournalPostingRow(
                seq: seq, entry: "e\(seq) \"\\\n; |", postedAt: at, effectiveOn: day,
                kind: "sale (x) | y ; \"z\"\n2026-01-01",
                reverses: nil, account: account, currency: .eur, amount: amount,
                prevHash: String(repeating: "0", count: 64), hash: hash)
        }
        let accounts = [("assets:psp", 1_000), (account, -600), ("suspense", -300), ("x  y;z:Ä_", -100)]
        let carried = CarriedRow(
            host: host, currency: .eur, available: 600, pending: 0, reason: .belowMinimum, nextOn: nil)
        let order = StatementLine(
            day: day, room: "r\"1", title: title, order: "o,1", gross: 1_000, vat: 0, fee: 0, base: 1_000,
            parts: [.init(base: 400, rate: BasisPoints(9_700)), .init(base: 600, rate: BasisPoints(8_000))],
            share: 868, shareReversed: 0, reversed: 0, credited: 868, releaseOn: nil, state: .available)
        return NightFacts(
            platform: title, day: day, cutoff: at, cutSequence: 1, headSequence: 1, headHash: hash, policy: title,
            policyVersion: 1, timeZone: "Europe/Paris", batches: [],
            journal: accounts.map { posting(1, $0.0, Int64($0.1)) },
            balances: accounts.map { BalanceRow(account: $0.0, currency: .eur, balance: Int64($0.1)) },
            sales: [
                SalesRow(
                    day: day, room: "r\"1", title: title, host: host, currency: .eur, tickets: 1, gross: 1_000, vat: 0,
                    fee: 0, base: 1_000, refundedTickets: 0, refunded: 0)
            ],
            escrow: [], payouts: [], carried: [carried], orders: [],
            hosts: [
                HostFacts(
                    host: host, name: title, currency: .eur, from: day, through: day, opening: 0, lines: [order],
                    movements: [.init(day: day, kind: "adjustment", reason: title, amount: -268)], payouts: [],
                    carried: carried, minimumPayout: 1_000)
            ])
    }
}

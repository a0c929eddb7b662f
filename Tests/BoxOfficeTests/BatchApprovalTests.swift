import BoxOffice
import Schemas
import Simulation
import Testing
import Values

@Suite("Four eyes over a payout batch")
struct BatchApprovalTests {
    private static let madeAt = Instant(seconds: 1_000)
    private static let host = HostID.derived(at: Instant(seconds: 0), from: "ana")

    private func batch(_ approvers: Set<String> = [], round: Int = 1, isSent: Bool = false) -> BatchApproval {
        BatchApproval(
            digest: "d", creator: "night", madeAt: Self.madeAt, round: round, approvers: approvers, isSent: isSent)
    }

    private func code(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch { return (error as? any Refusal)?.code ?? "\(error)" }
    }

    private func approving(
        _ batch: BatchApproval, _ name: String = "p", digest: String = "d", keyMadeAt: Int64? = 0,
        reason: String? = nil, findings: [PayoutFinding] = []
    ) -> String {
        var batch = batch
        return code {
            try batch.approve(
                digest, by: Signature(name: name, keyMadeAt: keyMadeAt.map { Instant(seconds: $0) }), reason: reason,
                findings: findings)
        }
    }

    @Test("each refusal of an approval, in the documented order")
    func approvals() {
        let finding = [PayoutFinding.totalAbove(Money(1, .eur))]
        #expect(approving(batch()) == "")
        #expect(approving(batch(isSent: true), "night", digest: "e") == "batch_digest")
        #expect(approving(batch(isSent: true), "night") == "payout_batch_sent")
        #expect(approving(batch(), "night", keyMadeAt: 2_000) == "payout_approval_creator")
        #expect(approving(batch(["p"]), keyMadeAt: 2_000) == "payout_approval_new_key")
        #expect(approving(batch(), keyMadeAt: 1_000) == "")
        #expect(approving(batch(["p"]), reason: "", findings: finding) == "payout_approval_given")
        #expect(approving(batch(), reason: " ", findings: finding) == "payout_reason")
        #expect(approving(batch(), reason: String(repeating: "x", count: 501)) == "payout_reason")
        #expect(approving(batch(), reason: "two\nlines") == "payout_reason")
        #expect(approving(batch(), findings: finding) == "payout_reason_needed")
        #expect(approving(batch(), reason: "a big night", findings: finding) == "")
        #expect(approving(batch(), keyMadeAt: nil) == "")
    }

    @Test("a rejection takes the approvals back, and what was sent is not stopped")
    func rejection() throws {
        var approved = batch(["p", "q"])
        try approved.reject("d", reason: "the account is wrong")
        #expect(approved.approvers.isEmpty && approved.round == 2)
        #expect(approved.state(needsSecond: true, isOpen: true, isEmpty: false) == .rejected)
        for (batch, digest, reason, expected) in [
            (batch(isSent: true), "e", "x", "batch_digest"), (batch(isSent: true), "d", "x", "payout_batch_sent"),
            (batch(), "d", "", "payout_reason"),
        ] {
            var batch = batch
            #expect(code { try batch.reject(digest, reason: reason) } == expected)
        }
    }

    @Test("it takes as many people as the house says, and leaves once")
    func sending() throws {
        var one = batch(["q"])
        #expect(code { _ = try one.send("e", needsSecond: false) } == "batch_digest")
        #expect(code { _ = try one.send("d", needsSecond: true) } == "payout_not_approved")
        var none = batch()
        #expect(code { _ = try none.send("d", needsSecond: false) } == "payout_not_approved")
        let alone = try #require(try one.send("d", needsSecond: false))
        #expect(alone.first == "q" && alone.second == nil)
        #expect(try one.send("d", needsSecond: false) == nil)
        var three = batch(["r", "p", "q"])
        let two = try #require(try three.send("d", needsSecond: true))
        #expect(two.first == "p" && two.second == "q")
    }

    @Test("every state of a batch")
    func states() {
        func state(_ batch: BatchApproval, _ second: Bool = true, open: Bool = true, empty: Bool = false)
            -> PayoutBatchState
        { batch.state(needsSecond: second, isOpen: open, isEmpty: empty) }
        #expect(state(batch()) == .computed)
        #expect(state(batch(["p"])) == .partlyApproved)
        #expect(state(batch(["p"]), false) == .approved)
        #expect(state(batch(["p", "q"])) == .approved)
        #expect(state(batch(round: 2)) == .rejected)
        #expect(state(batch(["p"], round: 2)) == .partlyApproved)
        #expect(state(batch(["p", "q"], isSent: true)) == .sent)
        #expect(state(batch(["p", "q"], isSent: true), open: false) == .settled)
        #expect(state(batch(), empty: true) == .settled)
    }

    @Test("what has to be explained, at its limit and behind it")
    func findings() {
        var safeguards = PayoutSafeguards()
        safeguards.itemAbove = [.eur: 100]
        safeguards.totalAbove = [.eur: 150]
        safeguards.growthTimes = 2
        let now = Instant(seconds: 10 * 86_400)
        func codes(_ net: Int64, changed: Int64? = nil, earlier: [Int64] = [], currency: Currency = .eur) -> [String] {
            safeguards.findings(
                of: [
                    PayoutReviewItem(
                        host: Self.host, net: Money(net, currency), changedAt: changed.map { Instant(seconds: $0) },
                        earlier: Int64(earlier.count), earlierSum: earlier.reduce(0, +))
                ], at: now
            ).map(\.code)
        }
        #expect(codes(100) == [])
        #expect(codes(101) == ["item_above"])
        #expect(codes(151) == ["total_above", "item_above"])
        #expect(codes(1_000_000, currency: .usd) == [])
        #expect(codes(1, changed: 7 * 86_400) == [])
        #expect(codes(1, changed: 7 * 86_400 + 1) == ["new_destination"])
        #expect(codes(40, earlier: [20]) == [])
        #expect(codes(41, earlier: [20]) == ["growth"])
        #expect(codes(41, earlier: [20, 21]) == [])
        #expect(codes(50, changed: 10 * 86_400, earlier: [0]) == ["new_destination", "growth"])
    }

    @Test("a changed destination is trusted once it is old, or once people have seen it")
    func trust() {
        var safeguards = PayoutSafeguards()
        safeguards.detailsDays = 0
        let since = Instant(seconds: 1_000)
        let end = since.advanced(bySeconds: 3 * 86_400)
        #expect(safeguards.distrusted(1, since: since, nil, at: since) == nil)
        #expect(safeguards.distrusted(2, since: since, nil, at: since) == end)
        #expect(safeguards.distrusted(2, since: since, nil, at: end) == nil)
        #expect(safeguards.distrusted(2, since: since, Instant(seconds: 1_001), at: since) == nil)
        #expect(safeguards.distrusted(2, since: since, since, at: since) == end)
        #expect(safeguards.distrusted(2, since: since, Instant(seconds: 999), at: since) == end)
    }

    @Test("new details wait for their days, whoever has seen them, and another change begins anew")
    func details() {
        var safeguards = PayoutSafeguards()
        let since = Instant(seconds: 1_000)
        func days(_ days: Int64) -> Instant { since.advanced(bySeconds: days * 86_400) }
        let seen = since.advanced(bySeconds: 1)
        #expect(safeguards.distrusted(2, since: since, seen, at: seen) == days(3))
        #expect(safeguards.distrusted(2, since: since, seen, at: days(3)) == nil)
        #expect(safeguards.distrusted(3, since: days(2), seen, at: days(3)) == days(5))
        #expect(safeguards.distrusted(1, since: since, nil, at: since) == nil)
        safeguards.firstDetailsDays = 2
        #expect(safeguards.distrusted(1, since: since, seen, at: seen) == days(2))
        #expect(safeguards.distrusted(1, since: since, nil, at: days(2)) == nil)
        // What nobody has seen waits for the longer of the two.
        safeguards.detailsDays = 1
        #expect(safeguards.distrusted(2, since: since, nil, at: since) == days(3))
        #expect(safeguards.distrusted(2, since: since, seen, at: seen) == days(1))
    }

    @Test("one approval is enough only where every sum is small enough")
    func secondPerson() {
        var safeguards = PayoutSafeguards()
        #expect(safeguards.needsSecond([Money(1, .eur)]))
        #expect(!safeguards.needsSecond([Money(0, .eur)]))
        safeguards.oneApprovalUpTo = [.eur: 500]
        #expect(!safeguards.needsSecond([Money(500, .eur)]))
        #expect(safeguards.needsSecond([Money(501, .eur)]))
        #expect(safeguards.needsSecond([Money(500, .eur), Money(1, .usd)]))
    }

    @Test("whatever people do, what is sent was agreed to by enough of them, and not by its maker")
    func anyOrder() throws {
        for seed in UInt64(1)...200 {
            var generator = SeededGenerator(seed: seed)
            var batch = batch()
            // The naive model: who agreed since the last rejection.
            var agreed: [String] = []
            var sentBy: [String]?
            for _ in 0..<Int.random(in: 1...20, using: &generator) {
                let name = ["night", "p", "q", "r"].randomElement(using: &generator) ?? "p"
                switch Int.random(in: 0..<4, using: &generator) {
                case 0, 1:
                    if code({ try batch.approve("d", by: Signature(name: name), reason: nil, findings: []) }) == "" {
                        agreed.append(name)
                    }
                case 2: if code({ try batch.reject("d", reason: "no") }) == "" { agreed = [] }
                default:
                    let needsSecond = Bool.random(using: &generator)
                    if let sent = try? batch.send("d", needsSecond: needsSecond) {
                        #expect(sentBy == nil, "seed \(seed)")
                        sentBy = [sent.first] + (sent.second.map { [$0] } ?? [])
                        #expect(sentBy?.count == (needsSecond ? 2 : 1), "seed \(seed)")
                        #expect(Set(sentBy ?? []).isSubset(of: agreed), "seed \(seed)")
                    }
                }
                #expect(!agreed.contains("night") && Set(agreed).count == agreed.count, "seed \(seed)")
                #expect(sentBy != nil || Set(agreed) == batch.approvers, "seed \(seed)")
            }
        }
    }

    @Test("every refusal has words in both languages", arguments: BatchApprovalRefusal.cases)
    func words(refusal: BatchApprovalRefusal) throws {
        let text = try #require(RefusalTexts.all[refusal.code])
        for language in ["en", "fr"] {
            let words = text.words(in: language, facts: refusal.facts)
            #expect(!(words.title + words.detail + words.next).contains("{"))
        }
    }

    @Test("every way to be paid or not has one reason, and its words")
    func reasons() {
        let destination = try? PayoutDestination(provider: .manual, text: "x")
        let until = Instant(seconds: 5)
        let sendings: [PayoutSending?] = [
            nil, .nothing, .blocked, .noDestination, .noProvider, .coolingOff(until), .sent(.requested),
            .sent(.refused),
            .sent(.paid), .sent(.returned), destination.map { .send($0) },
        ]
        let paid = sendings.map {
            PayoutReason(.paid, sending: $0, minimum: Money(1, .eur), blockedBecause: "why").code
        }
        #expect(
            paid == [
                "awaiting_approval", "withheld", "blocked", "no_payout_method", "no_payout_method", "cooling_off",
                "sent",
                "refused", "arrived", "returned", "awaiting_approval",
            ])
        for night in NightReason.allCases where night != .paid {
            let codes = Set(
                sendings.map { PayoutReason(night, sending: $0, minimum: Money(1, .eur), blockedBecause: "").code })
            #expect(codes == [night.rawValue])
        }
        #expect(PayoutReasonTexts.codes == Set(PayoutReason.codes + ["escrow", "held", "reserve"]))
        for code in PayoutReasonTexts.codes {
            for language in ["en", "fr"] {
                #expect(!PayoutReasonTexts.sentence(code, in: language, facts: [:]).isEmpty)
            }
            #expect(
                PayoutReasonTexts.sentence(code, in: "en", facts: [:])
                    != PayoutReasonTexts.sentence(code, in: "fr", facts: [:]))
        }
    }

    @Test("the next day is a day with a batch")
    func nextDay() throws {
        let calendar = try #require(BusinessCalendar(zone: "Europe/Paris"))
        let friday = try #require(LocalDay("2026-03-06"))
        func next(_ reason: PayoutReason, held: LocalDay? = nil) -> String? {
            reason.next(after: friday, heldUntil: held, calendar: calendar) { $0.weekday <= 5 }?.description
        }
        #expect(next(.belowMinimum(Money(1, .eur))) == "2026-03-09")
        #expect(next(.noBatchDay) == "2026-03-09")
        #expect(next(.onHold, held: LocalDay("2026-03-14")) == "2026-03-16")
        #expect(next(.blocked("x")) == nil)
        #expect(next(.blocked("x"), held: LocalDay("2026-03-10")) == "2026-03-10")
        #expect(next(.coolingOff(until: Instant(seconds: 1_772_900_000))) == "2026-03-07")
        #expect(PayoutReason.noBatchDay.next(after: friday, heldUntil: nil, calendar: calendar) { _ in false } == nil)
    }
}

import Testing
import Values

@testable import BoxOffice

/// People who answer in a provider's place: each refusal in its order, each kind with each outcome.
@Suite struct HandAnswerTests {
    private static let start = Instant(seconds: 1_772_452_800)
    private static let later = start.advanced(bySeconds: 25 * 3_600)
    private let ana = Signature(name: "ana", keyMadeAt: start)
    private let ben = Signature(name: "ben", keyMadeAt: start)

    private func call(
        _ kind: OwedCallKind = .refund, isOpen: Bool = true, isServed: Bool = false, said: HandProposal? = nil,
        told: HandOutcome? = nil
    ) -> UnansweredCall {
        UnansweredCall(
            kind: kind, createdAt: Self.start, isOpen: isOpen, isServed: isServed, proposal: said, told: told)
    }

    private func said(_ outcome: HandOutcome, _ person: String) -> HandProposal {
        HandProposal(n: 3, outcome: outcome, person: person, at: Self.later)
    }

    private func decide(
        _ outcome: HandOutcome, _ call: UnansweredCall?, _ person: Signature, reason: String = "their office said so",
        at now: Instant = later
    ) throws(HandAnswerRefusal) -> HandDecision {
        try decideHandAnswer(outcome, to: call, reason: reason, by: person, at: now)
    }

    @Test func `what moved no money takes one person, what may have takes two who say the same`() throws {
        for kind in OwedCallKind.allCases {
            for outcome in HandOutcome.allCases {
                switch (kind.movesMoney, outcome) {
                case (true, _):
                    #expect(try decide(outcome, call(kind), ana) == .propose)
                    let first = said(outcome, "ana")
                    #expect(try decide(outcome, call(kind, said: first), ben) == .carryOut(first))
                    let other: HandOutcome = outcome == .made ? .notMade : .made
                    #expect(try decide(other, call(kind, said: first), ben) == .propose)
                    #expect(try decide(other, call(kind, said: first), ana) == .propose)
                case (false, .notMade): #expect(try decide(outcome, call(kind), ana) == .carryOut(nil))
                case (false, .made):
                    #expect(throws: HandAnswerRefusal.outcome) { try decide(outcome, call(kind), ana) }
                }
            }
        }
    }

    @Test func `refusals come in their order`() throws {
        #expect(throws: HandAnswerRefusal.unknown) { try decide(.made, nil, ana, reason: "") }
        #expect(throws: HandAnswerRefusal.ended) { try decide(.made, call(isOpen: false, isServed: true), ana) }
        let young = Self.start.advanced(bySeconds: 86_399)
        #expect(throws: HandAnswerRefusal.waits) {
            try decide(.made, call(.fees, isServed: true), ana, reason: "", at: young)
        }
        #expect(try decide(.made, call(isServed: true), ana, at: Self.start.advanced(bySeconds: 86_400)) == .propose)
        #expect(try decide(.made, call(), ana, at: young) == .propose, "nobody asks it again")
        #expect(throws: HandAnswerRefusal.outcome) { try decide(.made, call(.checkout), ana, reason: "") }
        #expect(throws: HandAnswerRefusal.told) { try decide(.notMade, call(told: .made), ana, reason: "") }
        #expect(throws: HandAnswerRefusal.told) { try decide(.made, call(told: .notMade), ana) }
        #expect(try decide(.made, call(told: .made), ana) == .propose)
        #expect(throws: HandAnswerRefusal.reason) { try decide(.made, call(), ana, reason: "") }
        #expect(throws: HandAnswerRefusal.reason) { try decide(.made, call(), ana, reason: "a\nb") }
        #expect(throws: HandAnswerRefusal.samePerson) { try decide(.made, call(said: said(.made, "ana")), ana) }
        let fresh = Signature(name: "ana2", keyMadeAt: Self.later.advanced(bySeconds: 1))
        #expect(throws: HandAnswerRefusal.newKey) { try decide(.made, call(said: said(.made, "ana")), fresh) }
    }
}

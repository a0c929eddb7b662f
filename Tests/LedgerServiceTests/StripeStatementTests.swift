import BoxOffice
import Foundation
import Simulation
import Testing
import Values

@testable import LedgerService

/// What is read of Stripe's balance transactions, and what is not.
@Suite struct StripeStatementTests {
    private static let text = """
        {"id":"txn_1","object":"balance_transaction","amount":1000,"fee":39,"net":961,"currency":"eur",
        "created":1772452800,"available_on":1772625600,"reporting_category":"charge","type":"charge","status":"pending",
        "exchange_rate":null,"fee_details":[{"amount":39,"currency":"eur","type":"stripe_fee"}],
        "source":{"id":"ch_1","object":"charge","payment_intent":"pi_1"}}
        """

    private func line(_ text: String) throws -> ProviderMovement? {
        try StripeStatement.line(of: try #require(StripeValue(bytes: Array(text.utf8))))
    }

    @Test func `a balance transaction names what it is of, whether that is expanded or not`() throws {
        let one = try #require(try line(Self.text))
        #expect(one.name == "txn_1" && one.kind == .charge && one.source == "ch_1" && one.related == "pi_1")
        #expect(one.amount == Money(1_000, .eur) && one.fee == Money(39, .eur) && one.net == Money(961, .eur))
        #expect(one.createdAt == Instant(seconds: 1_772_452_800) && one.availableAt > one.createdAt)
        let named = try #require(
            try line(Self.text.replacing(#"{"id":"ch_1","object":"charge","payment_intent":"pi_1"}"#, with: #""ch_1""#))
        )
        #expect(named.source == "ch_1" && named.related == "")
        let reversal = #"{"id":"trr_1","object":"transfer_reversal","transfer":"tr_1"}"#
        let back = try #require(
            try line(
                Self.text.replacing(#"{"id":"ch_1","object":"charge","payment_intent":"pi_1"}"#, with: reversal)
                    .replacing(#""reporting_category":"charge""#, with: #""reporting_category":"transfer_reversal""#)))
        #expect(back.kind == .transferReversal && back.related == "tr_1")
    }

    @Test func `kinds are Stripe's reporting categories, and what is not one of ours is for somebody to look at`()
        throws
    {
        for kind in ProviderMovementKind.allCases where kind != .other {
            let text = Self.text.replacing(
                #""reporting_category":"charge""#, with: #""reporting_category":"\#(kind.rawValue)""#)
            #expect(try #require(try line(text)).kind == kind)
        }
        for category in ["topup", "tax", "connect_reserved_funds", "contribution"] {
            let text = Self.text.replacing(
                #""reporting_category":"charge""#, with: #""reporting_category":"\#(category)""#)
            let found = try #require(try line(text))
            #expect(found.kind == .other && found.category == category)
        }
    }

    @Test func `what does not add up, or has no name, sum or time, is no line`() throws {
        for (from, into) in [
            (#""net":961"#, #""net":960"#), (#""fee":39"#, #""fee":39.5"#), (#""currency":"eur""#, #""currency":"e""#),
            (#""created":1772452800"#, #""created":1"#), (#""id":"txn_1""#, #""id":null"#),
            (#""object":"balance_transaction""#, #""object":"charge""#),
            (#""available_on":1772625600"#, #""available_on":null"#),
        ] {
            let text = Self.text.replacing(from, with: into)
            let told = try #require(throws: UnreadableLine.self, "\(into)") { _ = try line(text) }
            #expect(told.name == "txn_1" || into.contains("null") && told.name.hasPrefix("unnamed_"), "\(told)")
            #expect(!told.why.isEmpty)
            // The same again is the same line.
            #expect(try #require(throws: UnreadableLine.self) { _ = try line(text) } == told)
        }
    }

    @Test(arguments: 1...200) func `broken lines never stop the reader`(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        var bytes = Array(Self.text.utf8)
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0...2, using: &generator) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.remove(at: index)
            default: bytes.insert(UInt8.random(in: 0x20...0x7E, using: &generator), at: index)
            }
        }
        guard let value = StripeValue(bytes: bytes), let found = try? StripeStatement.line(of: value) else { return }
        #expect(found.net == found.amount - found.fee)
    }
}

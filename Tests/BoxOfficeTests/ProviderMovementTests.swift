import Testing
import Values

@testable import BoxOffice

/// Lines of providers' statements against the books: each verdict, and each refusal of ending one by hand.
@Suite struct ProviderMovementTests {
    private static let noon = Instant(seconds: 1_772_452_800)

    private func line(
        _ kind: ProviderMovementKind = .charge, amount: Int64 = 1_000, fee: Int64 = 39, name: String = "txn_1"
    ) throws -> ProviderMovement {
        try #require(
            ProviderMovement(
                name: name, kind: kind, category: kind.rawValue, source: "ch_1", related: "pi_1",
                amount: Money(amount, .eur), fee: Money(fee, .eur), net: Money(amount - fee, .eur),
                createdAt: Self.noon, availableAt: Self.noon))
    }

    private func booked(_ amount: Int64 = 1_000, _ currency: Currency = .eur, by name: String? = nil) -> BookedMovement
    {
        BookedMovement(target: "charge_1", amount: Money(amount, currency), sequence: 7, charge: nil, statedBy: name)
    }

    @Test func `a line that the books have is matched, with the fee that is not booked yet`() throws {
        let one = try line()
        #expect(decideMatch(of: one, with: booked(), fee: nil) == .matched(fee: Money(39, .eur)))
        #expect(decideMatch(of: one, with: booked(), fee: Money(39, .eur)) == .matched(fee: nil))
        #expect(decideMatch(of: one, with: booked(by: "txn_1"), fee: Money(39, .eur)) == .matched(fee: nil))
        let free = try line(.refund, amount: -300, fee: 0)
        #expect(decideMatch(of: free, with: booked(-300), fee: nil) == .matched(fee: nil))
    }

    @Test func `what the books do not have stays open, for the first reason that there is`() throws {
        let one = try line()
        #expect(decideMatch(of: one, with: nil, fee: nil) == .open(.unknown))
        #expect(decideMatch(of: one, with: booked(5, by: "txn_0"), fee: nil) == .open(.twice))
        #expect(decideMatch(of: one, with: booked(999), fee: Money(1, .eur)) == .open(.amount))
        #expect(decideMatch(of: one, with: booked(1_000, .usd), fee: nil) == .open(.amount))
        #expect(decideMatch(of: one, with: booked(), fee: Money(40, .eur)) == .open(.fee))
        #expect(decideMatch(of: try line(.other), with: booked(), fee: nil) == .open(.kind))
    }

    @Test func `a provider's own bill is a fee, either way, and nothing else is one`() throws {
        #expect(decideMatch(of: try line(.fee, amount: -200, fee: 0), with: nil, fee: nil) == .bill(Money(200, .eur)))
        #expect(decideMatch(of: try line(.fee, amount: 50, fee: 0), with: nil, fee: nil) == .bill(Money(-50, .eur)))
        #expect(decideMatch(of: try line(.fee, amount: -200, fee: 3), with: nil, fee: nil) == .open(.kind))
        #expect(decideMatch(of: try line(.fee, amount: 0, fee: 0), with: nil, fee: nil) == .open(.kind))
        #expect(
            decideMatch(of: try line(.fee, amount: -200, fee: 0), with: nil, fee: Money(200, .eur)) == .open(.kind))
    }

    @Test func `each kind states one fact, and no two the same`() {
        let facts = ProviderMovementKind.allCases.compactMap(\.fact)
        #expect(Set(facts) == Set(StatedFact.allCases) && facts.count == StatedFact.allCases.count)
        #expect(ProviderMovementKind.allCases.filter { $0.fact == nil } == [.fee, .other])
    }

    @Test func `what is no line is none`() throws {
        func make(
            name: String = "txn_1", category: String = "charge", source: String = "", net: Int64 = 961,
            fee: Currency = .eur
        ) -> ProviderMovement? {
            ProviderMovement(
                name: name, kind: .charge, category: category, source: source, related: "", amount: Money(1_000, .eur),
                fee: Money(39, fee), net: Money(net, .eur), createdAt: Self.noon, availableAt: Self.noon)
        }
        #expect(make() != nil)
        #expect(make(net: 960) == nil && make(fee: .usd) == nil)
        #expect(make(name: "") == nil && make(name: String(repeating: "x", count: 256)) == nil)
        #expect(make(category: "") == nil && make(category: "a\nb") == nil)
        #expect(make(source: "a\u{0}b") == nil && make(source: String(repeating: "é", count: 200)) == nil)
    }

    @Test func `a line says the same though its money can be paid out on another day`() throws {
        let one = try line()
        let later = try #require(
            ProviderMovement(
                name: one.name, kind: one.kind, category: one.category, source: one.source, related: one.related,
                amount: one.amount, fee: one.fee, net: one.net, createdAt: one.createdAt,
                availableAt: one.createdAt.advanced(bySeconds: 86_400)))
        #expect(one.saysTheSame(as: later) && one != later)
        #expect(!one.saysTheSame(as: try line(fee: 40)))
        #expect(!one.saysTheSame(as: try line(.refund)))
    }

    @Test func `ending by hand is refused in the order of what is asked first`() throws {
        let one = try line(.other, amount: -300, fee: 0)
        func end(
            _ resolution: StatementResolution, _ line: ProviderMovement?, exists: Bool = true, isOpen: Bool = true,
            _ reason: String = "why"
        ) throws(StatementRefusal) -> Money? {
            try decideResolution(resolution, of: line, exists: exists, isOpen: isOpen, reason: reason)
        }
        #expect(try end(.explained, one) == nil)
        #expect(try end(.fee, one) == Money(300, .eur))
        #expect(throws: StatementRefusal.unknown) { try end(.fee, nil, exists: false, isOpen: false, "") }
        #expect(throws: StatementRefusal.ended) { try end(.fee, one, isOpen: false, "") }
        #expect(throws: StatementRefusal.reason) { try end(.fee, one, "") }
        #expect(throws: StatementRefusal.reason) { try end(.fee, one, String(repeating: "x", count: 201)) }
        #expect(throws: StatementRefusal.notFee) { try end(.fee, nil) }
        #expect(throws: StatementRefusal.notFee) {
            try decideResolution(
                .fee, of: try line(.other, amount: 5, fee: 1), exists: true, isOpen: true, hasFee: true,
                reason: "theirs")
        }
        #expect(throws: StatementRefusal.notFee) { try end(.fee, try line(.other, amount: 5, fee: 5)) }
    }
}

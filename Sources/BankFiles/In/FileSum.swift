public import Values

/// What a booking in one sum means for the transfers of the file that it names.
public enum FileSum: Hashable, Sendable {
    /// All that were open have left our account.
    case pays
    /// It was told before: nothing is open, and what was paid is this sum.
    case known
    /// For a person to look at, and why.
    case differs(String)

    /// Nothing is guessed: of a sum that is another one than that of the open transfers, nobody knows which are in it.
    /// - Parameters:
    ///   - line: what the bank says, with its amount.
    ///   - count: how many transfers are in it, where that is said.
    ///   - open: the nets of the file's transfers that wait for the bank.
    ///   - settled: the nets of those that were paid, also if they came back.
    public init(_ line: BankReport.Line, count: Int?, open: [Money], settled: [Money]) {
        self = Self.decide(line, count, open, settled)
    }

    private static func decide(
        _ line: BankReport.Line, _ count: Int?, _ open: [Money], _ settled: [Money]
    ) -> FileSum {
        guard line.trouble.isEmpty else { return .differs(line.trouble) }
        guard line.said == .paid else {
            return .differs("it came back in one sum, and which payouts are in it is not said")
        }
        guard let amount = line.amount else { return .differs("it has no amount of its own") }
        if matches(amount, count, open) { return .pays }
        if open.isEmpty, matches(amount, count, settled) { return .known }
        let currency = open.first?.currency ?? settled.first?.currency ?? amount.currency
        guard amount.currency == currency else { return .differs("it is of \(currency), not \(amount.currency)") }
        let sum = Money(open.reduce(0) { $0 + $1.minorUnits }, currency)
        let said = count.map { "\($0) of \(amount)" } ?? "\(amount)"
        return .differs("open in the file: \(open.count) of \(sum); booked by the bank: \(said)")
    }

    private static func matches(_ amount: Money, _ count: Int?, _ nets: [Money]) -> Bool {
        !nets.isEmpty && (count ?? nets.count) == nets.count && nets.allSatisfy { $0.currency == amount.currency }
            && nets.reduce(0) { $0 + $1.minorUnits } == amount.minorUnits
    }
}

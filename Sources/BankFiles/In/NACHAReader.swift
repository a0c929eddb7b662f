internal import Values

/// Reads NACHA files: our own, to add them up again, and those of returned entries.
///
/// A returned entry is a line of type 6 with an addenda line 799 that has the reason (R01 …) and the trace number of the
/// entry that came back; 798 is a notice of a change (C01 …), which moves nothing.
public enum NACHAReader {
    /// - Throws: ``BankRefusal/unreadable(_:)`` for a line, a sum or a count that is not as the rules say.
    public static func read(_ bytes: [UInt8]) throws(BankRefusal) -> BankReport {
        guard bytes.count <= BankReport.byteLimit else { throw .unreadable("it is too large") }
        guard bytes.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x0A || $0 == 0x0D }) else {
            throw .unreadable("a character that ACH does not have")
        }
        let lines = bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }).map { Array($0) }
        guard lines.allSatisfy({ $0.count == 94 }) else { throw .unreadable("a line that has not 94 columns") }
        guard let header = lines.first, header[0] == UInt8(ascii: "1"), lines.count % 10 == 0 else {
            throw .unreadable("it is not in blocks of ten lines")
        }
        var totals = NACHATotals()
        var report: [BankReport.Line] = []
        for (index, line) in lines.enumerated() {
            if let entry = try totals.take(line, isFirst: index == 0) { report.append(entry) }
        }
        guard totals.isEnded else { throw .unreadable("it has no end") }
        // Origin, day, time and modifier name a file.
        let name = NACHATotals.text(header, 13, 34).split(separator: " ").joined()
        return BankReport(kind: .nacha, messageID: name, lines: report)
    }
}

/// Adds a NACHA file up, line by line.
private struct NACHATotals {
    private struct Sums {
        var entries: Int64 = 0
        var hash: Int64 = 0
        var debit: Int64 = 0
        var credit: Int64 = 0
    }

    private var batch: Sums?
    private var file = Sums()
    private var batches: Int64 = 0
    private var lines: Int64 = 0
    /// The amount of the entry whose addenda may follow.
    private var entryAmount: Int64?
    private(set) var isEnded = false

    /// - Returns: what a line says of an entry of ours.
    mutating func take(_ line: [UInt8], isFirst: Bool) throws(BankRefusal) -> BankReport.Line? {
        if isEnded {
            guard line.allSatisfy({ $0 == UInt8(ascii: "9") }) else { throw .unreadable("a line behind its end") }
            return nil
        }
        lines += 1
        switch line[0] {
        case UInt8(ascii: "1"):
            guard isFirst else { throw .unreadable("a second header") }
        case UInt8(ascii: "5"):
            guard batch == nil else { throw .unreadable("a batch in a batch") }
            batch = Sums()
            batches += 1
            entryAmount = nil
        case UInt8(ascii: "6"): try takeEntry(line)
        case UInt8(ascii: "7"): return try takeAddenda(line)
        case UInt8(ascii: "8"):
            guard let sums = batch else { throw .unreadable("the end of no batch") }
            guard try agrees(sums, line, at: [4, 10, 20, 32, 44]) else {
                throw .unreadable("a batch is not the sum of its entries")
            }
            file.entries += sums.entries
            file.hash += sums.hash
            file.debit += sums.debit
            file.credit += sums.credit
            batch = nil
        case UInt8(ascii: "9"):
            guard batch == nil else { throw .unreadable("a batch without its end") }
            guard try agrees(file, line, at: [13, 21, 31, 43, 55]), try number(line, 1, 7) == batches,
                try number(line, 7, 13) == (lines + 9) / 10
            else { throw .unreadable("the file is not the sum of its batches") }
            isEnded = true
        default: throw .unreadable("a line of no kind")
        }
        return nil
    }

    private mutating func takeEntry(_ line: [UInt8]) throws(BankRefusal) {
        guard var sums = batch else { throw .unreadable("an entry in no batch") }
        let amount = try number(line, 29, 39)
        guard (try? RoutingNumber(Self.text(line, 3, 12))) != nil else { throw .unreadable("a bank's number") }
        sums.entries += 1
        sums.hash += try number(line, 3, 11)
        // Second digits 1 to 4 are credits, 6 to 9 debits; a return is in the direction of its entry.
        switch line[2] {
        case 0x31...0x34: sums.credit += amount
        default: sums.debit += amount
        }
        batch = sums
        entryAmount = amount
    }

    private mutating func takeAddenda(_ line: [UInt8]) throws(BankRefusal) -> BankReport.Line? {
        guard batch != nil, let entryAmount else { throw .unreadable("an addenda line of no entry") }
        batch?.entries += 1
        let kind = Self.text(line, 1, 3)
        guard kind == "99" || kind == "98" else { return nil }
        return BankReport.Line(
            kind == "99" ? .returned : .notice, .trace(Self.text(line, 6, 21)),
            amount: kind == "99" ? Money(entryAmount, .usd) : nil, code: Self.text(line, 3, 6))
    }

    /// Entries, hash, debits and credits stand behind each other.
    private func agrees(_ sums: Sums, _ line: [UInt8], at columns: [Int]) throws(BankRefusal) -> Bool {
        let expected = [sums.entries, sums.hash % 10_000_000_000, sums.debit, sums.credit]
        for (index, figure) in expected.enumerated()
        where try number(line, columns[index], columns[index + 1]) != figure {
            return false
        }
        return true
    }

    /// At most twelve digits.
    private func number(_ line: [UInt8], _ start: Int, _ end: Int) throws(BankRefusal) -> Int64 {
        guard line[start..<end].allSatisfy({ (0x30...0x39).contains($0) }) else { throw .unreadable("a figure") }
        return line[start..<end].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    static func text(_ line: [UInt8], _ start: Int, _ end: Int) -> String {
        String(decoding: line[start..<end], as: UTF8.self)
    }
}

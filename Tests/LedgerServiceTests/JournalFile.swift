import Foundation
import Values

/// `journal.csv` as an auditor reads it: the file, the rules J1 to J13, and nothing of ours but SHA-256.
struct JournalFile {
    private struct Row {
        let fields: [String]
        var seq: Int64 { Int64(fields[0]) ?? -1 }
        var head: String { fields[0..<6].joined(separator: "|") }
        var amount: Int64 { Int64(fields[8]) ?? 0 }
    }
    private let header: String
    private let rows: [Row]

    init(_ text: String) {
        let lines = text.components(separatedBy: "\r\n").dropLast()
        header = lines.first ?? ""
        rows = lines.dropFirst().map { Row(fields: $0.components(separatedBy: ",")) }
    }

    func problems(balances: String) -> [String] {
        var problems: [String] = []
        if header != "seq,entry,posted_at,effective_on,kind,reverses,account,currency,amount,prev_hash,hash" {
            problems.append("header \(header)")
        }
        var previous = String(repeating: "0", count: 64)
        var sums: [String: Int64] = [:]
        var ids: [String: [Row]] = [:]
        var undone: Set<String> = []
        var (last, posted) = (Int64(0), "")
        var index = 0
        while index < rows.count {
            let end = rows[index...].firstIndex { $0.fields[0] != rows[index].fields[0] } ?? rows.count
            let entry = Array(rows[index..<end])
            index = end
            let first = entry[0]
            func bad(_ rule: String) { problems.append("\(rule) at \(first.seq)") }
            if entry.contains(where: { $0.head != first.head }) { bad("J1") }
            if first.seq != last + 1 { bad("J2") }
            last = first.seq
            if ids.updateValue(entry, forKey: first.fields[1]) != nil { bad("J3") }
            // Texts of one form sort as their times do, unless fractions of a second differ in length.
            guard let now = Instant(first.fields[2]), first.fields[2].hasSuffix("Z"), LocalDay(first.fields[3]) != nil
            else { bad("J4"); continue }
            if let before = Instant(posted), now < before { bad("J4") }
            posted = first.fields[2]
            if entry.contains(where: { $0.amount == 0 || $0.fields[7].count != 3 }) { bad("J5") }
            var zero: [String: Int64] = [:]
            for row in entry { zero[row.fields[7], default: 0] += row.amount }
            if entry.count < 2 || zero.values.contains(where: { $0 != 0 }) { bad("J6") }
            if !first.fields[5].isEmpty {
                let target = ids[first.fields[5]] ?? []
                func lines(_ rows: [Row], _ sign: Int64) -> [String] {
                    rows.map { "\($0.fields[6]) \($0.fields[7]) \(sign * $0.amount)" }.sorted()
                }
                if lines(target, -1) != lines(entry, 1) || !undone.insert(first.fields[5]).inserted
                    || target.first?.fields[5].isEmpty == false
                {
                    bad("J7")
                }
            }
            let body = entry.map { "\($0.fields[6])|\($0.fields[7])|\($0.fields[8])" }.joined(separator: "\n")
            let hash = SHA256Digest(of: "\(previous)\n\(first.head)\n\(body)").hex
            if first.fields[9] != previous || first.fields[10] != hash { bad("J9") }
            previous = hash
            for row in entry { sums["\(row.fields[6]),\(row.fields[7])", default: 0] += row.amount }
            let floors = [
                "liabilities:wallet:", "liabilities:escrow:", "liabilities:suspense", "liabilities:repayments",
                "liabilities:contested", "liabilities:fund:",
            ]
            if sums.contains(where: { key, sum in sum > 0 && floors.contains { key.hasPrefix($0) } }) { bad("J10") }
        }
        if sums.values.reduce(0, +) != 0 { problems.append("J11") }
        if sums.contains(where: { $0.key.hasPrefix("suspense") && $0.value != 0 }) { problems.append("J12") }
        let listed = balances.components(separatedBy: "\r\n").dropFirst().filter { !$0.isEmpty }
        if Set(listed) != Set(sums.map { "\($0.key),\($0.value)" }) { problems.append("J13") }
        return problems
    }
}

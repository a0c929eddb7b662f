internal import Values

/// Bookings of a whole file in one sum: a bank may book so whatever the file asked for. It names the file in the booking's
/// batch (`Btch`), or in details that have no end-to-end ids.
extension CamtReader {
    static func sums(of entry: XMLElement) -> [BankReport.Line] {
        let parts = entry.all("NtryDtls")
        return parts.flatMap { part in
            let details = part.all("TxDtls")
            let whole = parts.count == 1 ? entry : nil
            guard let batch = part["Btch"], !names(in: batch).isEmpty else {
                return grouped(details.filter { endToEndID(of: $0) == nil }, of: details.count, entry, whole: whole)
            }
            // Where every transfer stands there by itself, the sum says nothing more.
            let isTold =
                !details.isEmpty
                && details.allSatisfy {
                    endToEndID(of: $0) != nil && amount(of: $0, of: details.count == 1 ? whole : nil).trouble.isEmpty
                }
            if isTold { return [] }
            let count = (batch["NbOfTxs"]?.text).flatMap { Int($0) }
            return [line(names(in: batch), count, read(batch["TtlAmt"] ?? whole?["Amt"]), by: batch, of: entry)]
        }
    }

    /// Details without end-to-end ids, by the file that they name.
    private static func grouped(
        _ details: [XMLElement], of count: Int, _ entry: XMLElement, whole: XMLElement?
    ) -> [BankReport.Line] {
        var groups: [(names: [String], said: BankReport.Said?, details: [XMLElement])] = []
        for detail in details {
            let names = detail["Refs"].map { self.names(in: $0) } ?? []
            if names.isEmpty { continue }
            let said = self.said(by: detail, of: entry)
            if let index = groups.firstIndex(where: { $0.names == names && $0.said == said }) {
                groups[index].details.append(detail)
            } else {
                groups.append((names, said, [detail]))
            }
        }
        return groups.map { names, _, details in
            // A single detail may stand for all.
            let number = details.count == 1 ? nil : details.count
            let own = sum(of: details)
            let isAll = details.count == count && own.money == nil
            return line(names, number, isAll ? read(whole?["Amt"]) : own, by: details[0], of: entry)
        }
    }

    private static func line(
        _ names: [String], _ count: Int?, _ amount: (money: Money?, trouble: String), by element: XMLElement,
        of entry: XMLElement
    ) -> BankReport.Line {
        let said = self.said(by: element, of: entry)
        return BankReport.Line(
            said ?? .notice, .sum(of: names, count: count), amount: amount.money,
            trouble: said == nil ? "its direction can't be read" : amount.trouble)
    }

    /// The payment part's id before the message's: some banks put a message of their own beside it.
    private static func names(in element: XMLElement) -> [String] {
        ["PmtInfId", "MsgId"].compactMap { element[$0]?.text }.filter { !$0.isEmpty && $0 != "NOTPROVIDED" }
    }

    private static func read(_ element: XMLElement?) -> (money: Money?, trouble: String) {
        guard let element else { return (nil, "it has no amount of its own") }
        guard let money = try? BankReport.amount(element) else { return (nil, "its amount can't be read") }
        return (money, "")
    }

    /// `nil` where one of them has no amount of its own, or they are of several currencies.
    private static func sum(of details: [XMLElement]) -> (money: Money?, trouble: String) {
        var total: Money?
        for detail in details {
            let one = amount(of: detail, of: nil)
            guard let money = one.money else { return one }
            let before = total ?? .zero(money.currency)
            let (sum, isTooLarge) = before.minorUnits.addingReportingOverflow(money.minorUnits)
            guard before.currency == money.currency, !isTooLarge else { return (nil, "its amounts can't be added") }
            total = Money(sum, money.currency)
        }
        return (total, "")
    }
}

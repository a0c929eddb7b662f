internal import Values

/// What the schema of a `pain.001` does not check: that its sums and counts are those of its transfers.
public enum Pain001Check {
    /// Reads a file and adds it up again.
    /// - Throws: ``BankRefusal/unsound(_:)``, or ``BankRefusal/unreadable(_:)`` for what is no XML.
    public static func verify(_ bytes: [UInt8]) throws(BankRefusal) {
        let root = try XMLReader.read(bytes)
        guard let order = root["CstmrCdtTrfInitn"], let header = order["GrpHdr"] else { throw .unsound("no order") }
        var count = 0
        var total: Int64 = 0
        var ids: Set<String> = []
        for payment in order.all("PmtInf") {
            guard let debtor = payment.at("DbtrAcct", "Id", "IBAN")?.text, (try? IBAN(debtor)) != nil else {
                throw .unsound("the debtor's IBAN")
            }
            guard isBank(payment["DbtrAgt"]) else { throw .unsound("the debtor's BIC") }
            guard payment["ChrgBr"]?.text == "SLEV" else { throw .unsound("charges are not SLEV") }
            var own: (count: Int, total: Int64) = (0, 0)
            for transfer in payment.all("CdtTrfTxInf") {
                let id = transfer.at("PmtId", "EndToEndId")?.text ?? ""
                guard ids.insert(id).inserted else { throw .unsound("the id \(id)") }
                own.count += 1
                own.total += try amount(of: transfer, id)
            }
            try compare(payment, own.count, own.total)
            count += own.count
            total += own.total
        }
        guard count > 0 else { throw .unsound("no transfers") }
        try compare(header, count, total)
    }

    private static func amount(of transfer: XMLElement, _ id: String) throws(BankRefusal) -> Int64 {
        guard BankText.isSEPA(id), (1...35).contains(id.utf8.count) else { throw .unsound("the id \(id)") }
        guard let amount = transfer.at("Amt", "InstdAmt"), amount.attribute("Ccy") == "EUR",
            let money = Money(decimal: amount.text, .eur), (1...99_999_999_999).contains(money.minorUnits)
        else { throw .unsound("the amount of \(id)") }
        guard isBank(transfer["CdtrAgt"]) else { throw .unsound("the BIC of \(id)") }
        guard let iban = transfer.at("CdtrAcct", "Id", "IBAN")?.text, (try? IBAN(iban)) != nil else {
            throw .unsound("the IBAN of \(id)")
        }
        guard let name = transfer.at("Cdtr", "Nm")?.text, (1...70).contains(name.count), BankText.isSEPA(name) else {
            throw .unsound("the name of \(id)")
        }
        return money.minorUnits
    }

    /// Whether a bank has a name that the file's version takes, or none.
    private static func isBank(_ agent: XMLElement?) -> Bool {
        let names = agent?["FinInstnId"]
        if let old = names?["BIC"]?.text { return (try? BIC(stored: old))?.fitsOldFiles ?? false }
        return names?["BICFI"].map { (try? BIC(stored: $0.text)) != nil } ?? true
    }

    private static func compare(_ element: XMLElement, _ count: Int, _ total: Int64) throws(BankRefusal) {
        guard element["NbOfTxs"]?.text == String(count) else { throw .unsound("NbOfTxs") }
        guard let sum = element["CtrlSum"]?.text, Money(decimal: sum, .eur)?.minorUnits == total else {
            throw .unsound("CtrlSum")
        }
    }
}

internal import Values

/// ISO 20022 statement and notice of bookings, `camt.053` and `camt.054`, versions 02 to 08 and later: what happened on our
/// account. Bookings that name neither a transfer by an end-to-end id nor a file are none of ours and are left out.
enum CamtReader {
    static func read(_ root: XMLElement, _ kind: BankReport.Kind) throws(BankRefusal) -> BankReport {
        let body = kind == .camt053 ? root["BkToCstmrStmt"] : root["BkToCstmrDbtCdtNtfctn"]
        guard let body, let id = body.at("GrpHdr", "MsgId")?.text, !id.isEmpty else {
            throw .unreadable("its header is missing")
        }
        let parts = body.all(kind == .camt053 ? "Stmt" : "Ntfctn")
        guard !parts.isEmpty else { throw .unreadable("it has no statement") }
        var lines: [BankReport.Line] = []
        for part in parts {
            for entry in part.all("Ntry") { lines += sums(of: entry) + self.lines(of: entry) }
        }
        return BankReport(kind: kind, messageID: id, lines: lines)
    }

    /// What a booking says of transfers that it names. Nothing in it stops the reading: a statement has bookings of
    /// everybody, in whatever currency and form.
    private static func lines(of entry: XMLElement) -> [BankReport.Line] {
        let details = entry.all("NtryDtls").flatMap { $0.all("TxDtls") }
        return details.compactMap { detail in
            guard let id = endToEndID(of: detail) else { return nil }
            let said = self.said(by: detail, of: entry)
            let amount = self.amount(of: detail, of: details.count == 1 ? entry : nil)
            let reason = detail.at("RtrInf", "Rsn")
            return BankReport.Line(
                said ?? .notice, .endToEnd(id), amount: amount.money,
                code: reason?["Cd"]?.text ?? reason?["Prtry"]?.text ?? "",
                trouble: said == nil ? "its direction can't be read" : amount.trouble)
        }
    }

    static func endToEndID(of detail: XMLElement) -> String? {
        detail.at("Refs", "EndToEndId").map(\.text).flatMap { $0.isEmpty || $0 == "NOTPROVIDED" ? nil : $0 }
    }

    /// Money that comes to us under the id of a payout is that payout coming back; a booking that is only announced is none
    /// yet. `nil` for no direction, or none that there is.
    static func said(by detail: XMLElement, of entry: XMLElement) -> BankReport.Said? {
        guard let direction = (detail["CdtDbtInd"] ?? entry["CdtDbtInd"])?.text, ["CRDT", "DBIT"].contains(direction)
        else { return nil }
        // Version 02 has the text itself, later ones a code in it.
        let status = entry.at("Sts", "Cd")?.text ?? entry["Sts"]?.text ?? ""
        return status != "BOOK" ? .accepted : direction == "CRDT" ? .returned : .paid
    }

    /// - Parameter entry: the booking, if the detail is the only one of it, whose amount it then has.
    static func amount(of detail: XMLElement, of entry: XMLElement?) -> (money: Money?, trouble: String) {
        let own = detail["Amt"] ?? detail.at("AmtDtls", "TxAmt", "Amt") ?? detail.at("AmtDtls", "InstdAmt", "Amt")
        guard let element = own ?? entry?["Amt"] else { return (nil, "it has no amount of its own") }
        guard let money = try? BankReport.amount(element) else { return (nil, "its amount can't be read") }
        return (money, "")
    }
}

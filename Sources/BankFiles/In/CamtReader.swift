internal import Values

/// ISO 20022 statement and notice of bookings, `camt.053` and `camt.054`, versions 02 to 08 and later: what happened on our
/// account. Bookings that name no transfer by an end-to-end id are none of ours and are left out.
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
            for entry in part.all("Ntry") { lines += try self.lines(of: entry) }
        }
        return BankReport(kind: kind, messageID: id, lines: lines)
    }

    private static func lines(of entry: XMLElement) throws(BankRefusal) -> [BankReport.Line] {
        guard let direction = entry["CdtDbtInd"]?.text, ["CRDT", "DBIT"].contains(direction),
            let whole = try BankReport.amount(entry["Amt"])
        else { throw .unreadable("a booking without its amount or direction") }
        // Version 02 has the text itself, later ones a code in it.
        let status = entry.at("Sts", "Cd")?.text ?? entry["Sts"]?.text ?? ""
        let details = entry.all("NtryDtls").flatMap { $0.all("TxDtls") }
        var lines: [BankReport.Line] = []
        for detail in details {
            guard let id = detail.at("Refs", "EndToEndId")?.text, !id.isEmpty, id != "NOTPROVIDED" else { continue }
            let own = detail["Amt"] ?? detail.at("AmtDtls", "TxAmt", "Amt") ?? detail.at("AmtDtls", "InstdAmt", "Amt")
            guard let amount = try BankReport.amount(own) ?? (details.count == 1 ? whole : nil) else {
                throw .unreadable("a booking of several transfers without their amounts")
            }
            let reason = detail.at("RtrInf", "Rsn")
            // Money that comes to us under the id of a payout is that payout coming back; a booking that is only announced
            // is none yet.
            let isBack = (detail["CdtDbtInd"]?.text ?? direction) == "CRDT"
            let said: BankReport.Said = status != "BOOK" ? .accepted : isBack ? .returned : .paid
            lines.append(
                BankReport.Line(
                    said, .endToEnd(id), amount: amount, code: reason?["Cd"]?.text ?? reason?["Prtry"]?.text ?? ""))
        }
        return lines
    }
}

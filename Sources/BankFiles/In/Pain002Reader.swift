internal import Values

/// ISO 20022 payment status report, `pain.002.001.03` and later: what the bank does with the file we sent.
enum Pain002Reader {
    static func read(_ root: XMLElement) throws(BankRefusal) -> BankReport {
        guard let report = root["CstmrPmtStsRpt"], let id = report.at("GrpHdr", "MsgId")?.text, !id.isEmpty,
            let group = report["OrgnlGrpInfAndSts"], let original = group["OrgnlMsgId"]?.text
        else { throw .unreadable("its header is missing") }
        var lines: [BankReport.Line] = []
        for transaction in report.every("TxInfAndSts") { lines.append(try line(transaction)) }
        if lines.isEmpty {
            // What is said of the whole file holds for each of its transfers.
            let parts = report.all("OrgnlPmtInfAndSts")
            guard let status = group["GrpSts"] ?? parts.compactMap({ $0["PmtInfSts"] }).first else {
                throw .unreadable("it says nothing")
            }
            let why = reason(group) ?? parts.compactMap { reason($0) }.first
            lines = [BankReport.Line(said(status.text), .file(original), amount: nil, code: why ?? "")]
        }
        return BankReport(kind: .pain002, messageID: id, lines: lines)
    }

    private static func line(_ transaction: XMLElement) throws(BankRefusal) -> BankReport.Line {
        guard let status = transaction["TxSts"]?.text, let id = transaction["OrgnlEndToEndId"]?.text, !id.isEmpty else {
            throw .unreadable("a status without its transfer")
        }
        return BankReport.Line(
            said(status), .endToEnd(id),
            amount: try BankReport.amount(transaction.at("OrgnlTxRef", "Amt", "InstdAmt")),
            code: reason(transaction) ?? "")
    }

    private static func reason(_ element: XMLElement) -> String? {
        let reason = element.at("StsRsnInf", "Rsn")
        return reason?["Cd"]?.text ?? reason?["Prtry"]?.text
    }

    /// External code set "payment transaction status" of ISO 20022.
    private static func said(_ status: String) -> BankReport.Said {
        switch status {
        case "RJCT", "CANC": .refused
        case "ACSC", "ACCC": .paid
        case "ACTC", "ACCP", "ACSP", "ACWC", "ACFC", "RCVD", "PATC", "PDNG", "PART": .accepted
        default: .notice
        }
    }
}

internal import Values

/// NACHA files: credits to persons (PPD) and to firms (CCD), 94 columns, blocks of ten lines (NACHA operating rules,
/// appendix three).
extension CreditTransferFile {
    /// The file's bytes; lines end in LF. Every figure is read back from them and compared before they are given away.
    /// - Throws: ``BankRefusal``.
    public func nacha(from debtor: DebtorAccount.ACH, as id: ACHFileID) throws(BankRefusal) -> [UInt8] {
        try check(.nacha)
        var lines = [fileHeader(debtor, id)]
        var batches = 0
        var hash: Int64 = 0
        for holder in PayeeAccount.Holder.allCases {
            let entries = transfers.filter { transfer in
                if case .us(_, _, _, holder) = transfer.payee.place { true } else { false }
            }
            guard !entries.isEmpty else { continue }
            batches += 1
            let number = Field.number(batches, 7)
            lines.append(batchHeader(debtor, holder, number, id))
            var batchHash: Int64 = 0
            for entry in entries {
                lines.append(try self.entry(entry, debtor))
                if case .us(let routing, _, _, _) = entry.payee.place { batchHash += Int64(routing.eight) ?? 0 }
            }
            let sum = entries.reduce(Int64(0)) { $0 + $1.amount.minorUnits }
            guard sum <= 999_999_999_999 else { throw .unsound("a batch beyond twelve digits") }
            lines.append(
                "8220" + Field.number(entries.count, 6) + Field.number(batchHash % 10_000_000_000, 10)
                    + Field.number(0, 12) + Field.number(sum, 12) + debtor.companyID + Field.blank(25)
                    + debtor.routing.prefix(8) + number)
            hash += batchHash
        }
        let blocks = (lines.count + 1 + 9) / 10
        lines.append(
            "9" + Field.number(batches, 6) + Field.number(blocks, 6) + Field.number(transfers.count, 8)
                + Field.number(hash % 10_000_000_000, 10) + Field.number(0, 12) + Field.number(total, 12)
                + Field.blank(39))
        while lines.count % 10 != 0 { lines.append(String(repeating: "9", count: 94)) }
        guard lines.allSatisfy({ $0.utf8.count == 94 }) else { throw .unsound("a line that has not 94 columns") }
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        _ = try NACHAReader.read(bytes)
        return bytes
    }

    private func fileHeader(_ debtor: DebtorAccount.ACH, _ id: ACHFileID) -> String {
        let time = Field.number(id.minute / 60, 2) + Field.number(id.minute % 60, 2)
        return "101 " + debtor.routing + debtor.companyID + Field.day(id.day) + time
            + String(id.modifier) + "094101" + Field.text(debtor.bankName, 23) + Field.text(debtor.companyName, 23)
            + Field.blank(8)
    }

    private func batchHeader(
        _ debtor: DebtorAccount.ACH, _ holder: PayeeAccount.Holder, _ number: String, _ id: ACHFileID
    ) -> String {
        "5220" + Field.text(debtor.companyName, 16) + Field.blank(20) + debtor.companyID
            + (holder == .person ? "PPD" : "CCD") + Field.text("PAYOUT", 10) + Field.day(id.day)
            + Field.day(executionOn) + Field.blank(3) + "1" + debtor.routing.prefix(8) + number
    }

    private func entry(_ transfer: CreditTransfer, _ debtor: DebtorAccount.ACH) throws(BankRefusal) -> String {
        guard case .us(let routing, let account, let kind, _) = transfer.payee.place else {
            preconditionFailure("check(_:) lets only accounts of the United States through.")
        }
        guard transfer.trace > 0 else { throw .unsound("an entry without a trace number") }
        // The running number begins anew where its seven digits end: a return comes within months.
        let trace = debtor.routing.prefix(8) + Field.number((transfer.trace - 1) % 9_999_999 + 1, 7)
        let id = String(transfer.endToEndID.suffix(15))
        return "6" + (kind == .checking ? "22" : "32") + routing.text + Field.text(account, 17)
            + Field.number(transfer.amount.minorUnits, 10) + Field.text(id, 15)
            + Field.text(transfer.payee.legalName, 22) + Field.blank(2) + "0" + trace
    }

    private enum Field {
        static func number(_ value: some BinaryInteger, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }

        /// Left-justified, in capitals of the SEPA set, which lies within that of ACH.
        static func text(_ text: String, _ width: Int) -> String {
            let cut = BankText.sepa(text, most: width).uppercased()
            return cut + blank(width - cut.utf8.count)
        }

        static func blank(_ width: Int) -> String { String(repeating: " ", count: max(0, width)) }

        /// `YYMMDD`.
        static func day(_ day: LocalDay) -> String {
            let (year, month, date) = day.civil
            return number(year % 100, 2) + number(month, 2) + number(date, 2)
        }
    }
}

internal import Values

/// ISO 20022 customer credit transfer initiation, `pain.001.001.03` and `.09`, under the rules of the SEPA credit transfer
/// (EPC132-08): euro, two decimals, charges shared, structured addresses.
extension CreditTransferFile {
    /// The file's bytes. Every figure is read back from them and compared before they are given away.
    /// - Throws: ``BankRefusal``.
    public func pain001(_ format: Format, from debtor: DebtorAccount.SEPA) throws(BankRefusal) -> [UInt8] {
        guard format.family == .sepa else { throw .format }
        try check(.sepa)
        let isNew = format == .pain00109
        var xml = XMLWriter(root: "Document", namespace: "urn:iso:std:iso:20022:tech:xsd:\(format.rawValue)")
        xml.element("CstmrCdtTrfInitn") { xml in
            header(&xml, debtor)
            xml.element("PmtInf") { xml in
                xml.text("PmtInfId", messageID)
                xml.text("PmtMtd", "TRF")
                // One booking each, so that statements name every payout.
                xml.text("BtchBookg", "false")
                sums(&xml)
                xml.element("PmtTpInf") { $0.element("SvcLvl") { $0.text("Cd", "SEPA") } }
                if isNew {
                    xml.element("ReqdExctnDt") { $0.text("Dt", executionOn.description) }
                } else {
                    xml.text("ReqdExctnDt", executionOn.description)
                }
                party(&xml, "Dbtr", debtor.name, debtor.address)
                account(&xml, "DbtrAcct", debtor.iban)
                let name = debtor.bic.flatMap { try? BIC(stored: $0) }
                bank(&xml, "DbtrAgt", name.flatMap { isNew || $0.fitsOldFiles ? $0.text : nil }, isNew: isNew)
                xml.text("ChrgBr", "SLEV")
                for transfer in transfers { self.transfer(&xml, transfer, isNew: isNew) }
            }
        }
        let bytes = xml.bytes()
        try Pain001Check.verify(bytes)
        return bytes
    }

    private func header(_ xml: inout XMLWriter, _ debtor: DebtorAccount.SEPA) {
        xml.element("GrpHdr") { xml in
            xml.text("MsgId", messageID)
            xml.text("CreDtTm", Instant(seconds: madeAt.seconds).description)
            sums(&xml)
            xml.element("InitgPty") { $0.text("Nm", BankText.sepa(debtor.name, most: 70)) }
        }
    }

    private func sums(_ xml: inout XMLWriter) {
        xml.text("NbOfTxs", String(transfers.count))
        xml.text("CtrlSum", Money(total, .eur).decimal)
    }

    private func transfer(_ xml: inout XMLWriter, _ transfer: CreditTransfer, isNew: Bool) {
        guard case .sepa(let iban, let bic) = transfer.payee.place else {
            preconditionFailure("check(_:) lets only SEPA accounts through.")
        }
        xml.element("CdtTrfTxInf") { xml in
            xml.element("PmtId") { $0.text("EndToEndId", transfer.endToEndID) }
            xml.element("Amt") { $0.text("InstdAmt", transfer.amount.decimal, attribute: ("Ccy", "EUR")) }
            // A bank finds itself by the IBAN: a name that this version does not take is left out.
            if let bic, isNew || bic.fitsOldFiles { bank(&xml, "CdtrAgt", bic.text, isNew: isNew) }
            party(&xml, "Cdtr", transfer.payee.legalName, transfer.payee.address)
            account(&xml, "CdtrAcct", iban.text)
            xml.element("RmtInf") { $0.text("Ustrd", BankText.sepa(remittance, most: 140)) }
        }
    }

    private func party(_ xml: inout XMLWriter, _ name: String, _ legalName: String, _ address: PostalAddress?) {
        xml.element(name) { xml in
            xml.text("Nm", BankText.sepa(legalName, most: 70))
            guard let address else { return }
            xml.element("PstlAdr") { xml in
                if let street = address.street { xml.text("StrtNm", BankText.sepa(street, most: 70)) }
                if let building = address.building { xml.text("BldgNb", BankText.sepa(building, most: 16)) }
                if let postcode = address.postcode { xml.text("PstCd", BankText.sepa(postcode, most: 16)) }
                xml.text("TwnNm", BankText.sepa(address.town, most: 35))
                xml.text("Ctry", address.country)
            }
        }
    }

    private func account(_ xml: inout XMLWriter, _ name: String, _ iban: String) {
        xml.element(name) { $0.element("Id") { $0.text("IBAN", iban) } }
    }

    private func bank(_ xml: inout XMLWriter, _ name: String, _ bic: String?, isNew: Bool) {
        xml.element(name) { xml in
            xml.element("FinInstnId") { xml in
                if let bic {
                    xml.text(isNew ? "BICFI" : "BIC", bic)
                } else {
                    xml.element("Othr") { $0.text("Id", "NOTPROVIDED") }
                }
            }
        }
    }
}

public import Values

/// The house's own account, from which payouts leave.
public enum DebtorAccount {
    /// At a bank of the SEPA area.
    public struct SEPA: Hashable, Sendable, Codable {
        public let name: String
        public let iban: String
        public let bic: String?
        public let address: PostalAddress?

        /// - Throws: the first thing that is not as a bank takes it.
        public init(name: String, iban: String, bic: String?, address: PostalAddress?) throws(BankRefusal) {
            guard (1...70).contains(name.count), BankText.isLegible(BankText.sepa(name, most: 70)) else { throw .name }
            self.name = name
            self.iban = try IBAN(iban).text
            if let bic { self.bic = try BIC(bic).text } else { self.bic = nil }
            self.address = address
        }
    }

    /// At a bank of the United States, the originating one (ODFI).
    public struct ACH: Hashable, Sendable, Codable {
        /// At most 16 characters of it are shown to payees.
        public let companyName: String
        /// Ten characters that the bank gave: often 1 and the employer's number.
        public let companyID: String
        public let routing: String
        public let bankName: String

        /// - Throws: the first thing that is not as a bank takes it.
        public init(
            companyName: String, companyID: String, routing: String, bankName: String
        ) throws(BankRefusal) {
            guard BankText.isLegible(BankText.sepa(companyName, most: 16)), companyName.count <= 70 else {
                throw .name
            }
            guard companyID.utf8.count == 10,
                companyID.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
            else { throw .account }
            self.companyName = companyName
            self.companyID = companyID
            self.routing = try RoutingNumber(routing).text
            self.bankName = bankName
        }
    }
}

/// One credit transfer of a file.
public struct CreditTransfer: Hashable, Sendable {
    /// What comes back in statements and status reports; of the SEPA set, at most 35 characters, once in a file.
    public let endToEndID: String
    public let amount: Money
    public let payee: PayeeAccount
    /// The running number among all ACH entries of the house, from 1; 0 in a SEPA file.
    public let trace: Int64

    public init(endToEndID: String, amount: Money, payee: PayeeAccount, trace: Int64 = 0) {
        self.endToEndID = endToEndID
        self.amount = amount
        self.payee = payee
        self.trace = trace
    }
}

/// What a bank is asked to pay, in one file. The same value gives the same bytes for ever.
public struct CreditTransferFile: Hashable, Sendable {
    public enum Format: String, Hashable, Sendable, Codable, CaseIterable {
        case pain00109 = "pain.001.001.09"
        case pain00103 = "pain.001.001.03"
        case nacha

        /// Which payees it reaches.
        public var family: Family { self == .nacha ? .nacha : .sepa }
        public var fileExtension: String { self == .nacha ? "ach" : "xml" }
    }

    public enum Family: String, Hashable, Sendable, Codable, CaseIterable {
        case sepa, nacha

        public var currency: Currency { self == .sepa ? .eur : .usd }

        /// The first day on which banks can carry a file out that is made on a day.
        public func executionDay(after day: LocalDay) -> LocalDay {
            BankHolidays.next(after: day) { self == .sepa ? BankHolidays.isTARGET($0) : BankHolidays.isFederal($0) }
        }
    }

    /// Unique for ever: banks refuse a second file of the same name.
    public let messageID: String
    public let madeAt: Instant
    public let executionOn: LocalDay
    public let transfers: [CreditTransfer]
    /// What payees read beside the amount.
    public let remittance: String

    public init(
        messageID: String, madeAt: Instant, executionOn: LocalDay, transfers: [CreditTransfer], remittance: String
    ) {
        self.messageID = messageID
        self.madeAt = madeAt
        self.executionOn = executionOn
        self.transfers = transfers
        self.remittance = remittance
    }

    /// The sum of the transfers in minor units. At most 100,000 of at most 99,999,999,999: within 64 bits.
    public var total: Int64 { transfers.reduce(0) { $0 + $1.amount.minorUnits } }

    /// Rules that the standards have and their schemas do not check.
    /// - Throws: ``BankRefusal/nothing``, ``BankRefusal/unsound(_:)``.
    func check(_ family: Family) throws(BankRefusal) {
        guard !transfers.isEmpty else { throw .nothing }
        // Banks take some ten thousand in a file.
        guard transfers.count <= 100_000 else { throw .unsound("more than 100,000 transfers") }
        guard (1...35).contains(messageID.utf8.count), BankText.isSEPA(messageID) else { throw .unsound("message id") }
        let isOpen = family == .sepa ? BankHolidays.isTARGET(executionOn) : BankHolidays.isFederal(executionOn)
        guard isOpen else { throw .unsound("banks are closed on \(executionOn)") }
        guard Set(transfers.map(\.endToEndID)).count == transfers.count else { throw .unsound("an id stands twice") }
        // EPC: 0.01 to 999,999,999.99. NACHA: ten digits.
        let most: Int64 = family == .sepa ? 99_999_999_999 : 9_999_999_999
        for transfer in transfers {
            let id = transfer.endToEndID
            guard (1...35).contains(id.utf8.count), BankText.isSEPA(id) else { throw .unsound("the id \(id)") }
            guard transfer.amount.currency == family.currency else { throw .unsound("the currency of \(id)") }
            guard (1...most).contains(transfer.amount.minorUnits) else { throw .unsound("the amount of \(id)") }
            guard transfer.payee.currency == family.currency else { throw .unsound("the account of \(id)") }
        }
    }
}

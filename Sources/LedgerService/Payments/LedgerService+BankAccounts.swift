internal import BankFiles
internal import BoxOffice
internal import HTTPEdge
internal import Store
public import Values

/// A payee's account at a bank as people may see it.
public struct BankAccountView: Sendable, Hashable, Encodable {
    public struct Setting: Sendable, Hashable, Encodable {
        /// Masked.
        public let account: String
        /// `sepa` or `nacha`.
        public let family: String
        public let actor: String
        public let at: Instant
    }

    public let host: HostID
    /// Masked; `nil` where the host is paid elsewhere, or nowhere yet.
    public let account: String?
    public let family: String?
    public let legalName: String?
    public let town: String?
    public let country: String?
    /// Until when it is new: payouts of batches that people approved before wait.
    public let coolsOff: Instant?
    /// The last one first, at most twenty.
    public let history: [Setting]
}

extension PayeeAccount {
    /// - Throws: ``BankRefusal`` for what no bank would take; the service stores nothing else.
    init(_ row: BankAccountRow) throws {
        let place: Place
        if let iban = row.iban {
            place = .sepa(try IBAN(iban), try row.bic.map { try BIC(stored: $0) })
        } else {
            guard let routing = row.routing, let account = row.account,
                let kind = row.accountKind.flatMap({ Kind(rawValue: $0) }),
                let holder = row.holder.flatMap({ Holder(rawValue: $0) })
            else { throw StoreFault.corrupt(column: "bank_accounts.account") }
            place = .us(try RoutingNumber(routing), account: account, kind, holder)
        }
        try self.init(
            legalName: row.legalName, place: place,
            address: try PostalAddress(
                street: row.street, building: row.building, postcode: row.postcode, town: row.town,
                country: row.country))
    }

    var row: BankAccountRow {
        let family: CreditTransferFile.Family = currency == .eur ? .sepa : .nacha
        var row = BankAccountRow(
            family: family.rawValue, legalName: legalName, town: address.town, country: address.country)
        switch place {
        case .sepa(let iban, let bic): (row.iban, row.bic) = (iban.text, bic?.text)
        case .us(let routing, let account, let kind, let holder):
            (row.routing, row.account) = (routing.text, account)
            (row.accountKind, row.holder) = (kind.rawValue, holder.rawValue)
        }
        (row.street, row.building, row.postcode) = (address.street, address.building, address.postcode)
        return row
    }
}

/// Where payees have their accounts. What is logged of it is that it was set and by whom, and nothing else.
extension LedgerService {
    func setBankAccount(
        _ account: PayeeAccount, of host: HostID, by caller: Caller
    ) async throws -> BankAccountView {
        try requireDestination(host, caller)
        let now = clock.now()
        return try await database.write { transaction in
            guard try transaction.host(host) != nil else { throw LedgerRefusal.hostUnknown }
            if try transaction.setBankAccount(
                account.row, shown: account.masked, of: host, by: caller.actor, at: now)
            {
                try transaction.audit(
                    actor: caller.actor, act: "payout_destination", subject: host.text, detail: "bank account", at: now)
            }
            return try bankAccountView(of: host, at: now, in: transaction)
        }
    }

    func bankAccount(of host: HostID, by caller: Caller) async throws -> BankAccountView {
        if !caller.isAuditor { try requireDestination(host, caller) }
        let now = clock.now()
        return try await database.read { transaction in
            guard try transaction.host(host) != nil else { throw LedgerRefusal.hostUnknown }
            return try bankAccountView(of: host, at: now, in: transaction)
        }
    }

    private func bankAccountView(
        of host: HostID, at now: Instant, in transaction: borrowing Transaction
    ) throws -> BankAccountView {
        let destination = try transaction.destination(of: host)
        let row = try destination.flatMap { try transaction.bankAccount(of: host, n: $0.n) }
        return BankAccountView(
            host: host, account: row == nil ? nil : destination?.text, family: row?.family, legalName: row?.legalName,
            town: row?.town, country: row?.country,
            coolsOff: destination.flatMap { settings.payouts.distrusted($0.n, since: $0.since, nil, at: now) },
            history: try transaction.bankAccountSettings(of: host, limit: 20).map {
                BankAccountView.Setting(account: $0.shown, family: $0.family, actor: $0.actor, at: $0.at)
            })
    }
}

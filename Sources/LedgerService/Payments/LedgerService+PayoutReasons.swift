internal import BoxOffice
internal import HTTPEdge
internal import Payouts
internal import Schemas
internal import Store
public import Values

/// Why a host was paid in a night, or why not.
public struct PayoutReasonsView: Sendable, Hashable, Encodable {
    /// One for each currency in which the host has or had something.
    public struct Row: Sendable, Hashable, Encodable {
        public let currency: Currency
        /// See ``PayoutReason/code``.
        public let reason: String
        /// The same as sentences, in the language that was asked for.
        public let words: String
        public let available: Money
        public let pending: Money
        /// What of the pending amount is in reserve, and when the first of it ends; `nil` where there is none.
        public let reserved: Money?
        public let reservedUntil: LocalDay?
        /// What the night paid.
        public let gross: Money?
        public let withheld: Money?
        public let net: Money?
        public let payout: PayoutTransferID?
        /// When to look again; `nil` where a person has to act first, or nothing is to come.
        public let nextOn: LocalDay?
    }

    public let host: HostID
    /// How the host is called.
    public let name: String
    public let day: LocalDay
    /// The batch of that night.
    public let batch: String
    public let rows: [Row]
    /// Rated sales of the host's rooms that wait for their rooms to be over.
    public let inEscrow: Int
    /// The same as a sentence, where there are some.
    public let words: String
}

extension LedgerService {
    /// - Parameter day: of a night that is done; the last one if `nil`.
    func payoutReasons(
        of host: HostID, on day: LocalDay?, in language: Language, through providers: Set<ProviderName>,
        by caller: Caller
    ) async throws -> PayoutReasonsView {
        switch caller {
        case .operator, .finance, .auditor, .host(host): break
        case .anybody: throw EdgeRefusal.keyMissing
        case .host, .moderator, .gateway, .wallet: throw EdgeRefusal.keyScope("host itself, finance, operator, auditor")
        }
        return try await database.read { transaction in
            guard let name = try transaction.host(host)?.name else { throw LedgerRefusal.hostUnknown }
            let last = try transaction.payoutBatches(before: "9999-12-31", limit: 1).first?.day
            guard let day = day ?? last, let night = try transaction.night(day),
                try transaction.nightEnd(day) != nil
            else { throw LedgerRefusal.nightUnknown }
            let batch = try frame(of: day, in: transaction)
            let reader = ReasonReader(
                service: self, night: night, batch: batch, providers: providers, language: language.rawValue)
            let inEscrow = try transaction.escrowedCount(of: host)
            let standing = try reader.standing(
                try transaction.carried(on: day, of: host).map { (entry: $0, name: name) },
                PeopleOfPart(of: host, in: transaction), in: transaction)
            return PayoutReasonsView(
                host: host, name: name, day: day, batch: batch.row.batch,
                rows: try standing.map { try reader.row($0, in: transaction) }, inEscrow: inEscrow,
                words: inEscrow == 0
                    ? "" : PayoutReasonTexts.sentence("escrow", in: language.rawValue, facts: ["count": "\(inEscrow)"]))
        }
    }
}

/// A payee of a night, and why they were paid or not.
struct PayeeStanding {
    let entry: CarriedEntry
    let name: String
    /// What the night pays them.
    let item: PayoutItemRow?
    /// What was last said of their payouts.
    let payee: PayeeRow?
    let reason: PayoutReason
}

/// Says of the lines of a night's register what became of them.
struct ReasonReader {
    let service: LedgerService
    let night: NightRow
    let batch: BatchStanding
    let providers: Set<ProviderName>
    let language: String

    private var policy: SalePolicy { service.settings.policies[night.policy] ?? service.settings.housePolicy }

    /// The reasons of a part of the register, which comes in the order of its hosts.
    func standing(
        _ lines: [(entry: CarriedEntry, name: String)], _ people: PeopleOfPart, in transaction: borrowing Transaction
    ) throws -> [PayeeStanding] {
        guard let first = lines.first?.entry.key.host.text, let last = lines.last?.entry.key.host.text else {
            return []
        }
        let items = Dictionary(
            try transaction.items(of: batch.row.batch, from: first, through: last).map { ($0.key, $0) },
            uniquingKeysWith: { $1 })
        let policy = policy
        return try lines.map { entry, name in
            guard let register = NightReason(rawValue: entry.reason) else {
                throw StoreFault.corrupt(column: "carried.reason")
            }
            let item = items[entry.key]
            let decision = try item.map { try service.sending(of: $0, in: batch, through: providers, people).decision }
            let payee = people.payees[entry.key.host]
            // What was refused may be sent again: until somebody does, it is refused.
            let sending: PayoutSending? = item?.last?.state == .refused ? .sent(.refused) : decision
            let currency = entry.key.currency
            let reason = PayoutReason(
                register, sending: sending, minimum: Money(policy.minimumPayout(in: currency), currency),
                blockedBecause: payee?.reason ?? "")
            return PayeeStanding(entry: entry, name: name, item: item, payee: payee, reason: reason)
        }
    }

    func row(
        _ standing: PayeeStanding, in transaction: borrowing Transaction
    ) throws -> PayoutReasonsView.Row {
        let (entry, item, reason) = (standing.entry, standing.item, standing.reason)
        let key = entry.key
        let policy = policy
        let next = reason.next(
            after: night.day, heldUntil: entry.nextOn, calendar: policy.calendar, isBatchDay: policy.isBatchDay)
        let reserve = try transaction.reserved(of: key, through: night.day)
        let reserved = Money(reserve.amount, key.currency)
        var sentences = words(reason, entry, item, next, because: standing.payee?.reason)
        if reserved.isPositive, let until = reserve.until {
            sentences +=
                " "
                + PayoutReasonTexts.sentence(
                    "reserve", in: language, facts: ["reserved": reserved.description, "until": until.description])
        }
        return PayoutReasonsView.Row(
            currency: key.currency, reason: reason.code, words: sentences,
            available: Money(entry.available, key.currency), pending: Money(entry.pending, key.currency),
            reserved: reserved.isPositive ? reserved : nil, reservedUntil: reserve.until,
            gross: item?.gross, withheld: item?.withheld, net: item?.net, payout: item?.last?.payout, nextOn: next)
    }

    private func words(
        _ reason: PayoutReason, _ entry: CarriedEntry, _ item: PayoutItemRow?, _ next: LocalDay?, because: String?
    ) -> String {
        let currency = entry.key.currency
        var facts = [
            "available": Money(entry.available, currency).description,
            "pending": Money(entry.pending, currency).description, "net": item?.net.description ?? "",
            "next": next?.description ?? "", "held": entry.nextOn?.description ?? "",
        ]
        switch reason {
        case .belowMinimum(let minimum): facts["minimum"] = minimum.description
        case .blocked(let why): facts["reason"] = why
        case .refused: facts["reason"] = item?.last?.detail ?? ""
        case .returned: facts["reason"] = because ?? ""
        case .nothing, .onHold, .negative, .noBatchDay, .awaitingApproval, .noPayoutMethod, .coolingOff, .sent,
            .arrived, .withheld:
            break
        }
        var sentences = [PayoutReasonTexts.sentence(reason.code, in: language, facts: facts)]
        if entry.pending != 0, reason != .onHold, entry.nextOn != nil {
            sentences.append(PayoutReasonTexts.sentence("held", in: language, facts: facts))
        }
        return sentences.joined(separator: " ")
    }
}

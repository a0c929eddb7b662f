public import BoxOffice
public import HTTPEdge
internal import Payouts
internal import Store
public import Values

/// A page of a batch: what became of its items.
public struct PayoutItemsView: Sendable, Hashable, Encodable {
    public struct Item: Sendable, Hashable, Encodable {
        public let host: HostID
        /// How the host is called.
        public let name: String
        public let gross: Money
        public let withheld: Money
        public let net: Money
        /// `requested`, `refused`, `paid` or `returned`; of what was not sent `planned`, or why it can't be: `nothing`,
        /// `blocked`, `no_destination`, `no_provider`, `cooling_off`.
        public let state: String
        public let payout: PayoutTransferID?
        public let attempt: Int?
        public let provider: ProviderName?
        public let destination: String?
        /// Why the provider refused it, in a word of its own.
        public let detail: String?
        public let since: Instant?
        /// What an approval has to explain about it (``PayoutFinding/code``); empty once the batch was sent.
        public let findings: [String]
    }

    public let day: LocalDay
    public let items: [Item]
    public let next: String?
}

/// What a list of a batch's items is cut down to.
public struct PayoutItemFilter: Sendable, Hashable {
    static let states = [
        "planned", "nothing", "blocked", "no_destination", "no_provider", "cooling_off", "requested", "refused", "paid",
        "returned",
    ]
    static let findings = ["any", "item_above", "new_destination", "growth"]

    var find: NameSearch?
    var state: String?
    var finding: String?

    /// - Parameters:
    ///   - state: one of ``PayoutItemsView/Item/state``.
    ///   - finding: one of ``PayoutItemsView/Item/findings``, or `any`.
    public init(find: NameSearch? = nil, state: String? = nil, finding: String? = nil) {
        self.find = find
        self.state = state
        self.finding = finding
    }

    var isEmpty: Bool { find == nil && state == nil && finding == nil }

    func keeps(_ item: PayoutItemsView.Item) -> Bool {
        if let state, state != item.state { return false }
        if let finding, finding == "any" ? item.findings.isEmpty : !item.findings.contains(finding) { return false }
        return find?.finds(item.name, ids: item.host.text, item.payout?.text) ?? true
    }
}

extension LedgerService {
    /// A page of the items of a batch, by host and currency. Without a filter its cost follows from the page; with one,
    /// from as much of the batch as is looked through until the page is full.
    public func payoutItems(
        of day: LocalDay, _ page: PageRequest, _ filter: PayoutItemFilter, through providers: Set<ProviderName>,
        by caller: Caller
    ) async throws -> PayoutItemsView {
        try requireFinanceReading(caller)
        let now = clock.now()
        return try await looking(through: !filter.isEmpty) { [self] transaction in
            let batch = try frame(of: day, in: transaction)
            // Of what left nothing has to be explained: nobody looks through all of it for that.
            if filter.finding != nil, batch.approval.isSent { return PayoutItemsView(day: day, items: [], next: nil) }
            let (items, next) = try page.sifted(
                isWhole: filter.isEmpty, key: { "\($0.host) \($0.net.currency)" },
                read: { try part(of: batch, after: $0, limit: $1, through: providers, at: now, in: transaction) },
                where: filter.keeps)
            return PayoutItemsView(day: day, items: items, next: next)
        }
    }

    /// Reads a page; what may look through a whole register for it waits for reports and lets everybody else go on.
    func looking<Value: Sendable>(
        through all: Bool, _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        if all { return try await database.report(body) }
        return try await database.read(body)
    }

    /// A batch without its items, for whoever reads them part by part.
    func frame(of day: LocalDay, in transaction: borrowing Transaction) throws -> BatchStanding {
        guard let row = try transaction.payoutBatch(of: day) else { throw PayoutRefusal.batchUnknown }
        return BatchStanding(
            row: row, items: [], approvals: try transaction.approvals(of: row.batch),
            rounds: try transaction.rounds(of: row.batch))
    }

    private func part(
        of batch: BatchStanding, after: String?, limit: Int, through providers: Set<ProviderName>, at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> [PayoutItemsView.Item] {
        let found = try transaction.items(of: batch.row.batch, after: payeeCursor(after), limit: limit)
        let people = try PeopleOfPart(of: PayeePart(found.map(\.item.key), of: batch.row), in: transaction)
        let review =
            batch.approval.isSent
            ? [] : try reviewed(found.map(\.item), of: batch.row.batch, people, in: transaction)
        var items: [PayoutItemsView.Item] = []
        for (index, (item, name)) in found.enumerated() {
            let last = item.last
            let findings = review.isEmpty ? [] : settings.payouts.findings(of: review[index], at: now)
            items.append(
                PayoutItemsView.Item(
                    host: item.host, name: name, gross: item.gross, withheld: item.withheld, net: item.net,
                    state: word(for: try sending(of: item, in: batch, through: providers, people).decision, item),
                    payout: last?.payout, attempt: last?.attempt, provider: last?.provider,
                    destination: last?.destination, detail: last.flatMap { $0.detail.isEmpty ? nil : $0.detail },
                    since: last?.since, findings: findings.map(\.code)))
        }
        return items
    }

    /// How an item is said to stand. What its provider refused may be sent again: until somebody does, it is refused.
    func word(for decision: PayoutSending, _ item: PayoutItemRow) -> String {
        if let last = item.last { return last.state.rawValue }
        return switch decision {
        case .send: "planned"
        case .sent(let state): state.rawValue
        case .nothing: "nothing"
        case .blocked: "blocked"
        case .noDestination: "no_destination"
        case .noProvider: "no_provider"
        case .coolingOff: "cooling_off"
        }
    }

    /// The host and the currency behind which a page begins.
    func payeeCursor(_ after: String?) -> (host: String, currency: String) {
        let words = (after ?? "").split(separator: " ", maxSplits: 1).map(String.init)
        return words.count == 2 ? (words[0], words[1]) : ("", "")
    }
}

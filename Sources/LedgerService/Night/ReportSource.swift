internal import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Payouts
public import Reporting
internal import Store
public import Values

/// A file of a night as a list shows it.
struct NightFileView: Sendable, Encodable {
    let name: String
    let contentType: String
    let bytes: Int
}

extension LedgerService {
    /// Every file of a night that is done. The same facts give the same bytes, so those of the night asked for last
    /// are kept: its files are fetched one by one.
    public func reportFiles(
        of day: LocalDay, language: Language, by caller: Caller
    ) async throws -> [ReportFile] {
        try requireFinanceReading(caller)
        if let files = keptReports.files(of: day, language) { return files }
        let facts = try await nightFacts(of: day, by: caller)
        let files = try NightReport.files(facts, language: ReportLanguage(rawValue: language.rawValue) ?? .english)
        keptReports.keep(files, of: day, language)
        return files
    }

    /// All that the reports of a night are made of, as things stood when the night was done.
    public func nightFacts(of day: LocalDay, by caller: Caller) async throws -> NightFacts {
        try requireFinanceReading(caller)
        let settings = settings
        return try await database.read { transaction in
            guard let night = try transaction.night(day), let end = try transaction.nightEnd(day) else {
                throw LedgerRefusal.nightUnknown
            }
            return try ReportSource(settings: settings, night: night, end: end).facts(in: transaction)
        }
    }
}

/// Fetches the rows of a night's reports, as of the night's cut and head: later facts are left out.
struct ReportSource {
    let settings: LedgerSettings
    let night: NightRow
    let end: NightEnd

    private var head: Int64 { end.headSequence }

    func facts(in transaction: borrowing Transaction) throws -> NightFacts {
        let policy = settings.policies[night.policy] ?? settings.housePolicy
        let orders = try transaction.orders(through: night.cut)
        let rooms = try rooms(of: orders, in: transaction)
        let payouts = try transaction.payouts(of: night.day).map {
            PayoutRow(
                batchDay: night.day, host: $0.host.text, currency: $0.currency, gross: $0.gross,
                withheld: $0.withheld, net: $0.net)
        }
        let carried = try transaction.register(through: night.day)
        var journal: [JournalPostingRow] = []
        var cursor: Int64 = 0
        while true {
            // A thousand entries at a time, so that a long journal is not held twice.
            let entries = try transaction.entries(after: cursor, through: head, limit: 1_000)
            guard let last = entries.last else { break }
            for entry in entries { journal += JournalPostingRow.rows(of: entry) }
            cursor = last.sequence
        }
        let balances = try transaction.balances(through: head).map {
            BalanceRow(account: $0.account.text, currency: $0.amount.currency, balance: $0.amount.minorUnits)
        }
        return NightFacts(
            platform: settings.platform, day: night.day, cutoff: night.cutoff, cutSequence: night.cut,
            headSequence: head, headHash: end.headHash, policy: policy.name, policyVersion: Int64(policy.version),
            timeZone: policy.calendar.zone,
            batches: [BatchRow(day: night.day, cutoff: night.cutoff, digest: end.digest)], journal: journal,
            balances: balances, sales: try sales(orders, rooms, in: transaction),
            escrow: try escrow(rooms, balances, policy), payouts: payouts, carried: try carried.map(row),
            orders: try orders.map { try orderRow($0.order, named: $0.name, in: transaction) },
            hosts: try hosts(orders, rooms, carried, payouts, policy, in: transaction))
    }

    private func rooms(
        of orders: [ReportOrder], in transaction: borrowing Transaction
    ) throws -> [RoomID: Room] {
        var rooms: [RoomID: Room] = [:]
        for order in orders where rooms[order.order.room] == nil {
            rooms[order.order.room] = try transaction.room(order.order.room, before: night.cutoff)
        }
        return rooms
    }

    private func row(_ entry: CarriedEntry) throws -> CarriedRow {
        guard let reason = CarriedRow.Reason(rawValue: entry.reason) else {
            throw StoreFault.corrupt(column: "carried.reason")
        }
        return CarriedRow(
            host: entry.key.host.text, currency: entry.key.currency, available: entry.available,
            pending: entry.pending, reason: reason, nextOn: entry.nextOn, bracketUse: entry.bracketUse)
    }

    private func sales(
        _ orders: [ReportOrder], _ rooms: [RoomID: Room], in transaction: borrowing Transaction
    ) throws -> [SalesRow] {
        struct Key: Hashable {
            let day: LocalDay
            let room: RoomID
            let currency: Currency
        }
        var rows: [Key: SalesRow] = [:]
        for sold in orders {
            let order = sold.order
            let key = Key(day: sold.soldOn, room: order.room, currency: order.currency)
            var row =
                rows[key]
                ?? SalesRow(
                    day: sold.soldOn, room: order.room.text, title: rooms[order.room]?.title ?? "",
                    host: order.owner.text, currency: order.currency, tickets: 0, gross: 0, vat: 0, fee: 0, base: 0,
                    refundedTickets: 0, refunded: 0)
            let reversed = try transaction.reversals(of: order.id, through: night.cut).reversed
            row.tickets += sold.kind == .ticket ? 1 : 0
            row.gross += order.gross.minorUnits
            row.vat += order.vat
            row.fee += order.fee
            row.base += order.base
            row.refundedTickets += sold.kind == .ticket && reversed == order.gross.minorUnits ? 1 : 0
            row.refunded += reversed
            rows[key] = row
        }
        return rows.values.sorted { ($0.day, $0.room, $0.currency) < ($1.day, $1.room, $1.currency) }
    }

    /// Escrow at the head, where the trial balance is taken too.
    private func escrow(
        _ rooms: [RoomID: Room], _ balances: [BalanceRow], _ policy: SalePolicy
    ) throws -> [EscrowRow] {
        balances.compactMap { balance in
            let prefix = "liabilities:escrow:"
            guard balance.account.hasPrefix(prefix), let id = RoomID(balance.account.dropFirst(prefix.count)),
                let room = rooms[id]
            else { return nil }
            return EscrowRow(
                room: id.text, title: room.title, host: room.host.text, currency: balance.currency,
                held: -balance.balance, state: room.state.name,
                releaseOn: room.state.name == "cancelled" ? nil : policy.calendar.businessDay(of: room.overAt))
        }
    }

    private func orderRow(
        _ order: Order, named name: String, in transaction: borrowing Transaction
    ) throws -> OrderRow {
        let reversed = try transaction.reversals(of: order.id, through: head).reversed
        let split = try transaction.split(of: order.id)
        let release = try transaction.release(of: order.id)
        return OrderRow(
            order: name, room: order.room.text, owner: order.owner.text, currency: order.currency,
            gross: order.gross.minorUnits, vat: order.vat, fee: order.fee, feeRefundable: order.feeIsRefundable,
            base: order.base, parts: split?.parts ?? [], hostShare: split?.hostShare ?? 0,
            platform: split?.platform ?? 0,
            shares: Dictionary(
                (split?.shares ?? []).map { ($0.host.text, $0.amount.minorUnits) }, uniquingKeysWith: +),
            reversed: reversed, tierReversed: try transaction.reversals(of: order.id, through: night.cut).reversed,
            released: release.map { $0.sequence <= head && $0.availableOn <= night.day } ?? false)
    }
}

internal import BoxOffice
internal import Foundation
internal import Payouts
internal import Schemas
public import Store
public import Values

/// What an export wrote.
public struct ReplayExportSummary: Sendable, Hashable, Encodable {
    public let nights: Int
    public let facts: Int64
    public let firstDay: LocalDay
    public let lastDay: LocalDay
    /// Of the last night.
    public let policy: String
}

/// The facts of a ledger as a list that `guichet replay` plays: what would another policy have paid?
///
/// Every fact goes into the night that knew it, whatever the clock said. What funds gave is a correction on the day on which
/// it became available, and so is the fee of a dispute that a host bore: a list needs no listening and no programs. A room
/// has the times that held in the end. Facts are read some at a time, so memory does not grow with history; the same ledger
/// gives the same bytes.
public struct ReplayExport: Sendable {
    let database: Database

    public init(_ database: Database) { self.database = database }

    /// Entries of the journal that are looked through at one time.
    private static let page: Int64 = 500
    /// No night gets there: money of a room that was cancelled, or that nobody has said to be held, is not released.
    private static let never = "9990-01-01T00:00:00Z"

    /// Writes the list, and the configuration under which the nights were run.
    /// - Parameter write: takes the next lines.
    /// - Throws: ``ReplayRefusal`` where no night is done, or its policy is not known.
    public func write(
        to write: @escaping (String) throws -> Void
    ) async throws -> (summary: ReplayExportSummary, config: [UInt8]) {
        var nights: [NightRow] = []
        while true {
            let last = nights.last?.day.description ?? ""
            let more = try await database.read { try $0.doneNights(after: last, limit: 1_000) }
            if more.isEmpty { break }
            nights += more
        }
        guard let first = nights.first, let last = nights.last else { throw ReplayRefusal.noNights }
        guard let policy = try PolicyBook(json: PolicyPresets.json)[last.policy] else {
            throw ReplayRefusal.config(reason: "there is no policy \(last.policy)")
        }
        let start = try await database.read { try $0.firstPosting() } ?? first.cutoff
        let lines = ExportLines(calendar: policy.calendar, from: start, to: write)
        try await writeRooms(lines, policy, over: last.cutoff)
        var before: NightRow?
        for night in nights {
            try await tell(night, behind: before, to: lines)
            before = night
        }
        let summary = ReplayExportSummary(
            nights: nights.count, facts: lines.count, firstDay: first.day, lastDay: last.day, policy: last.policy)
        return (summary, try config(of: last.policy, nights.map(\.day)))
    }

    private func writeRooms(_ lines: ExportLines, _ policy: SalePolicy, over end: Instant) async throws {
        let (late, open) = try await database.read { (try $0.lateReleases(), try $0.unreleasedRooms()) }
        var cursor = ""
        while true {
            let from = cursor
            let rooms = try await database.read { try $0.rooms(of: nil, after: from, limit: Int(Self.page)) }
            guard let last = rooms.last else { return }
            for room in rooms {
                var line = ExportLine(type: "room", id: room.id.text)
                line.room = room.id.text
                line.host = room.host.text
                line.starts_at = room.startsAt.description
                line.ends_at = max(room.overAt, room.startsAt.advanced(bySeconds: 1)).description
                if let night = late[room.id] {
                    // Released later than its end says: it counts from there.
                    let day = night.advanced(byDays: -policy.holdDays)
                    line.ends_at = policy.calendar.instant(of: day, minutes: 720).description
                    line.starts_at =
                        min(
                            room.startsAt, policy.calendar.instant(of: day, minutes: 719)
                        ).description
                }
                if room.state.name == "cancelled" || (open.contains(room.id) && room.overAt < end) {
                    line.ends_at = Self.never
                }
                if !room.cohosts.isEmpty {
                    line.cohosts = room.cohosts.map { .init(host: $0.host.text, bp: $0.share.value) }
                }
                try lines.add(line)
            }
            cursor = last.id.text
        }
    }

    /// What belongs to a night: facts of money in the order of the journal, then what was said of hosts, then what funds
    /// gave.
    private func tell(_ night: NightRow, behind before: NightRow?, to lines: ExportLines) async throws {
        lines.enter(night.day, behind: before?.day)
        var cursor = before?.cut ?? 0
        while cursor < night.cut {
            let (from, through) = (cursor, min(cursor + Self.page, night.cut))
            for row in try await database.read({ try $0.exportedFacts(after: from, through: through) }) {
                var line = ExportLine(row.fact)
                line.at = row.at.description
                try lines.add(line, at: row.postedAt)
            }
            cursor = through
        }
        cursor = before?.payeeCut ?? 0
        while cursor < night.payeeCut {
            let from = cursor
            let payees = try await database.read {
                try $0.payees(after: from, through: night.payeeCut, limit: Int(Self.page))
            }
            guard let last = payees.last else { break }
            for (number, payee) in payees {
                var line = ExportLine(
                    type: payee.isBlocked ? "payee_blocked" : "payee_unblocked", id: "payee/\(number)")
                line.host = payee.host.text
                try lines.add(line, at: payee.since)
                line.type = "payee_withholding"
                line.id += "/withholding"
                line.bp = payee.withholding.value
                try lines.add(line, at: payee.since)
            }
            cursor = last.number
        }
        let days = (before?.day.description ?? "", night.day.description)
        for (host, number) in try await database.read({ try $0.risks(after: days.0, through: days.1) }) {
            guard let risk = try await database.read({ try $0.risk(number, of: host) }) else { continue }
            try lines.add(ExportLine(risk), at: risk.at)
        }
        for credit in try await database.read({ try $0.fundCredits(after: days.0, through: days.1) }) {
            try lines.add(
                ExportLine(
                    .adjustment(credit.id, host: credit.host, amount: credit.amount, reason: "fund \(credit.name)")))
        }
    }

    /// The keys of the preset that a list is played under; days without a night are days without a batch.
    private func config(of policy: String, _ nights: [LocalDay]) throws -> [UInt8] {
        let file = try JSONSerialization.jsonObject(with: Data(PolicyPresets.json)) as? [String: Any]
        let presets = file?["presets"] as? [[String: Any]] ?? []
        let found = presets.first { preset in
            "\(preset["name"] as? String ?? "")/\(preset["version"] as? Int ?? 0)" == policy
        }
        guard let found, let first = nights.first, let last = nights.last else {
            throw ReplayRefusal.config(reason: "there is no policy \(policy)")
        }
        var config: [String: Any] = ["first_day": first.description, "last_day": last.description]
        for key in ["time_zone", "cutoff_local", "tiers", "hold_days", "min_payout", "batch_days"] {
            config[key] = found[key]
        }
        let known = Set(nights)
        var holidays = Set(found["holidays"] as? [String] ?? [])
        var day = first
        while day <= last {
            if !known.contains(day) { holidays.insert(day.description) }
            day = day.advanced(byDays: 1)
        }
        config["holidays"] = holidays.sorted()
        return Array(
            try JSONSerialization.data(
                withJSONObject: config, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])) + [0x0A]
    }
}

/// A line of the list; members in byte order.
struct ExportLine: Encodable {
    struct Cohost: Encodable {
        let host: String
        let bp: Int64
    }

    var seq: Int64 = 0
    var posted_at = ""
    var at: String?
    var id: String
    var type: String
    var room, host, starts_at, ends_at, order, buyer, currency, channel, dispute, reason, batch, `class`: String?
    var cohosts: [Cohost]?
    var gross, vat, fee, amount, bp, version, extra_hold_days, reserve_bp, reserve_days: Int64?
    var fee_refundable: Bool?

    init(type: String, id: String) {
        self.type = type
        self.id = id
    }

    init(_ fact: ExportedFact) {
        switch fact {
        case .sale(let order):
            self.init(type: "purchase", id: order.id.text)
            self.order = order.id.text
            room = order.room.text
            buyer = order.holder.text
            currency = order.currency.code
            (gross, vat, fee) = (order.gross.minorUnits, order.vat, order.fee)
            fee_refundable = order.feeIsRefundable
            channel = order.terms.channel
        case .refund(let refund, let order, let amount):
            self.init(type: "refund", id: refund.text)
            self.order = order.text
            self.amount = amount
        case .disputeTaken(let dispute, let order, let amount):
            self.init(type: "dispute_opened", id: Self.name(dispute, order))
            self.order = order.text
            (self.amount, fee) = (amount, 0)
        case .disputeEnded(let dispute, let order, let won):
            self.init(type: won ? "dispute_won" : "dispute_lost", id: Self.name(dispute, order) + "/end")
            self.dispute = Self.name(dispute, order)
        case .adjustment(let id, let host, let amount, let reason):
            self.init(type: "adjustment", id: id.text)
            self.host = host.text
            (self.amount, currency) = (amount.minorUnits, amount.currency.code)
            self.reason = reason
        case .returned(let payout, let batch, let host, let currency):
            self.init(type: "payout_returned", id: payout.text)
            (self.batch, self.host, self.currency) = (batch.description, host.text, currency.code)
        }
    }

    init(_ risk: RiskRow) {
        self.init(type: "host_risk", id: "risk/\(risk.host)/\(risk.number)")
        (host, self.class, reason) = (risk.host.text, risk.name, risk.reason)
        version = Int64(risk.version)
        extra_hold_days = Int64(risk.terms.extraHoldDays)
        reserve_bp = risk.terms.reserve.value
        reserve_days = Int64(risk.terms.reserveDays)
    }

    /// Of a dispute of one order. Providers' names may be long; a digest keeps within the bounds of a list.
    private static func name(_ dispute: String, _ order: OrderID) -> String {
        "dispute/\(SHA256Digest(of: dispute).hex.prefix(32))/\(order)"
    }
}

/// Gives lines their numbers and times: `posted_at` never falls, and puts each into its night.
final class ExportLines {
    private(set) var count: Int64 = 0
    private let calendar: BusinessCalendar
    private let write: (String) throws -> Void
    private let encoder = JSONEncoder()
    private var last: Instant
    private var latest: Instant?

    init(calendar: BusinessCalendar, from start: Instant, to write: @escaping (String) throws -> Void) {
        self.calendar = calendar
        self.write = write
        last = start
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    /// From here on lines belong to the night of a day.
    func enter(_ day: LocalDay, behind before: LocalDay?) {
        if let before { last = max(last, calendar.cutoff(of: before)) }
        latest = Instant(microseconds: calendar.cutoff(of: day).microseconds - 1)
    }

    func add(_ line: ExportLine, at postedAt: Instant? = nil) throws {
        count += 1
        last = max(last, min(postedAt ?? last, latest ?? last))
        var line = line
        line.seq = count
        line.posted_at = last.description
        line.at = line.at ?? line.posted_at
        try write(String(decoding: try encoder.encode(line), as: UTF8.self) + "\n")
    }
}

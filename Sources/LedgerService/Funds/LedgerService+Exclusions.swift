internal import BoxOffice
public import HTTPEdge
public import Payouts
internal import Store
public import Values

/// What does not count in a month of a fund, and why, without a name of anybody who listened.
public struct FundExclusionsView: Sendable, Encodable {
    public struct Row: Sendable, Encodable {
        public let host: HostID
        public let room: RoomID?
        public let reason: FundExclusionReason
        public let why: String?
        public let listeners: Int?
        public let seconds: Int64?
        public let digest: String?
    }

    public let fund: String
    public let month: LocalMonth
    /// The version of the terms by which it is counted: of a month that has closed its own.
    public let version: Int
    public let closed: Bool
    public let exclusions: [Row]
    public let next: String?
}

extension LedgerService {
    /// Everything that a month of a fund leaves out, counted from the facts that close it: of a month that has closed it
    /// is the same whenever it is asked for. A host sees its own rows.
    public func fundExclusions(
        of fund: String, in month: LocalMonth, _ page: PageRequest, by caller: Caller
    ) async throws -> FundExclusionsView {
        let own: HostID?
        if case .host(let host) = caller {
            own = host
        } else {
            try requireFinanceReading(caller)
            own = nil
        }
        let now = clock.now()
        let calendar = settings.housePolicy.calendar
        return try await database.read { transaction in
            let closed = try transaction.fundMonths().first { $0.program == fund && $0.month == month }
            guard let versions = try transaction.fundVersions(of: fund) else { throw FundRefusal.unknown }
            let terms = versions.terms(of: month)
            // Of before versions had their months.
            let program = try closed.map { try transaction.fundProgram(fund, version: $0.version) ?? terms } ?? terms
            let facts = FundFacts(
                program: program, month: month, calendar: calendar,
                cutoff: min(now, calendar.cutoff(of: program.closingDay(of: month))))
            func key(_ one: FundExclusion) -> String {
                "\(one.host)/\(one.room?.text ?? "")/\(one.reason.rawValue)"
            }
            let all = try facts.exclusions(in: transaction).filter { own == nil || $0.host == own }
            let behind = page.after.map { after in all.filter { key($0) > after } } ?? all
            let (rows, next) = page.page(Array(behind.prefix(page.limit + 1)), key: key)
            return FundExclusionsView(
                fund: fund, month: month, version: program.version, closed: closed != nil,
                exclusions: rows.map {
                    FundExclusionsView.Row(
                        host: $0.host, room: $0.room, reason: $0.reason, why: $0.why, listeners: $0.listeners,
                        seconds: $0.seconds, digest: $0.digest)
                }, next: next)
        }
    }
}

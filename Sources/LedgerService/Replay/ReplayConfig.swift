public import BoxOffice
internal import Foundation
public import Payouts
internal import Schemas
public import Values

/// What a list of facts is played under.
public struct ReplayConfig: Sendable {
    public let policy: SalePolicy
    public let firstDay: LocalDay
    public let lastDay: LocalDay
    /// By the names of the list.
    public let withholding: [String: BasisPoints]
    /// Stipends and pots, pots in the order in which they are shared.
    public let programs: [FundProgram]

    /// Most business days of one run: thirty years.
    static let mostDays = 11_000

    private struct File: Decodable {
        struct Program: Decodable {
            let currency: Currency
            let stipend: Int64
            let mode: StipendTerms.Mode
            let rooms_per_week: Int
            let min_room_minutes: Int64
            let min_room_listeners: Int
            let min_seconds: Int64?
            let close_lag_days: Int?
        }
        struct Pool: Decodable {
            let month: LocalMonth
            let currency: Currency
            let amount: Int64
            let close_lag_days: Int?
            let host_cap_bp: Int64?
            let min_unique_listeners: Int?
            let listener_room_cap_min: Int64?
            let listener_day_cap_min: Int64?
            let min_seconds: Int64?
            let enrolled_in: String?
        }
        let first_day: LocalDay
        let last_day: LocalDay
        let fund_hold_days: Int?
        let withholding_bp: [String: Int64]?
        let programs: [String: Program]?
        let pools: [Pool]?
    }

    /// Reads a configuration, with the keys that the payout rules give them.
    public init(json: [UInt8]) throws(ReplayRefusal) {
        let file: File
        do { file = try JSONDecoder().decode(File.self, from: Data(json)) } catch {
            throw .config(reason: Self.words(of: error))
        }
        policy = try Self.policy(of: json)
        guard file.first_day <= file.last_day,
            file.last_day.daysSince1970 - file.first_day.daysSince1970 < Self.mostDays
        else { throw .config(reason: "last_day is not between first_day and \(Self.mostDays) days later") }
        firstDay = file.first_day
        lastDay = file.last_day
        let rates = file.withholding_bp ?? [:]
        guard rates.values.allSatisfy({ (0...10_000).contains($0) }) else {
            throw .config(reason: "withholding_bp is 0 to 10,000")
        }
        withholding = rates.mapValues { BasisPoints($0) }
        programs = try Self.programs(of: file)
    }

    /// The same list under the shares, holds, minimums and batch days of a preset: what it would have paid. Days stay those
    /// of the list's own zone.
    /// - Throws: ``ReplayRefusal`` also where there is no such preset.
    public init(json: [UInt8], under preset: String) throws(ReplayRefusal) {
        let known = ((try? JSONSerialization.jsonObject(with: Data(PolicyPresets.json))) as? [String: Any])?["presets"]
        let named = (known as? [[String: Any]] ?? []).filter { $0["name"] as? String == preset }
        let newest = named.max { ($0["version"] as? Int ?? 0) < ($1["version"] as? Int ?? 0) }
        guard let newest else { throw .config(reason: "there is no policy \(preset)") }
        guard var own = (try? JSONSerialization.jsonObject(with: Data(json))) as? [String: Any] else {
            throw .config(reason: "it is not JSON")
        }
        // Without brackets every sale of the currency would be refused, and the comparison would say 0.
        let (mine, theirs) = (own["tiers"] as? [String: Any] ?? [:], newest["tiers"] as? [String: Any] ?? [:])
        if let missing = mine.keys.filter({ theirs[$0] == nil }).min() {
            throw .config(reason: "the policy \(preset) has no brackets for \(missing)")
        }
        for key in ["tiers", "hold_days", "min_payout", "batch_days", "holidays", "dispute_fee_bearer"] {
            own[key] = newest[key]
        }
        guard let merged = try? JSONSerialization.data(withJSONObject: own) else {
            throw .config(reason: "it is not JSON")
        }
        try self.init(json: Array(merged))
    }

    /// A preset made of the configuration's own figures, read by the parser of the real ones. What a list does not decide,
    /// such as prices and refund windows, is wide open: its facts have happened.
    private static func policy(of json: [UInt8]) throws(ReplayRefusal) -> SalePolicy {
        var preset = ((try? JSONSerialization.jsonObject(with: Data(json))) as? [String: Any]) ?? [:]
        let currencies = (preset["tiers"] as? [String: Any])?.keys.sorted() ?? []
        let open = ["min": 1, "max": Money.limit] as [String: Any]
        let ranges = Dictionary(uniqueKeysWithValues: currencies.map { ($0, open) })
        for key in ["programs", "pools", "withholding_bp", "first_day", "last_day", "fund_hold_days"] {
            preset[key] = nil
        }
        if preset["min_payout"] == nil { preset["min_payout"] = [String: Int]() }
        preset.merge(
            [
                "name": "replay", "version": 1, "price_range": ranges, "topup_range": ranges,
                "vat_bp": [String: Int](), "fee_bp": ["wallet": 0], "refund_until": "room_ends",
                "ticket_from": "doors_open",
            ]) { _, given in given }
        do {
            let file = try JSONSerialization.data(withJSONObject: ["presets": [preset]])
            guard let policy = try PolicyBook(json: Array(file))["replay"] else {
                throw ReplayRefusal.config(reason: "no policy")
            }
            return policy
        } catch let fault as PolicyFault {
            throw .config(reason: fault.reason)
        } catch {
            throw .config(reason: words(of: error))
        }
    }

    private static func programs(of file: File) throws(ReplayRefusal) -> [FundProgram] {
        let hold = file.fund_hold_days ?? 0
        var programs: [FundProgram] = []
        for (name, program) in (file.programs ?? [:]).sorted(by: {
            $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
        }) {
            programs.append(
                FundProgram(
                    name: name, version: 1, currency: program.currency, closeLagDays: program.close_lag_days ?? 0,
                    holdDays: hold, firstMonth: nil, lastMonth: nil,
                    scheme: .stipend(
                        StipendTerms(
                            amount: program.stipend, mode: program.mode, roomsPerWeek: program.rooms_per_week,
                            minRoomMinutes: program.min_room_minutes, minRoomListeners: program.min_room_listeners,
                            minSeconds: program.min_seconds ?? 60))))
        }
        for (place, pool) in (file.pools ?? []).enumerated() {
            var name = "pool-\(place + 1)-\(pool.month)"
            while file.programs?[name] != nil { name += "-" }
            programs.append(
                FundProgram(
                    name: name, version: 1, currency: pool.currency,
                    closeLagDays: pool.close_lag_days ?? 0, holdDays: hold, firstMonth: pool.month,
                    lastMonth: pool.month,
                    scheme: .pot(
                        PotTerms(
                            amount: pool.amount, hostCap: BasisPoints(pool.host_cap_bp ?? 10_000),
                            minUniqueListeners: pool.min_unique_listeners ?? 0,
                            listening: ListeningTerms(
                                roomCapMinutes: pool.listener_room_cap_min,
                                dayCapMinutes: pool.listener_day_cap_min, minSeconds: pool.min_seconds ?? 60),
                            enrolledIn: pool.enrolled_in))))
        }
        // What a request for a program may say holds here too.
        for program in programs {
            do {
                let data = try JSONEncoder().encode(program)
                _ = try JSONDecoder().decode(FundProgram.self, from: data)
            } catch { throw .config(reason: "\(program.name): \(words(of: error))") }
        }
        return programs
    }

    private static func words(of error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
        case DecodingError.dataCorrupted(let context), DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context):
            ([context.codingPath.map(\.stringValue).joined(separator: ".")] + [context.debugDescription])
                .filter { !$0.isEmpty }.joined(separator: ": ")
        default: "it is not JSON"
        }
    }
}

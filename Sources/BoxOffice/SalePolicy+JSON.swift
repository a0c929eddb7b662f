internal import Foundation
internal import Ledger
internal import Values

/// A preset as it stands in the file; ``SalePolicy`` is what remains of it after the checks.
struct PolicyFile: Decodable {
    struct Range: Decodable {
        let min: Int64
        let max: Int64
    }
    struct Bracket: Decodable {
        let up_to: Int64?
        let bp: Int64
    }
    let name: String
    let version: Int
    let time_zone: String
    let cutoff_local: String?
    let price_range: [String: Range]
    let topup_range: [String: Range]
    let vat_bp: [String: Int64]
    let fee_bp: [String: Int64]
    let fee_fixed: [String: [String: Int64]]?
    let fee_refundable: Bool?
    let tiers: [String: [Bracket]]
    let hold_days: Int
    let min_payout: [String: Int64]
    let batch_days: SalePolicy.BatchDays?
    let holidays: [LocalDay]?
    let refund_until: SalePolicy.RefundWindow
    let ticket_from: SalePolicy.TicketStart
    let tax_home: String?
    let hold_minutes: Int64?
    let return_tier_places: Bool?
    let cancel: CancellationFile?
    let tips: TipFile?
    let reschedule: MoveFile?
    let dispute_fee_bearer: SalePolicy.DisputeFeeBearer?
}

/// The presets that this installation knows, by id and by name.
public struct PolicyBook: Sendable, Hashable {
    private let policies: [String: SalePolicy]

    /// Reads `{"presets": […]}`.
    /// - Throws: ``PolicyFault`` for the first preset that breaks a rule of its own.
    public init(json: [UInt8]) throws(PolicyFault) {
        struct File: Decodable {
            let presets: [PolicyFile]
        }
        let file: File
        do { file = try JSONDecoder().decode(File.self, from: Data(json)) } catch {
            throw PolicyFault(policy: "", reason: "\(error)")
        }
        var policies: [String: SalePolicy] = [:]
        for preset in file.presets {
            let policy = try SalePolicy(preset)
            guard policies.updateValue(policy, forKey: policy.id) == nil else {
                throw PolicyFault(policy: policy.id, reason: "It stands there twice.")
            }
        }
        self.policies = policies
    }

    public init(_ policies: [SalePolicy]) {
        self.policies = Dictionary(policies.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The policy with this id, `name/version`; with a bare name, its newest version.
    public subscript(_ id: String) -> SalePolicy? {
        policies[id] ?? policies.values.filter { $0.name == id }.max { $0.version < $1.version }
    }

    /// Every id, sorted.
    public var ids: [String] { policies.keys.sorted() }
}

extension SalePolicy {
    init(_ file: PolicyFile) throws(PolicyFault) {
        func fault(_ reason: String) -> PolicyFault { PolicyFault(policy: file.name, reason: reason) }
        guard let cutoff = Self.minutes(file.cutoff_local ?? "24:00"),
            let calendar = BusinessCalendar(zone: file.time_zone, cutoffMinutes: cutoff)
        else { throw fault("No such time zone or cut-off.") }
        guard !file.name.isEmpty, file.version >= 1, (0...3_650).contains(file.hold_days) else {
            throw fault("A name, a version from 1 and hold days of 0 to 3,650 are needed.")
        }
        // Together they stay below the price, so that a base is never negative.
        guard file.vat_bp.values.allSatisfy({ (0...5_000).contains($0) }),
            file.fee_bp.values.allSatisfy({ (0...4_000).contains($0) }), file.fee_bp[Self.walletChannel] != nil
        else { throw fault("VAT is 0 to 5,000 bp, fees are 0 to 4,000 bp, one of them for the wallet.") }
        name = file.name
        version = file.version
        self.calendar = calendar
        priceRange = try Self.byCurrency(file.price_range, file) { (1...Money.limit).holding($0.min, $0.max) }
        topupRange = try Self.byCurrency(file.topup_range, file) { (1...Money.limit).holding($0.min, $0.max) }
        vatRate = try Self.byCurrency(file.vat_bp, file) { BasisPoints($0) }
        fees = try Self.fees(file)
        feeIsRefundable = file.fee_refundable ?? false
        tiers = try Self.byCurrency(file.tiers, file) { Self.brackets($0) }
        holdDays = file.hold_days
        minimumPayout = try Self.byCurrency(file.min_payout, file) { (0...Money.limit).contains($0) ? $0 : nil }
        batchDays = file.batch_days ?? .daily
        holidays = Set(file.holidays ?? [])
        refundWindow = file.refund_until
        ticketStart = file.ticket_from
        taxHome = file.tax_home
        holdSeconds = (file.hold_minutes ?? 10) * 60
        returnsTierPlaces = file.return_tier_places ?? false
        cancellation = try Self.cancellation(file)
        tips = try Self.tips(file)
        moves = try Self.moves(file)
        disputeFeeBearer = file.dispute_fee_bearer ?? .platform
        guard (1...1_440).contains(file.hold_minutes ?? 10) else {
            throw fault("Seats are held for 1 to 1,440 minutes.")
        }
        guard taxHome.map({ CountryEvidence(country: $0, source: .declared) != nil }) ?? true else {
            throw fault("The country of tax is two capital letters.")
        }
        guard priceRange.keys.allSatisfy({ tiers[$0] != nil }) else {
            throw fault("Every currency in which tickets are sold needs its brackets.")
        }
    }

    /// Brackets rise, are rates of 0 to 10,000 bp, and only the last is without end.
    private static func brackets(_ raw: [PolicyFile.Bracket]) -> [Tier]? {
        let bounds = raw.dropLast().map { $0.up_to ?? 0 }
        guard let last = raw.last, last.up_to == nil, raw.allSatisfy({ (0...10_000).contains($0.bp) }),
            zip([0] + bounds, bounds).allSatisfy({ $0 < $1 }), bounds.allSatisfy({ $0 <= Money.limit })
        else { return nil }
        return raw.map { Tier(upTo: $0.up_to, rate: BasisPoints($0.bp)) }
    }

    /// A fee for each door; a fixed part stands beside a rate.
    private static func fees(_ file: PolicyFile) throws(PolicyFault) -> [String: ChannelFee] {
        var fees: [String: ChannelFee] = [:]
        for (channel, rate) in file.fee_bp {
            let fixed = try byCurrency(file.fee_fixed?[channel] ?? [:], file) {
                (0...Money.limit).contains($0) ? $0 : nil
            }
            guard Account("assets:psp:\(channel)") != nil, channel.utf8.count <= 20 else {
                throw PolicyFault(policy: file.name, reason: "\(channel) cannot be the name of a door.")
            }
            fees[channel] = ChannelFee(rate: BasisPoints(rate), fixed: fixed)
        }
        guard Set((file.fee_fixed ?? [:]).keys).isSubset(of: fees.keys) else {
            throw PolicyFault(policy: file.name, reason: "A fixed fee needs a rate beside it, if only 0.")
        }
        return fees
    }

    /// `HH:MM` as minutes of the day, `24:00` included.
    private static func minutes(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hours = Int(parts[0]),
            let minutes = Int(parts[1]), (0...24).contains(hours), (0...59).contains(minutes)
        else { return nil }
        return hours * 60 + minutes
    }

    static func byCurrency<Raw, Value>(
        _ raw: [String: Raw], _ file: PolicyFile, _ value: (Raw) -> Value?
    ) throws(PolicyFault) -> [Currency: Value] {
        var result: [Currency: Value] = [:]
        for (code, entry) in raw {
            guard let currency = Currency(code), let checked = value(entry) else {
                throw PolicyFault(policy: file.name, reason: "The figures for \(code) are not usable.")
            }
            result[currency] = checked
        }
        return result
    }
}

extension ClosedRange<Int64> {
    /// The range of both bounds if they are in order and inside this one.
    fileprivate func holding(_ low: Int64, _ high: Int64) -> ClosedRange<Int64>? {
        low <= high && contains(low) && contains(high) ? low...high : nil
    }
}

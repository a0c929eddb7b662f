internal import Values
internal import Foundation

/// A program as it stands in a file, in a request and in the store; ``FundProgram`` is what remains of it after the
/// checks.
extension FundProgram: Codable {
    private enum Key: String, CodingKey, CaseIterable {
        case name, version, kind, currency, close_lag_days, hold_days, from_month, first_month, last_month
        case stipend, mode, rooms_per_week, min_room_minutes, min_room_listeners, min_seconds
        case amount, host_cap_bp, min_unique_listeners, listener_room_cap_min, listener_day_cap_min, enrolled_in
        case per_hour, budget, host_cap
        case cohort
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        func bounded(_ key: Key, _ range: ClosedRange<Int64>, or fallback: Int64? = nil) throws -> Int64 {
            try fields.bounded(key, range, or: fallback)
        }
        func listening() throws -> ListeningTerms {
            func cap(_ key: Key) throws -> Int64? {
                // A year of minutes: more than any month has.
                try fields.contains(key) ? bounded(key, 0...527_040) : nil
            }
            return ListeningTerms(
                roomCapMinutes: try cap(.listener_room_cap_min), dayCapMinutes: try cap(.listener_day_cap_min),
                minSeconds: try bounded(.min_seconds, 0...86_400, or: 60))
        }
        func pot() throws -> PotTerms {
            PotTerms(
                amount: try bounded(.amount, 0...Money.limit),
                hostCap: BasisPoints(try bounded(.host_cap_bp, 0...10_000, or: 10_000)),
                minUniqueListeners: Int(try bounded(.min_unique_listeners, 0...1_000_000_000, or: 1)),
                listening: try listening(), enrolledIn: try fields.decodeIfPresent(String.self, forKey: .enrolled_in))
        }
        let scheme: Scheme
        switch try fields.decode(String.self, forKey: .kind) {
        case "stipend":
            scheme = .stipend(
                StipendTerms(
                    amount: try bounded(.stipend, 0...Money.limit),
                    mode: try fields.decode(StipendTerms.Mode.self, forKey: .mode),
                    roomsPerWeek: Int(try bounded(.rooms_per_week, 0...1_000)),
                    minRoomMinutes: try bounded(.min_room_minutes, 0...10_080),
                    minRoomListeners: Int(try bounded(.min_room_listeners, 0...1_000_000_000)),
                    minSeconds: try bounded(.min_seconds, 0...86_400, or: 60)))
        case "pot": scheme = .pot(try pot())
        case "user_centric": scheme = .userCentric(try pot())
        case "rate_card":
            scheme = .rateCard(
                RateCardTerms(
                    perHour: try bounded(.per_hour, 0...Money.limit), budget: try bounded(.budget, 0...Money.limit),
                    hostCap: fields.contains(.host_cap) ? try bounded(.host_cap, 0...Money.limit) : nil,
                    minUniqueListeners: Int(try bounded(.min_unique_listeners, 0...1_000_000_000, or: 1)),
                    listening: try listening()))
        case let other:
            throw DecodingError.dataCorruptedError(
                forKey: .kind, in: fields, debugDescription: "No fund gives by \(other.prefix(40)).")
        }
        let name = try fields.decode(String.self, forKey: .name)
        guard Self.isName(name) else {
            throw DecodingError.dataCorruptedError(
                forKey: .name, in: fields,
                debugDescription: "A name is 1 to 40 letters, digits, hyphens, underscores and points.")
        }
        let months = (
            first: try fields.decodeIfPresent(LocalMonth.self, forKey: .first_month),
            last: try fields.decodeIfPresent(LocalMonth.self, forKey: .last_month)
        )
        if let first = months.first, let last = months.last, last < first {
            throw DecodingError.dataCorruptedError(
                forKey: .last_month, in: fields, debugDescription: "The last month is not before the first.")
        }
        let cohort = try fields.decodeIfPresent(CohortTerms.self, forKey: .cohort)
        if cohort != nil {
            guard case .stipend = scheme, Self.isAccountName(name) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .cohort, in: fields,
                    debugDescription: "A stipend has a cohort; its account needs a name without capitals and points.")
            }
        }
        self.init(
            name: name, version: Int(try bounded(.version, 1...1_000_000, or: 1)),
            currency: try fields.decode(Currency.self, forKey: .currency),
            closeLagDays: Int(try bounded(.close_lag_days, 0...365, or: 0)),
            holdDays: Int(try bounded(.hold_days, 0...3_650, or: 0)), firstMonth: months.first,
            lastMonth: months.last, scheme: scheme, cohort: cohort,
            fromMonth: try fields.decodeIfPresent(LocalMonth.self, forKey: .from_month))
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(name, forKey: .name)
        try fields.encode(version, forKey: .version)
        try fields.encode(scheme.kind, forKey: .kind)
        try fields.encode(currency, forKey: .currency)
        try fields.encode(closeLagDays, forKey: .close_lag_days)
        try fields.encode(holdDays, forKey: .hold_days)
        try fields.encodeIfPresent(fromMonth, forKey: .from_month)
        try fields.encodeIfPresent(firstMonth, forKey: .first_month)
        try fields.encodeIfPresent(lastMonth, forKey: .last_month)
        try fields.encodeIfPresent(cohort, forKey: .cohort)
        func encode(_ listening: ListeningTerms) throws {
            try fields.encodeIfPresent(listening.roomCapMinutes, forKey: .listener_room_cap_min)
            try fields.encodeIfPresent(listening.dayCapMinutes, forKey: .listener_day_cap_min)
            try fields.encode(listening.minSeconds, forKey: .min_seconds)
        }
        switch scheme {
        case .stipend(let terms):
            try fields.encode(terms.amount, forKey: .stipend)
            try fields.encode(terms.mode, forKey: .mode)
            try fields.encode(terms.roomsPerWeek, forKey: .rooms_per_week)
            try fields.encode(terms.minRoomMinutes, forKey: .min_room_minutes)
            try fields.encode(terms.minRoomListeners, forKey: .min_room_listeners)
            try fields.encode(terms.minSeconds, forKey: .min_seconds)
        case .pot(let terms), .userCentric(let terms):
            try fields.encode(terms.amount, forKey: .amount)
            try fields.encode(terms.hostCap, forKey: .host_cap_bp)
            try fields.encode(terms.minUniqueListeners, forKey: .min_unique_listeners)
            try fields.encodeIfPresent(terms.enrolledIn, forKey: .enrolled_in)
            try encode(terms.listening)
        case .rateCard(let terms):
            try fields.encode(terms.perHour, forKey: .per_hour)
            try fields.encode(terms.budget, forKey: .budget)
            try fields.encodeIfPresent(terms.hostCap, forKey: .host_cap)
            try fields.encode(terms.minUniqueListeners, forKey: .min_unique_listeners)
            try encode(terms.listening)
        }
    }
}

/// The presets of funds that this installation knows, by name.
public struct FundBook: Sendable, Hashable {
    private let programs: [String: FundProgram]

    /// Reads `{"programs": […]}`.
    public init(json: [UInt8]) throws {
        struct File: Decodable {
            let programs: [FundProgram]
        }
        let file = try JSONDecoder().decode(File.self, from: Data(json))
        programs = Dictionary(
            file.programs.map { ($0.name, $0) }, uniquingKeysWith: { $0.version > $1.version ? $0 : $1 })
    }

    public subscript(_ name: String) -> FundProgram? { programs[name] }

    public var names: [String] { programs.keys.sorted() }
}

internal import Foundation
public import Values

/// The rates of value added tax by country and day: data with dates, so that a sale of yesterday keeps its rate.
public struct TaxTable: Hashable, Sendable {
    public struct Rate: Hashable, Sendable, Codable {
        /// ISO 3166-1 alpha-2.
        public let country: String
        public let bp: Int64
        /// The first day on which it holds; it ends with the next one of the country.
        public let from: LocalDay

        public init(country: String, bp: Int64, from: LocalDay) {
            self.country = country
            self.bp = bp
            self.from = from
        }
    }

    private let rates: [String: [Rate]]

    /// A table without rates: nothing is owed anywhere.
    public static let empty = TaxTable(checked: [])

    /// Reads `{"rates": [{"country": "FR", "bp": 2000, "from": "2014-01-01"}]}`.
    /// - Throws: ``PolicyFault`` for a country or rate that cannot be, or two rates of a country from one day.
    public init(json: [UInt8]) throws(PolicyFault) {
        struct File: Decodable {
            let rates: [Rate]
        }
        let file: File
        do { file = try JSONDecoder().decode(File.self, from: Data(json)) } catch {
            throw PolicyFault(policy: "tax-rates", reason: "\(error)")
        }
        var seen: Set<String> = []
        for rate in file.rates {
            guard CountryEvidence(country: rate.country, source: .declared) != nil, (0...5_000).contains(rate.bp),
                seen.insert("\(rate.country) \(rate.from)").inserted
            else { throw PolicyFault(policy: "tax-rates", reason: "The rate of \(rate.country) is not usable.") }
        }
        self.init(checked: file.rates)
    }

    private init(checked: [Rate]) {
        rates = Dictionary(grouping: checked, by: \.country).mapValues { $0.sorted { $0.from < $1.from } }
    }

    /// The rate of a country on a day; `nil` where no tax is known.
    public func rate(in country: String, on day: LocalDay) -> BasisPoints? {
        (rates[country]?.last { $0.from <= day }).map { BasisPoints($0.bp) }
    }

    public var countries: [String] { rates.keys.sorted() }
}

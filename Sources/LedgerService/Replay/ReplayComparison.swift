internal import Foundation
public import Values

/// What hosts were paid under two policies, by month of the batch.
public struct ReplayComparison: Sendable, Hashable, Encodable {
    public struct Row: Sendable, Hashable, Encodable {
        /// `2026-01`; absent in the sums of a host.
        public let month: String?
        public let host: String
        public let currency: Currency
        /// Minor units before withholding, what came back included.
        public let before: Int64
        public let after: Int64
        public var difference: Int64 { after - before }

        private enum CodingKeys: String, CodingKey { case month, host, currency, before, after, difference }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encodeIfPresent(month, forKey: .month)
            try container.encode(host, forKey: .host)
            try container.encode(currency, forKey: .currency)
            try container.encode(before, forKey: .before)
            try container.encode(after, forKey: .after)
            try container.encode(difference, forKey: .difference)
        }
    }

    private struct Key: Hashable {
        let host: String
        let currency: Currency
        let month: String?
    }

    /// By host and currency.
    public let hosts: [Row]
    /// By host, currency and month.
    public let months: [Row]

    public init(_ before: [ReplayPayout], _ after: [ReplayPayout]) {
        func rows(_ month: (ReplayPayout) -> String?) -> [Row] {
            func sums(_ payouts: [ReplayPayout]) -> [Key: Int64] {
                payouts.reduce(into: [:]) {
                    $0[Key(host: $1.host, currency: $1.currency, month: month($1)), default: 0] += $1.gross
                }
            }
            let (first, second) = (sums(before), sums(after))
            let keys = Set(first.keys).union(second.keys).sorted { left, right in
                if left.host != right.host { return left.host.utf8.lexicographicallyPrecedes(right.host.utf8) }
                return (left.currency.code, left.month ?? "") < (right.currency.code, right.month ?? "")
            }
            return keys.map {
                Row(
                    month: $0.month, host: $0.host, currency: $0.currency, before: first[$0] ?? 0,
                    after: second[$0] ?? 0)
            }
        }
        hosts = rows { _ in nil }
        months = rows { String($0.day.description.prefix(7)) }
    }

    /// RFC 4180.
    public var hostsCSV: String {
        "host,currency,before,after,difference\r\n"
            + hosts.map { "\(Replay.cell($0.host)),\($0.currency.code),\($0.before),\($0.after),\($0.difference)\r\n" }
            .joined()
    }

    /// RFC 4180.
    public var monthsCSV: String {
        "month,host,currency,before,after,difference\r\n"
            + months.map {
                "\($0.month ?? ""),\(Replay.cell($0.host)),\($0.currency.code),\($0.before),\($0.after),"
                    + "\($0.difference)\r\n"
            }.joined()
    }

    public var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { preconditionFailure("Texts and numbers are JSON.") }
        return Array(data) + [0x0A]
    }
}

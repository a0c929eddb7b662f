import BoxOffice
import Foundation
import Ledger
import Payouts
import Values

/// A worked case of the payout rules: its files, read as they stand, with names turned into typed ids.
struct WorkedCase {
    struct Config: Decodable {
        let first_day: LocalDay
        let last_day: LocalDay
    }

    struct Event: Decodable {
        struct Cohost: Decodable {
            let host: String
            let bp: Int64
        }
        let id: String
        let posted_at: Instant?
        let at: Instant
        let type: String
        let room: String?
        let host: String?
        let starts_at: Instant?
        let ends_at: Instant?
        let cohosts: [Cohost]?
        let order: String?
        let buyer: String?
        let currency: Currency?
        let gross: Int64?
        let vat: Int64?
        let fee: Int64?
        let fee_refundable: Bool?
        let amount: Int64?
    }

    struct Expected: Decodable, Equatable {
        struct Balance: Decodable, Equatable {
            let host: String
            let currency: String
            let available: Int64
            let pending: Int64
            let tier_used: [Int64]
        }
        struct Batch: Decodable, Equatable {
            struct Item: Decodable, Equatable {
                let host: String
                let currency: String
                let gross: Int64
                let withheld: Int64
                let net: Int64
            }
            let day: LocalDay
            let cutoff: Instant
            let items: [Item]
        }
        struct Row: Decodable, Equatable {
            let account: String
            let currency: String
            let balance: Int64
        }
        struct Split: Decodable, Equatable {
            let order: String
            let room: String
            let owner: String
            let gross: Int64
            let vat: Int64
            let fee: Int64
            let fee_refundable: Bool
            let base: Int64
            let parts: [Int64]
            let host_share: Int64
            let platform: Int64
            let shares: [String: Int64]
            let released: Bool
            let reversed: Int64
        }
        struct Rejection: Decodable, Equatable {
            let id: String
            let reason: String
        }
        let balances: [Balance]
        let batches: [Batch]
        let ledger: [Row]
        let orders: [Split]
        let rejected: [Rejection]
        let duplicates: Int
    }

    let config: Config
    let policy: SalePolicy
    let events: [(text: String, event: Event)]
    let expected: Expected
    let expectedCSV: String

    init(named name: String) throws {
        guard let folder = Bundle.module.url(forResource: "Cases", withExtension: nil) else {
            throw CocoaError(.fileNoSuchFile)
        }
        let files = folder.appending(path: name)
        func read(_ file: String) throws -> Data { try Data(contentsOf: files.appending(path: file)) }
        let decoder = JSONDecoder()
        let configFile = try read("config.json")
        config = try decoder.decode(Config.self, from: configFile)
        policy = try Self.policy(of: configFile)
        events = try String(decoding: try read("events.ndjson"), as: UTF8.self).split(separator: "\n").map {
            (Self.content($0), try decoder.decode(Event.self, from: Data($0.utf8)))
        }
        expected = try decoder.decode(Expected.self, from: try read("expected.json"))
        expectedCSV = String(decoding: try read("expected.csv"), as: UTF8.self)
    }

    /// A preset made of the case's own figures, read by the same parser as the real ones.
    private static func policy(of config: Data) throws -> SalePolicy {
        var preset = try JSONSerialization.jsonObject(with: config) as? [String: Any] ?? [:]
        let open = ["min": 1, "max": 1_000_000_000] as [String: Any]
        preset.merge([
            "name": "case", "version": 1, "price_range": ["EUR": open], "topup_range": ["EUR": open],
            "vat_bp": [String: Int](), "fee_bp": ["wallet": 0], "refund_until": "room_ends",
            "ticket_from": "doors_open",
        ]) { given, _ in given }
        let file = try JSONSerialization.data(withJSONObject: ["presets": [preset]])
        guard let policy = try PolicyBook(json: Array(file))["case"] else { throw CocoaError(.fileReadCorruptFile) }
        return policy
    }

    /// All fields but `seq` and `posted_at`, in one order: what makes two events the same fact.
    private static func content(_ line: Substring) -> String {
        var fields = (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any] ?? [:]
        fields["seq"] = nil
        fields["posted_at"] = nil
        let sorted = try? JSONSerialization.data(withJSONObject: fields, options: .sortedKeys)
        return String(decoding: sorted ?? Data(), as: UTF8.self)
    }
}

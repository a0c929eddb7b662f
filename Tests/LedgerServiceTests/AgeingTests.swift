import BoxOffice
import Foundation
import HTTPEdge
import Ledger
import Simulation
import Store
import Testing
import Values

@testable import LedgerService

/// Ages in reports against a model that keeps a list and counts days, with a clock that jumps both ways.
@Suite struct AgeingTests {
    private func rows(_ name: String, _ day: LocalDay, _ api: API) async throws -> [[String: String]] {
        let answer = try await api.get(
            "/v1/reports/definitions/\(name)/export?format=csv&day=\(day)", key: House.financeKey)
        #expect(answer.status == 200, "\(name) \(day): \(answer.json)")
        let lines = String(decoding: answer.bytes, as: UTF8.self).components(separatedBy: "\r\n").dropLast()
        guard let heading = lines.first?.components(separatedBy: ",") else { return [] }
        return lines.dropFirst().map { line in
            Dictionary(uniqueKeysWithValues: zip(heading, line.components(separatedBy: ",")))
        }
    }

    private struct Move {
        let host: String
        let effective: LocalDay
        let posted: Instant
        let cents: Int64
    }

    /// What a host owes at the end of a day and for how many days: one move after the other.
    private func model(_ moves: [Move], _ day: LocalDay, end: Instant) -> [String: (owed: Int64, days: Int64)] {
        var owing: [String: (owed: Int64, since: Instant)] = [:]
        for move in moves where move.effective <= day {
            let before = owing[move.host]?.owed ?? 0
            let owed = before - move.cents
            owing[move.host] = (owed, before > 0 ? owing[move.host]?.since ?? move.posted : move.posted)
        }
        return owing.filter { $0.value.owed > 0 }.mapValues { one in
            (one.owed, (end.microseconds - 1 - one.since.microseconds) / 86_400_000_000)
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `negative balances have the age that a list of moves gives them`(seed: UInt64) async throws {
        let house = try await House()
        let calendar = house.service.settings.housePolicy.calendar
        try await house.api { api in
            var generator = SeededGenerator(seed: seed)
            var hosts: [String] = []
            for number in 0..<4 { hosts.append(try await api.host("H\(number)").id) }
            var moves: [Move] = []
            var last = Instant(microseconds: .min)
            for number in 0..<60 {
                // Mostly on, by hours or by weeks; now and then an hour back.
                let step: Int64 = [3_600, 40_000, 86_400, 86_400 * 9, -3_600].randomElement(using: &generator) ?? 60
                house.time.advance(bySeconds: step + 1)
                let host = try #require(hosts.randomElement(using: &generator))
                let cents = Int64.random(in: -900...700, using: &generator)
                guard cents != 0 else { continue }
                let answer = try await api.post(
                    "/v1/hosts/\(host)/adjustments",
                    #"{"amount":{"amount":\#(cents),"currency":"EUR"},"reason":"Move \#(number)"}"#,
                    key: House.financeKey, once: "move-\(number)")
                #expect(answer.status == 201, "\(answer.json)")
                // The journal's time never goes back.
                last = max(last, house.time.clock.now())
                moves.append(
                    Move(host: host, effective: calendar.businessDay(of: last), posted: last, cents: cents))
            }
            var seen: Set<String> = []
            let days = Set(moves.map(\.effective)).sorted() + [calendar.businessDay(of: last).advanced(byDays: 40)]
            for day in days {
                let end = calendar.cutoff(of: day)
                let expected = model(moves, day, end: end)
                let found = try await rows("negative-balances", day, api)
                #expect(Set(found.compactMap { $0["host"] }) == Set(expected.keys), "\(seed) \(day)")
                for row in found {
                    let one = try #require(expected[row["host"] ?? ""])
                    #expect(row["owed"] == "\(one.owed)" && row["age_days"] == "\(one.days)", "\(seed) \(day) \(row)")
                    let column =
                        one.days <= 30 ? "to_30" : one.days <= 60 ? "to_60" : one.days <= 90 ? "to_90" : "over_90"
                    for name in ["to_30", "to_60", "to_90", "over_90"] {
                        #expect(row[name] == (name == column ? "\(one.owed)" : "0"), "\(seed) \(day) \(row)")
                    }
                    seen.insert(column)
                }
            }
            #expect(seen.count >= 3, "\(seed): \(seen)")
        }
    }

    @Test(arguments: [4, 5] as [UInt64])
    func `differences with providers have the age that a list of lines gives them`(seed: UInt64) async throws {
        let house = try await House()
        let calendar = house.service.settings.housePolicy.calendar
        try await house.api { api in
            var generator = SeededGenerator(seed: seed)
            var lines: [(name: String, cents: Int64, since: Instant, ended: Instant?)] = []
            for number in 0..<40 {
                let step: Int64 =
                    [3_600, 50_000, 86_400 * 3, 86_400 * 12, -3_600].randomElement(using: &generator) ?? 60
                house.time.advance(bySeconds: step + 1)
                let now = house.time.clock.now()
                if number % 4 == 3,
                    let index = lines.indices.filter({ lines[$0].ended == nil }).randomElement(using: &generator)
                {
                    _ = try await house.service.resolve(
                        .line(lines[index].name), of: .sandbox, .explained, reason: "looked",
                        key: try #require(IdempotencyKey("end-\(number)")), by: .finance)
                    lines[index].ended = now
                } else {
                    let cents = Int64.random(in: 1...900, using: &generator)
                    let line = try #require(
                        ProviderMovement(
                            name: "txn_\(number)", kind: .other, category: "other", source: "", related: "",
                            amount: Money(cents, .eur), fee: Money(0, .eur), net: Money(cents, .eur), createdAt: now,
                            availableAt: now))
                    #expect(try await house.service.take([line], from: .sandbox) == 1)
                    lines.append((line.name, cents, now, nil))
                }
            }
            var seen: Set<String> = []
            let days = Set(lines.map { calendar.businessDay(of: $0.since) }).sorted()
            for day in days + [try #require(days.last).advanced(byDays: 40)] {
                let end = calendar.cutoff(of: day)
                let open = lines.filter { $0.since < end && ($0.ended.map { $0 >= end } ?? true) }
                let found = try await rows("provider-differences", day, api)
                #expect(Set(found.compactMap { $0["reference"] }) == Set(open.map(\.name)), "\(seed) \(day)")
                for row in found {
                    let one = try #require(open.first { $0.name == row["reference"] })
                    let age = (end.microseconds - 1 - one.since.microseconds) / 86_400_000_000
                    #expect(row["age_days"] == "\(age)" && row["amount"] == "\(one.cents)", "\(seed) \(day) \(row)")
                    let column = age <= 1 ? "to_1" : age <= 7 ? "to_7" : age <= 30 ? "to_30" : "over_30"
                    for name in ["to_1", "to_7", "to_30", "over_30"] {
                        #expect(row[name] == (name == column ? "\(one.cents)" : ""), "\(seed) \(day) \(row)")
                    }
                    seen.insert(column)
                }
            }
            #expect(seen.count == 4, "\(seed): \(seen)")
        }
    }
}

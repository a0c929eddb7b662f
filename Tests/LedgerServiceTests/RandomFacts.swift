import Foundation
import Simulation
import Values

/// A seeded list of facts over two months: rooms, sales, refunds, disputes, listening, corrections, returns, and what
/// breaks a rule.
struct RandomFacts {
    private(set) var lines: [String] = []
    private var events: [[String: Any]] = []
    private var generator: SeededGenerator
    private var now: Instant
    private var orders: [(name: String, gross: Int64)] = []
    private var disputes: [String] = []
    private var rooms: [(name: String, starts: Instant)] = []
    private let hosts = ["ana", "bea", "cyd", "zoé", "ana-long-name"]
    private let people = ["lea", "max", "ned", "ana", "bea", "alt-1", "alt-2"]

    static var config: [String: Any] {
        [
            "time_zone": "Europe/Paris", "first_day": "2026-03-01", "last_day": "2026-05-06", "hold_days": 3,
            "min_payout": ["EUR": 500], "batch_days": "weekdays", "holidays": ["2026-04-06"],
            "withholding_bp": ["bea": 1_234],
            "tiers": [
                "EUR": [
                    ["up_to": 3_000, "bp": 9_700], ["up_to": 9_000, "bp": 9_000], ["up_to": NSNull(), "bp": 8_000],
                ]
            ],
            "programs": [
                "spark": [
                    "currency": "EUR", "stipend": 10_001, "mode": "prorata", "rooms_per_week": 1,
                    "min_room_minutes": 20,
                    "min_room_listeners": 1, "close_lag_days": 2,
                ],
                "all": [
                    "currency": "EUR", "stipend": 5_000, "mode": "all_or_nothing", "rooms_per_week": 0,
                    "min_room_minutes": 0, "min_room_listeners": 0, "close_lag_days": 0,
                ],
            ],
            "pools": [
                [
                    "month": "2026-03", "currency": "EUR", "amount": 7_777, "close_lag_days": 3, "host_cap_bp": 5_500,
                    "min_unique_listeners": 1, "listener_room_cap_min": 30, "listener_day_cap_min": 40,
                    "min_seconds": 60,
                ],
                [
                    "month": "2026-04", "currency": "EUR", "amount": 5_000, "close_lag_days": 3, "host_cap_bp": 10_000,
                    "min_unique_listeners": 2, "listener_room_cap_min": 90, "listener_day_cap_min": 240,
                    "min_seconds": 60,
                ],
            ],
        ]
    }

    init(seed: UInt64, count: Int, feeBearer: String) throws {
        generator = SeededGenerator(seed: seed)
        now = Instant(seconds: 1_772_400_000)
        for _ in 0..<count {
            now = now.advanced(bySeconds: number(1...2 * 60 * 86_400 / Int64(count)))
            step()
            if number(0...19) == 0, let again = events.randomElement(using: &generator) { add(again, id: again["id"]) }
        }
        for (index, event) in events.enumerated() {
            var event = event
            event["seq"] = index + 1
            lines.append(
                String(
                    decoding: try JSONSerialization.data(
                        withJSONObject: event, options: [.sortedKeys, .withoutEscapingSlashes]), as: UTF8.self))
        }
    }

    var bytes: [UInt8] { Array((lines.joined(separator: "\n") + "\n").utf8) }
    var parsed: [[String: Any]] {
        lines.compactMap { (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any] }
    }

    static func config(feeBearer: String) throws -> [UInt8] {
        var config = config
        config["dispute_fee_bearer"] = feeBearer
        return Array(try JSONSerialization.data(withJSONObject: config))
    }

    private mutating func number(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &generator) }
    private mutating func pick<Element>(_ from: [Element]) -> Element {
        from[Int(number(0...Int64(from.count - 1)))]
    }

    private mutating func add(_ event: [String: Any], id: Any? = nil) {
        var event = event
        event["posted_at"] = now.description
        event["id"] = id ?? "e\(events.count)"
        if event["at"] == nil { event["at"] = now.description }
        events.append(event)
    }

    private mutating func step() {
        switch number(0...29) {
        case 0...3: room()
        case 4...11: purchase()
        case 12...14:
            let order = orders.isEmpty || number(0...9) == 0 ? ("none", Int64(9)) : pick(orders)
            add(["type": "refund", "order": order.0, "amount": number(0...2) == 0 ? order.1 : number(0...order.1)])
        case 15, 16:
            guard !orders.isEmpty else { return }
            let order = pick(orders)
            disputes.append("e\(events.count)")
            add([
                "type": "dispute_opened", "order": order.name, "amount": number(1...order.gross),
                "fee": number(0...300),
            ])
        case 17, 18:
            guard !disputes.isEmpty else { return }
            if number(0...1) == 0 {
                add(["type": "dispute_won", "dispute": pick(disputes), "fee_returned": 0])
            } else {
                add(["type": "dispute_lost", "dispute": pick(disputes)])
            }
        case 19...23: listen()
        case 24:
            let from = ["2026-02-23", "2026-03-02", "2026-03-20", "2026-04-01"]
            add([
                "type": "enroll", "program": pick(["spark", "all", "none"]), "host": pick(hosts), "from": pick(from),
                "to": pick(["2026-03-31", "2026-05-10", "2026-01-01"]),
            ])
        case 25: add(["type": "link", "host": pick(hosts), "account": pick(["alt-1", "alt-2"])])
        case 26:
            add([
                "type": "adjustment", "host": pick(hosts), "currency": "EUR", "amount": number(-900...900),
                "reason": "x",
            ])
        case 27:
            let day = LocalDay(daysSince1970: Int(now.seconds / 86_400) - Int(number(1...4)))
            add(["type": "payout_returned", "batch": day.description, "host": pick(hosts), "currency": "EUR"])
        case 28: add(["type": pick(["payee_blocked", "payee_unblocked", "payee_unblocked"]), "host": pick(hosts)])
        default:
            // Some are moved after their end: what is pending waits for the end that holds then (R5).
            let isLate = number(0...3) == 0 && !rooms.isEmpty
            guard let room = isLate ? pick(rooms) : rooms.last(where: { now < $0.starts }) else { return }
            if number(0...2) == 0 {
                add(["type": "room_cancelled", "room": room.name])
            } else {
                let starts = room.starts.advanced(bySeconds: number(0...90_000))
                add([
                    "type": "room_update", "room": room.name, "starts_at": starts.description,
                    "ends_at": starts.advanced(bySeconds: number(1...5_000)).description,
                ])
                rooms.removeAll { $0.name == room.name }
                rooms.insert((room.name, starts), at: 0)
            }
        }
    }

    private mutating func room() {
        let name = number(0...9) == 0 && !rooms.isEmpty ? pick(rooms).name : "r\(number(0...999))"
        let starts = now.advanced(bySeconds: number(600...200_000))
        var people = hosts.shuffled(using: &generator)
        let owner = people.removeLast()
        var event: [String: Any] = [
            "type": "room", "room": name, "host": owner, "starts_at": starts.description,
            "ends_at": starts.advanced(bySeconds: number(0...5_400)).description,
        ]
        if number(0...1) == 0 {
            event["cohosts"] = people.prefix(Int(number(1...2))).map {
                ["host": $0, "bp": number(0...5_200)] as [String: Any]
            }
        }
        add(event)
        if !rooms.contains(where: { $0.name == name }) { rooms.append((name, starts)) }
    }

    private mutating func purchase() {
        guard !rooms.isEmpty else { return }
        let gross = number(0...2_500)
        let vat = number(0...gross / 5)
        let fee = number(0...gross / 4)
        let name = number(0...14) == 0 && !orders.isEmpty ? pick(orders).name : "o\(events.count)"
        add([
            "type": "purchase", "order": name, "room": number(0...19) == 0 ? "nowhere" : pick(rooms).name,
            "buyer": pick(people), "currency": number(0...19) == 0 ? "USD" : "EUR", "gross": gross, "vat": vat,
            "fee": fee, "fee_refundable": number(0...1) == 0, "vat_bp": 2_000,
            "at": now.advanced(bySeconds: -number(0...90_000)).description,
        ])
        if gross > 0, !orders.contains(where: { $0.name == name }) { orders.append((name, gross)) }
    }

    private mutating func listen() {
        guard !rooms.isEmpty else { return }
        let room = pick(rooms)
        let from = room.starts.advanced(bySeconds: number(-1_000...5_000))
        add([
            "type": "listen", "room": room.name, "listener": pick(people), "from": from.description,
            "to": from.advanced(bySeconds: number(0...4_000)).description,
        ])
    }
}

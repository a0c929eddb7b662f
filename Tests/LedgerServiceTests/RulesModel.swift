import Foundation
import Values

/// The payout rules once more, from their text: arrays and dictionaries, one event after the other, no ledger, no
/// database, and none of the code under test but days and zones.
struct RulesModel {
    struct Room {
        let host: String
        let cohosts: [(host: String, bp: Int64)]
        var starts: Instant
        var ends: Instant
        var cancelled = false
    }
    struct Order {
        let name: String
        let room: String
        let owner: String
        let gross, vat, fee: Int64
        let at: Instant
        let parts: [Int64]
        let shares: [(host: String, amount: Int64)]
        var reversed: Int64 = 0
        var tierReversed: Int64 = 0
        var released = false
        func share(_ amount: Int64) -> Int64 { amount - RulesModel.q(amount, reversed, gross) }
    }
    struct Dispute {
        let order: Int
        let amount, fee: Int64
        var open = true
    }
    struct Payout: Equatable {
        let day, host: String
        let gross, withheld: Int64
        var returned = false
    }

    let calendar: BusinessCalendar
    let config: [String: Any]
    var rooms: [String: Room] = [:]
    var orders: [Order] = []
    var disputes: [String: Dispute] = [:]
    var used: [String: [Int64]] = [:]
    var available: [String: Int64] = [:]
    var touched: Set<String> = []
    var blocked: Set<String> = []
    var payouts: [Payout] = []
    var rejected: [String] = []
    var duplicates = 0
    var seen: [String: NSDictionary] = [:]
    var listens: [(room: String, listener: String, from: Int64, to: Int64)] = []
    var links: Set<String> = []
    var enrolments: [(program: String, host: String, from: LocalDay, to: LocalDay)] = []
    var stipends: [String] = []
    var pools: [String] = []

    static func q(_ a: Int64, _ b: Int64, _ c: Int64) -> Int64 { (2 * a * b + c) / (2 * c) }

    init(config: [String: Any], events: [[String: Any]]) throws {
        self.config = config
        guard let zone = config["time_zone"] as? String, let calendar = BusinessCalendar(zone: zone),
            let first = LocalDay(config["first_day"] as? String ?? ""),
            let last = LocalDay(config["last_day"] as? String ?? "")
        else { throw CocoaError(.fileReadCorruptFile) }
        self.calendar = calendar
        var rest = events[...]
        var day = first
        while day <= last {
            while let next = rest.first, time(next, "posted_at") < calendar.cutoff(of: day) {
                rest.removeFirst()
                take(next)
            }
            closeMonths(day)
            release(day)
            pay(day)
            day = day.advanced(byDays: 1)
        }
    }

    private func time(_ event: [String: Any], _ field: String) -> Instant {
        Instant(event[field] as? String ?? "") ?? Instant(seconds: 0)
    }
    private func int(_ value: Any?) -> Int64 { (value as? NSNumber)?.int64Value ?? 0 }
    private func text(_ event: [String: Any], _ field: String) -> String { event[field] as? String ?? "" }

    private mutating func take(_ event: [String: Any]) {
        let id = text(event, "id")
        let content = event.filter { $0.key != "seq" && $0.key != "posted_at" } as NSDictionary
        if let known = seen[id] {
            if known == content { duplicates += 1 } else { rejected.append("\(id) id_conflict") }
            return
        }
        seen[id] = content
        if let reason = apply(event) { rejected.append("\(id) \(reason)") }
    }

    private mutating func apply(_ event: [String: Any]) -> String? {
        let host = text(event, "host")
        switch text(event, "type") {
        case "room":
            if rooms[text(event, "room")] != nil { return "room_exists" }
            if time(event, "starts_at") >= time(event, "ends_at") { return "bad_time" }
            let cohosts = (event["cohosts"] as? [[String: Any]] ?? []).map {
                (host: text($0, "host"), bp: int($0["bp"]))
            }
            if cohosts.reduce(0, { $0 + $1.bp }) > 10_000 { return "bad_split" }
            rooms[text(event, "room")] = Room(
                host: host, cohosts: cohosts, starts: time(event, "starts_at"), ends: time(event, "ends_at"))
        case "room_update":
            guard var room = rooms[text(event, "room")] else { return "no_room" }
            if event["starts_at"] != nil { room.starts = time(event, "starts_at") }
            if event["ends_at"] != nil { room.ends = time(event, "ends_at") }
            if room.starts >= room.ends { return "bad_time" }
            rooms[text(event, "room")] = room
        case "room_cancelled":
            if rooms[text(event, "room")] == nil { return "no_room" }
            rooms[text(event, "room")]?.cancelled = true
        case "purchase": return purchase(event)
        case "refund":
            guard let index = orders.firstIndex(where: { $0.name == text(event, "order") }) else { return "no_order" }
            let amount = int(event["amount"])
            if amount <= 0 { return "bad_amount" }
            if amount > orders[index].gross - orders[index].reversed { return "exceeds_order" }
            reverse(index, amount)
            giveBack(index, amount)
        case "dispute_opened":
            guard let index = orders.firstIndex(where: { $0.name == text(event, "order") }) else { return "no_order" }
            let amount = int(event["amount"])
            if amount <= 0 { return "bad_amount" }
            if amount > orders[index].gross - orders[index].reversed { return "exceeds_order" }
            reverse(index, amount)
            charge(orders[index].owner, int(event["fee"]))
            disputes[text(event, "id")] = Dispute(order: index, amount: amount, fee: int(event["fee"]))
        case "dispute_won":
            guard let dispute = disputes[text(event, "dispute")], dispute.open else { return "no_open_dispute" }
            disputes[text(event, "dispute")]?.open = false
            reverse(dispute.order, -dispute.amount)
            charge(orders[dispute.order].owner, -int(event["fee_returned"]))
        case "dispute_lost":
            guard let dispute = disputes[text(event, "dispute")], dispute.open else { return "no_open_dispute" }
            disputes[text(event, "dispute")]?.open = false
            giveBack(dispute.order, dispute.amount)
        case "listen":
            if rooms[text(event, "room")] == nil { return "no_room" }
            let (from, to) = (time(event, "from").seconds, time(event, "to").seconds)
            if from >= to { return "bad_time" }
            listens.append((text(event, "room"), text(event, "listener"), from, to))
        case "link": links.insert("\(host)|\(text(event, "account"))")
        case "enroll":
            guard (config["programs"] as? [String: Any])?[text(event, "program")] != nil else { return "no_program" }
            guard let from = LocalDay(text(event, "from")), let to = LocalDay(text(event, "to")), from <= to else {
                return "bad_time"
            }
            enrolments.append((text(event, "program"), host, from, to))
        case "adjustment":
            if int(event["amount"]) == 0 { return "bad_amount" }
            add(host, int(event["amount"]))
        case "payout_returned":
            guard
                let index = payouts.firstIndex(where: {
                    $0.day == text(event, "batch") && $0.host == host && !$0.returned && $0.gross > $0.withheld
                })
            else { return "no_such_payout" }
            payouts[index].returned = true
            add(host, payouts[index].gross)
            blocked.insert(host)
        case "payee_blocked": blocked.insert(host)
        case "payee_unblocked": blocked.remove(host)
        default: return "unknown_type"
        }
        return nil
    }

    private mutating func add(_ host: String, _ amount: Int64) {
        available[host, default: 0] += amount
        touched.insert(host)
    }

    private mutating func charge(_ owner: String, _ fee: Int64) {
        if config["dispute_fee_bearer"] as? String == "host", fee != 0 { add(owner, -fee) }
    }

    private var tiers: [(upTo: Int64?, bp: Int64)] {
        ((config["tiers"] as? [String: Any])?["EUR"] as? [[String: Any]] ?? []).map {
            (($0["up_to"] as? NSNumber)?.int64Value, int($0["bp"]))
        }
    }

    private mutating func purchase(_ event: [String: Any]) -> String? {
        guard let room = rooms[text(event, "room")] else { return "no_room" }
        let name = text(event, "order")
        if orders.contains(where: { $0.name == name }) { return "order_exists" }
        let (gross, vat, fee) = (int(event["gross"]), int(event["vat"]), int(event["fee"]))
        if gross <= 0 || vat < 0 || fee < 0 || vat + fee > gross { return "bad_amount" }
        if text(event, "currency") != "EUR" { return "no_tiers" }
        var left = gross - vat - fee
        var use = used[room.host] ?? tiers.map { _ in 0 }
        var parts: [Int64] = []
        var weighted: Int64 = 0
        var floor: Int64 = 0
        for (index, tier) in tiers.enumerated() {
            let free = tier.upTo.map { max(0, $0 - floor - use[index]) } ?? left
            let part = min(left, free)
            use[index] += part
            left -= part
            floor = tier.upTo ?? floor
            parts.append(part)
            weighted += part * tier.bp
        }
        used[room.host] = use
        let share = (weighted + 5_000) / 10_000
        let owners =
            [(room.host, 10_000 - room.cohosts.reduce(0) { $0 + $1.bp })] + room.cohosts.map { ($0.host, $0.bp) }
        let shares = Self.largest(share, owners)
        orders.append(
            Order(
                name: name, room: text(event, "room"), owner: room.host, gross: gross, vat: vat, fee: fee,
                at: time(event, "at"), parts: parts, shares: shares))
        return nil
    }

    static func largest(_ total: Int64, _ weights: [(String, Int64)]) -> [(host: String, amount: Int64)] {
        let sum = weights.reduce(0) { $0 + $1.1 }
        var parts = weights.map { (host: $0.0, amount: total * $0.1 / sum) }
        let order = weights.indices.sorted {
            let (left, right) = (total * weights[$0].1 % sum, total * weights[$1].1 % sum)
            return left == right ? weights[$0].0.utf8.lexicographicallyPrecedes(weights[$1].0.utf8) : left > right
        }
        for index in order.prefix(Int(total - parts.reduce(0) { $0 + $1.amount })) { parts[index].amount += 1 }
        return parts
    }

    private mutating func reverse(_ index: Int, _ amount: Int64) {
        let before = orders[index]
        orders[index].reversed += amount
        guard before.released else { return }
        for share in before.shares { add(share.host, orders[index].share(share.amount) - before.share(share.amount)) }
    }

    private mutating func giveBack(_ index: Int, _ amount: Int64) {
        let order = orders[index]
        orders[index].tierReversed += amount
        for (tier, part) in order.parts.enumerated() {
            used[order.owner]?[tier] -=
                Self.q(part, order.tierReversed + amount, order.gross) - Self.q(part, order.tierReversed, order.gross)
        }
    }

    private mutating func release(_ day: LocalDay) {
        for index in orders.indices where !orders[index].released {
            guard let room = rooms[orders[index].room] else { continue }
            let due = max(calendar.localDay(of: orders[index].at), calendar.localDay(of: room.ends))
                .advanced(byDays: Int(int(config["hold_days"])))
            guard day >= due else { continue }
            orders[index].released = true
            for share in orders[index].shares { add(share.host, orders[index].share(share.amount)) }
        }
    }

    private mutating func pay(_ day: LocalDay) {
        let holidays = config["holidays"] as? [String] ?? []
        if holidays.contains(day.description) { return }
        if config["batch_days"] as? String == "weekdays", day.weekday > 5 { return }
        let least = max(1, int((config["min_payout"] as? [String: Any])?["EUR"]))
        for host in available.keys.sorted() where !blocked.contains(host) && (available[host] ?? 0) >= least {
            let gross = available[host] ?? 0
            let bp = int((config["withholding_bp"] as? [String: Any])?[host])
            payouts.append(
                Payout(day: day.description, host: host, gross: gross, withheld: Self.q(gross, bp, 10_000)))
            available[host] = 0
        }
    }

    /// What is neither available nor given back yet.
    func pending(_ host: String) -> Int64 {
        orders.filter { !$0.released }.reduce(0) { sum, order in
            sum + order.shares.filter { $0.host == host }.reduce(0) { $0 + order.share($1.amount) }
        }
    }
}

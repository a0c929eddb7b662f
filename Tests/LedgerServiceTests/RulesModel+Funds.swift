import Foundation
import Values

extension RulesModel {
    private func number(_ value: Any?) -> Int64? { (value as? NSNumber)?.int64Value }

    /// R6: stipends by program, then pools as listed, on the day on which they close.
    mutating func closeMonths(_ day: LocalDay) {
        let programs = config["programs"] as? [String: [String: Any]] ?? [:]
        for name in programs.keys.sorted() {
            guard let program = programs[name] else { continue }
            let last = day.advanced(byDays: -Int(number(program["close_lag_days"]) ?? 0))
            if last.advanced(byDays: 1).civil.day == 1 { closeStipend(name, program, monthOf: last) }
        }
        for pool in config["pools"] as? [[String: Any]] ?? [] {
            let last = day.advanced(byDays: -Int(number(pool["close_lag_days"]) ?? 0))
            if last.advanced(byDays: 1).civil.day == 1, last.description.prefix(7) == (pool["month"] as? String ?? "") {
                closePool(pool, monthOf: last)
            }
        }
    }

    private func isOwn(_ account: String, _ host: String) -> Bool {
        account == host || links.contains("\(host)|\(account)")
    }

    private func heard(_ name: String, _ room: Room) -> [String: Set<Int64>] {
        var heard: [String: Set<Int64>] = [:]
        for listen in listens where listen.room == name {
            let (from, to) = (max(listen.from, room.starts.seconds), min(listen.to, room.ends.seconds))
            if from < to { heard[listen.listener, default: []].formUnion(from..<to) }
        }
        return heard
    }

    private mutating func closeStipend(_ name: String, _ program: [String: Any], monthOf last: LocalDay) {
        let first = last.advanced(byDays: 1 - last.civil.day)
        let thursdays = (0..<last.civil.day).map { first.advanced(byDays: $0) }.filter { $0.weekday == 4 }
        let days = Set(thursdays.flatMap { thursday in (-3...3).map { thursday.advanced(byDays: $0) } })
        let hosts = Set(
            enrolments.filter { one in one.program == name && days.contains { one.from <= $0 && $0 <= one.to } }.map(
                \.host))
        for host in hosts.sorted() {
            var (enrolled, met) = (0, 0)
            for thursday in thursdays {
                let week = (-3...3).map { thursday.advanced(byDays: $0) }
                guard
                    week.allSatisfy({ day in
                        enrolments.contains { $0.program == name && $0.host == host && $0.from <= day && day <= $0.to }
                    })
                else { continue }
                enrolled += 1
                let count = rooms.filter { roomName, room in
                    let listeners = heard(roomName, room).filter {
                        !isOwn($0.key, host) && $0.value.count >= number(program["min_seconds"]) ?? 60
                    }
                    return room.host == host && !room.cancelled && week.contains(calendar.localDay(of: room.starts))
                        && room.ends.seconds - room.starts.seconds >= (number(program["min_room_minutes"]) ?? 0) * 60
                        && listeners.count >= number(program["min_room_listeners"]) ?? 0
                }.count
                if count >= number(program["rooms_per_week"]) ?? 0 { met += 1 }
            }
            let whole = number(program["stipend"]) ?? 0
            let amount =
                program["mode"] as? String == "prorata"
                ? Self.q(whole, Int64(met), Int64(thursdays.count)) : met == thursdays.count ? whole : 0
            stipends.append(
                "\(name) \(last.description.prefix(7)) \(host) \(amount) \(thursdays.count) \(enrolled) \(met)")
            if amount > 0 { credit(host, amount) }
        }
    }

    private mutating func credit(_ host: String, _ amount: Int64) {
        available[host, default: 0] += amount
        touched.insert(host)
    }

    private mutating func closePool(_ pool: [String: Any], monthOf last: LocalDay) {
        let month = String(last.description.prefix(7))
        let counting = rooms.filter {
            !$1.cancelled && calendar.localDay(of: $1.starts).description.hasPrefix(month)
        }
        var minutes: [String: Int64] = [:]
        var unique: [String: Set<String>] = [:]
        for listener in Set(listens.map(\.listener)).sorted() {
            var all: [(start: Int64, room: String, second: Int64)] = []
            for (name, room) in counting
            where !isOwn(listener, room.host) && !room.cohosts.contains(where: { isOwn(listener, $0.host) }) {
                var (start, previous) = (Int64(0), Int64(-2))
                let cap = (number(pool["listener_room_cap_min"]) ?? 100_000) * 60
                for second in (heard(name, room)[listener] ?? []).sorted().prefix(Int(cap)) {
                    if second != previous + 1 { start = second }
                    previous = second
                    all.append((start, name, second))
                }
            }
            var days: [LocalDay: Int64] = [:]
            var kept: [String: Int64] = [:]
            for one in all.sorted(by: { ($0.start, $0.room, $0.second) < ($1.start, $1.room, $1.second) }) {
                let day = calendar.localDay(of: Instant(seconds: one.start))
                if days[day, default: 0] >= (number(pool["listener_day_cap_min"]) ?? 100_000) * 60 { continue }
                days[day, default: 0] += 1
                kept[one.room, default: 0] += 1
            }
            for (name, seconds) in kept where seconds >= number(pool["min_seconds"]) ?? 60 {
                guard let owner = counting[name]?.host else { continue }
                minutes[owner, default: 0] += seconds / 60
                unique[owner, default: []].insert(listener)
            }
        }
        share(pool, month, minutes, unique.mapValues(\.count))
    }

    private mutating func share(
        _ pool: [String: Any], _ month: String, _ minutes: [String: Int64], _ listeners: [String: Int]
    ) {
        let amount = number(pool["amount"]) ?? 0
        let cap = amount * (number(pool["host_cap_bp"]) ?? 10_000) / 10_000
        var open = minutes.filter {
            $0.value > 0 && Int64(listeners[$0.key] ?? 0) >= number(pool["min_unique_listeners"]) ?? 0
        }
        var given: [String: Int64] = [:]
        var rest = amount
        while true {
            let total = open.values.reduce(0, +)
            let full = open.filter { rest * $0.value >= cap * total }
            if full.isEmpty { break }
            for host in full.keys { given[host] = cap; open[host] = nil }
            rest -= cap * Int64(full.count)
        }
        if !open.isEmpty {
            for part in Self.largest(rest, open.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }) {
                given[part.host] = part.amount
            }
        }
        for host in minutes.keys.sorted() {
            pools.append("\(month) \(host) \(minutes[host] ?? 0) \(listeners[host] ?? 0) \(given[host] ?? 0)")
            if let amount = given[host], amount > 0 { credit(host, amount) }
        }
    }
}

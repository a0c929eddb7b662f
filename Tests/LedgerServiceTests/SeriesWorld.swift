import Foundation
import HTTPEdge
import HTTPTypes
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// Three rooms of one host on three evenings, at 5.00, 7.00 and 10.00, sold together for 18.00.
struct SeriesWorld {
    let api: API
    let house: House
    let host: (id: String, key: String)
    let rooms: [String]
    let series: String

    init(_ house: House, _ api: API, capacity: Int = 3, passes: Int = 2, prices: [Int] = [500, 700, 1_000]) async throws
    {
        self.api = api
        self.house = house
        host = try await api.host()
        var rooms: [String] = []
        for (index, price) in prices.enumerated() {
            rooms.append(try await Self.room(api, host.key, day: 2 + index, capacity: capacity, price: price))
        }
        self.rooms = rooms
        let made = try await Self.make(api, host.key, rooms, passes: passes)
        #expect(made.status == 201, "\(made.json)")
        series = made.text("series")
    }

    static func room(_ api: API, _ key: String, day: Int, capacity: Int = 3, price: Int) async throws -> String {
        let answer = try await api.post(
            "/v1/rooms",
            """
            {"title":"Evening \(day)","startsAt":"2026-03-0\(day)T19:00:00Z","endsAt":"2026-03-0\(day)T20:00:00Z",\
            "doorsOpenAt":"2026-03-0\(day)T18:30:00Z","capacity":\(capacity),\
            "price":{"amount":\(price),"currency":"EUR"}}
            """, key: key)
        #expect(answer.status == 201, "\(answer.json)")
        return answer.text("room")
    }

    static func make(
        _ api: API, _ key: String, _ rooms: [String], price: Int = 1_800, passes: Int = 2, once: String = "series",
        more: String = ""
    ) async throws -> API.Answer {
        let list = rooms.map { "\"\($0)\"" }.joined(separator: ",")
        return try await api.post(
            "/v1/series",
            """
            {"title":"Winter","rooms":[\(list)],"price":{"amount":\(price),"currency":"EUR"},"passes":\(passes)\(more)}
            """, key: key, once: once)
    }

    func quote(_ key: String?, _ body: String = "{}") async throws -> API.Answer {
        try await api.send(.post, "/v1/series/\(series)/quotes", body, key: key)
    }

    func buy(quote: String, key: String, once: String = "pass") async throws -> API.Answer {
        try await api.post("/v1/passes", #"{"quote":"\#(quote)"}"#, key: key, once: once)
    }

    func buy(_ key: String, once: String = "pass") async throws -> API.Answer {
        let quote = try await quote(key)
        guard quote.status == 200 else { return quote }
        return try await buy(quote: quote.text("quote"), key: key, once: once)
    }

    func offer(_ price: Int, passes: Int = 2, more: String = "", key: String? = nil) async throws -> API.Answer {
        try await api.send(
            .put, "/v1/series/\(series)/offer",
            #"{"price":{"amount":\#(price),"currency":"EUR"},"passes":\#(passes)\#(more)}"#, key: key ?? host.key)
    }

    func balance(_ holder: String) async throws -> Int64 {
        let holder = try #require(HolderID(holder))
        return try await house.service.database.read { try $0.amount(in: .wallet(holder), .eur).minorUnits }
    }

    func seatsLeft() async throws -> [Int?] {
        var seats: [Int?] = []
        for room in rooms { seats.append(try await api.get("/v1/rooms/\(room)").int("seatsLeft")) }
        return seats
    }

    func isClean(_ note: String = "") async throws {
        let report = try await house.service.audit(by: .operator)
        #expect(report.isClean, "\(note) \(report.lines.filter { $0.broken > 0 })")
    }
}

extension API.Answer {
    var tickets: [[String: any Sendable]] { json["tickets"] as? [[String: any Sendable]] ?? [] }
    func amount(_ member: String) -> Int { (json[member] as? [String: any Sendable])?["amount"] as? Int ?? -1 }
}

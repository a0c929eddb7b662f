import Foundation
import HTTPTypes
import Ledger
import Store
import Testing
import Values

@testable import LedgerService

/// Where a room's move meets money and codes that were under way.
@Suite struct MoveMeetingTests {
    private func move(_ room: String, to day: String, key: String, once: String, _ api: API) async throws {
        let moved = try await api.post(
            "/v1/rooms/\(room)/moves",
            """
            {"startsAt":"\(day)T19:00:00Z","endsAt":"\(day)T20:00:00Z","doorsOpenAt":"\(day)T18:30:00Z","notice":"Ill"}
            """, key: key, once: once)
        #expect(moved.status == 201, "\(moved.json)")
    }

    private func isClean(_ house: House) async throws {
        let report = try await house.service.audit(by: .operator)
        #expect(report.isClean, "\(report.lines.filter { $0.broken > 0 })")
    }

    @Test(arguments: ["keep", "refund", ""])
    func `who held seats before a move is asked, though the money came after it`(answer: String) async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key, capacity: 6)
            let wallet = try await api.wallet(1_000)
            let hold = try await api.post(
                "/v1/holds", #"{"room":"\#(room)","price":{"amount":500,"currency":"EUR"}}"#, key: wallet.key, once: "h"
            )
            #expect(hold.status == 201, "\(hold.json)")
            house.time.advance(bySeconds: 60)
            try await move(room, to: "2026-03-04", key: host.key, once: "m", api)
            house.time.advance(bySeconds: 60)
            let paid = try await api.post("/v1/holds/\(hold.text("hold"))/pay", key: wallet.key, once: "p")
            #expect(paid.status == 201, "\(paid.json)")
            // Who decides after the move is asked nothing.
            let late = try await api.wallet(500)
            let after = try await api.buy(room, key: late.key).text("ticket")
            let list = try await api.get("/v1/wallets/\(wallet.holder)/tickets", key: wallet.key)
            let ticket = try #require(
                (list.json["tickets"] as? [[String: any Sendable]])?.first?["ticket"] as? String)
            if !answer.isEmpty {
                let said = try await api.post(
                    "/v1/tickets/\(ticket)/answer", #"{"answer":"\#(answer)"}"#, key: wallet.key, once: "a")
                #expect(said.status == 201, "\(said.json)")
                #expect(said.text("ticket") == ticket)
            }
            let refused = try await api.post(
                "/v1/tickets/\(after)/answer", #"{"answer":"refund"}"#, key: late.key, once: "a")
            #expect(refused.code == "move_not_asked")
            try house.time.set("2026-03-04T18:20:00Z")
            try await house.service.settleMoves()
            let moves = try await api.get("/v1/rooms/\(room)/moves", key: host.key)
            let counts = (moves.json["moves"] as? [[String: any Sendable]])?.first?["answers"] as? [String: Int]
            #expect(
                counts == [
                    "kept": answer == "refund" ? 0 : 1, "refunded": answer == "refund" ? 1 : 0,
                    "byDefault": answer.isEmpty ? 1 : 0, "open": 0,
                ])
            let holder = try #require(HolderID(wallet.holder))
            let left = try await house.service.database.read { try $0.amount(in: .wallet(holder), .eur).minorUnits }
            #expect(left == (answer == "refund" ? 1_000 : 500))
            try await isClean(house)
        }
    }

    @Test(arguments: [true, false])
    func `a code that nobody has used yet survives the room's moves`(byDefault: Bool) async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key, capacity: 6)
            let giver = try await api.wallet(1_000)
            let gift = try await api.post(
                "/v1/gifts", #"{"room":"\#(room)","count":2,"price":{"amount":500,"currency":"EUR"}}"#, key: giver.key,
                once: "g")
            #expect(gift.status == 201, "\(gift.json)")
            let gifts = try #require(gift.json["gifts"] as? [[String: any Sendable]])
            func text(_ index: Int, _ member: String) throws -> String {
                try #require(gifts[index][member] as? String)
            }
            func offer(_ index: Int) async throws -> API.Answer {
                try await api.get("/v1/transfers/\(try text(index, "transfer"))", key: giver.key)
            }
            for (number, day) in [(1, "2026-03-04"), (2, "2026-03-06")] {
                house.time.advance(bySeconds: 60)
                try await move(room, to: day, key: host.key, once: "m\(number)", api)
                if byDefault {
                    try house.time.set("\(day)T18:20:00Z")
                    try await house.service.settleMoves()
                } else {
                    for index in 0..<2 {
                        let ticket = try await offer(index).text("ticket")
                        let kept = try await api.post(
                            "/v1/tickets/\(ticket)/answer", #"{"answer":"keep"}"#, key: giver.key,
                            once: "k\(number)-\(index)")
                        #expect(kept.status == 201, "\(kept.json)")
                    }
                }
                let now = try await offer(0)
                #expect(now.text("state") == "open" && now.text("expiresAt") == "\(day)T20:00:00Z", "\(now.json)")
                #expect(now.text("ticket") != (try text(0, "ticket")))
                if byDefault { break }
            }
            let ticket = try await offer(0).text("ticket")
            let again = try await api.post("/v1/tickets/\(ticket)/transfers", "{}", key: giver.key, once: "again")
            #expect(again.code == "transfer_open")
            let taker = try await api.wallet(0)
            let taken = try await api.post(
                "/v1/transfers/accept", #"{"code":"\#(try text(0, "code"))"}"#, key: taker.key, once: "t")
            #expect(
                taken.text("expiresAt") == (byDefault ? "2026-03-04" : "2026-03-06") + "T20:00:00Z", "\(taken.json)")
            #expect(try await offer(0).text("state") == "accepted")
            let back = try await api.post(
                "/v1/transfers/\(try text(1, "transfer"))/withdraw", key: giver.key, once: "w")
            #expect(back.text("state") == "withdrawn", "\(back.json)")
            try await isClean(house)
        }
    }
}

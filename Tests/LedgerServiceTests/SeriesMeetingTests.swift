import Foundation
import HTTPEdge
import Testing
import Values

@testable import LedgerService

/// A pass meets what happens to its rooms between sale and evening.
@Suite struct SeriesMeetingTests {
    @Test func `a held seat is the holder's until its time is over, for passes too`() async throws {
        let house = try await House()
        try await house.api { api in
            let world = try await SeriesWorld(house, api, capacity: 1, passes: 1)
            let (buyer, other) = (try await api.wallet(5_000), try await api.wallet(5_000))
            let hold = try await api.post(
                "/v1/holds", #"{"room":"\#(world.rooms[1])","price":{"amount":700,"currency":"EUR"}}"#, key: other.key,
                once: "hold")
            #expect(hold.status == 201, "\(hold.json)")
            #expect(try await world.quote(buyer.key).code == "series_room_full")
            let end = try #require(Instant(hold.text("expiresAt")))
            house.time.advance(bySeconds: house.service.clock.now().microseconds(until: end) / 1_000_000)
            // Nobody has written down that the hold is over: whoever needs the seat does.
            let pass = try await world.buy(buyer.key)
            #expect(pass.status == 201, "\(pass.json)")
            let shown = try await api.get("/v1/holds/\(hold.text("hold"))", key: other.key)
            #expect(shown.text("state") == "expired")
            #expect(try await api.buy(world.rooms[1], key: other.key, price: 700).code == "sold_out")
            try await world.isClean()
        }
    }

    @Test func `a room of a series moves: its ticket follows, and the sale of passes ends with the first room`()
        async throws
    {
        let house = try await House()
        try await house.api { api in
            let world = try await SeriesWorld(house, api)
            let buyer = try await api.wallet(5_000)
            let pass = try await world.buy(buyer.key)
            let path = "/v1/passes/\(pass.text("pass"))"
            #expect(try await api.get("/v1/series/\(world.series)").text("saleEndsAt") == "2026-03-02T20:00:00Z")
            let moved = try await api.post(
                "/v1/rooms/\(world.rooms[0])/moves",
                """
                {"startsAt":"2026-03-06T19:00:00Z","endsAt":"2026-03-06T20:00:00Z",\
                "doorsOpenAt":"2026-03-06T18:30:00Z","notice":"The speaker is ill"}
                """, key: world.host.key, once: "move")
            #expect(moved.status == 201, "\(moved.json)")
            #expect(try await api.get("/v1/series/\(world.series)").text("saleEndsAt") == "2026-03-03T20:00:00Z")
            let kept = try await api.get(path, key: buyer.key)
            #expect(kept.tickets[0]["startsAt"] as? String == "2026-03-06T19:00:00Z")
            try house.time.set("2026-03-06T18:30:00Z")
            try await house.service.settleMoves()
            let after = try await api.get(path, key: buyer.key)
            #expect(after.tickets[0]["ticket"] as? String != pass.tickets[0]["ticket"] as? String)
            #expect(after.tickets[0]["state"] as? String == "valid", "\(after.json)")
            #expect(after.tickets[0]["token"] as? String != pass.tickets[0]["token"] as? String)
            // The first and the third evening were heard or not; this one is still to come.
            let preview = try await api.get("\(path)/refund", key: buyer.key)
            #expect(
                preview.tickets.compactMap { $0["outcome"] as? String }
                    == ["refunded", "refund_closed", "refund_closed"], "\(preview.json)")
            let back = try await api.post("\(path)/refund", key: buyer.key, once: "r")
            #expect(back.amount("total") == 409)
            #expect(try await world.balance(buyer.holder) == 3_200 + 409)
            try await world.isClean()
        }
    }
}

import Foundation
import HTTPEdge
import Testing
import Values

@testable import LedgerService

/// A waiting list meets passes of a series.
@Suite struct WaitingMeetingTests {
    @Test func `a pass gets no seat that gathers for whoever waits, and one that is given back serves them`()
        async throws
    {
        let house = try await House()
        try await house.api { api in
            let world = try await SeriesWorld(house, api, capacity: 2)
            let (owner, pair, late) = (
                try await api.wallet(9_000), try await api.wallet(9_000), try await api.wallet(9_000)
            )
            let pass = try await world.buy(owner.key)
            #expect(pass.status == 201, "\(pass.json)")
            let single = try await api.buy(world.rooms[1], key: owner.key, price: 700)
            #expect(single.status == 201, "\(single.json)")
            let waits = try await api.post(
                "/v1/rooms/\(world.rooms[1])/waiting", #"{"count":2}"#, key: pair.key, once: "wait")
            #expect(waits.status == 201, "\(waits.json)")
            let refund = try await api.post(
                "/v1/tickets/\(single.text("ticket"))/refund", key: House.operatorKey, once: "one")
            #expect(refund.status == 201, "\(refund.json)")
            #expect(try await world.quote(late.key).code == "series_room_full")
            let back = try await api.post(
                "/v1/passes/\(pass.text("pass"))/refund", key: owner.key, once: "back")
            #expect(back.status < 300, "\(back.json)")
            let offered = try await api.get("/v1/waiting/\(waits.text("waiting"))", key: pair.key)
            #expect(offered.text("state") == "offered", "\(offered.json)")
            try await world.isClean()
        }
    }
}

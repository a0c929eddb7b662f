import Foundation
import HTTPTypes
import Ledger
import Testing
import Values

/// Where a disputed payment meets an extension that was paid from the wallet.
extension PaymentTests {
    @Test(arguments: ["dispute_won", "dispute_lost"])
    func `a disputed payment of a ticket touches nothing of its extension`(end: String) async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api)
            try await play("pay", stage, api)
            try await settle(house)
            let topup = try await api.post(
                "/v1/wallets/\(stage.wallet.holder)/topups", #"{"amount":{"amount":200,"currency":"EUR"}}"#,
                key: House.operatorKey, once: "t")
            #expect(topup.status == 201, "\(topup.json)")
            let tickets = try await api.get("/v1/wallets/\(stage.wallet.holder)/tickets", key: stage.wallet.key)
            let ticket = try #require(
                (tickets.json["tickets"] as? [[String: any Sendable]])?.first?["ticket"] as? String)
            let announced = try await api.post(
                "/v1/rooms/\(stage.room)/overtimes",
                #"{"until":"2026-03-02T20:30:00Z","price":{"amount":120,"currency":"EUR"}}"#, key: stage.host, once: "o"
            )
            #expect(announced.status == 201, "\(announced.json)")
            let longer = try await api.post(
                "/v1/tickets/\(ticket)/extension", #"{"price":{"amount":120,"currency":"EUR"}}"#,
                key: stage.wallet.key, once: "e")
            #expect(longer.status == 201, "\(longer.json)")
            let escrow = Account.escrow(try #require(RoomID(stage.room)))
            try await play("dispute", stage, api)
            try await settle(house)
            #expect(try await balance(escrow, house) == 100)
            try await isClean(house)
            try await play(end, stage, api)
            try await settle(house)
            let after = try await api.get("/v1/wallets/\(stage.wallet.holder)/tickets", key: stage.wallet.key)
            let last = try #require((after.json["tickets"] as? [[String: any Sendable]])?.first)
            if end == "dispute_won" {
                // It comes back with the time that was paid for it.
                #expect(last["state"] as? String == "not_yet_valid")
                #expect(last["expiresAt"] as? String == "2026-03-02T20:30:00Z")
            } else {
                #expect(last["state"] as? String == "refunded")
                let back = try await api.post(
                    "/v1/extensions/\(longer.text("extension"))/refund", key: stage.host, once: "b")
                #expect(back.json["refunded"] as? Bool == true, "\(back.json)")
                #expect(try await balance(escrow, house) == 0)
                #expect(try await balance(.wallet(try #require(HolderID(stage.wallet.holder))), house) == 200)
            }
            try await isClean(house)
        }
    }

    @Test func `a ticket that a won dispute brings back has no overtime that nobody paid for`() async throws {
        let house = try await House()
        try await house.api { api in
            let stage = try await stage(api)
            try await play("pay", stage, api)
            try await settle(house)
            let announced = try await api.post(
                "/v1/rooms/\(stage.room)/overtimes",
                #"{"until":"2026-03-02T20:30:00Z","price":{"amount":120,"currency":"EUR"}}"#, key: stage.host, once: "o"
            )
            #expect(announced.status == 201)
            for outcome in ["dispute", "dispute_won"] {
                try await play(outcome, stage, api)
                try await settle(house)
            }
            let after = try await api.get("/v1/wallets/\(stage.wallet.holder)/tickets", key: stage.wallet.key)
            let last = try #require((after.json["tickets"] as? [[String: any Sendable]])?.first)
            #expect(last["expiresAt"] as? String == "2026-03-02T20:00:00Z")
            try await isClean(house)
        }
    }
}

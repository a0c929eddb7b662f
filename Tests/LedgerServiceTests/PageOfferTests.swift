import HTTPTypes
import Testing
import Values

/// What the pages read before a buyer decides.
@Suite struct PageOfferTests {
    @Test func `a country is asked for where tax follows the buyer, and nowhere else`() async throws {
        for (policy, asks) in [("guichet-demo-2026", false), ("guichet-eu-2026", true)] {
            let house = try await House(policy: policy)
            try await house.api { api in
                let room = try await api.room(try await api.host().key)
                let prices = try await api.get("/v1/rooms/\(room)/prices")
                let countries = prices.json["countries"] as? [String]
                #expect((countries != nil) == asks)
                #expect(countries?.contains("FR") != false)
                #expect(countries?.contains("US") != true)
                #expect(countries == countries?.sorted())
            }
        }
    }

    @Test func `what tips a room takes is told to anybody`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let path = "/v1/rooms/\(room)/tips"
            let terms = try await api.get("\(path)/terms")
            #expect(terms.json["accepts"] as? Bool == true)
            #expect(terms.json["messageLength"] as? Int == 140)
            let amounts = try #require(terms.json["amounts"] as? [[String: [String: Any]]])
            #expect(amounts.map { $0["least"]?["currency"] as? String } == ["EUR", "GBP", "USD"])
            #expect(amounts.first?["least"]?["amount"] as? Int == 50)
            #expect(amounts.first?["most"]?["amount"] as? Int == 20_000)
            _ = try await api.send(.put, path, #"{"accepts":false}"#, key: host.key)
            #expect(try await api.get("\(path)/terms").json["accepts"] as? Bool == false)
            #expect(try await api.get("/v1/rooms/room_01h455vb4pex5vsknk084sn02q/tips/terms").code == "room_unknown")
        }
    }

    @Test func `a policy without tips takes none`() async throws {
        let house = try await House(policy: "twitter-ticketed-2021")
        try await house.api { api in
            let body = """
                {"title":"T","startsAt":"2026-03-02T19:00:00Z","endsAt":"2026-03-02T20:00:00Z","capacity":1,\
                "price":{"amount":500,"currency":"USD"}}
                """
            let room = try await api.post("/v1/rooms", body, key: try await api.host().key).text("room")
            let terms = try await api.get("/v1/rooms/\(room)/tips/terms")
            #expect(terms.json["accepts"] as? Bool == false)
            #expect((terms.json["amounts"] as? [Any])?.isEmpty == true)
        }
    }
}

import BoxOffice
import Testing
import Values

@Suite("Gateways") struct GatewayPlaceTests {
    @Test(
        "an address is a scheme, a host and perhaps a port",
        arguments: [
            "https://a", "http://127.0.0.1:8081", "https://audio-2.example.org:443", "https://[2001:db8::1]:8443",
        ])
    func addresses(text: String) throws {
        #expect(try GatewayAddress(text).description == text)
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "https://", "ftp://a", "audio.example.org", "https://a/", "https://a/b", "https://a?b", "https://u@a",
            "https://a b", "https://a;", "https://a\"", "https://:80", "https://-a", "https://\u{e9}",
            "https://" + String(repeating: "a", count: 193),
        ])
    func others(text: String) {
        #expect(throws: PlacementRefusal.address) { try GatewayAddress(text) }
    }

    @Test("a new room goes where the fewest are, and to somebody in any case")
    func choice() {
        let ids = (0..<3).map { GatewayID.derived(at: Instant(seconds: Int64($0)), from: "gateway") }
        func load(_ index: Int, _ rooms: Int, takes: Bool = true) -> GatewayLoad {
            GatewayLoad(gateway: ids[index], takesRooms: takes, rooms: rooms)
        }
        #expect(gatewayForNewRoom([]) == nil)
        #expect(gatewayForNewRoom([load(0, 5), load(1, 4), load(2, 4)]) == min(ids[1], ids[2]))
        #expect(gatewayForNewRoom([load(0, 5), load(1, 0, takes: false)]) == ids[0])
        #expect(gatewayForNewRoom([load(0, 5, takes: false), load(1, 1, takes: false)]) == ids[1])
    }
}

import AsyncHTTPClient
import AudioRelay
import Foundation
import MediaWire
import NIOCore
import NIOHTTP1
import Testing
import Values

@testable import RoomGateway

@Suite("The gateway's own limits", .serialized, .timeLimit(.minutes(2)))
struct LimitTests {
    private static func listenersOffer() throws -> String {
        var generator = SystemRandomNumberGenerator()
        return try ClientPeer(
            .listen(slots: 1), certificate: RelayCertificate(),
            candidates: [SocketAddress(ipv4: 0x7F00_0001, port: 9)], using: &generator
        ).offer
    }

    @Test("a gateway with as many people as it takes says so, and one that ends lets nobody in")
    func fullAndClosing() async throws {
        try await TestHouse.open(configure: { $0.maximumPeers = 1 }) { house in
            let offer = try Self.listenersOffer()
            #expect(try await house.offer("whep", house.ticket(.listener).token, offer).status == 201)
            #expect(try await house.offer("whep", house.ticket(.listener).token, offer).code == "gateway_full")
            house.gateway.shutdown()
            let isClosing = try await holds {
                try await house.offer("whep", house.ticket(.listener).token, offer).code == "gateway_closing"
            }
            #expect(isClosing)
        }
    }

    @Test("a ticket has so many live views and no more")
    func views() async throws {
        try await TestHouse.open { house in
            let token = house.ticket(.listener).token
            var open: [HTTPClientResponse] = []
            for _ in 0..<4 {
                var request = HTTPClientRequest(url: house.url("events"))
                request.headers.add(name: "Authorization", value: "Bearer \(token)")
                open.append(try await house.http.execute(request, timeout: .seconds(10)))
            }
            #expect(open.allSatisfy { $0.status == .ok })
            #expect(try await house.send("GET", "events", token: token).code == "too_many_event_streams")
            withExtendedLifetime(open) {}
        }
    }
}

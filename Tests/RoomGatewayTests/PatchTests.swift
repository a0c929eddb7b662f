import AudioRelay
import MediaWire
import Stage
import Testing
import Values

@testable import RoomGateway

/// `PATCH` of a session: candidates that come later and new ICE credentials (RFC 9725, section 4.3).
@Suite("Restart by PATCH", .serialized, .timeLimit(.minutes(2)))
struct PatchTests {
    private static let type = "application/trickle-ice-sdpfrag"

    private static func fragment(_ name: String, _ password: String = "P2uYro0UCOQ4zxjKXaWCBui1") -> String {
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:\(name)\r\na=ice-pwd:\(password)\r\n"
            + "a=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host\r\na=end-of-candidates\r\n"
    }

    @Test("candidates need the ETag, a restart needs *, and each gets what RFC 9725 says")
    func rules() async throws {
        try await TestHouse.open { house in
            var generator = SystemRandomNumberGenerator()
            let client = try ClientPeer(
                .listen(slots: 1), certificate: RelayCertificate(),
                candidates: [SocketAddress(ipv4: 0x7F00_0001, port: 9)], using: &generator)
            let offer = client.offer
            let parsed = try SessionDescription(parsing: offer)
            let name = try #require(parsed.iceUsernameFragment(parsed.media[0]))
            let ticket = house.ticket(.listener)
            let entered = try await house.offer("whep", ticket.token, offer)
            let location = try #require(entered.header("Location"))
            let tag = try #require(entered.header("ETag"))

            func patch(
                _ body: String, _ condition: String?, type: String = Self.type, token: String? = nil,
                at path: String? = nil
            ) async throws -> TestHouse.Answer {
                try await house.send(
                    "PATCH", path ?? location, token: token ?? ticket.token, type: type, body: body,
                    headers: condition.map { [("If-Match", $0)] } ?? [])
            }

            let sdp = try await patch(Self.fragment(name), tag, type: "application/sdp")
            #expect(sdp.status == 415 && sdp.code == "fragment_type_unsupported")
            #expect(try await patch(Self.fragment(name), nil).code == "if_match_missing")
            #expect(try await patch(Self.fragment(name), "\"another\"").code == "if_match_failed")
            #expect(try await patch("nonsense", tag).code == "sdp_malformed")
            #expect(try await patch("a=mid:0\r\n", tag).code == "sdp_no_ice")
            #expect(try await patch(Self.fragment(name), tag, token: house.ticket(.listener).token).status == 403)
            let never = "/rooms/\(house.room.room)/sessions/\(TestHouse.id(AdmissionID.self))"
            #expect(try await patch(Self.fragment(name), tag, at: never).code == "admission_unknown")

            let noted = try await patch(Self.fragment(name), "\"x\", \(tag)")
            #expect(noted.status == 204 && noted.body.isEmpty)
            #expect(try await patch(Self.fragment("Fresh123"), tag).code == "if_match_failed")
            let restarted = try await patch(Self.fragment("Fresh123"), "*")
            #expect(restarted.status == 200)
            #expect(restarted.header("Content-Type") == Self.type)
            let newTag = try #require(restarted.header("ETag"))
            let answer = try SessionDescription(parsingFragment: restarted.body)
            #expect(newTag != tag && answer.iceUsernameFragment(answer.media[0]).map { "\"\($0)\"" } == newTag)
            #expect(answer.isICELite && answer.media[0].candidates.first?.port == house.gateway.mediaAddress.port)
            // Candidates of the new credentials go with the new tag only.
            #expect(try await patch(Self.fragment("Fresh123"), tag).code == "if_match_failed")
            #expect(try await patch(Self.fragment("Fresh123"), newTag).status == 204)
            // Nobody restarts without end.
            var last: TestHouse.Answer?
            for number in 0..<12 { last = try await patch(Self.fragment("Again\(100 + number)"), "*") }
            #expect(last?.code == "too_many_joins")
        }
    }
}

import MediaWire
import Schemas
import Simulation
import Testing
import Values

@testable import AudioRelay

@Suite("Negotiation")
struct NegotiatorTests {
    private static let fingerprint =
        "sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF"

    private func section(
        _ mid: String, kind: String = "audio", direction: String = "recvonly", type: Int = 111, extra: [String] = []
    ) -> [String] {
        [
            "m=\(kind) 9 UDP/TLS/RTP/SAVPF \(type) 63", "c=IN IP4 0.0.0.0", "a=mid:\(mid)", "a=\(direction)",
            "a=ice-ufrag:EsAw", "a=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y", "a=fingerprint:\(Self.fingerprint)",
            "a=setup:actpass", "a=rtcp-mux", "a=rtcp-rsize", "a=rtpmap:\(type) opus/48000/2",
            "a=fmtp:\(type) minptime=10;useinbandfec=1", "a=rtpmap:63 red/48000/2",
            "a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid", "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        ] + extra
    }

    private func offer(_ sections: [[String]], bundle: String) -> String {
        let head = ["v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE \(bundle)"]
        return (head + sections.joined()).map { $0 + "\r\n" }.joined()
    }

    private func negotiate(_ offer: String, _ role: PeerRole) throws -> (NegotiatedPeer, SessionDescription, String) {
        var generator = SeededGenerator(seed: 5)
        let negotiator = Negotiator(
            candidates: [SocketAddress("192.0.2.7:4000"), SocketAddress("[2001:db8::1]:4000")].compactMap { $0 },
            fingerprint: try #require(CertificateFingerprint(attribute: Self.fingerprint)))
        let result = try negotiator.answer(to: offer, as: role, in: RoomKey(3), using: &generator)
        return (result.peer, try SessionDescription(parsing: result.answer), result.answer)
    }

    private func refusal(_ offer: String, _ role: PeerRole = .listener) -> NegotiationRefusal? {
        var generator = SeededGenerator(seed: 5)
        guard let fingerprint = CertificateFingerprint(attribute: Self.fingerprint) else { return nil }
        let negotiator = Negotiator(candidates: [], fingerprint: fingerprint)
        do {
            _ = try negotiator.answer(to: offer, as: role, in: RoomKey(3), using: &generator)
            return nil
        } catch {
            return error
        }
    }

    @Test("Three of five offered sections become slots; video and the rest are turned down in their places")
    func slots() throws {
        let sections = [
            section("a"), section("v", kind: "video", type: 96), section("b"), section("c"), section("d"),
        ]
        let (peer, answer, text) = try negotiate(offer(sections, bundle: "a v b c d"), .listener)
        #expect(peer.slotCount == 3 && peer.payloadType == 111 && peer.levelExtension == 1)
        #expect(answer.media.map(\.port) == [9, 0, 9, 9, 0])
        #expect(answer.media.map(\.mid) == ["a", "v", "b", "c", "d"])
        #expect(answer.bundle == ["a", "b", "c"])
        #expect(answer.isICELite)
        let accepted = answer.media.filter { $0.port != 0 }
        #expect(accepted.allSatisfy { $0.direction == .sendonly && $0.multiplexesRTCP && $0.reducesRTCP })
        #expect(accepted.allSatisfy { answer.setup($0) == .passive && $0.formats == ["111"] })
        #expect(accepted.allSatisfy { $0.formatParameters(111) == "minptime=10;useinbandfec=1" })
        #expect(accepted.allSatisfy { $0.headerExtensions == [.init(id: 1, uri: HeaderExtensionMap.audioLevelURI)] })
        #expect(accepted.enumerated().allSatisfy { $1.announcedSources == [RoomKey(3).ssrc(slot: $0, of: 3)] })
        #expect(
            accepted[0].candidates.map(\.address) == [
                SocketAddress("192.0.2.7:4000"), SocketAddress("[2001:db8::1]:4000"),
            ])
        #expect(text.contains("a=end-of-candidates\r\n"))
        #expect(answer.iceUsernameFragment(accepted[0]) == peer.localFragment)
        #expect(answer.icePassword(accepted[0])?.count == 24)
    }

    @Test("A speaker gets one section, to be received, whatever else is offered")
    func speaker() throws {
        let sections = [section("0", direction: "sendrecv"), section("1", direction: "sendonly")]
        let (peer, answer, _) = try negotiate(offer(sections, bundle: "0 1"), .speaker)
        #expect(peer.slotCount == 1)
        #expect(answer.media.map(\.port) == [9, 0])
        #expect(answer.media[0].direction == .recvonly)
        #expect(answer.media[0].announcedSources.isEmpty)
    }

    @Test("NACK is answered where it was offered, and nowhere else")
    func feedback() throws {
        let (_, with, _) = try negotiate(offer([section("0", extra: ["a=rtcp-fb:111 nack"])], bundle: "0"), .listener)
        #expect(with.media[0].attributes.values(of: "rtcp-fb") == ["111 nack"])
        let (_, without, _) = try negotiate(
            offer([section("0", extra: ["a=rtcp-fb:111 transport-cc"])], bundle: "0"), .listener)
        #expect(without.media[0].attributes.values(of: "rtcp-fb").isEmpty)
    }

    @Test("Every reason to refuse an offer has its case")
    func refusals() {
        let good = offer([section("0")], bundle: "0")
        func without(_ prefix: String) -> String {
            good.split(separator: "\r\n").filter { !$0.hasPrefix(prefix) }.map { $0 + "\r\n" }.joined()
        }
        #expect(refusal(good) == nil)
        #expect(refusal("hello") == .malformed)
        #expect(refusal(String(repeating: "a=x\r\n", count: 20_000)) == .malformed)
        #expect(refusal(good, .speaker) == .noAudio)
        #expect(refusal(offer([section("0", kind: "video")], bundle: "0")) == .noAudio)
        #expect(refusal(without("a=rtpmap:111")) == .noOpus)
        #expect(refusal(without("a=rtcp-mux")) == .noMultiplexing)
        #expect(refusal(without("a=ice-pwd")) == .noICE)
        #expect(refusal(without("a=fingerprint")) == .noFingerprint)
        #expect(refusal(good.replacing("setup:actpass", with: "setup:passive")) == .passiveSetup)
    }

    @Test("Every refusal of an offer has its words in both languages")
    func words() throws {
        for refusal in NegotiationRefusal.allCases {
            let text = try #require(RefusalTexts.all[refusal.code], "\(refusal)")
            #expect(text.status >= 400 && text.words.keys.sorted() == ["en", "fr"])
        }
    }

    @Test("The slots of a room have six different sources")
    func sources() {
        for number in [0, 1, 2, UInt64.max, 0xDEAD_BEEF] {
            let room = RoomKey(number)
            let all =
                [room.ssrc(slot: 0, of: 1)] + (0..<2).map { room.ssrc(slot: $0, of: 2) }
                + (0..<3).map { room.ssrc(slot: $0, of: 3) }
            #expect(Set(all).count == 6 && !all.contains(0))
        }
    }
}

import MediaWire
import Simulation
import Testing

@Suite struct SessionDescriptionTests {
    /// The shape of a browser's WHEP offer: three receiving sections in one bundle, credentials in each.
    static let listenerOffer = """
        v=0\r
        o=- 4611731400430051336 2 IN IP4 127.0.0.1\r
        s=-\r
        t=0 0\r
        a=group:BUNDLE 0 1\r
        a=extmap-allow-mixed\r
        a=msid-semantic: WMS\r
        m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r
        c=IN IP4 0.0.0.0\r
        a=rtcp:9 IN IP4 0.0.0.0\r
        a=candidate:1 1 udp 2113937151 2a9c1d5e-0f5b-4c34-9d0a-1b6f4f0c7a11.local 51472 typ host generation 0\r
        a=candidate:2 1 UDP 1677729535 192.0.2.7 51472 typ srflx raddr 0.0.0.0 rport 0\r
        a=ice-ufrag:EsAw\r
        a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r
        a=ice-options:trickle\r
        a=fingerprint:sha-256 D2:FA:0E:C3:22:59:5E:14:95:69:92:3D:13:B4:84:24:2C:C2:A2:C0:3E:FD:34:8E:5E:EA:6F:AF:52:CE:E6:0F\r
        a=setup:actpass\r
        a=mid:0\r
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r
        a=recvonly\r
        a=rtcp-mux\r
        a=rtcp-rsize\r
        a=rtpmap:111 OPUS/48000/2\r
        a=fmtp:111 minptime=10;useinbandfec=1\r
        a=rtpmap:63 red/48000/2\r
        a=maxptime:60\r
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r
        c=IN IP4 0.0.0.0\r
        a=mid:1\r
        a=sendonly\r
        a=ssrc:3735928559 cname:abc\r
        a=ssrc:3735928559 msid:x y\r
        a=rtpmap:111 opus/48000/2\r

        """

    @Test func `an offer of a browser is read with all that WebRTC acts on`() throws {
        let offer = try SessionDescription(parsing: Self.listenerOffer)
        #expect(offer.originID == 4_611_731_400_430_051_336)
        #expect(offer.bundle == ["0", "1"])
        let first = try #require(offer.media.first)
        #expect((first.kind, first.port, first.mid, first.direction) == ("audio", 9, "0", .recvonly))
        #expect(offer.iceUsernameFragment(first) == "EsAw")
        #expect(offer.icePassword(first) == "P2uYro0UCOQ4zxjKXaWCBui1")
        #expect(offer.setup(first) == .actpass)
        #expect(offer.fingerprint(first)?.bytes.prefix(3) == [0xD2, 0xFA, 0x0E])
        #expect(first.rtpMaps.map(\.payloadType) == [111, 63])
        #expect(first.rtpMaps.map(\.isOpus) == [true, false])
        #expect(first.formatParameters(111) == "minptime=10;useinbandfec=1")
        #expect(first.headerExtensions.first == HeaderExtensionMap(id: 1, uri: HeaderExtensionMap.audioLevelURI))
        #expect(first.multiplexesRTCP && first.reducesRTCP)
        #expect(first.maximumPacketTime == 60)
        #expect(first.candidates.map(\.transport) == ["udp", "udp"])
        #expect(first.candidates.map { $0.address != nil } == [false, true])
        #expect(first.candidates.last?.kind == .srflx)
        #expect(offer.media[1].direction == .sendonly)
        #expect(offer.media[1].announcedSources == [3_735_928_559])
    }

    @Test func `what is written is read back the same`() throws {
        let offer = try SessionDescription(parsing: Self.listenerOffer)
        let again = try SessionDescription(parsing: offer.text)
        #expect(again == offer)
        #expect(again.text == offer.text)
    }

    @Test(arguments: [
        ("", SDPFault.incomplete), ("v=0\r\n", .incomplete), ("o=- 1 1 IN IP4 0\r\n", .incomplete),
        ("v=1\r\no=- 1 1 IN IP4 0\r\n", .line(1)), ("v=0\r\no=- x 1 IN IP4 0\r\n", .line(2)),
        ("v=0\r\no=- 1 1 IN IP4 0\r\ngarbage\r\n", .line(3)),
        ("v=0\r\no=- 1 1 IN IP4 0\r\nm=audio 99999 X 0\r\n", .line(3)),
        ("v=0\r\no=- 1 1 IN IP4 0\r\nm=audio 9\r\n", .line(3)),
        ("v=0\r\no=- 1 1 IN IP4 0\r\na=\u{0}\r\n", .line(3)),
        ("v=0\r\no=- 1 1 IN IP4 0\r\no=- 1 1 IN IP4 0\r\n", .line(3)),
    ])
    func `a text that is none is refused with its line`(text: String, fault: SDPFault) {
        #expect(throws: fault) { try SessionDescription(parsing: text) }
    }

    @Test func `sizes beyond the bounds are refused before anything is read`() {
        let long = "v=0\r\n" + String(repeating: "a=x\r\n", count: 1_001)
        #expect(throws: SDPFault.tooLarge) { try SessionDescription(parsing: long) }
        let wide = "v=0\r\na=" + String(repeating: "x", count: 70_000)
        #expect(throws: SDPFault.tooLarge) { try SessionDescription(parsing: wide) }
        let sections = "v=0\r\no=- 1 1 IN IP4 0\r\n" + String(repeating: "m=audio 9 X 0\r\n", count: 65)
        #expect(throws: SDPFault.line(67)) { try SessionDescription(parsing: sections) }
    }

    @Test func `credentials and fingerprints of a wrong form are not taken`() throws {
        func offer(_ attribute: String) throws -> SessionDescription {
            try SessionDescription(parsing: "v=0\no=- 1 1 IN IP4 0\nm=audio 9 X 0\na=\(attribute)\n")
        }
        for wrong in ["ice-ufrag:abc", "ice-ufrag:ab cd", "ice-ufrag:" + String(repeating: "a", count: 257)] {
            let description = try offer(wrong)
            #expect(description.iceUsernameFragment(description.media[0]) == nil)
        }
        for wrong in ["fingerprint:sha-1 AA", "fingerprint:sha-256 AA:BB", "fingerprint:sha-256 zz"] {
            let description = try offer(wrong)
            #expect(description.fingerprint(description.media[0]) == nil)
        }
        let fingerprint = try #require(CertificateFingerprint(sha256: Array(0..<32)))
        #expect(CertificateFingerprint(attribute: fingerprint.attribute) == fingerprint)
    }

    @Test func `mutated offers never trap and what is taken stays readable`() {
        var chance = SeededGenerator(seed: 0x5D9)
        let valid = Array(Self.listenerOffer.utf8)
        for _ in 0..<3_000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...12, using: &chance) {
                let at = Int.random(in: 0..<bytes.count, using: &chance)
                switch Int.random(in: 0..<3, using: &chance) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &chance)
                case 1: bytes.remove(at: at)
                default: bytes.insert(UInt8(ascii: "\n"), at: at)
                }
            }
            guard let read = try? SessionDescription(parsing: String(decoding: bytes, as: UTF8.self)) else { continue }
            for section in read.media {
                _ = (section.rtpMaps, section.headerExtensions, section.candidates, section.announcedSources)
                _ = (read.iceUsernameFragment(section), read.icePassword(section), read.fingerprint(section))
            }
            #expect((try? SessionDescription(parsing: read.text)) == read)
        }
    }

    @Test func `a payload type without channels is none`() throws {
        func maps(_ map: String) throws -> [RTPMap] {
            try SessionDescription(
                parsing: "v=0\no=- 1 1 IN IP4 0.0.0.0\nm=audio 9 UDP/TLS/RTP/SAVPF 111\na=rtpmap:111 \(map)\n"
            ).media.flatMap(\.rtpMaps)
        }
        #expect(try maps("opus/48000/0").isEmpty)
        #expect(try maps("opus/48000/2").map(\.channels) == [2])
        #expect(try maps("PCMU/8000").map(\.channels) == [1])
    }
}

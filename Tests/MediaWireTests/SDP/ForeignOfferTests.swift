import MediaWire
import Testing

@Suite("Offers of real clients")
struct ForeignOfferTests {
    @Test("of Chromium to speak: one Opus section with level extension, credentials and candidates")
    func chromiumSpeaker() throws {
        let offer = try SessionDescription(parsing: ForeignOffers.withCRLF(ForeignOffers.chromiumSpeaker))
        #expect(offer.media.count == 1 && offer.bundle == ["0"])
        let audio = offer.media[0]
        #expect(audio.kind == "audio" && audio.direction == .sendonly && audio.mid == "0" && !audio.isRejected)
        #expect(audio.rtpMaps.filter(\.isOpus).map(\.payloadType) == [111])
        #expect(audio.headerExtensions.first { $0.uri == HeaderExtensionMap.audioLevelURI }?.id == 1)
        #expect(offer.iceUsernameFragment(audio) == "fApc")
        #expect(offer.icePassword(audio) == "x6GFCYEdbEFNguCa4hb3AGWI")
        #expect(offer.fingerprint(audio) != nil && offer.setup(audio) == .actpass)
        #expect(audio.candidates.count == 8 && audio.candidates.filter { $0.transport == "udp" }.count == 4)
        #expect(audio.candidates.allSatisfy { $0.address != nil && $0.kind == .host })
        #expect(audio.multiplexesRTCP && audio.reducesRTCP)
        #expect(audio.announcedSources.count == 1)
    }

    @Test("of Chromium to listen: three receiving sections in one bundle")
    func chromiumListener() throws {
        let offer = try SessionDescription(parsing: ForeignOffers.withCRLF(ForeignOffers.chromiumListener))
        #expect(offer.bundle == ["0", "1", "2"] && offer.media.compactMap(\.mid) == offer.bundle)
        for audio in offer.media {
            #expect(audio.direction == .recvonly && audio.candidates.isEmpty && audio.announcedSources.isEmpty)
            #expect(audio.rtpMaps.filter(\.isOpus).map(\.payloadType) == [111])
            #expect(offer.iceUsernameFragment(audio) == "YrBb" && offer.fingerprint(audio) != nil)
        }
    }

    @Test("of aiortc: Opus as 96, no ice-options, several digests")
    func aiortc() throws {
        let offer = try SessionDescription(parsing: ForeignOffers.withCRLF(ForeignOffers.aiortcSpeaker))
        let audio = try #require(offer.media.first)
        #expect(audio.direction == .sendonly && audio.multiplexesRTCP && !audio.reducesRTCP)
        #expect(audio.rtpMaps.filter(\.isOpus).map(\.payloadType) == [96])
        #expect(audio.headerExtensions.first { $0.uri == HeaderExtensionMap.audioLevelURI }?.id == 2)
        #expect(offer.iceUsernameFragment(audio)?.utf8.count == 4 && offer.icePassword(audio)?.utf8.count == 22)
        #expect(offer.fingerprint(audio)?.bytes.count == 32 && offer.setup(audio) == .actpass)
        #expect(!audio.candidates.isEmpty && audio.attributes.contains("end-of-candidates"))
        #expect(audio.announcedSources.count == 1)
    }

    @Test("of Firefox: fingerprint in the session, names among the candidates, a section that waits for its bundle")
    func firefox() throws {
        let offer = try SessionDescription(parsing: ForeignOffers.withCRLF(ForeignOffers.firefox))
        #expect(offer.originID == 5_216_476_521_832_710_843 && offer.bundle == ["0", "1"])
        let audio = offer.media[0]
        #expect(audio.direction == .sendrecv)
        #expect(audio.rtpMaps.filter(\.isOpus).map(\.payloadType) == [109])
        #expect(audio.formatParameters(109) == "maxplaybackrate=48000;stereo=1;useinbandfec=1")
        #expect(audio.headerExtensions.map(\.id) == [1, 2, 3])
        #expect(audio.candidates.map(\.transport) == ["udp", "tcp", "udp", "udp"])
        #expect(audio.candidates.map(\.component) == [1, 1, 2, 1])
        #expect(audio.candidates.map { $0.address == nil } == [false, false, false, true])
        #expect(audio.announcedSources == [3_148_460_239])
        let waiting = offer.media[1]
        #expect(waiting.port == 0 && !waiting.isRejected && waiting.direction == .recvonly)
        for section in offer.media { #expect(offer.fingerprint(section) != nil && offer.setup(section) == .actpass) }
    }

    @Test(
        "say the same whether lines end in CRLF or LF and after a round trip",
        arguments: [
            ForeignOffers.chromiumSpeaker, ForeignOffers.chromiumListener, ForeignOffers.aiortcSpeaker,
            ForeignOffers.firefox,
        ])
    func roundTrip(text: String) throws {
        let offer = try SessionDescription(parsing: ForeignOffers.withCRLF(text))
        #expect(try SessionDescription(parsing: text) == offer)
        #expect(try SessionDescription(parsing: ForeignOffers.withCRLF(text) + "\r\n\n") == offer)
        #expect(try SessionDescription(parsing: offer.text) == offer)
        #expect(offer.text.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0D || $0 == 0x0A })
        for candidate in offer.media.flatMap(\.candidates) {
            #expect(ICECandidate(attribute: candidate.attribute) == candidate)
        }
        for map in offer.media.flatMap(\.rtpMaps) where map.channels > 1 {
            #expect(offer.media.contains { $0.attributes.values(of: "rtpmap").contains(map.attribute) })
        }
    }

    @Test("never trap when random or mutated", arguments: [61, 62] as [UInt64])
    func hostileInput(seed: UInt64) {
        let valid = [ForeignOffers.chromiumSpeaker, ForeignOffers.aiortcSpeaker, ForeignOffers.firefox].map {
            Array($0.utf8)
        }
        fuzz(seed: seed, rounds: 600, from: valid) { bytes in
            guard let read = try? SessionDescription(parsing: String(decoding: bytes, as: UTF8.self)) else { return }
            for section in read.media {
                _ = (section.rtpMaps, section.headerExtensions, section.candidates, section.announcedSources)
                _ = (read.iceUsernameFragment(section), read.icePassword(section), read.fingerprint(section))
                _ = (section.maximumPacketTime, section.mid, read.setup(section), read.bundle)
            }
            #expect((try? SessionDescription(parsing: read.text)) == read, "seed \(seed)")
        }
    }

    @Test("cannot be given lines of their own by a value")
    func smuggledLines() {
        var description = SessionDescription(originID: 1)
        description.attributes.add("x", "1\r\na=ice-lite")
        #expect(!description.text.contains("\na=ice-lite"))
    }
}

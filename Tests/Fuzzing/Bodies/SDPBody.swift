import AudioRelay
import MediaWire

func checkSDP(_ text: String) throws(Violation) {
    if let fragment = try? SessionDescription(parsingFragment: text) {
        let again = fragment.fragmentText
        let second = try? SessionDescription(parsingFragment: again)
        try require(second == fragment || isBeyondBounds(again), "a fragment says the same after writing and reading")
    }
    guard let description = try? SessionDescription(parsing: text) else {
        return try require(answer(to: text, as: .listener) == nil, "what is no description gets no answer")
    }
    let again = description.text
    try require(
        (try? SessionDescription(parsing: again)) == description || isBeyondBounds(again),
        "a description says the same after writing and reading")
    for section in description.media { try checkSection(section, of: description) }
    for role in [PeerRole.listener, .speaker] {
        guard let negotiation = answer(to: text, as: role), !isBeyondBounds(negotiation.answer) else { continue }
        let answer = try require(try? SessionDescription(parsing: negotiation.answer), "an answer is a description")
        try require(answer.media.map(\.mid) == description.media.map(\.mid), "an answer has the sections of the offer")
        let taken = answer.media.filter { !$0.isRejected }
        try require(taken.count == negotiation.peer.slotCount, "as many sections are taken as there are slots")
        try require(
            (1...Negotiator.maximumSlots).contains(taken.count) && (role == .listener || taken.count == 1),
            "a listener has one to three slots, a speaker one")
        try require((1...Negotiator.maximumFrames).contains(negotiation.peer.frames), "a packet holds 20 to 60 ms")
        for section in taken {
            try require(
                section.rtpMaps.map(\.payloadType) == [negotiation.peer.payloadType]
                    && section.rtpMaps.allSatisfy(\.isOpus), "an answer has Opus and nothing else")
            try require(section.multiplexesRTCP && answer.setup(section) == .passive, "an answer waits for DTLS")
            try require(
                section.direction == (role == .listener ? .sendonly : .recvonly), "an answer points the other way")
        }
    }
}

/// Bytes that are no UTF-8 take three as U+FFFD, and lines that we add count too.
private func isBeyondBounds(_ text: String) -> Bool {
    text.utf8.count > SessionDescription.maximumByteCount - 128
        || text.utf8.count(where: { $0 == UInt8(ascii: "\n") }) >= SessionDescription.maximumLineCount
}

private func checkSection(_ section: MediaDescription, of description: SessionDescription) throws(Violation) {
    for candidate in section.candidates {
        try require(ICECandidate(attribute: candidate.attribute) == candidate, "a candidate says the same again")
    }
    var bare = MediaDescription(
        kind: section.kind, port: section.port, transport: section.transport, formats: section.formats)
    for map in section.rtpMaps { bare.attributes.add("rtpmap", map.attribute) }
    for map in section.headerExtensions { bare.attributes.add("extmap", map.attribute) }
    try require(bare.rtpMaps == section.rtpMaps, "payload types mean the same again")
    try require(bare.headerExtensions == section.headerExtensions, "extensions mean the same again")
    if let fingerprint = description.fingerprint(section) {
        try require(CertificateFingerprint(attribute: fingerprint.attribute) == fingerprint, "a fingerprint stays")
    }
    try require(section.announcedSources.count <= 64, "sources are bounded")
    _ = (description.iceUsernameFragment(section), description.icePassword(section), section.maximumPacketTime)
}

/// Draws the same numbers for every input.
struct Counter: RandomNumberGenerator {
    var value: UInt64 = 1

    mutating func next() -> UInt64 {
        value = value &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return value
    }
}

private func answer(to offer: String, as role: PeerRole) -> Negotiation? {
    guard let fingerprint = CertificateFingerprint(sha256: [UInt8](repeating: 7, count: 32)),
        let candidate = SocketAddress("192.0.2.7:4000")
    else { return nil }
    var generator = Counter()
    return try? Negotiator(candidates: [candidate], fingerprint: fingerprint)
        .answer(to: offer, as: role, in: RoomKey(3), using: &generator)
}

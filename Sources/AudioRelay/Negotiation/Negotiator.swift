public import MediaWire

/// Answers offers of WHIP and WHEP clients: one HTTP round trip settles everything, and there is no renegotiation.
///
/// We are ICE-lite (RFC 8445) and DTLS server; RTP and RTCP share one port and all sections one transport (BUNDLE).
/// Of the header extensions only the audio level (RFC 6464) is taken; each slot's SSRC is announced with `a=ssrc`, so
/// that no MID extension is needed in the packets.
public struct Negotiator: Sendable {
    /// More slots than listeners can tell apart would only cost packets.
    public static let maximumSlots = 3

    /// 60 ms: longer packets would be heard as delay.
    public static let maximumFrames = 3

    public let candidates: [SocketAddress]
    /// Where it listens for TCP connections, for networks that let no UDP through (RFC 6544).
    public let streamCandidates: [SocketAddress]
    public let fingerprint: CertificateFingerprint
    /// The relay whose addresses these are.
    public let shard: Int

    /// - Parameter candidates: where the relay can be reached, most wanted first.
    public init(
        candidates: [SocketAddress], streamCandidates: [SocketAddress] = [], fingerprint: CertificateFingerprint,
        shard: Int = 0
    ) {
        self.candidates = candidates
        self.streamCandidates = streamCandidates
        self.fingerprint = fingerprint
        self.shard = shard
    }

    /// The answer to an offer, and what the relay must know of the peer.
    public func answer(
        to offer: String, as role: PeerRole, in room: RoomKey, using generator: inout some RandomNumberGenerator
    ) throws(NegotiationRefusal) -> Negotiation {
        let description: SessionDescription
        do { description = try SessionDescription(parsing: offer) } catch { throw .malformed }
        let accepted = try choose(in: description, as: role)
        let first = description.media[accepted.sections[0]]
        guard let peerFragment = description.iceUsernameFragment(first), description.icePassword(first) != nil
        else { throw .noICE }
        guard let peerFingerprint = description.fingerprint(first) else { throw .noFingerprint }
        guard description.setup(first).map({ $0 == .actpass || $0 == .active }) ?? true else { throw .passiveSetup }
        let peer = NegotiatedPeer(
            role: role, slotCount: role == .listener ? accepted.sections.count : 1, payloadType: accepted.payloadType,
            frames: role == .listener ? Self.frames(accepted.sections.map { description.media[$0] }) : 1,
            // Only one-byte elements are written on the way out, and their ids end at 14.
            levelExtension: first.headerExtensions.first { $0.uri == HeaderExtensionMap.audioLevelURI && $0.id < 15 }?
                .id,
            shard: shard,
            fragment: ICEFragment(using: &generator), password: iceCharacters(24, using: &generator),
            peerFragment: peerFragment, peerFingerprint: peerFingerprint)
        return Negotiation(
            peer: peer,
            answer: text(
                answering: description, sections: accepted.sections, peer: peer, room: room,
                // 62 bits: RFC 8829, section 5.2.1, asks that the sign bit stays clear.
                originID: generator.next() >> 2))
    }

    /// Without `maxptime` Opus has 120 ms (RFC 7587, section 6.1); the strictest section counts for all.
    private static func frames(_ sections: [MediaDescription]) -> Int {
        let longest = sections.compactMap(\.maximumPacketTime).min() ?? 120
        return min(max(longest / 20, 1), maximumFrames)
    }

    private func choose(
        in offer: SessionDescription, as role: PeerRole
    ) throws(NegotiationRefusal) -> (sections: [Int], payloadType: UInt8) {
        let fitting = offer.media.indices.filter { index in
            let section = offer.media[index]
            return section.kind == "audio" && !section.isRejected
                && (role == .speaker ? section.direction.sends : section.direction.receives)
        }
        guard !fitting.isEmpty else { throw .noAudio }
        guard let leading = fitting.first(where: { offer.media[$0].rtpMaps.contains(where: \.isOpus) }),
            let payloadType = offer.media[leading].rtpMaps.first(where: \.isOpus)?.payloadType
        else { throw .noOpus }
        guard offer.media[leading].multiplexesRTCP else { throw .noMultiplexing }
        guard role == .listener else { return ([leading], payloadType) }
        // Further slots must share the first one's transport and mean the same by its payload type.
        let bundle = offer.bundle
        let others = fitting.filter { index in
            guard index > leading, let mid = offer.media[index].mid, let first = offer.media[leading].mid else {
                return false
            }
            return bundle.contains(mid) && bundle.contains(first)
                && offer.media[index].rtpMaps.contains { $0.isOpus && $0.payloadType == payloadType }
        }
        return ([leading] + others.prefix(Self.maximumSlots - 1), payloadType)
    }

    private func text(
        answering offer: SessionDescription, sections: [Int], peer: NegotiatedPeer, room: RoomKey, originID: UInt64
    ) -> String {
        var answer = SessionDescription(originID: originID)
        answer.attributes.add("ice-lite")
        let mids = sections.compactMap { offer.media[$0].mid }
        if !offer.bundle.isEmpty, !mids.isEmpty {
            answer.attributes.add("group", "BUNDLE " + mids.joined(separator: " "))
        }
        if peer.role == .listener { answer.attributes.add("msid-semantic", "WMS *") }
        for (index, section) in offer.media.enumerated() {
            if let slot = sections.firstIndex(of: index) {
                answer.media.append(accept(section, slot: slot, peer: peer, room: room))
            } else {
                answer.media.append(reject(section))
            }
        }
        return answer.text
    }

    /// A section that stays in its place and carries nothing (RFC 8829, section 5.3.1).
    private func reject(_ section: MediaDescription) -> MediaDescription {
        var refused = MediaDescription(
            kind: section.kind, port: 0, transport: section.transport, formats: Array(section.formats.prefix(1)))
        if let mid = section.mid { refused.attributes.add("mid", mid) }
        refused.attributes.add("inactive")
        return refused
    }

    private func accept(
        _ section: MediaDescription, slot: Int, peer: NegotiatedPeer, room: RoomKey
    ) -> MediaDescription {
        let type = String(peer.payloadType)
        var media = MediaDescription(kind: "audio", port: 9, transport: section.transport, formats: [type])
        if let mid = section.mid { media.attributes.add("mid", mid) }
        media.attributes.add(peer.role == .speaker ? "recvonly" : "sendonly")
        media.attributes.add("ice-ufrag", peer.localFragment)
        media.attributes.add("ice-pwd", peer.password)
        media.attributes.add("fingerprint", fingerprint.attribute)
        media.attributes.add("setup", "passive")
        media.attributes.add("rtcp-mux")
        if section.reducesRTCP { media.attributes.add("rtcp-rsize") }
        media.attributes.add("rtpmap", "\(type) opus/48000/2")
        if let parameters = section.formatParameters(peer.payloadType) {
            media.attributes.add("fmtp", "\(type) \(parameters)")
        }
        // A listener that knows NACK (RFC 4585) gets its lost packets again.
        if peer.role == .listener, section.offersNACK(peer.payloadType) {
            media.attributes.add("rtcp-fb", "\(type) nack")
        }
        if let id = peer.levelExtension,
            section.headerExtensions.contains(.init(id: id, uri: HeaderExtensionMap.audioLevelURI))
        {
            media.attributes.add("extmap", "\(id) \(HeaderExtensionMap.audioLevelURI)")
        }
        if peer.role == .listener {
            let ssrc = room.ssrc(slot: slot, of: peer.slotCount)
            media.attributes.add("msid", "room slot-\(slot)")
            media.attributes.add("ssrc", "\(ssrc) cname:\(relayCNAME)")
            media.attributes.add("ssrc", "\(ssrc) msid:room slot-\(slot)")
        }
        // The first section's transport is everybody's; aiortc looks for the candidates in the last, so all name them.
        for candidate in candidateLines { media.attributes.add("candidate", candidate) }
        media.attributes.add("end-of-candidates")
        return media
    }

    /// The values of `a=candidate`, most wanted first.
    var candidateLines: [String] {
        let datagrams = candidates.enumerated().map { index, candidate in
            ICECandidate(
                foundation: String(index + 1),
                priority: ICECandidate.hostPriority(localPreference: UInt16(clamping: 65_535 - index)),
                host: candidate.host, port: candidate.port)
        }
        let streams = streamCandidates.enumerated().map { index, candidate in
            ICECandidate(
                foundation: String(candidates.count + index + 1), transport: "tcp",
                priority: ICECandidate.passiveStreamPriority(preference: UInt16(clamping: 8_191 - index)),
                host: candidate.host, port: candidate.port, tcpType: "passive")
        }
        return (datagrams + streams).map(\.attribute)
    }
}

extension MediaDescription {
    /// Whether generic NACK is offered or accepted for a payload type.
    func offersNACK(_ payloadType: UInt8) -> Bool {
        attributes.values(of: "rtcp-fb").contains { $0 == "\(payloadType) nack" || $0 == "* nack" }
    }
}

/// The canonical name (RFC 3550, section 6.5.1) of everything that the relay sends.
let relayCNAME = "guichet"

internal import MediaWire

/// The client's offer (RFC 9725; RFC 8829 for its shape): Opus only, one bundle, one certificate, complete with
/// candidates, since neither WHIP nor WHEP needs trickling from somebody who knows their own address.
struct ClientOffer {
    /// The dynamic type that browsers use for Opus; any would do.
    static let payloadType: UInt8 = 111
    static let levelExtension: UInt8 = 1
    /// What libwebrtc offers for Opus, less what the encoder of a file can't be told any more.
    static let formatParameters = "minptime=10;useinbandfec=1"

    let fragment: String
    let password: String

    func text(
        _ purpose: ClientPurpose, fingerprint: CertificateFingerprint, candidates: [SocketAddress], ssrc: UInt32,
        originID: UInt64
    ) -> String {
        var offer = SessionDescription(originID: originID)
        let mids = (0..<purpose.slotCount).map(String.init)
        offer.attributes.add("group", "BUNDLE " + mids.joined(separator: " "))
        offer.attributes.add("msid-semantic", "WMS *")
        for mid in mids {
            var section = MediaDescription(
                kind: "audio", port: 9, transport: "UDP/TLS/RTP/SAVPF", formats: [String(Self.payloadType)])
            section.attributes.add("mid", mid)
            section.attributes.add(purpose == .publish ? "sendonly" : "recvonly")
            section.attributes.add("ice-ufrag", fragment)
            section.attributes.add("ice-pwd", password)
            section.attributes.add("fingerprint", fingerprint.attribute)
            section.attributes.add("setup", "actpass")
            section.attributes.add("rtcp-mux")
            section.attributes.add("rtcp-rsize")
            section.attributes.add("rtpmap", "\(Self.payloadType) opus/48000/2")
            section.attributes.add("fmtp", "\(Self.payloadType) \(Self.formatParameters)")
            section.attributes.add("extmap", "\(Self.levelExtension) \(HeaderExtensionMap.audioLevelURI)")
            if purpose != .publish { section.attributes.add("rtcp-fb", "\(Self.payloadType) nack") }
            if purpose == .publish {
                section.attributes.add("msid", "guichet voice")
                section.attributes.add("ssrc", "\(ssrc) cname:\(relayCNAME)")
            }
            for (index, candidate) in candidates.enumerated() {
                let preference = UInt16(clamping: 65_535 - index)
                section.attributes.add(
                    "candidate",
                    ICECandidate(
                        foundation: String(index + 1),
                        priority: ICECandidate.hostPriority(localPreference: preference),
                        host: candidate.host, port: candidate.port
                    ).attribute)
            }
            section.attributes.add("end-of-candidates")
            offer.media.append(section)
        }
        return offer.text
    }

    /// The answer to a server's offer: every section that it accepted of ours is received, the others stay empty.
    ///
    /// No candidates: a lite server never sends checks, and learns our address from ours.
    func answer(
        to offer: String, fingerprint: CertificateFingerprint, _ theirs: ClientAnswer
    ) throws(AnswerFault) -> String {
        let description: SessionDescription
        do { description = try SessionDescription(parsing: offer) } catch { throw .malformed }
        var answer = SessionDescription(originID: description.originID)
        let type = String(theirs.payloadType)
        for section in description.media {
            let isTaken = section.kind == "audio" && !section.isRejected && section.rtpMaps.contains(where: \.isOpus)
            var media = MediaDescription(
                kind: section.kind, port: isTaken ? 9 : 0, transport: section.transport,
                formats: isTaken ? [type] : Array(section.formats.prefix(1)))
            if let mid = section.mid { media.attributes.add("mid", mid) }
            media.attributes.add(isTaken ? "recvonly" : "inactive")
            if isTaken {
                media.attributes.add("ice-ufrag", fragment)
                media.attributes.add("ice-pwd", password)
                media.attributes.add("fingerprint", fingerprint.attribute)
                // "actpass" was offered: we open the handshake (RFC 5763, section 5).
                media.attributes.add("setup", "active")
                media.attributes.add("rtcp-mux")
                media.attributes.add("rtpmap", "\(type) opus/48000/2")
                for known in section.headerExtensions
                where [HeaderExtensionMap.audioLevelURI, HeaderExtensionMap.midURI].contains(known.uri) {
                    media.attributes.add("extmap", known.attribute)
                }
            }
            answer.media.append(media)
        }
        let mids = answer.media.filter { $0.port != 0 }.compactMap(\.mid)
        answer.attributes.add("group", "BUNDLE " + mids.joined(separator: " "))
        return answer.text
    }
}

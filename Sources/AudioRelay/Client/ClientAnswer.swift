internal import MediaWire

/// What a server's answer settled, all that the client needs of it.
struct ClientAnswer {
    /// How many of a server's candidates are tried; honest ones name a handful.
    static let maximumCandidates = 16

    // These and the candidates change with a restart of ICE.
    var fragment: String
    var password: String
    let fingerprint: CertificateFingerprint
    /// Whether we open the handshake.
    let role: DTLSRole
    var candidates: [SocketAddress]
    let payloadType: UInt8
    let levelExtension: UInt8?
    let midExtension: UInt8?
    /// Whether the server answers NACKs (RFC 4585).
    let repeatsLost: Bool
    /// Accepted sections in the order of the offer: their `mid` and the SSRCs announced for them.
    let slots: [(mid: String?, sources: [UInt32])]

    init(_ text: String) throws(AnswerFault) {
        let answer: SessionDescription
        do { answer = try SessionDescription(parsing: text) } catch { throw .malformed }
        let accepted = answer.media.filter { $0.kind == "audio" && !$0.isRejected && $0.direction != .inactive }
        guard let first = accepted.first,
            let opus = first.rtpMaps.first(where: \.isOpus)
        else { throw .noAudio }
        guard let fragment = answer.iceUsernameFragment(first), let password = answer.icePassword(first)
        else { throw .noICE }
        guard let fingerprint = answer.fingerprint(first) else { throw .noFingerprint }
        self.fragment = fragment
        self.password = password
        self.fingerprint = fingerprint
        // To "actpass" an answerer may say active or passive (RFC 5763, section 5); only "active" makes us wait.
        role = answer.setup(first) == .active ? .server : .client
        candidates = Self.addresses(of: accepted.flatMap(\.candidates))
        payloadType = opus.payloadType
        levelExtension = first.headerExtensions.first { $0.uri == HeaderExtensionMap.audioLevelURI }?.id
        midExtension = first.headerExtensions.first { $0.uri == HeaderExtensionMap.midURI }?.id
        repeatsLost = first.offersNACK(opus.payloadType)
        slots = accepted.prefix(Negotiator.maximumSlots).map { ($0.mid, $0.announcedSources) }
    }

    /// Where to send checks, most wanted first.
    static func addresses(of candidates: [ICECandidate]) -> [SocketAddress] {
        candidates.filter { $0.component == 1 && $0.transport == "udp" }
            .sorted { $0.priority > $1.priority }.prefix(maximumCandidates).compactMap(\.address)
    }
}

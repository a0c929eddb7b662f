public import MediaWire

/// The relay's core in the other role: publishes one voice or listens in some slots, at any WHIP or WHEP server.
///
/// Without I/O and without a clock, like `Relay`: datagrams and instants in, an outbox filled, events and a deadline
/// out. One socket, the controlling side of ICE, either side of DTLS as the answer says.
///
///     offered ──accept(answer)──▶ checking ──▶ handshaking ──▶ connected ──▶ closed
public struct ClientPeer: ~Copyable {
    private enum Phase {
        case offered
        case checking(ClientChecks, ClientAnswer)
        case handshaking(ClientChecks, ClientAnswer, DTLSEndpoint, SocketAddress)
        case connected(ClientChecks, ClientMedia, DTLSEndpoint, SocketAddress)
        case closed
    }

    /// The offer to POST: complete, no trickling.
    public let offer: String

    private let context: ClientContext
    private let ours: ClientOffer
    private let purpose: ClientPurpose
    private let ssrc: UInt32
    let tieBreaker: UInt64
    private var phase = Phase.offered
    private var events: [ClientEvent] = []
    /// How it was when it ended.
    private var finalQuality = ClientQuality()
    /// What the answer settled, kept for a restart of ICE.
    private(set) var settled: ClientAnswer?
    var renewal: ClientRenewal?
    /// When it is next said that the server does not answer.
    private var nextStall = MonotonicInstant(nanoseconds: 0)
    /// Two consent checks without an answer.
    private static let stallMilliseconds: UInt64 = 9_000
    private static let stallPauseMilliseconds: UInt64 = 10_000

    /// - Parameters:
    ///   - candidates: our socket's addresses, most wanted first.
    ///   - generator: for credentials, so it must be unpredictable outside of tests.
    /// - Throws: ``CryptographyFault`` if OpenSSL can't make a connection.
    public init(
        _ purpose: ClientPurpose, certificate: RelayCertificate, candidates: [SocketAddress],
        using generator: inout some RandomNumberGenerator
    ) throws(CryptographyFault) {
        self.init(purpose, in: try ClientContext(certificate), candidates: candidates, using: &generator)
    }

    /// One of many clients on a thread, which share certificate and DTLS settings.
    public init(
        _ purpose: ClientPurpose, in context: ClientContext, candidates: [SocketAddress],
        using generator: inout some RandomNumberGenerator
    ) {
        precondition((1...Negotiator.maximumSlots).contains(purpose.slotCount), "A listener has one to three slots.")
        self.context = context
        ours = ClientOffer(
            fragment: iceCharacters(8, using: &generator), password: iceCharacters(24, using: &generator))
        self.purpose = purpose
        ssrc = UInt32.random(in: 1...(.max), using: &generator)
        tieBreaker = generator.next()
        offer = ours.text(
            purpose, fingerprint: context.certificate.fingerprint, candidates: candidates, ssrc: ssrc,
            originID: generator.next() >> 2)
    }

    public var isConnected: Bool {
        if case .connected = phase { true } else { false }
    }

    /// When ``advance(to:into:)`` wants to be called next.
    public var deadline: MonotonicInstant {
        switch phase {
        case .offered, .closed: .never
        case .checking(let checks, _): checks.deadline
        case .handshaking(let checks, _, let endpoint, _): min(checks.deadline, endpoint.deadline)
        case .connected(let checks, let media, _, _):
            min(checks.deadline, media.nextReport, renewal?.checks?.deadline ?? .never)
        }
    }

    /// Hands over what happened since the last call.
    public mutating func takeEvents() -> [ClientEvent] {
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    /// Takes the server's answer and begins to check its candidates.
    public mutating func accept(
        answer text: String, at now: MonotonicInstant, into outbox: inout Outbox
    ) throws(AnswerFault) {
        guard case .offered = phase else { return }
        let answer = try ClientAnswer(text)
        settled = answer
        phase = .checking(ClientChecks(answer, ours: ours, tieBreaker: tieBreaker, at: now), answer)
        advance(to: now, into: &outbox)
    }

    /// Takes an offer in place of an answer, from servers that let listeners answer (Janus), and returns the answer.
    ///
    /// We check as the controlling side all the same, so the offerer must be ICE-lite (RFC 8445, section 6.1.1).
    public mutating func answer(
        offer text: String, at now: MonotonicInstant, into outbox: inout Outbox
    ) throws(AnswerFault) -> String {
        guard case .offered = phase else { throw .malformed }
        let theirs = try ClientAnswer(text)
        let answer = try ours.answer(to: text, fingerprint: context.certificate.fingerprint, theirs)
        phase = .checking(ClientChecks(theirs, ours: ours, tieBreaker: tieBreaker, at: now), theirs)
        advance(to: now, into: &outbox)
        return answer
    }

    /// Takes one datagram; what is not ours, not authentic or not understood is dropped.
    public mutating func receive(
        _ datagram: UnsafeRawBufferPointer, from source: SocketAddress, at now: MonotonicInstant,
        into outbox: inout Outbox
    ) {
        switch PacketKind.classify(datagram) {
        case .stun: receiveSTUN(datagram, from: source, at: now, into: &outbox)
        case .dtls: receiveDTLS(datagram, from: source, at: now, into: &outbox)
        case .rtp: receiveMedia(datagram, from: source, at: now, into: &outbox)
        case .unknown: break
        }
    }

    /// Does what time demands: checks, retransmissions, reports.
    public mutating func advance(to now: MonotonicInstant, into outbox: inout Outbox) {
        switch phase {
        case .offered, .closed: return
        case .checking(var checks, let answer):
            let progress = checks.advance(to: now, into: &outbox)
            phase = .checking(checks, answer)
            follow(progress, at: now, into: &outbox)
        case .handshaking(var checks, let answer, let endpoint, let path):
            let progress = checks.advance(to: now, into: &outbox)
            phase = .handshaking(checks, answer, endpoint, path)
            follow(progress, at: now, into: &outbox)
            follow(endpoint.advance(to: now), at: now, into: &outbox)
        case .connected(var checks, var media, let endpoint, let path):
            let progress = checks.advance(to: now, into: &outbox)
            media.report(to: path, at: now, into: &outbox)
            phase = .connected(checks, media, endpoint, path)
            noteStall(checks.lastAnswer, at: now)
            advanceRenewal(to: now, into: &outbox)
            follow(progress, at: now, into: &outbox)
        }
    }

    /// Sends one Opus packet; its duration moves the timestamp on for the next.
    ///
    /// - Parameters:
    ///   - level: the loudness, if it is known: a file that is not decoded has none.
    /// - Returns: whether it went out: not before the connection stands, nor after its end.
    public mutating func send(
        _ packet: [UInt8], sampleCount: Int, level: AudioLevel? = nil, into outbox: inout Outbox
    ) -> Bool {
        guard purpose == .publish, case .connected(let checks, var media, let endpoint, let path) = phase else {
            return false
        }
        let isSent = media.send(packet, sampleCount: sampleCount, level: level, to: path, into: &outbox)
        phase = .connected(checks, media, endpoint, path)
        return isSent
    }

    /// Packets sent, or packets lost on the way to us, so far.
    public var lostPackets: Int64 {
        if case .connected(_, let media, _, _) = phase { media.lost } else { 0 }
    }

    /// How the connection is doing; how it did, once it is over.
    public var quality: ClientQuality {
        guard case .connected(let checks, let media, _, _) = phase else { return finalQuality }
        var quality = media.quality
        quality.roundTripNanoseconds = checks.roundTripNanoseconds
        return quality
    }

    /// Says goodbye: RTCP BYE and DTLS close_notify.
    public mutating func close(into outbox: inout Outbox) {
        if case .connected(_, var media, let endpoint, let path) = phase {
            media.sayGoodbye(to: path, into: &outbox)
            endpoint.close()
            endpoint.drain { outbox.append($0, to: path) }
        }
        finish(.closed)
    }

    // MARK: What comes in

    private mutating func receiveSTUN(
        _ datagram: UnsafeRawBufferPointer, from source: SocketAddress, at now: MonotonicInstant,
        into outbox: inout Outbox
    ) {
        guard let message = STUNMessage(datagram) else { return }
        let progress: ClientChecks.Progress
        switch phase {
        case .offered, .closed: return
        case .checking(var checks, let answer):
            progress = checks.receive(message, from: source, at: now, into: &outbox)
            phase = .checking(checks, answer)
        case .handshaking(var checks, let answer, let endpoint, let path):
            progress = checks.receive(message, from: source, at: now, into: &outbox)
            phase = .handshaking(checks, answer, endpoint, path)
        case .connected(var checks, let media, let endpoint, let path):
            progress = checks.receive(message, from: source, at: now, into: &outbox)
            phase = .connected(checks, media, endpoint, path)
            receiveRenewal(message, from: source, at: now, into: &outbox)
        }
        follow(progress, at: now, into: &outbox)
        // A success may make the next check due at once.
        advance(to: now, into: &outbox)
    }

    private mutating func receiveDTLS(
        _ datagram: UnsafeRawBufferPointer, from source: SocketAddress, at now: MonotonicInstant,
        into outbox: inout Outbox
    ) {
        switch phase {
        case .offered, .closed, .checking: return
        case .handshaking(_, _, let endpoint, let path), .connected(_, _, let endpoint, let path):
            guard source == path else { return }
            let progress = endpoint.receive(datagram, at: now)
            endpoint.drain { outbox.append($0, to: path) }
            follow(progress, at: now, into: &outbox)
        }
    }

    private mutating func receiveMedia(
        _ datagram: UnsafeRawBufferPointer, from source: SocketAddress, at now: MonotonicInstant,
        into outbox: inout Outbox
    ) {
        guard case .connected(let checks, var media, let endpoint, let path) = phase, source == path else { return }
        // One owner of the streams while they change: else each packet would copy them.
        phase = .closed
        let outcome = media.receive(datagram, from: path, at: now, into: &outbox)
        phase = .connected(checks, media, endpoint, path)
        switch outcome {
        case .nothing: return
        case .heard(let packet): events.append(.heard(packet))
        case .goodbye: finish(.endedByServer)
        }
    }

    // MARK: What follows

    private mutating func noteStall(_ lastAnswer: MonotonicInstant?, at now: MonotonicInstant) {
        guard let lastAnswer, lastAnswer.advanced(byMilliseconds: Self.stallMilliseconds) <= now, nextStall <= now
        else { return }
        nextStall = now.advanced(byMilliseconds: Self.stallPauseMilliseconds)
        events.append(.stalled)
    }

    /// New checks have found a path: it carries everything from here on.
    mutating func adopt(_ checks: ClientChecks, path: SocketAddress) {
        guard case .connected(_, let media, let endpoint, _) = phase else { return }
        phase = .connected(checks, media, endpoint, path)
    }

    private mutating func follow(
        _ progress: ClientChecks.Progress, at now: MonotonicInstant, into outbox: inout Outbox
    ) {
        switch progress {
        case .nothing: return
        case .failed: finish(.unreachable)
        case .lost: finish(.consentLost)
        case .nominated(let path):
            guard case .checking(let checks, let answer) = phase else { return }
            let endpoint = DTLSEndpoint(context.dtls, role: answer.role, peerFingerprint: answer.fingerprint)
            phase = .handshaking(checks, answer, endpoint, path)
            let progress = endpoint.start(at: now)
            endpoint.drain { outbox.append($0, to: path) }
            follow(progress, at: now, into: &outbox)
        }
    }

    private mutating func follow(_ progress: DTLSProgress, at now: MonotonicInstant, into outbox: inout Outbox) {
        if case .handshaking(_, _, let endpoint, let path) = phase { endpoint.drain { outbox.append($0, to: path) } }
        switch progress {
        case .pending: return
        case .closed: finish(.endedByServer)
        case .failed: finish(isConnected ? .endedByServer : .handshakeFailed)
        case .established(let material):
            guard case .handshaking(let checks, let answer, let endpoint, let path) = phase else { return }
            guard
                let session = try? SRTPSession(
                    material, role: answer.role, sharing: context.controlCiphers)
            else { return finish(.handshakeFailed) }
            phase = .connected(
                checks, ClientMedia(answer, session: session, ssrc: ssrc, publishes: purpose == .publish, at: now),
                endpoint, path)
            events.append(.connected)
        }
    }

    private mutating func finish(_ reason: ClientClosing) {
        if case .closed = phase { return }
        finalQuality = quality
        phase = .closed
        events.append(.closed(reason))
    }
}

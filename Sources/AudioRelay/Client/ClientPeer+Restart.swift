internal import MediaWire

/// A client's second set of ICE credentials until a pair of it is nominated (RFC 8445, section 9): sound goes on under
/// the first.
struct ClientRenewal {
    let ours: ClientOffer
    /// Once the server's fragment is there.
    var checks: ClientChecks?
}

extension ClientPeer {
    /// New credentials for a connection that stands: the fragment to send by PATCH (RFC 9725, section 4.3.3).
    ///
    /// - Returns: `nil` where there is no connection to renew.
    public mutating func restart(using generator: inout some RandomNumberGenerator) -> String? {
        guard isConnected else { return nil }
        let offer = ClientOffer(
            fragment: iceCharacters(8, using: &generator), password: iceCharacters(24, using: &generator))
        renewal = ClientRenewal(ours: offer)
        return offer.fragmentText
    }

    /// Takes the server's fragment and begins to check; keys, numbers and sound are as before.
    public mutating func acceptRestart(
        fragment text: String, at now: MonotonicInstant, into outbox: inout Outbox
    ) throws(AnswerFault) {
        guard isConnected, let settled, let offer = renewal?.ours else { return }
        let answer = try settled.renewed(by: text)
        renewal?.checks = ClientChecks(answer, ours: offer, tieBreaker: tieBreaker, at: now)
        advance(to: now, into: &outbox)
    }

    /// Does what the new checks demand; without an answer to any of them the old path stays.
    mutating func advanceRenewal(to now: MonotonicInstant, into outbox: inout Outbox) {
        guard var checks = renewal?.checks else { return }
        let progress = checks.advance(to: now, into: &outbox)
        renewal?.checks = checks
        if case .failed = progress { renewal = nil }
    }

    /// Shows the new checks a message; once they have a path, it carries everything.
    mutating func receiveRenewal(
        _ message: STUNMessage, from source: SocketAddress, at now: MonotonicInstant, into outbox: inout Outbox
    ) {
        guard var checks = renewal?.checks else { return }
        let progress = checks.receive(message, from: source, at: now, into: &outbox)
        renewal?.checks = checks
        guard case .nominated(let path) = progress else { return }
        renewal = nil
        adopt(checks, path: path)
    }
}

extension ClientAnswer {
    /// The same with the credentials and candidates of a fragment.
    func renewed(by text: String) throws(AnswerFault) -> ClientAnswer {
        let fragment: SessionDescription
        do { fragment = try SessionDescription(parsingFragment: text) } catch { throw .malformed }
        let section = fragment.media[0]  // Parsing leaves none without a section.
        guard let name = fragment.iceUsernameFragment(section), let password = fragment.icePassword(section) else {
            throw .noICE
        }
        var renewed = self
        renewed.fragment = name
        renewed.password = password
        let found = Self.addresses(of: fragment.media.flatMap(\.candidates))
        if !found.isEmpty { renewed.candidates = found }
        return renewed
    }
}

extension ClientOffer {
    /// Our half of a restart; no candidates, since our checks tell where we are.
    var fragmentText: String {
        var fragment = SessionDescription(originID: 0)
        fragment.attributes.add("group", "BUNDLE 0")
        var section = MediaDescription(
            kind: "audio", port: 9, transport: "UDP/TLS/RTP/SAVPF", formats: [String(Self.payloadType)])
        section.attributes.add("mid", "0")
        section.attributes.add("ice-ufrag", self.fragment)
        section.attributes.add("ice-pwd", password)
        section.attributes.add("end-of-candidates")
        fragment.media = [section]
        return fragment.fragmentText
    }
}

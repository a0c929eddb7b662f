internal import MediaWire

/// A client's fragment of a description (RFC 9725, section 4.3): candidates for the credentials that it has, or new
/// credentials, which restart ICE (RFC 8445, section 9) while keys and sound go on.
public struct ICEPatch: Sendable {
    /// The client's user fragment: the known one with further candidates, another one for a restart.
    public let remoteFragment: String
    let section: MediaDescription

    public init(parsing text: String) throws(NegotiationRefusal) {
        let description: SessionDescription
        do { description = try SessionDescription(parsingFragment: text) } catch { throw .malformed }
        let first = description.media[0]  // Parsing leaves none without a section.
        guard let fragment = description.iceUsernameFragment(first), description.icePassword(first) != nil else {
            throw .noICE
        }
        remoteFragment = fragment
        section = first
    }
}

/// New credentials of a connection that goes on.
public struct ICERestart: Sendable {
    let fragment: ICEFragment
    let password: String
    let peerFragment: String

    /// The public half, good as the resource's new ETag.
    public var localFragment: String { fragment.text }
}

extension Negotiator {
    /// Answers a restart: our new credentials for the relay, and the fragment that tells them to the client.
    public func restart(
        _ patch: ICEPatch, using generator: inout some RandomNumberGenerator
    ) -> (restart: ICERestart, answer: String) {
        let restart = ICERestart(
            fragment: ICEFragment(using: &generator), password: iceCharacters(24, using: &generator),
            peerFragment: patch.remoteFragment)
        var answer = SessionDescription(originID: 0)
        answer.attributes.add("ice-lite")
        var section = MediaDescription(
            kind: patch.section.kind, port: 9, transport: patch.section.transport, formats: patch.section.formats)
        if let mid = patch.section.mid {
            answer.attributes.add("group", "BUNDLE \(mid)")
            section.attributes.add("mid", mid)
        }
        section.attributes.add("ice-ufrag", restart.localFragment)
        section.attributes.add("ice-pwd", restart.password)
        for candidate in candidateLines { section.attributes.add("candidate", candidate) }
        section.attributes.add("end-of-candidates")
        answer.media = [section]
        return (restart, answer.fragmentText)
    }
}

extension Relay {
    /// Takes new credentials for a peer. Its old ones stay valid until a pair of the new ones is nominated; a restart
    /// before that takes the place of the one before.
    mutating func restart(_ index: Int, _ restart: ICERestart) {
        // 48 random bits met twice: the client hears nothing under them and tries again.
        guard peerByFragment[restart.fragment] == nil else { return }
        if let before = peers[index]?.restarting { peerByFragment[before.fragment] = nil }
        peers[index]?.restarting = restart
        peerByFragment[restart.fragment] = index
    }

    /// A pair of the new credentials is nominated: from here on they are the peer's.
    mutating func finishRestart(_ index: Int) {
        guard let peer = peers[index], let restart = peer.restarting else { return }
        peerByFragment[peer.negotiated.fragment] = nil
        peers[index]?.adopt(restart)
    }
}

extension Peer {
    /// What a check under one of our fragments must be signed with and come from.
    func credentials(
        of fragment: ICEFragment
    ) -> (key: STUNKey, peerFragment: String, isRestart: Bool)? {
        if fragment == negotiated.fragment { return (key, negotiated.peerFragment, false) }
        guard let restarting, restarting.fragment == fragment else { return nil }
        return (STUNKey(password: restarting.password), restarting.peerFragment, true)
    }

    mutating func adopt(_ restart: ICERestart) {
        negotiated.fragment = restart.fragment
        negotiated.password = restart.password
        negotiated.peerFragment = restart.peerFragment
        key = STUNKey(password: restart.password)
        restarting = nil
    }
}

/// A step of a peer's handshake: what OpenSSL makes of the datagrams that came for it. Some 0.3 ms of public-key work, in
/// which a media thread could send a hundred packets; so the relay hands the step out, and somebody else takes it.
///
/// `@unchecked Sendable`: while a step is out, the relay has not kept the endpoint, and the step is with one owner at a
/// time: the relay that made it, whoever calls ``run()``, and the relay again. Handing over goes through locks.
public final class HandshakeStep: @unchecked Sendable {
    let peer: PeerID
    let dtls: DTLSEndpoint
    private let at: MonotonicInstant
    /// What came; once the step is taken, what is left of it.
    private(set) var datagrams: [[UInt8]]
    private(set) var progress = DTLSProgress.pending

    init(_ peer: PeerID, _ dtls: DTLSEndpoint, _ datagrams: [[UInt8]], at now: MonotonicInstant) {
        self.peer = peer
        self.dtls = dtls
        self.datagrams = datagrams
        at = now
    }

    /// Does the work, on any thread; once.
    public func run() {
        var left = datagrams[...]
        while case .pending = progress, let datagram = left.popFirst() {
            progress = datagram.withUnsafeBytes { dtls.receive($0, at: at) }
        }
        datagrams = Array(left)
    }
}

extension Relay {
    /// A ClientHello of several datagrams and its repetition: what may come while a step is out.
    static let maximumWaitingDatagrams = 8

    /// The steps that want to be taken; each comes back by ``finish(_:at:into:)``.
    public mutating func takeHandshakes() -> [HandshakeStep] {
        guard !handshakes.isEmpty else { return [] }
        defer { handshakes.removeAll(keepingCapacity: true) }
        return handshakes
    }

    /// Takes back a step that was run: sends what it made, and goes on with its peer. One that is gone meanwhile is
    /// forgotten, its keys with it.
    public mutating func finish(_ step: HandshakeStep, at now: MonotonicInstant, into outbox: inout Outbox) {
        advance(to: now, into: &outbox)
        guard let index = peerByID[step.peer] else { return }
        step.dtls.rearm(at: now)
        peers[index]?.dtls = step.dtls
        let waiting = step.datagrams + (peers[index]?.waitingDTLS ?? [])
        peers[index]?.waitingDTLS = []
        take(step.progress, of: index, at: now, into: &outbox)
        for (position, datagram) in waiting.enumerated() {
            guard let dtls = peers[index]?.dtls, peers[index]?.id == step.peer else { return }
            guard !dtls.isHandshaking else {
                return handOut(dtls, Array(waiting[position...]), of: index, at: now)
            }
            take(datagram.withUnsafeBytes { dtls.receive($0, at: now) }, of: index, at: now, into: &outbox)
        }
    }

    mutating func handOut(_ dtls: DTLSEndpoint, _ datagrams: [[UInt8]], of index: Int, at now: MonotonicInstant) {
        guard let peer = peers[index]?.id else { return }
        peers[index]?.dtls = nil
        handshakes.append(HandshakeStep(peer, dtls, datagrams, at: now))
        reschedule(index)
    }
}

public import MediaWire

/// What a client wants of a WHIP or WHEP server.
public enum ClientPurpose: Hashable, Sendable {
    /// To send one voice (WHIP).
    case publish
    /// To hear in one to three slots (WHEP).
    case listen(slots: Int)

    var slotCount: Int {
        switch self {
        case .publish: 1
        case .listen(let slots): slots
        }
    }
}

/// What happens to a client; drained with ``ClientPeer/takeEvents()``.
public enum ClientEvent: Hashable, Sendable {
    /// ICE and DTLS are done: sound can flow.
    case connected
    case heard(HeardPacket)
    /// The server has not answered for ten seconds: time for ``ClientPeer/restart(using:)``. Told every ten seconds.
    case stalled
    /// The connection is over; nothing follows.
    case closed(ClientClosing)
}

/// An authenticated packet as it came, in the order of arrival.
public struct HeardPacket: Hashable, Sendable {
    /// Which of the offered slots, from 0.
    public var slot: Int
    /// Sequence number with its rollovers.
    public var index: UInt64
    /// 1/48,000 s.
    public var timestamp: UInt32
    /// Who speaks: the participant's number at a Guichet server.
    public var contributors: [UInt32]
    public var level: AudioLevel?
    public var payload: [UInt8]
}

/// How a connection does, as the client itself sees it and as the server reports it.
public struct ClientQuality: Hashable, Sendable {
    /// RTP packets that we sent.
    public var sent: UInt64 = 0
    /// Authentic RTP packets that came, each once.
    public var received: UInt64 = 0
    /// Packets that the server numbered and that never came.
    public var lost: UInt64 = 0
    /// Packets that came again.
    public var repeated: UInt64 = 0
    /// Interarrival jitter of the worst stream (RFC 3550, section 6.4.1) in units of 1/48,000 s.
    public var jitter: UInt32 = 0
    /// Packets of ours that the server missed, as its last report says.
    public var reportedLost: UInt64?
    /// Jitter of ours at the server, in units of 1/48,000 s.
    public var reportedJitter: UInt32?
    /// From a consent check to its answer, the last time.
    public var roundTripNanoseconds: UInt64?

    public init() {}
}

/// Why a client's connection is over.
public enum ClientClosing: String, Hashable, Sendable {
    /// We closed it.
    case closed
    /// The server said goodbye: DTLS close_notify or RTCP BYE.
    case endedByServer = "ended_by_server"
    /// No candidate of the server answered a check.
    case unreachable
    /// The server stopped answering checks for 30 s (RFC 7675).
    case consentLost = "consent_lost"
    case handshakeFailed = "handshake_failed"
}

/// Why an answer can't be used.
public enum AnswerFault: String, Error, Hashable, Sendable {
    case malformed = "answer_malformed"
    /// No section was accepted, or none with Opus.
    case noAudio = "answer_no_audio"
    case noICE = "answer_no_ice"
    case noFingerprint = "answer_no_fingerprint"
}

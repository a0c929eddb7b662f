internal import MediaWire

/// What a packet that comes in touches of its peer: a trivial value in an array parallel to the relay's peers, so that
/// no reference is counted and no other memory is read for it.
struct PeerMedia {
    /// What a listener said last about one of its slots.
    struct SlotReport {
        var lost: UInt64 = 0
        var jitter: UInt32 = 0
    }

    let id: PeerID
    let room: Int
    let participant: UInt32
    let isHost: Bool
    let mayPublish: Bool
    let payloadType: UInt8
    let levelExtension: UInt8?
    /// The nominated address: from nowhere else is anything taken.
    var path: SocketAddress?
    var isMuted = false
    /// Opens what comes in. Belongs to the peer's session, made with its first packet; forgotten before that one goes.
    var transform: SRTPTransform?
    /// The pinned stream of a speaker.
    var stream: SRTPStream?
    var voice = VoiceLevel()
    var reception = Reception()
    /// Of a listener. A report may be about some of the slots only.
    var slotReports = InlineArray<3, SlotReport>(repeating: SlotReport())
    var flow = MediaFlow()

    init(_ peer: Peer) {
        id = peer.id
        room = peer.room
        participant = peer.participant
        isHost = peer.isHost
        mayPublish = peer.mayPublish
        payloadType = peer.negotiated.payloadType
        levelExtension = peer.negotiated.levelExtension
    }

    /// Takes an authentic packet of the stream.
    mutating func countReceived(_ bytes: Int) {
        flow.packets += 1
        flow.bytes += UInt64(bytes)
        flow.lost = reception.lost
        flow.jitter = reception.jitter
    }
}

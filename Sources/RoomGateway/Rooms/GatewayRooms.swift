internal import AudioRelay
internal import HTTPEdge
internal import Logging
internal import RelayThreads
internal import Stage
internal import Tickets
internal import Values

/// Everybody who is in a room of this gateway. `Stage` decides; this actor carries out, in the relay and on disk.
///
/// An admission lives so: seat taken → receipt durable → peer in the relay (and 201) → … → cut or closed →
/// the relay's `closed` event with its figures → leaving receipt durable → forgotten. A seat is free for others as
/// soon as it is cut; the entry here stays until the receipt is written. Where the connection was lost, the seat is kept
/// for whoever has the resume secret (``ResumeSecrets``).
actor GatewayRooms {
    /// One connection.
    struct Admission: Sendable {
        let seat: Seat
        let room: RoomID
        let peer: PeerID
        let network: String
        /// In the relay; before that only the seat is reserved.
        var isInRelay = false
        var isConnected = false
        /// What has flowed, as the relay counts it.
        var flow: FlowMeter?
        /// Whether ``flow`` says more than the spool has.
        var isFlowUnsaved = false
        /// The ICE credentials that are in force: our fragment, which is the resource's ETag, and the client's.
        var fragments = (ours: "", theirs: "")
        /// Why it was cut here; what the relay closes by itself brings its own reason.
        var ending: ReasonCode?
    }

    /// Who left, and what the receipt will say.
    struct Leaving {
        let seat: Seat
        let room: RoomID
        let reason: ReasonCode
        let flow: FlowMeter?
        let at: Instant
    }

    struct Limits: Sendable {
        var peers: Int
        var pendingHandshakesPerNetwork: Int
        /// Windows of one ticket that follow the room.
        var viewsPerTicket = 4
        var views = 20_000
    }

    let media: MediaThreads
    let spool: ReceiptSpool
    let knowledge: DoorKnowledge
    let metrics: GatewayMetrics
    let clock: WallClock
    let logger: Logger
    let limits: Limits
    let stagePolicy: StagePolicy
    let admissionPolicy: AdmissionPolicy
    /// Which run of the gateway this is: events of another one can't be resumed.
    let run: String

    var briefs: [RoomID: RoomBrief] = [:]
    var rooms: [RoomID: LiveRoom] = [:]
    var admissions: [AdmissionID: Admission] = [:]
    var resumes = ResumeSecrets()
    var departed = Departures()
    /// Leavings that the spool did not take: one for each admission of the time in which its disk was full, 200 bytes.
    var unwritten: [Leaving] = []
    var peers: [PeerID: AdmissionID] = [:]
    var roomsByKey: [RoomKey: RoomID] = [:]
    var pendingHandshakes: [String: Int] = [:]
    var removals: [RoomID: [ReceiptSpool.Removal]] = [:]
    /// Whom hosts let into none of their rooms.
    var bans: [HostID: Set<Subject>] = [:]
    /// Connections of those who test their sound (`GatewayRooms+Rehearsal.swift`).
    var rehearsals: [AdmissionID: Rehearsal] = [:]
    /// The rooms of the relay in which they do, by ticket.
    var rehearsalKeys: [TicketID: (room: RoomID, key: RoomKey)] = [:]
    /// Stages as an earlier run left them, until their rooms are live again.
    var stages: [RoomID: StageMemory] = [:]
    /// Acts that are not on disk yet (`GatewayRooms+Acts.swift`).
    var acts = UnwrittenActs()
    var actsByTicket = RateLimiter(.acts)
    var refusedActs = RateLimiter(.refusedActs)
    /// Rooms that are over and whose removals still stand in the spool.
    var roomsOver: Set<RoomID> = []
    var joinsByTicket = RateLimiter(.ticket)
    var refusedEntries = RateLimiter(.refusedEntries)
    var nextPeer: UInt64 = 1
    var nextRoom: UInt64 = 1
    var nextView: UInt64 = 1
    var viewCount = 0
    var isClosing = false

    init(
        media: MediaThreads, spool: ReceiptSpool, removals: [ReceiptSpool.Removal], knowledge: DoorKnowledge,
        metrics: GatewayMetrics, clock: WallClock, logger: Logger, limits: Limits,
        stages: [RoomID: StageMemory] = [:], stagePolicy: StagePolicy = StagePolicy(),
        admissionPolicy: AdmissionPolicy = AdmissionPolicy()
    ) {
        self.media = media
        self.spool = spool
        self.knowledge = knowledge
        self.metrics = metrics
        self.clock = clock
        self.logger = logger
        self.limits = limits
        self.removals = Dictionary(grouping: removals, by: \.room)
        self.stages = stages
        self.stagePolicy = stagePolicy
        self.admissionPolicy = admissionPolicy
        run = String(max(0, clock.now().microseconds), radix: 36)
    }
}

internal import Stage
internal import Values

/// Who is on the stage, who wishes to be, who leads; listeners are only counted. Everybody may see it.
struct StageState: Encodable, Sendable, Hashable {
    struct Voice: Encodable, Sendable, Hashable {
        let participant: Int
        let role: Role
        let speaking: Bool
        let muted: Bool
    }

    /// Who leads the room.
    struct Lead: Encodable, Sendable, Hashable {
        /// `waiting`, `host`, `missing`, `cohost`, `paused` or `cleared`.
        let state: String
        /// Which co-host leads.
        let participant: Int?
        /// When a paused room is cleared.
        let clearsAt: Instant?
    }

    let listeners: Int
    let stage: [Voice]
    let roomState: String
    /// The participants of the first raised hands, in the order that holds for everybody.
    let hands: [Int]
    /// How many hands are up, shown or not.
    let handCount: Int
    let mode: SpeakingMode
    let locked: Bool
    let lead: Lead
    /// Only in the first event of a view: what the reader's own person is.
    var you: StageStanding?
}

/// What one person is on the stage; only their own windows are told.
struct StageStanding: Encodable, Sendable, Hashable {
    struct Invitation: Encodable, Sendable, Hashable {
        let post: StageFloor.Post
        let expiresAt: Instant
    }

    let participant: Int
    let role: Role
    /// Whether sound may be sent with this ticket.
    let maySpeak: Bool
    /// Whether that is by invitation, and can be given up.
    let onStage: Bool
    let hand: Bool
    let invitation: Invitation?
    let muted: Bool
    /// Whether only a moderator can unmute.
    let mutedByModerator: Bool
}

/// The answer of `GET /rooms/{room}/stage`.
struct StageView: Encodable, Sendable, Hashable {
    struct Person: Encodable, Sendable, Hashable {
        let admission: AdmissionID
        /// Its number, by which the ledger knows the person; it opens nothing.
        let ticket: TicketID
        let participant: Int
        let role: Role
        let since: Instant
        let speaking: Bool
        let muted: Bool
        let direction: String
        /// On stage by invitation.
        let onStage: Bool
        let invited: Bool
        /// The place in the queue of hands, from 1.
        let hand: Int?
    }

    struct Hand: Encodable, Sendable, Hashable {
        let participant: Int
        /// One of the person's connections; none while the line is lost.
        let admission: AdmissionID?
        let raisedAt: Instant
    }

    let listeners: Int
    let participants: [Person]
    /// The first of the queue, in its order.
    let hands: [Hand]
    let handCount: Int
    let mode: SpeakingMode
    let locked: Bool
    let lead: StageState.Lead
    /// The participants who take over, in the order that the host named.
    let succession: [Int]
}

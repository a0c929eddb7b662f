public import Values

/// Who may speak in one room besides those whose ticket says so, who wishes to, who is muted, and who leads.
///
/// A person's way to the stage:
/// ```
///            raise               invite                     accept
///   listens ───────▶ hand up ───────────────▶ invited ─────────────────▶ may speak
///      ▲  ◀──lower──┘            ▲               │                            │
///      │                         └── invite ─ listens (no hand needed)        │
///      ├──────────── decline, withdraw, time, absence ──┘                     │
///      └──────────── step down, dismiss, two minutes without sending ─────────┘
/// ```
/// Removal and a ticket that ends or is taken back lead to *listens* from everywhere. Nothing opens a microphone but
/// the person's own acceptance.
///
/// A right to speak is bound to the ticket and its holder. The person keeps the ticket's role and its one place among
/// the listeners; the right counts against the cap of its role on stage.
public struct StageFloor: Sendable {
    /// What a person may be invited to be.
    public enum Post: String, Hashable, Sendable, Codable, CaseIterable {
        case speaker, cohost

        public var role: Role {
            switch self {
            case .speaker: .speaker
            case .cohost: .cohost
            }
        }
    }

    public struct Invitation: Hashable, Sendable {
        public let person: StagePerson
        public let post: Post
        public let expiresAt: Instant
    }

    /// The right to speak with a ticket that does not say so.
    public struct Grant: Hashable, Sendable {
        public let person: StagePerson
        public let post: Post
        /// Since when nothing is sent from this place; `nil` while somebody is connected.
        public internal(set) var idleSince: Instant?
    }

    /// Who muted a person: what a moderator muted, only a moderator unmutes.
    public enum Mute: String, Hashable, Sendable, Codable { case own, moderator }

    public let policy: StagePolicy
    public internal(set) var mode = SpeakingMode.onRequest
    public internal(set) var isLocked = false
    public internal(set) var hands = HandQueue()
    public internal(set) var invitations: [TicketID: Invitation] = [:]
    public internal(set) var grants: [TicketID: Grant] = [:]
    public internal(set) var mutes: [TicketID: Mute] = [:]
    /// Who was muted by oneself when a moderator came: so it is again when the moderator's mute ends.
    var ownMutes: Set<TicketID> = []
    /// Co-hosts in the order in which they take over, as the host named them.
    public internal(set) var succession: [TicketID] = []
    public internal(set) var watch = HostWatch()
    /// Whose line was lost, since when: of those with a hand up or an invitation.
    var absences: [TicketID: Instant] = [:]

    public init(policy: StagePolicy = StagePolicy()) { self.policy = policy }

    // MARK: - Who is what

    /// What a person is on this stage now.
    public func role(of person: StagePerson) -> Role {
        if watch.leader?.ticket == person.ticket { return .host }
        return ownRole(of: person)
    }

    /// The same without what passes from an absent host.
    func ownRole(of person: StagePerson) -> Role { grants[person.ticket]?.post.role ?? person.role }

    /// How many places of a role are taken by people whose ticket has another role.
    public func granted(_ role: Role) -> Int { grants.values.count { $0.post.role == role } }

    /// Whether the person may send sound; whether it is heard is another question.
    public func maySpeak(_ person: StagePerson) -> Bool { role(of: person).may(.speak) }

    /// Whether nothing that this ticket sends is forwarded.
    public func isSilenced(_ ticket: TicketID) -> Bool { watch.isPaused || mutes[ticket] != nil }

    // MARK: - Hands

    /// Puts a hand up. Checked in this order: who may speak needs none, the person is connected, hands are looked at, not
    /// locked, a place in the queue. A hand that is up, and one whose person is invited already, change nothing.
    public mutating func raiseHand(
        _ person: StagePerson, isHere: Bool, at now: Instant
    ) throws(StageRefusal) -> [StageChange] {
        guard !maySpeak(person) else { throw .maySpeakAlready }
        guard isHere else { throw .notInRoom }
        guard mode != .invited else { throw .handsNotTaken }
        guard !isLocked else { throw .stageLocked }
        guard invitations[person.ticket] == nil else { return [] }
        guard try hands.raise(person, at: now) else { return [] }
        absences[person.ticket] = nil
        return [StageChange(.handRaised, by: person, to: person)]
    }

    public mutating func lowerHand(_ person: StagePerson) -> [StageChange] {
        guard hands.lower(person.ticket) != nil else { return [] }
        return [StageChange(.handLowered, by: person, to: person)]
    }

    /// A moderator puts somebody's hand down.
    public mutating func lowerHand(
        of target: StagePerson, by actor: StagePerson
    ) throws(StageRefusal) -> [StageChange] {
        try check(actor, .invite(ownRole(of: target)))
        guard hands.lower(target.ticket) != nil else { return [] }
        return [StageChange(.handLowered, by: actor, to: target)]
    }

    // MARK: - Invitations

    /// Invites somebody. Checked in this order: the right over this person and to give this post, that it is more than
    /// the person is, not locked, a place of that role (`seated` are those whose ticket has it), open invitations.
    /// The hand goes down; an invitation that is open already is made anew.
    public mutating func invite(
        _ target: StagePerson, to post: Post, by actor: StagePerson, seated: Int, at now: Instant
    ) throws(StageRefusal) -> [StageChange] {
        try check(actor, .invite(role(of: target)))
        try check(actor, .invite(post.role))
        guard !isAtLeast(target, post) else { throw .maySpeakAlready }
        guard !isLocked else { throw .stageLocked }
        try checkPlace(post, seated: seated)
        guard invitations[target.ticket] != nil || invitations.count < StageLimits.invitations else {
            throw .tooManyInvitations(cap: StageLimits.invitations)
        }
        hands.lower(target.ticket)
        invitations[target.ticket] = Invitation(
            person: target, post: post, expiresAt: now.advanced(bySeconds: policy.invitationSeconds))
        return [StageChange(.invited, by: actor, to: target, role: post.role)]
    }

    public mutating func withdraw(
        _ target: StagePerson, by actor: StagePerson
    ) throws(StageRefusal) -> [StageChange] {
        try check(actor, .invite(ownRole(of: target)))
        if let post = invitations[target.ticket]?.post { try check(actor, .invite(post.role)) }
        guard let invitation = invitations.removeValue(forKey: target.ticket) else { throw .invitationUnknown }
        return [StageChange(.invitationWithdrawn, by: actor, to: target, role: invitation.post.role)]
    }

    public mutating func decline(_ person: StagePerson) throws(StageRefusal) -> [StageChange] {
        guard let invitation = invitations.removeValue(forKey: person.ticket) else { throw .invitationUnknown }
        return [StageChange(.invitationDeclined, by: person, to: person, role: invitation.post.role)]
    }

    /// Takes an invitation, or a free place where everyone may. Checked in this order: there is something to take, without
    /// an invitation the person is connected, not locked, a place of that role. A refusal leaves the invitation open. Accepting twice is accepting once.
    public mutating func accept(
        _ person: StagePerson, isHere: Bool = true, seated: (Role) -> Int, at now: Instant
    ) throws(StageRefusal) -> [StageChange] {
        let post: Post
        if let invitation = invitations[person.ticket], now < invitation.expiresAt {
            post = invitation.post
        } else if mode == .everyone, !maySpeak(person) {
            guard isHere else { throw .notInRoom }
            post = .speaker
        } else {
            if grants[person.ticket] != nil { return [] }
            throw .invitationUnknown
        }
        guard !isLocked else { throw .stageLocked }
        try checkPlace(post, seated: seated(post.role))
        invitations[person.ticket] = nil
        hands.lower(person.ticket)
        absences[person.ticket] = nil
        // Whoever is on stage already and gets a higher post goes on sending.
        grants[person.ticket] = Grant(
            person: person, post: post, idleSince: grants[person.ticket].map(\.idleSince) ?? now)
        return [StageChange(.accepted, by: person, to: person, role: post.role)]
    }

    // MARK: - Leaving the stage

    /// Gives up the place on stage and listens on. Whose ticket says speaker ends the connection instead.
    public mutating func stepDown(_ person: StagePerson) throws(StageRefusal) -> [StageChange] {
        guard let grant = endGrant(of: person.ticket) else { throw .notOnStage }
        return [StageChange(.steppedDown, by: person, to: person, role: grant.post.role)]
    }

    /// A moderator ends somebody's place on stage.
    public mutating func dismiss(
        _ target: StagePerson, by actor: StagePerson
    ) throws(StageRefusal) -> [StageChange] {
        try check(actor, .invite(role(of: target)))
        guard let grant = endGrant(of: target.ticket) else { throw .notOnStage }
        return [StageChange(.dismissed, by: actor, to: target, role: grant.post.role)]
    }

    /// A place on stage ends, and with it the lead that had passed to it.
    mutating func endGrant(of ticket: TicketID) -> Grant? {
        guard let grant = grants.removeValue(forKey: ticket) else { return nil }
        if !grant.person.role.may(.speak) { watch.drop(ticket) }
        return grant
    }

    // MARK: - Checks

    func check(_ actor: StagePerson, _ act: StageAct) throws(StageRefusal) {
        let role = role(of: actor)
        guard role.may(act) else { throw .notPermitted(role) }
    }

    private func isAtLeast(_ person: StagePerson, _ post: Post) -> Bool {
        switch role(of: person) {
        case .host, .cohost: true
        case .speaker: post == .speaker
        case .listener: false
        }
    }

    private func checkPlace(_ post: Post, seated: Int) throws(StageRefusal) {
        guard let cap = post.role.cap else { return }
        guard seated + granted(post.role) < cap else { throw .stageFull(post.role, cap: cap) }
    }
}

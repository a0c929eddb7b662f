public import Values

/// Mutes, the lock, who may speak, who takes over.
extension StageFloor {
    /// Mutes or unmutes a person. Oneself needs no right, but what a moderator muted only a moderator unmutes, and nobody
    /// opens a microphone that its owner has muted.
    public mutating func setMuted(
        _ isMuted: Bool, _ target: StagePerson, by actor: StagePerson
    ) throws(StageRefusal) -> [StageChange] {
        let before = mutes[target.ticket]
        if target.ticket == actor.ticket {
            // A moderator's mute stays what it is when the muted mutes as well.
            guard before != .moderator else {
                guard isMuted else { throw .mutedByModerator }
                ownMutes.insert(target.ticket)
                return []
            }
            mutes[target.ticket] = isMuted ? .own : nil
        } else {
            try check(actor, .mute(role(of: target)))
            if isMuted {
                if before == .own { ownMutes.insert(target.ticket) }
                mutes[target.ticket] = .moderator
            } else if before == .moderator {
                mutes[target.ticket] = ownMutes.remove(target.ticket) == nil ? nil : .own
            }
        }
        guard before != mutes[target.ticket] else { return [] }
        return [StageChange(isMuted ? .muted : .unmuted, by: actor, to: target)]
    }

    /// While the stage is locked no hand goes up and nobody new comes on stage; whoever is there stays.
    public mutating func setLocked(_ locked: Bool, by actor: StagePerson) throws(StageRefusal) -> [StageChange] {
        try check(actor, .lock)
        guard isLocked != locked else { return [] }
        isLocked = locked
        return [StageChange(locked ? .locked : .unlocked, by: actor)]
    }

    /// Chooses who may speak. Hands go down where they are not looked at; whoever is on stage stays.
    public mutating func setMode(_ mode: SpeakingMode, by actor: StagePerson) throws(StageRefusal) -> [StageChange] {
        try check(actor, .direct)
        guard self.mode != mode else { return [] }
        self.mode = mode
        var changes = [StageChange(.modeSet, by: actor)]
        guard mode == .invited else { return changes }
        for hand in hands.hands {
            hands.lower(hand.person.ticket)
            changes.append(StageChange(.handLowered, to: hand.person))
        }
        return changes
    }

    /// Names the co-hosts who take over when the host is gone, the first one first. Others come after them, the longest
    /// present first.
    public mutating func nameSuccession(
        _ order: [StagePerson], by actor: StagePerson
    ) throws(StageRefusal) -> [StageChange] {
        try check(actor, .direct)
        guard order.allSatisfy({ ownRole(of: $0) == .cohost }), Set(order.map(\.ticket)).count == order.count else {
            throw .notCohost
        }
        guard succession != order.map(\.ticket) else { return [] }
        succession = order.map(\.ticket)
        return [StageChange(.successionNamed, by: actor, to: order.first)]
    }
}

/// Who is here, and what time does.
extension StageFloor {
    /// Somebody who is connected, and since when.
    public struct Presence: Hashable, Sendable {
        public let person: StagePerson
        public let since: Instant

        public init(_ person: StagePerson, since: Instant) {
            self.person = person
            self.since = since
        }
    }

    /// The co-hosts among those who are here, in the order in which they take over.
    public func successors(among present: [Presence]) -> [StagePerson] {
        func rank(_ one: Presence) -> (Int, Instant, TicketID) {
            (succession.firstIndex(of: one.person.ticket) ?? Int.max, one.since, one.person.ticket)
        }
        var seen: Set<TicketID> = []
        return present.filter { ownRole(of: $0.person) == .cohost }.sorted { rank($0) < rank($1) }
            .compactMap { seen.insert($0.person.ticket).inserted ? $0.person : nil }
    }

    /// Looks whether somebody leads the room.
    /// - Parameter present: who is connected now; only co-hosts among them count.
    public mutating func look(hostIsHere: Bool, present: [Presence], at now: Instant) -> [StageChange] {
        let before = watch.leader
        let steps = watch.look(
            hostIsHere: hostIsHere, successors: successors(among: present), at: now, policy: policy)
        return steps.map { step in
            switch step {
            case .passed(let next): StageChange(.leadPassed, to: next, role: .host)
            case .returned: StageChange(.leadReturned, to: before)
            case .paused: StageChange(.roomPaused)
            case .resumed: StageChange(.roomResumed)
            case .cleared: StageChange(.roomCleared)
            }
        }
    }

    /// When a paused room will be cleared; `nil` while it is not paused.
    public var clearsAt: Instant? {
        switch watch.state {
        case .paused(let since): since.advanced(bySeconds: policy.pauseSeconds)
        case .waiting, .present, .missing, .led, .cleared: nil
        }
    }

    /// A connection of this ticket came.
    public mutating func came(_ ticket: TicketID, sends: Bool) {
        absences[ticket] = nil
        if sends { grants[ticket]?.idleSince = nil }
    }

    /// A connection of this ticket is gone.
    /// - Parameters:
    ///   - sends: whether it was the one that sends.
    ///   - isLast: whether nothing of the ticket is connected now.
    public mutating func went(_ ticket: TicketID, sends: Bool, isLast: Bool, at now: Instant) {
        if sends, grants[ticket] != nil { grants[ticket]?.idleSince = now }
        if isLast, hands.contains(ticket) || invitations[ticket] != nil { absences[ticket] = now }
    }

    /// A person is out for good: removed, or the ticket is over. A mute stays, should the person come back.
    public mutating func forget(_ ticket: TicketID) -> [StageChange] {
        var changes: [StageChange] = []
        absences[ticket] = nil
        if let hand = hands.lower(ticket) { changes.append(StageChange(.handLowered, to: hand.person)) }
        if let open = invitations.removeValue(forKey: ticket) {
            changes.append(StageChange(.invitationExpired, to: open.person, role: open.post.role))
        }
        if let grant = endGrant(of: ticket) {
            changes.append(StageChange(.placeLapsed, to: grant.person, role: grant.post.role))
        }
        return changes
    }

    /// Ends what has lasted too long, in a fixed order: hands, invitations, places.
    public mutating func advance(to now: Instant) -> [StageChange] {
        var changes: [StageChange] = []
        let absent = absences.filter { now >= $0.value.advanced(bySeconds: policy.absenceSeconds) }
        for hand in hands.hands where absent[hand.person.ticket] != nil {
            hands.lower(hand.person.ticket)
            changes.append(StageChange(.handLowered, to: hand.person))
        }
        for (ticket, open) in invitations.sorted(by: { $0.key < $1.key })
        where now >= open.expiresAt || absent[ticket] != nil {
            invitations[ticket] = nil
            changes.append(StageChange(.invitationExpired, to: open.person, role: open.post.role))
        }
        for ticket in absent.keys { absences[ticket] = nil }
        for (ticket, grant) in grants.sorted(by: { $0.key < $1.key }) {
            guard let idle = grant.idleSince, now >= idle.advanced(bySeconds: policy.placeSeconds) else { continue }
            _ = endGrant(of: ticket)
            changes.append(StageChange(.placeLapsed, to: grant.person, role: grant.post.role))
        }
        return changes
    }
}

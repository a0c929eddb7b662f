public import Values

/// Whether somebody leads the room, and who.
///
/// ```
///            host comes              host gone                grace over, nobody      pause over
///   waiting ───────────▶ present ─────────────▶ missing ──────────────────────▶ paused ─────────▶ cleared
///                           ▲                      │ grace over, a co-host is here │               │
///                           │                      ▼                               ▼ a co-host     ▼
///                           └─── host comes ───── led ◀────────────────────────────┴───────────────┘
///                                                  │ leader gone for the grace time: the next one, or paused
///                                                  └──┘
/// ```
///
/// A room whose host has never come is not paused: nobody was let down yet, and who speaks is backstage. From every
/// state the host's coming leads to *present*.
public struct HostWatch: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        /// The host has not been here yet.
        case waiting
        case present
        /// The host is gone, and may be back in a moment.
        case missing(since: Instant)
        /// A co-host leads; since `missingSince` that one is gone too.
        case led(by: StagePerson, missingSince: Instant?)
        /// Nobody leads: nobody is heard.
        case paused(since: Instant)
        /// Everybody was sent out.
        case cleared
    }

    /// What a look has changed.
    enum Step: Hashable {
        case passed(to: StagePerson)
        case returned
        case paused, resumed, cleared
    }

    public private(set) var state = State.waiting

    init() {}

    /// After a restart: a host who had been here is missed from now on.
    init(hostWasHereUntil now: Instant) { state = .missing(since: now) }

    public var leader: StagePerson? {
        switch state {
        case .led(let leader, _): leader
        case .waiting, .present, .missing, .paused, .cleared: nil
        }
    }

    /// Whether nobody may be heard.
    public var isPaused: Bool {
        switch state {
        case .paused, .cleared: true
        case .waiting, .present, .missing, .led: false
        }
    }

    /// Looks who is here.
    /// - Parameter successors: the co-hosts who are here, the first in line first.
    mutating func look(
        hostIsHere: Bool, successors: [StagePerson], at now: Instant, policy: StagePolicy
    ) -> [Step] {
        if hostIsHere { return hostComes() }
        switch state {
        case .waiting: return []
        case .present:
            state = .missing(since: now)
            return []
        case .missing(let since):
            guard now >= since.advanced(bySeconds: policy.graceSeconds) else { return [] }
            return passOn(to: successors.first, at: now)
        case .led(let leader, let missingSince):
            guard !successors.contains(where: { $0.ticket == leader.ticket }) else {
                state = .led(by: leader, missingSince: nil)
                return []
            }
            let since = missingSince ?? now
            state = .led(by: leader, missingSince: since)
            guard now >= since.advanced(bySeconds: policy.graceSeconds) else { return [] }
            return passOn(to: successors.first, at: now)
        case .paused(let since):
            if let next = successors.first { return passOn(to: next, at: now) + [.resumed] }
            guard now >= since.advanced(bySeconds: policy.pauseSeconds) else { return [] }
            state = .cleared
            return [.cleared]
        case .cleared:
            guard let next = successors.first else { return [] }
            return passOn(to: next, at: now) + [.resumed]
        }
    }

    /// The place of a leader on stage has ended: nothing is waited for, the next look passes the lead on.
    mutating func drop(_ ticket: TicketID) {
        guard case .led(let leader, _) = state, leader.ticket == ticket else { return }
        state = .missing(since: Instant(seconds: 0))
    }

    private mutating func hostComes() -> [Step] {
        defer { state = .present }
        switch state {
        case .waiting, .present, .missing: return []
        case .led: return [.returned]
        case .paused, .cleared: return [.resumed]
        }
    }

    private mutating func passOn(to next: StagePerson?, at now: Instant) -> [Step] {
        guard let next else {
            state = .paused(since: now)
            return [.paused]
        }
        state = .led(by: next, missingSince: nil)
        return [.passed(to: next)]
    }
}

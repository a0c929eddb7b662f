internal import Values

/// Where a host stands with a fund that has a cohort.
///
/// ```
///              apply             admit
///   outside ----------> applied --------> placed
///    ^ |  ^-- decline, withdraw --|         ^ |
///    | '--------------- admit --------------' |
///    '-------------- end, complete -----------'
/// ```
///
/// Everybody is outside at first; finance may admit who has not applied. A place ends when its host or finance says so,
/// and is complete when its last month has closed.
public struct Candidate: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable, Codable {
        case outside
        case applied
        case placed
    }

    public private(set) var state: State

    public init(_ state: State) { self.state = state }

    public mutating func apply() throws(CohortRefusal) {
        switch state {
        case .outside: state = .applied
        case .applied: throw .applied
        case .placed: throw .placed
        }
    }

    public mutating func admit() throws(CohortRefusal) {
        switch state {
        case .outside, .applied: state = .placed
        case .placed: throw .placed
        }
    }

    public mutating func decline() throws(CohortRefusal) { try undo() }

    public mutating func withdraw() throws(CohortRefusal) { try undo() }

    private mutating func undo() throws(CohortRefusal) {
        switch state {
        case .applied: state = .outside
        case .outside: throw .notApplied
        case .placed: throw .placed
        }
    }

    public mutating func end() throws(CohortRefusal) {
        switch state {
        case .placed: state = .outside
        case .outside, .applied: throw .notPlaced
        }
    }
}

/// What a host says of itself when it applies.
public struct CohortDeclaration: Hashable, Sendable {
    /// That it is as old as the fund asks.
    public let age: Bool
    /// On other platforms; `nil` if nothing is said.
    public let followers: Int64?

    public init(age: Bool, followers: Int64?) {
        self.age = age
        self.followers = followers
    }
}

/// One thing that a fund asks of its hosts: what there is and what is needed.
public struct Criterion: Hashable, Sendable, Codable {
    public enum Source: String, Hashable, Sendable, Codable {
        /// The house knows it.
        case measured
        /// The host says it.
        case declared
        /// Finance has seen it.
        case confirmed
    }

    /// `rooms`, `payee`, `age`, `followers`.
    public let criterion: String
    public let have: Int64
    public let need: Int64
    /// Of rooms: in how many last days.
    public let days: Int?
    public let met: Bool
    public let source: Source
}

extension CohortCriteria {
    /// Each thing that is asked, in this order: rooms, payee, age, followers.
    /// - Parameters:
    ///   - rooms: of the last ``days``; those that are too short or were heard by too few do not count.
    ///   - confirmed: followers that finance has seen; takes the place of what was declared.
    public func check(
        rooms held: [StipendRoom], hasPayee: Bool, declared: CohortDeclaration?, confirmed: Int64? = nil
    ) -> [Criterion] {
        var found: [Criterion] = []
        func ask(_ name: String, _ have: Int64, _ need: Int64, days: Int? = nil, _ source: Criterion.Source) {
            found.append(
                Criterion(criterion: name, have: have, need: need, days: days, met: have >= need, source: source))
        }
        if rooms > 0 {
            let counted = held.count { $0.seconds >= minRoomMinutes * 60 && $0.listeners >= minRoomListeners }
            ask("rooms", Int64(counted), Int64(rooms), days: days, .measured)
        }
        if verifiedPayee { ask("payee", hasPayee ? 1 : 0, 1, .measured) }
        if minAge > 0 { ask("age", declared?.age == true ? Int64(minAge) : 0, Int64(minAge), .declared) }
        if minFollowers > 0 {
            ask(
                "followers", confirmed ?? declared?.followers ?? 0, minFollowers,
                confirmed == nil ? .declared : .confirmed)
        }
        return found
    }
}

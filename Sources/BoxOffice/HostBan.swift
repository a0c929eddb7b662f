public import Values

/// Why nobody is banned, or let in again, or why somebody gets no ticket.
public enum BanRefusal: Refusal, Hashable, CaseIterable {
    /// No wallet and no pass of this id has anything to do with the house.
    case holderUnknown
    /// Nobody banned this person.
    case notBanned
    /// The host has banned the buyer from all of its rooms.
    case banned

    public var code: String {
        switch self {
        case .holderUnknown: "holder_unknown"
        case .notBanned: "holder_not_banned"
        case .banned: "holder_banned"
        }
    }

    public var facts: [String: String] { [:] }
}

/// Whether a ban changes anything.
///
/// | before     | ban       | lift              |
/// | ---------- | --------- | ----------------- |
/// | not banned | banned    | `holder_not_banned` |
/// | banned     | no change | lifted            |
///
/// - Parameter isKnown: whether such a person has a wallet, or a pass of a room of the host.
/// - Returns: whether there is something to write down.
public func decideBan(_ ban: Bool, from isBanned: Bool, isKnown: Bool) throws(BanRefusal) -> Bool {
    guard isKnown else { throw .holderUnknown }
    guard ban || isBanned else { throw .notBanned }
    return ban != isBanned
}

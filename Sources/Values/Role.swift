/// What a person is in a room. What each role may do is the stage's word (`Stage`, `Role+Rights.swift`).
///
/// The raw values stand in tickets, receipts and the wire: they never change.
public enum Role: String, Hashable, Sendable, Codable, CaseIterable, CustomStringConvertible {
    case host, cohost, speaker, listener

    public var description: String { rawValue }
}

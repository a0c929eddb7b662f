/// A party on the waiting list of a room: one holder, and how many tickets they want together.
public enum WaitingIDKind: IdentifierKind { public static let prefix = "waiting" }
public typealias WaitingID = Identifier<WaitingIDKind>

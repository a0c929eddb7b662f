/// A party on the waiting list of a room: one holder, and how many tickets they want together.
public enum WaitingIDKind: IdentifierKind { public static let prefix = "waiting" }
public typealias WaitingID = Identifier<WaitingIDKind>

/// A ticket that its holder gives back if it is resold.
public enum ResaleIDKind: IdentifierKind { public static let prefix = "resale" }
public typealias ResaleID = Identifier<ResaleIDKind>

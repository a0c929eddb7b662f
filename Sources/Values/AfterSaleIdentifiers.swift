/// The cancelling of a room: its plan, its approval and its carrying out.
public enum CancellationIDKind: IdentifierKind { public static let prefix = "cancellation" }
public typealias CancellationID = Identifier<CancellationIDKind>

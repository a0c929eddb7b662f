/// A ticket that its holder offers to whoever has the code.
public enum TransferIDKind: IdentifierKind { public static let prefix = "transfer" }
public typealias TransferID = Identifier<TransferIDKind>

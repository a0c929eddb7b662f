/// One attempt to bring an item of a payout batch to its host.
public enum PayoutTransferIDKind: IdentifierKind { public static let prefix = "payout" }
public typealias PayoutTransferID = Identifier<PayoutTransferIDKind>

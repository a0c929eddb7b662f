/// What a buyer is asked to pay through a provider: one link, one payment at most.
public enum ChargeIDKind: IdentifierKind { public static let prefix = "charge" }
/// Money that goes back through the provider to whoever paid.
public enum RepaymentIDKind: IdentifierKind { public static let prefix = "repayment" }

public typealias ChargeID = Identifier<ChargeIDKind>
public typealias RepaymentID = Identifier<RepaymentIDKind>

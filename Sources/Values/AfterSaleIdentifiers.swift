/// The cancelling of a room: its plan, its approval and its carrying out.
public enum CancellationIDKind: IdentifierKind { public static let prefix = "cancellation" }
public typealias CancellationID = Identifier<CancellationIDKind>

/// Money that a listener gives a room's host.
public enum TipIDKind: IdentifierKind { public static let prefix = "tip" }
public typealias TipID = Identifier<TipIDKind>

extension Identifier where Kind == TipIDKind {
    /// The tip whose money is this order: the same characters under another prefix.
    public init(of order: OrderID) {
        guard let tip = TipID(TipIDKind.prefix + order.text.dropFirst(OrderIDKind.prefix.count)) else {
            preconditionFailure("An id stays one under another prefix.")
        }
        self = tip
    }

    /// The order in which the tip's money stands.
    public var order: OrderID {
        guard let order = OrderID(OrderIDKind.prefix + text.dropFirst(TipIDKind.prefix.count)) else {
            preconditionFailure("An id stays one under another prefix.")
        }
        return order
    }
}

/// More time for a ticket of a room that goes on.
public enum ExtensionIDKind: IdentifierKind { public static let prefix = "extension" }
public typealias ExtensionID = Identifier<ExtensionIDKind>

extension Identifier where Kind == ExtensionIDKind {
    /// The extension whose money is this order: the same characters under another prefix.
    public init(of order: OrderID) {
        guard let made = ExtensionID(ExtensionIDKind.prefix + order.text.dropFirst(OrderIDKind.prefix.count)) else {
            preconditionFailure("An id stays one under another prefix.")
        }
        self = made
    }

    /// The order in which the extension's money stands.
    public var order: OrderID {
        guard let order = OrderID(OrderIDKind.prefix + text.dropFirst(ExtensionIDKind.prefix.count)) else {
            preconditionFailure("An id stays one under another prefix.")
        }
        return order
    }
}

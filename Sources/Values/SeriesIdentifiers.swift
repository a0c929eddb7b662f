/// Rooms of one host that are sold together.
public enum SeriesIDKind: IdentifierKind { public static let prefix = "series" }
public typealias SeriesID = Identifier<SeriesIDKind>

/// One ticket of every room of a series, bought in one.
public enum SeriesPassIDKind: IdentifierKind { public static let prefix = "pass" }
public typealias SeriesPassID = Identifier<SeriesPassIDKind>

extension Identifier where Kind == SeriesPassIDKind {
    /// The purchase whose orders the pass is made of: the same characters under another prefix.
    public var purchase: PurchaseID {
        guard let purchase = PurchaseID(PurchaseIDKind.prefix + text.dropFirst(SeriesPassIDKind.prefix.count)) else {
            preconditionFailure("An id stays one under another prefix.")
        }
        return purchase
    }
}

/// A "no" that the person or program asking can act on: a closed set of cases per module, never a fault or a bug.
///
/// The plain words, the HTTP status and what to do next are data, kept in `Schemas` under the code.
public protocol Refusal: Error, Sendable {
    /// The stable code, lower-case words joined by underscores: `sold_out`.
    var code: String { get }
    /// Facts that the words may name, for example `["capacity": "3"]`; never secrets.
    var facts: [String: String] { get }
}

extension Refusal {
    public var facts: [String: String] { [:] }
}

/// Whether the tickets of a room are bound to a key of their holder.
///
/// As text, in JSON, in a database and on the command line: `none`, `required`.
public enum HolderKeyPolicy: String, Hashable, Sendable, Codable, CaseIterable {
    /// Whoever has the ticket has the seat. What rooms have that say nothing.
    case none
    /// Listeners enter with a ticket that is bound to a key (RFC 7800) and prove each time that they have it: a copied
    /// ticket opens nothing.
    case required
}

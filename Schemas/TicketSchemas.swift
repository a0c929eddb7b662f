internal import Embedded

/// What a ticket is, for every reader in every language: the JSON Schema of its claims, and tokens to test a verifier with.
public enum TicketSchemas {
    /// `ticket-claims.schema.json` (JSON Schema 2020-12).
    public static var claims: [UInt8] { Shelf.schemas["ticket-claims.schema.json"] }

    /// `ticket-vectors.json`: a key, claims and their token, and tokens that must be refused with the code of each.
    public static var vectors: [UInt8] { Shelf.schemas["ticket-vectors.json"] }
}

public import Stage
public import Values

/// How a gateway talks with the ledger: over HTTP (``HTTPLedgerLink``) or inside one process.
///
/// Whatever throws is tried again with growing pauses; nobody's sound waits for the ledger.
public protocol LedgerLink: Sendable {
    /// All that is needed to open the doors. Rooms of another gateway are told as such.
    func snapshot(for gateway: GatewayID) async throws -> GatewaySnapshot

    /// The public keys of tickets as they are now: a JWK Set's text.
    func keys() async throws -> String

    /// The changes after `cursor`, at once if there are any, else when one comes or after `waitSeconds`.
    func feed(after cursor: Int64, waitSeconds: Int, for gateway: GatewayID) async throws -> FeedPage

    /// Hands receipts over. Delivering the same ones again changes nothing: their key is gateway and sequence.
    func deliver(_ batch: ReceiptBatch) async throws -> ReceiptAcknowledgement

    /// Hands acts of stages over; the same holds.
    func deliver(_ batch: ActBatch) async throws -> ActAcknowledgement
}

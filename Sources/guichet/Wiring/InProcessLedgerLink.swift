import LedgerService
import RoomGateway
import Stage
import Tickets
import Values

/// The ledger of the same process: the very functions that the routes call, without HTTP between.
struct InProcessLedgerLink: LedgerLink {
    let service: LedgerService

    func snapshot(for gateway: GatewayID) async throws -> GatewaySnapshot { try await service.snapshot(for: gateway) }

    func keys() async throws -> String { service.keyRing.jwks }

    func feed(after cursor: Int64, waitSeconds: Int, for gateway: GatewayID) async throws -> FeedPage {
        try await service.feed(after: cursor, waitSeconds: waitSeconds, for: gateway)
    }

    func deliver(_ batch: ReceiptBatch) async throws -> ReceiptAcknowledgement {
        // In one process the gateway is who it says.
        try await service.accept(batch, by: .gateway(batch.gateway))
    }

    func deliver(_ batch: ActBatch) async throws -> ActAcknowledgement {
        try await service.accept(batch, by: .gateway(batch.gateway))
    }
}

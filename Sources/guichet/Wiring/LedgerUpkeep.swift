import LedgerService
import Logging
import ServiceLifecycle

/// What a ledger does by itself every few seconds: takes over keys that another process made, retires those whose
/// tickets have ended, writes down which API keys were used, answers for holders of moved rooms whose time is over, and
/// gives back what was paid for overtime before which a room was closed, and offers seats that time has freed to those
/// who wait.
struct LedgerUpkeep: Service {
    let service: LedgerService
    let logger: Logger
    /// Well below the shortest lead that is sensible between the announcement of a key and its first ticket.
    private static let interval = Duration.seconds(5)

    func run() async throws {
        // Ends with the group; a sleep that is cut short is the end.
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil { await turn() }
        }
        service.endWaits()
    }

    private func turn() async {
        do {
            let missing = try await service.refreshTicketKeys()
            if !missing.isEmpty {
                logger.error("ticket keys are missing in this server's folder", metadata: ["keys": "\(missing)"])
            }
            try await service.storeKeyUses()
            try await service.settleMoves()
            try await service.settleWaits()
            try await service.settleOvertimes()
        } catch {
            // A fault of the store: the next turn tries again.
            logger.warning("upkeep", metadata: ["fault": "\(error)"])
        }
    }
}

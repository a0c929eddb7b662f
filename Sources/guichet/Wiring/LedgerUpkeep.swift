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
        await attempt {
            let missing = try await service.refreshTicketKeys()
            if !missing.isEmpty {
                logger.error("ticket keys are missing in this server's folder", metadata: ["keys": "\(missing)"])
            }
        }
        await attempt { try await service.storeKeyUses() }
        await attempt { try await service.settleMoves() }
        await attempt { try await service.settleWaits() }
        await attempt { try await service.settleOvertimes() }
    }

    /// One of these failing keeps the others from nothing: a fault of the store, and the next turn tries again.
    private func attempt(_ work: () async throws -> Void) async {
        do { try await work() } catch { logger.warning("upkeep", metadata: ["fault": "\(error)"]) }
    }
}

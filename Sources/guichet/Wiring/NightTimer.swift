import LedgerService
import Logging
import ServiceLifecycle

/// Runs the nights that are due (`night.at`). Several servers of one database may each have one: a night is run once.
struct NightTimer: Service {
    let desk: PaymentDesk
    /// Minutes of the local day; `nil` leaves nights to whoever runs them by hand or by another timer.
    let minutes: Int?
    let logger: Logger

    private var service: LedgerService { desk.service }

    private static let interval = Duration.seconds(20)
    /// After a night that failed: a person has to look, and the log should not be full of it.
    private static let pause = Duration.seconds(600)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            guard let minutes else {
                // A service that returns would end the group.
                while (try? await Task.sleep(for: .seconds(86_400))) != nil {}
                return
            }
            var wait = Self.interval
            var owesAudit = false
            while (try? await Task.sleep(for: wait)) != nil { wait = await turn(minutes, &owesAudit) }
        }
    }

    /// - Parameter owesAudit: whether a night was done that no audit stands behind, since one that was begun stopped.
    private func turn(_ minutes: Int, _ owesAudit: inout Bool) async -> Duration {
        do {
            // What providers state is held against the books before a night counts them and gates look.
            if try await !service.dueNights(atMinutes: minutes).isEmpty { await desk.readStatements() }
            let days = try await service.runDueNights(atMinutes: minutes)
            for day in days { logger.notice("night done", metadata: ["day": "\(day)"]) }
            // Batches leave behind an audit; made now, nobody waits for it when they do.
            if !days.isEmpty { owesAudit = true }
            if owesAudit {
                let audit = try await service.recordAudit(key: nil, by: .operator)
                owesAudit = false
                if !audit.clean { logger.error("the books do not add up", metadata: ["audit": "\(audit.detail)"]) }
            }
            return Self.interval
        } catch {
            logger.error("a night stopped; it goes on in ten minutes", metadata: ["fault": "\(error)"])
            return Self.pause
        }
    }
}

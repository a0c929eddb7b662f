import LedgerService
import Logging
import ServiceLifecycle

/// Brings events to their endpoints until the server ends. What was not delivered by then is delivered after the next
/// start, or by another process of the same database.
struct WebhookDelivery: Service {
    let service: LedgerService
    let logger: Logger

    func run() async throws {
        let sender = HTTPWebhookSender(policy: service.settings.webhooks)
        let worker = WebhookWorker(service, sender, logger: logger)
        await cancelWhenGracefulShutdown { await worker.run() }
    }
}

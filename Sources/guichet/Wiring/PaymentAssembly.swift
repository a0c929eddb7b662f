import BoxOffice
import Foundation
import LedgerService
import Logging
import ServiceLifecycle
import Tickets

/// The payment providers of a house, as its settings name them.
struct PaymentAssembly: Sendable {
    let desk: PaymentDesk
    private let stripe: StripeProvider?

    init(_ settings: ServerSettings, service: LedgerService) throws {
        var providers: [any PaymentProvider] = []
        if settings.paymentsManual { providers.append(ManualProvider()) }
        if settings.paymentsSandbox { providers.append(SandboxProvider(publicURL: settings.publicURL)) }
        let payment = settings.stripe
        stripe = try payment.key.map { text in
            guard let key = ProviderSecret(text) else {
                throw CommandFailure(.configuration, "The Stripe key is not one line of visible characters.")
            }
            return StripeProvider(baseURL: payment.url, key: key)
        }
        if let stripe { providers.append(stripe) }
        desk = PaymentDesk(
            service: service, providers: providers,
            stripeEvents: payment.webhookSecrets.isEmpty ? nil : StripeSignature(secrets: payment.webhookSecrets),
            publicURL: settings.publicURL)
    }

    /// Which of them give statements: the manual one has none.
    static func statementProviders(of settings: ServerSettings) -> Set<ProviderName> {
        var names: Set<ProviderName> = []
        if settings.paymentsSandbox { names.insert(.sandbox) }
        if settings.stripe.key != nil { names.insert(.stripe) }
        return names
    }

    func close() async { await stripe?.shutdown() }
}

/// How a house speaks with Stripe; no key, no Stripe.
struct StripeSettings: Sendable {
    let url: String
    let key: String?
    /// All that hold at present, while one is exchanged for another.
    let webhookSecrets: [String]

    init(_ reader: SettingsReader) throws {
        func optional(_ setting: Setting) -> String? {
            let text = reader.resolve(setting).value
            return text.isEmpty ? nil : text
        }
        url = reader.resolve(.stripeURL).value
        key = try optional(.stripeKeyFile).map(Self.read) ?? optional(.stripeKey)
        let secrets = try optional(.stripeWebhookSecretFile).map(Self.read) ?? optional(.stripeWebhookSecret) ?? ""
        webhookSecrets = secrets.split { $0 == "," || $0.isWhitespace }.map(String.init)
        guard url.hasPrefix("https://") || Self.isLoopback(url) else {
            // A key in clear text is a key of everybody on the way.
            throw CommandFailure(
                .configuration, "\(Setting.stripeURL.key) must begin with https://, except on this machine.")
        }
    }

    /// Doubles that stand in for Stripe in tests are reached without TLS.
    private static func isLoopback(_ url: String) -> Bool {
        guard let host = URLComponents(string: url)?.host, url.hasPrefix("http://") else { return false }
        return ["127.0.0.1", "localhost", "::1", "[::1]"].contains(host)
    }

    /// A file that nobody but its owner can read.
    private static func read(_ path: String) throws -> String {
        do { try KeyFile.checkMode(path) } catch {
            throw CommandFailure(.configuration, "\(path) must be there and readable by its owner only (chmod 600).")
        }
        return try ServerOptions.readKey(path)
    }
}

/// Makes the calls that are owed to providers and reads what they sent.
struct PaymentWorker: Service {
    let desk: PaymentDesk
    let logger: Logger
    /// A buyer who comes back from the provider's page should find the ticket there.
    private static let interval = Duration.milliseconds(200)
    /// Turns between two looks at what waits for too long: a minute.
    private static let turnsBetweenAlarms = 300

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var turns = 0
            while (try? await Task.sleep(for: Self.interval)) != nil {
                await turn()
                turns += 1
                if turns % Self.turnsBetweenAlarms == 0 { await callOut() }
            }
        }
    }

    private func turn() async {
        do {
            try await desk.turn()
        } catch {
            // A fault of the store: the next turn tries again.
            logger.warning("payments", metadata: ["fault": "\(error)"])
        }
    }

    private func callOut() async {
        guard let waiting = try? await desk.waiting(), !waiting.isEmpty else { return }
        logger.error("provider events wait for somebody to look", metadata: ["events": "\(waiting)"])
    }
}

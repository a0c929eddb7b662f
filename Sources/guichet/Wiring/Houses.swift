import AsyncHTTPClient
import HTTPEdge
import Hummingbird
import LedgerService
import Logging
import RoomClient
import RoomGateway
import ServiceLifecycle
import Values

/// Everything in one process: ledger, gateway and pages on one address.
struct House {
    let settings: ServerSettings
    private let server: HouseServer
    private let ledger: LedgerAssembly
    private let gateway: RoomGateway

    init(_ settings: ServerSettings) async throws {
        self.settings = settings
        server = HouseServer(settings)
        ledger = try await LedgerAssembly(settings)
        let folder = try DataFolder(settings.dataDirectory)
        var configuration = settings.gatewayConfiguration(spool: folder.spoolDatabase)
        // The pages come from the same origin, so no other needs to be let in.
        configuration.allowedOrigins = []
        configuration.publicURL = settings.gatewayURL ?? settings.statedURL
        gateway = try await GatewayService.open(
            configuration, InProcessLedgerLink(service: ledger.service), server.logger)
    }

    func address(_ port: Int) -> String { "http://\(settings.httpHost):\(port)" }

    /// Serves until a signal comes; then people are told, receipts are kept, and the database is closed last.
    func run(onListening: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        let router = try ledger.makeRouter()
        gateway.addRoutes(to: router)
        do {
            try await server.run(
                router,
                services: [
                    LedgerUpkeep(service: ledger.service, logger: server.logger),
                    PaymentWorker(desk: ledger.payments.desk, logger: server.logger),
                    WebhookDelivery(service: ledger.service, logger: server.logger),
                    NightTimer(desk: ledger.payments.desk, minutes: settings.nightMinutes, logger: server.logger),
                    GatewayService(gateway: gateway),
                ], onListening: onListening)
        } catch {
            await ledger.close()
            throw error
        }
        await ledger.close()
    }
}

/// The ledger service alone.
struct LedgerHouse {
    private let server: HouseServer
    private let ledger: LedgerAssembly
    private let nightMinutes: Int?

    init(_ settings: ServerSettings) async throws {
        nightMinutes = settings.nightMinutes
        server = HouseServer(settings)
        ledger = try await LedgerAssembly(settings)
    }

    func run() async throws {
        let router = try ledger.makeRouter()
        do {
            try await server.run(
                router,
                services: [
                    LedgerUpkeep(service: ledger.service, logger: server.logger),
                    PaymentWorker(desk: ledger.payments.desk, logger: server.logger),
                    WebhookDelivery(service: ledger.service, logger: server.logger),
                    NightTimer(desk: ledger.payments.desk, minutes: nightMinutes, logger: server.logger),
                ])
        } catch {
            await ledger.close()
            throw error
        }
        await ledger.close()
    }
}

/// A gateway alone, speaking with its ledger over HTTP.
struct GatewayHouse {
    private let server: HouseServer
    private let proxies: [IPRange]
    private let gateway: RoomGateway
    private let http: HTTPClient

    init(_ settings: ServerSettings) async throws {
        guard let key = settings.ledgerKey else {
            throw CommandFailure(
                .configuration,
                "A gateway needs a service key: make one with 'guichet key add gateway' and name its file by ledger.keyFile."
            )
        }
        server = HouseServer(settings)
        proxies = settings.trustedProxies
        let folder = try DataFolder(settings.dataDirectory)
        var configuration = settings.gatewayConfiguration(spool: folder.spoolDatabase)
        configuration.gateway = settings.gatewayID
        configuration.allowedOrigins = [settings.publicURL]
        configuration.publicURL = settings.gatewayURL
        http = HTTPClient.forSessions()
        let link = HTTPLedgerLink(http: http, origin: settings.ledgerURL, serviceKey: key)
        do {
            gateway = try await GatewayService.open(configuration, link, server.logger)
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    func run() async throws {
        let router: HouseRouter = makeEdgeRouter()
        router.add(middleware: TrustedProxies(proxies))
        gateway.addHealth(to: router)
        gateway.addRoutes(to: router)
        do {
            try await server.run(router, services: [GatewayService(gateway: gateway)])
        } catch {
            try? await http.shutdown()
            throw error
        }
        // Last: the gateway delivers its receipts on the way out, and a client must not go without its shutdown.
        try? await http.shutdown()
    }
}

/// The gateway as a service of the group: runs until the group shuts down.
struct GatewayService: Service {
    let gateway: RoomGateway

    static func open(
        _ configuration: GatewayConfiguration, _ link: any LedgerLink, _ logger: Logger
    ) async throws -> RoomGateway {
        // What login shells set, 1,024, is for programs that were written before there were crowds.
        OpenFiles.allow(65_536)
        do {
            return try await RoomGateway(configuration: configuration, link: link, logger: logger)
        } catch let fault as GatewayFault {
            throw CommandFailure(.configuration, fault.description)
        } catch {
            throw CommandFailure(
                .configuration,
                "The gateway can't start (media port \(configuration.mediaBind), spool \(configuration.spoolPath)): \(error)"
            )
        }
    }

    func run() async throws {
        await withGracefulShutdownHandler {
            await gateway.run()
        } onGracefulShutdown: {
            gateway.shutdown()
        }
    }
}

extension ServerSettings {
    func gatewayConfiguration(spool: String) -> GatewayConfiguration {
        var configuration = GatewayConfiguration(spoolPath: spool)
        configuration.mediaBind = mediaAddresses[0]
        configuration.furtherBinds = Array(mediaAddresses.dropFirst())
        configuration.streamPort = mediaStreams
        configuration.mediaThreads = mediaThreads
        configuration.announced = mediaAnnounce
        configuration.pace = pace
        configuration.issuer = issuer
        configuration.audience = audience
        configuration.stage = stage
        configuration.admission = admission
        return configuration
    }
}

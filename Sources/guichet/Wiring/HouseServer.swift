import HTTPEdge
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import RoomGateway
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The router of every server here: its context knows the client's address, by which joins are limited.
typealias HouseRouter = Router<GatewayRequestContext>

/// HTTP on one address with everything that was assembled behind it; SIGTERM and SIGINT end it in order.
struct HouseServer {
    let settings: ServerSettings
    let logger: Logger

    init(_ settings: ServerSettings) {
        self.settings = settings
        LogOnce.bootstrap(settings.logLevel)
        logger = Logger(label: "guichet")
    }

    /// Serves until a signal comes or a service ends.
    ///
    /// - Parameter onListening: told the port once the server answers.
    func run(
        _ router: HouseRouter, services: [any Service] = [],
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        let application = Application(
            router: router,
            // Whoever opens connections and says nothing, or stops in the midst of a body, takes no descriptor for long.
            server: .http1(
                configuration: .init(idleTimeout: .seconds(Int64(settings.httpIdleSeconds)))),
            configuration: .init(
                address: .hostname(settings.httpHost, port: settings.httpPort), serverName: "guichet"),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: logger)
        let group = ServiceGroup(
            configuration: .init(
                // Ended in the reverse order: what holds answers open (live views) must end before HTTP waits for them.
                services: [.init(service: application)] + services.map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        do {
            try await group.run()
        } catch let error as IOError {
            let address = "\(settings.httpHost):\(settings.httpPort)"
            throw CommandFailure(
                .configuration,
                "\(address) can't be listened on (errno \(error.errnoCode)). Is another server running?")
        }
    }
}

/// swift-log is set up once a process.
enum LogOnce {
    private static let done = Mutex(false)

    static func bootstrap(_ level: Logger.Level) {
        done.withLock { isDone in
            guard !isDone else { return }
            isDone = true
            LoggingSystem.bootstrap { JSONLogHandler(label: $0, level: level) }
        }
    }
}

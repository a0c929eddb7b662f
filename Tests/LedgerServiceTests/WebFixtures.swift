import Hummingbird
import NIOCore
import Testing
import Values

@testable import LedgerService

/// A room and its pages, for the tests of the web folder.
enum WebFixtures {
    static let now = Instant(seconds: 1_780_000_000)

    static let seriesID: SeriesID = {
        var generator = SystemRandomNumberGenerator()
        return .make(at: now, using: &generator)
    }()

    static func card() throws -> RoomCard {
        var generator = SystemRandomNumberGenerator()
        return RoomCard(
            id: .make(at: now, using: &generator), title: "Shipwrecks & <b>\"storms\"</b>", hostName: "Adèle O'Neill",
            language: "en", state: .open, doorsOpenAt: now.advanced(bySeconds: -600),
            startsAt: now.advanced(bySeconds: -60), endsAt: now.advanced(bySeconds: 5_340), capacity: 40,
            seatsLeft: 12, price: Money(500, .eur))
    }

    static func routes(_ cards: RoomCard..., sandbox: Bool = true, gateways: [String] = []) throws -> WebRoutes {
        try WebRoutes(
            configuration: WebRoutes.Configuration(sandbox: sandbox, gatewayOrigins: gateways), now: { now },
            room: { id in cards.first { $0.id == id } },
            series: { $0 == seriesID ? "Winter & <b>" : nil })
    }

    static func application(_ routes: WebRoutes) -> some ApplicationProtocol {
        let router = Router()
        router.add(middleware: WebErrorPages(routes))
        routes.add(to: router)
        router.get("/broken") { _, _ -> String in throw Broken() }
        router.get("/refused") { _, _ -> String in throw Refused() }
        router.get("/v1/broken") { _, _ -> String in throw HTTPError(.notFound) }
        return Application(router: router)
    }

    struct Broken: Error {}
    struct Refused: Refusal { let code = "night_unknown" }

    /// Every match of a pattern's first group in a text.
    static func all(_ pattern: Regex<(Substring, Substring)>, in text: String) -> [String] {
        text.matches(of: pattern).map { String($0.output.1) }
    }

    static func text(of asset: String, in routes: WebRoutes) throws -> String {
        String(buffer: try #require(routes.pages.assets.byName[asset]?.bytes))
    }
}

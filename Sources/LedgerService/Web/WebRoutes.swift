internal import HTTPTypes
public import Hummingbird
public import Values

/// The pages of listeners, hosts and finance: `/`, `/r/{room}`, `/s/{series}`, `/h/{room}`, `/finance`, with test money
/// `/pay/{checkout}`, and their assets.
///
/// Pages hold no rule and no secret: they show what anybody may see of a room, and their scripts use the same API as
/// everybody else. Tickets and passes travel in the fragment of an address, which no browser sends to a server.
public struct WebRoutes: Sendable {
    public struct Configuration: Sendable {
        /// Whether the sandbox provider is on, so that pages say that the money is test money.
        public var sandbox: Bool
        /// Origins of gateways to which pages connect, such as `https://audio.example.org`; empty when the gateway
        /// answers under the pages' own origin. The first one is used for rooms that name no gateway. Gateways that
        /// operators told of come to them.
        public var gatewayOrigins: [String]

        public init(sandbox: Bool, gatewayOrigins: [String] = []) {
            self.sandbox = sandbox
            self.gatewayOrigins = gatewayOrigins
        }
    }

    let pages: Pages
    private let now: @Sendable () -> Instant
    private let room: @Sendable (RoomID) async throws -> RoomCard?
    private let series: @Sendable (SeriesID) async throws -> String?
    private let gateways: @Sendable () async throws -> [String]

    /// - Parameters:
    ///   - now: the edge's clock.
    ///   - room: what anybody may see of a room; `nil` for an unknown one.
    ///   - series: the title of a series of rooms; `nil` for an unknown one.
    ///   - gateways: the origins of gateways that operators told of: a room may change to any of them while its page is
    ///     open.
    /// - Throws: a fault of the embedded templates or texts, which a test excludes.
    public init(
        configuration: Configuration, now: @escaping @Sendable () -> Instant,
        room: @escaping @Sendable (RoomID) async throws -> RoomCard?,
        series: @escaping @Sendable (SeriesID) async throws -> String? = { _ in nil },
        gateways: @escaping @Sendable () async throws -> [String] = { [] }
    ) throws {
        pages = try Pages(configuration)
        self.now = now
        self.room = room
        self.series = series
        self.gateways = gateways
    }

    public func add<Context: RequestContext>(to router: some RouterMethods<Context>) {
        router.get("/") { request, _ in pages.home(request) }
        router.get("/finance") { request, _ in pages.finance(request) }
        router.get("/r/:room") { request, context in
            try await page(for: request, context) { pages.room($0, at: now(), to: request, hearing: $1) }
        }
        router.get("/s/:series") { request, context in
            guard let id = context.parameters.get("series").flatMap({ SeriesID($0) }), let title = try await series(id)
            else { return pages.response(.noSuchSeries, to: request) }
            return pages.series(id, title: title, to: request)
        }
        router.get("/h/:room") { request, context in
            try await page(for: request, context) { pages.host($0, at: now(), to: request, hearing: $1) }
        }
        router.get("/pay/:checkout") { request, context in
            // Names of the sandbox have some forty characters.
            guard pages.configuration.sandbox, let checkout = context.parameters.get("checkout"),
                checkout.utf8.count <= 80, checkout.wholeMatch(of: /sandbox_[a-z0-9_]+/) != nil
            else { return pages.response(.nothingHere, to: request) }
            return pages.pay(checkout, to: request)
        }
        router.get("/assets/:version/:file") { request, context in
            pages.assets.response(
                to: request, version: context.parameters.get("version"), name: context.parameters.get("file"))
                ?? pages.response(.nothingHere, to: request)
        }
        // Browsers ask for it whatever the page says; the page itself names the drawing.
        router.get("/favicon.ico") { request, _ in
            pages.assets.response(to: request, version: nil, name: "favicon.svg")
                ?? pages.response(.nothingHere, to: request)
        }
    }

    private func page(
        for request: Request, _ context: some RequestContext, render: (RoomCard, [String]) -> Response
    ) async throws -> Response {
        guard let id = context.parameters.get("room").flatMap({ RoomID($0) }), let card = try await room(id) else {
            return pages.response(.noSuchRoom, to: request)
        }
        return render(card, try await gateways())
    }
}

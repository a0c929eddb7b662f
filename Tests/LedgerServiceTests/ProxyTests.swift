import HTTPEdge
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import LedgerService
import NIOCore
import Store
import Testing
import Values

/// Whose requests are counted where a proxy stands in front.
@Suite struct ProxyTests {
    /// A request that comes from the socket that a header of the test names.
    private struct Hop: ProxiedRequestContext {
        var coreContext: CoreRequestContextStorage
        var remoteAddress: SocketAddress?

        init(source: ApplicationRequestContextSource) {
            coreContext = .init(source: source)
            remoteAddress = nil
        }
    }

    /// Puts the socket's address in, as a server does.
    private struct Socket: RouterMiddleware {
        let address: String

        func handle(
            _ request: Request, context: Hop, next: (Request, Hop) async throws -> Response
        ) async throws -> Response {
            var context = context
            context.remoteAddress = try SocketAddress(ipAddress: address, port: 4_000)
            return try await next(request, context)
        }
    }

    /// How the server sees a client that comes over a socket with lines of `X-Forwarded-For`.
    private func client(over socket: String, _ lines: [String], trusting names: [String]) async throws -> String {
        let router = Router(context: Hop.self)
        router.add(middleware: Socket(address: socket))
        router.add(middleware: TrustedProxies(names.compactMap { IPRange($0) }))
        router.get("/who") { _, context in context.remoteAddress?.ipAddress ?? "" }
        let name = try #require(HTTPField.Name("X-Forwarded-For"))
        var headers = HTTPFields()
        for line in lines { headers.append(HTTPField(name: name, value: line)) }
        return try await Application(router: router).test(.router) { [headers] client in
            try await client.execute(uri: "/who", method: .get, headers: headers) { String(buffer: $0.body) }
        }
    }

    @Test(arguments: [
        // Nobody is trusted: what a client writes says nothing.
        ("203.0.113.7", ["198.51.100.1"], [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], ["127.0.0.1"], "203.0.113.7"),
        ("127.0.0.1", ["198.51.100.1"], ["127.0.0.1"], "198.51.100.1"),
        ("::ffff:127.0.0.1", ["198.51.100.1"], ["127.0.0.1"], "198.51.100.1"),
        // What the client wrote itself stands before what the proxy added.
        ("127.0.0.1", ["1.2.3.4, 198.51.100.1"], ["127.0.0.1"], "198.51.100.1"),
        ("127.0.0.1", ["1.2.3.4", "198.51.100.1"], ["127.0.0.1"], "198.51.100.1"),
        // Two proxies in a row, one of a network.
        ("127.0.0.1", ["1.2.3.4,198.51.100.1 , 10.1.7.7"], ["127.0.0.1", "10.1.0.0/16"], "198.51.100.1"),
        ("127.0.0.1", ["2001:db8::7"], ["127.0.0.1"], "2001:db8::7"),
        // No address, none behind the proxies, none at all: the proxy itself.
        ("127.0.0.1", ["unknown"], ["127.0.0.1"], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1, unknown"], ["127.0.0.1"], "127.0.0.1"),
        ("127.0.0.1", ["127.0.0.1"], ["127.0.0.1"], "127.0.0.1"),
        ("127.0.0.1", [], ["127.0.0.1"], "127.0.0.1"),
    ])
    func `the client is the last address that is no trusted proxy's`(
        socket: String, lines: [String], names: [String], expected: String
    ) async throws {
        #expect(try await client(over: socket, lines, trusting: names) == expected)
    }

    @Test func `each client behind a proxy has a limit of its own`() async throws {
        let house = try await House()
        let router: Router<Hop> = makeEdgeRouter()
        router.add(middleware: Socket(address: "127.0.0.1"))
        router.add(middleware: TrustedProxies(["127.0.0.1"].compactMap { IPRange($0) }))
        LedgerRoutes(house.service, wallets: RateLimiter.Rate(burst: 2, perSecond: 1)).add(to: router)
        let name = try #require(HTTPField.Name("X-Forwarded-For"))
        try await Application(router: router).test(.router) { client async throws in
            @Sendable func made(from address: String) async throws -> Int {
                try await client.execute(
                    uri: "/v1/wallets", method: .post, headers: [name: address, .contentType: "application/json"],
                    body: ByteBuffer(string: "{}")
                ) { Int($0.status.code) }
            }
            for address in ["198.51.100.1", "198.51.100.2"] {
                #expect(try await made(from: address) == 201)
                #expect(try await made(from: address) == 201)
                #expect(try await made(from: address) == 429)
            }
        }
        await house.service.database.close()
    }
}

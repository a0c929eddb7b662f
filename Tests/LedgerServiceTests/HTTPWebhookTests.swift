import BoxOffice
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Synchronization
import Testing
import Values

@testable import LedgerService

/// Deliveries over real sockets: where a connection goes, and how much of an answer is taken.
@Suite(.timeLimit(.minutes(1))) struct HTTPWebhookTests {
    /// A server on loopback that remembers its requests.
    private final class Log: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    private func withServer(_ body: @Sendable @escaping (Int, Log) async throws -> Void) async throws {
        let log = Log()
        let router = Router()
        router.post("/take") { request, _ in
            log.add("take \(request.head.authority ?? "")")
            return HTTPResponse.Status.noContent
        }
        router.post("/away") { _, _ in
            Response(status: .found, headers: [.location: "/take"])
        }
        router.post("/huge") { _, _ in
            Response(
                status: .ok, headers: [:],
                body: ResponseBody(byteBuffer: ByteBuffer(repeating: 0x61, count: 4 << 20)))
        }
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        try await Application(router: router, logger: logger).test(.live) { client in
            try await body(try #require(client.port), log)
        }
    }

    private let message = WebhookMessage(id: "event_1", timestamp: 1, signatures: "v1,x", body: "{}")

    private func policy(_ ranges: String...) -> WebhookPolicy {
        WebhookPolicy(allowed: ranges.compactMap { IPRange($0) })
    }

    private func send(
        _ url: String, _ policy: WebhookPolicy, meaning addresses: String...
    ) async throws -> WebhookOutcome {
        let sender = HTTPWebhookSender(policy: policy) { _ in addresses.compactMap { IPAddress($0) } }
        let url = try WebhookURL(url, policy: policy)
        do throws(WebhookUnreachable) {
            let line = try await sender.open(url)
            let outcome = await line.send(message)
            await line.close()
            return outcome
        } catch {
            return .failed(error.words)
        }
    }

    @Test func `a connection goes to the address that was judged, whatever the name means elsewhere`() async throws {
        try await withServer { port, log in
            // No resolver knows this name: only the address that was looked up and judged leads anywhere.
            let pinned = try await send(
                "http://hooks.invalid:\(port)/take", policy("127.0.0.1"), meaning: "127.0.0.1")
            #expect(pinned == .answered(status: 204))
            #expect(log.all == ["take hooks.invalid:\(port)"])
            // The first address that may be is taken, and none that may not.
            let mixed = try await send(
                "http://hooks.invalid:\(port)/take", policy("127.0.0.1"), meaning: "10.0.0.1", "127.0.0.1")
            #expect(mixed == .answered(status: 204))
            for addresses in [["127.0.0.1"], ["10.0.0.1", "::1", "169.254.169.254"]] {
                let sender = HTTPWebhookSender(policy: WebhookPolicy()) { _ in addresses.compactMap { IPAddress($0) } }
                let url = try WebhookURL("https://hooks.invalid:\(port)/take", policy: WebhookPolicy())
                await #expect(throws: WebhookUnreachable("the address is not allowed")) {
                    _ = try await sender.open(url)
                }
            }
            let unknown = try await send("http://hooks.invalid:\(port)/take", policy("127.0.0.1"))
            #expect(unknown == .failed("the name has no address"))
            #expect(log.all.count == 2)
        }
    }

    @Test func `redirects are not followed, and an answer without end is cut off`() async throws {
        try await withServer { port, log in
            let base = "http://127.0.0.1:\(port)"
            for (path, status) in [("/away", 302), ("/huge", 200), ("/nothing", 404)] {
                let outcome = try await send(base + path, policy("127.0.0.1"))
                #expect(outcome == .answered(status: status), "\(path)")
            }
            #expect(log.all.isEmpty)
        }
    }

    @Test func `nobody who listens is told as such`() async throws {
        // The discard port, which nothing listens on.
        let outcome = try await send("http://127.0.0.1:9/", policy("127.0.0.1"))
        #expect(outcome == .failed("not reachable") || outcome == .failed("timed out"), "\(outcome)")
    }

    @Test func `the system's resolver says what it knows, and nothing of what it does not`() async throws {
        let loopback = await HTTPWebhookSender.resolve("localhost")
        #expect(loopback.contains { $0.description == "127.0.0.1" || $0.description == "::1" })
        #expect(await HTTPWebhookSender.resolve("name.that.is.invalid").isEmpty)
    }
}

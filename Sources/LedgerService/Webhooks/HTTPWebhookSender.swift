internal import AsyncHTTPClient
public import BoxOffice
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
public import Values

/// Delivers over HTTP. Who registers an endpoint chooses where this server connects to, so: the name is looked up
/// here, the address that was found is judged, and the connection goes to that very address and no other; redirects
/// are not followed; time and size of the answer are bounded, and nothing of it is kept but its status.
public struct HTTPWebhookSender: WebhookSender {
    /// Of a look-up, and of a connection.
    private static let patience = Duration.seconds(5)
    /// From the first byte sent to the last one received.
    private static let answerPatience = TimeAmount.seconds(10)
    /// Of an answer's body; it is read, so that the connection can be used again, and thrown away.
    private static let answerLimit = 16 * 1024

    private let policy: WebhookPolicy
    private let addresses: @Sendable (String) async -> [IPAddress]

    /// - Parameter addresses: what a name means now; the system's resolver unless a test says otherwise.
    public init(
        policy: WebhookPolicy,
        addresses: @escaping @Sendable (String) async -> [IPAddress] = { await resolve($0) }
    ) {
        self.policy = policy
        self.addresses = addresses
    }

    public func open(_ url: WebhookURL) async throws(WebhookUnreachable) -> any WebhookLine {
        let literal = IPAddress(url.host)
        let found = if let literal { [literal] } else { await addresses(url.host) }
        guard !found.isEmpty else { throw WebhookUnreachable("the name has no address") }
        guard let address = found.first(where: { policy.permits($0, isEncrypted: url.isEncrypted) }) else {
            throw WebhookUnreachable("the address is not allowed")
        }
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(5)
        configuration.timeout.read = Self.answerPatience
        configuration.connectionPool.retryConnectionEstablishment = false
        // TLS still asks for the certificate of the name.
        if literal == nil { configuration.dnsOverride = [url.host: address.description] }
        return Line(url: url.text, http: HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration))
    }

    private struct Line: WebhookLine {
        let url: String
        let http: HTTPClient

        func send(_ message: WebhookMessage) async -> WebhookOutcome {
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.headers.add(name: "User-Agent", value: "guichet-webhooks")
            request.headers.add(name: "webhook-id", value: message.id)
            request.headers.add(name: "webhook-timestamp", value: String(message.timestamp))
            request.headers.add(name: "webhook-signature", value: message.signatures)
            request.body = .bytes(ByteBuffer(string: message.body))
            let response: HTTPClientResponse
            do {
                response = try await http.execute(request, deadline: .now() + HTTPWebhookSender.answerPatience)
            } catch let error as HTTPClientError where Self.timeouts.contains(error) {
                return .failed("timed out")
            } catch is NIOConnectionError {
                return .failed("not reachable")
            } catch is IOError {
                return .failed("not reachable")
            } catch {
                // Texts of errors may hold addresses; their types do not.
                return .failed("no answer (\(type(of: error)))")
            }
            var received = 0
            let end = NIODeadline.now() + HTTPWebhookSender.answerPatience
            do {
                for try await part in response.body {
                    received += part.readableBytes
                    if received > HTTPWebhookSender.answerLimit || NIODeadline.now() > end { break }
                }
            } catch {
                // The status has been said; what was to follow is of no interest.
            }
            return .answered(status: Int(response.status.code))
        }

        private static let timeouts: [HTTPClientError] = [.connectTimeout, .readTimeout, .deadlineExceeded]

        func close() async { try? await http.shutdown() }
    }

    /// What the system's resolver says of a name, or nothing after five seconds.
    public static func resolve(_ name: String) async -> [IPAddress] {
        // The resolver blocks its thread for as long as it likes and can't be told to stop: whoever comes first of it
        // and the clock is the answer, and the other one is heard by nobody.
        let (answers, output) = AsyncStream.makeStream(of: [IPAddress].self, bufferingPolicy: .bufferingOldest(1))
        Task.detached {
            let found = try? await NIOThreadPool.singleton.runIfActive { lookUp(name) }
            output.yield(found ?? [])
            output.finish()
        }
        let clock = Task.detached {
            try? await Task.sleep(for: patience)
            output.yield([])
            output.finish()
        }
        defer { clock.cancel() }
        for await answer in answers { return answer }
        return []
    }

    private static func lookUp(_ name: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var next = list
        while let entry = next {
            next = entry.pointee.ai_next
            guard let address = entry.pointee.ai_addr else { continue }
            // `sockaddr_in` has its address at byte 4, `sockaddr_in6` at byte 8 (POSIX layouts).
            let bytes = UnsafeRawBufferPointer(start: UnsafeRawPointer(address), count: Int(entry.pointee.ai_addrlen))
            let part =
                switch entry.pointee.ai_family {
                case AF_INET: Array(bytes.dropFirst(4).prefix(4))
                case AF_INET6: Array(bytes.dropFirst(8).prefix(16))
                default: [UInt8]()
                }
            if let address = IPAddress(part) { found.append(address) }
        }
        return found
    }
}

public import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// What a WHIP or WHEP client can meet besides a plain "no" of the server.
public enum SignallingFault: Error, Hashable, Sendable {
    /// The address is not an `http` or `https` URL.
    case unusableURL
    /// More than five redirects, one without a `Location`, or one from `https` down to `http`: a ticket never travels
    /// less protected than its owner asked.
    case redirect
    /// 201 came without `Location`, with another content type than `application/sdp` or with more than 64 KiB.
    case unusableAnswer
}

/// Makes the proof of a holder's key for one request of this method to this address (RFC 9449).
public typealias RequestProof = @Sendable (_ method: String, _ url: String) -> String

/// The header that carries it.
public let proofHeader = "DPoP"

/// The HTTP half of WHIP (RFC 9725) and WHEP: an offer goes up by POST, an answer comes down, DELETE ends it.
///
/// Works with any server: `Location` may be relative or absolute, redirects 307 and 308 repeat the POST elsewhere with
/// the same bearer (the first server has seen it anyway), and the answer is used as it comes.
struct SessionExchange: Sendable {
    /// An established session on the server.
    struct Session: Sendable {
        let answer: String
        let location: URL
        let entityTag: String?
        /// With this the same seat is taken up again, at a Guichet server.
        let resume: String?
    }

    /// RFC 9725 names no number; five is what browsers allowed for decades less loops.
    static let maximumRedirects = 5
    static let resumeHeader = "Guichet-Resume"
    static let maximumAnswerBytes = 64 * 1024
    /// A server that needs longer than this for an answer is not one to wait for in front of an audience.
    static let fragmentType = "application/trickle-ice-sdpfrag"
    static let timeout = TimeAmount.seconds(15)

    let http: HTTPClient
    let token: String?
    var proof: RequestProof?

    var notices: RoomNotices { RoomNotices(http: http, token: token, proof: proof) }

    /// Sends the offer; follows redirects.
    /// - Parameter secret: of a connection that was lost.
    func post(offer: String, to address: String, resuming secret: String? = nil) async throws -> Session {
        guard var url = URL(string: address), Self.isWeb(url) else { throw SignallingFault.unusableURL }
        for _ in 0...Self.maximumRedirects {
            var request = self.request(.POST, url)
            request.headers.add(name: "Content-Type", value: "application/sdp")
            request.headers.add(name: "Accept", value: "application/sdp")
            if let secret { request.headers.add(name: Self.resumeHeader, value: secret) }
            request.body = .bytes(ByteBuffer(string: offer))
            let response = try await http.execute(request, timeout: Self.timeout)
            switch response.status.code {
            case 201:
                return try await session(response, postedTo: url)
            case 307, 308:
                url = try Self.next(after: url, response.headers.first(name: "Location"))
            default:
                throw try await refusal(response)
            }
        }
        throw SignallingFault.redirect
    }

    /// New ICE credentials for a session that goes on (RFC 9725, section 4.3.3).
    ///
    /// - Returns: the server's fragment; `nil` where the server has none: it does not restart, or is not reached.
    func restart(_ session: Session, fragment: String) async -> String? {
        var request = self.request(.PATCH, session.location)
        request.headers.add(name: "Content-Type", value: Self.fragmentType)
        request.headers.add(name: "If-Match", value: "*")
        request.body = .bytes(ByteBuffer(string: fragment))
        guard let response = try? await http.execute(request, timeout: Self.timeout), response.status == .ok,
            let body = try? await response.body.collect(upTo: Self.maximumAnswerBytes)
        else { return nil }
        return String(buffer: body)
    }

    /// Heals a connection on a task of its own, while events go on.
    func renew(_ session: Session, _ fragment: String, for connection: ClientConnection) {
        Task {
            if let answer = await restart(session, fragment: fragment) { connection.post(.renew(fragment: answer)) }
        }
    }

    /// Ends the session; a server that has forgotten it already is fine.
    func delete(_ session: Session) async throws {
        var request = self.request(.DELETE, session.location)
        if let entityTag = session.entityTag { request.headers.add(name: "If-Match", value: entityTag) }
        let response = try await http.execute(request, timeout: Self.timeout)
        switch response.status.code {
        case 200...299, 404, 410: return
        default: throw try await refusal(response)
        }
    }

    private func request(_ method: HTTPMethod, _ url: URL) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url.absoluteString)
        request.method = method
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let proof { request.headers.add(name: proofHeader, value: proof(method.rawValue, url.absoluteString)) }
        return request
    }

    private func session(_ response: HTTPClientResponse, postedTo url: URL) async throws -> Session {
        let type = response.headers.first(name: "Content-Type")?.split(separator: ";").first?
            .trimmingCharacters(in: .whitespaces).lowercased()
        guard type == "application/sdp", let location = response.headers.first(name: "Location"),
            let resolved = URL(string: location, relativeTo: url)?.absoluteURL, Self.isWeb(resolved),
            let body = try? await response.body.collect(upTo: Self.maximumAnswerBytes)
        else { throw SignallingFault.unusableAnswer }
        return Session(
            answer: String(buffer: body), location: resolved, entityTag: response.headers.first(name: "ETag"),
            resume: response.headers.first(name: Self.resumeHeader))
    }

    private func refusal(_ response: HTTPClientResponse) async throws -> RefusedByServer {
        let body = try? await response.body.collect(upTo: Self.maximumAnswerBytes)
        return RefusedByServer(
            status: Int(response.status.code), problem: body.map { Data($0.readableBytesView) } ?? Data())
    }

    private static func isWeb(_ url: URL) -> Bool {
        (url.scheme == "http" || url.scheme == "https") && url.host != nil
    }

    private static func next(after url: URL, _ location: String?) throws -> URL {
        guard let location, let target = URL(string: location, relativeTo: url)?.absoluteURL, isWeb(target),
            url.scheme == target.scheme || target.scheme == "https"
        else { throw SignallingFault.redirect }
        return target
    }
}

extension HTTPClient {
    /// A client as WHIP and WHEP want it: redirects are the caller's decision, since the offer and the bearer go along.
    /// Whoever makes it shuts it down.
    public static func forSessions() -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(10)
        // A server that refuses the connection is said to be away at once, not after a minute of trying.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }
}

public import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
public import Stage
public import Values

/// The ledger over HTTP, with the service key of this gateway.
///
/// `GET /v1/gateway/snapshot`, `GET /.well-known/jwks.json`, `GET /v1/gateway/feed?after=N&wait=S`, `POST /v1/gateway/receipts`.
public struct HTTPLedgerLink: LedgerLink {
    /// What the ledger answered instead.
    public enum Fault: Error, Hashable, Sendable {
        /// The ledger refused with a status and, where it gave one, a stable code.
        case status(Int, code: String?)
        /// The answer is not what the operation gives.
        case unreadable
    }

    /// 20,000 rooms of 1,200 bytes, 200,000 revocations of 180 bytes and as many ends of 190 bytes stay below this.
    private static let maximumSnapshotBytes = 112 << 20
    private static let maximumPageBytes = 4 << 20

    private struct Problem: Decodable { let code: String }

    private let http: HTTPClient
    private let origin: String
    private let serviceKey: String

    /// - Parameter origin: scheme, host and port of the ledger, for example `https://ledger.example`.
    public init(http: HTTPClient, origin: String, serviceKey: String) {
        self.http = http
        self.origin = origin.hasSuffix("/") ? String(origin.dropLast()) : origin
        self.serviceKey = serviceKey
    }

    // The ledger knows a gateway by its key.
    public func snapshot(for _: GatewayID) async throws -> GatewaySnapshot {
        try await exchange(request("/v1/gateway/snapshot"), within: 30, upTo: Self.maximumSnapshotBytes)
    }

    public func keys() async throws -> String {
        let response = try await http.execute(request("/.well-known/jwks.json"), timeout: .seconds(5))
        guard response.status.code == 200 else { throw Fault.status(Int(response.status.code), code: nil) }
        return String(buffer: try await response.body.collect(upTo: WireLimits.keySetBytes))
    }

    public func feed(after cursor: Int64, waitSeconds: Int, for _: GatewayID) async throws -> FeedPage {
        try await exchange(
            request("/v1/gateway/feed?after=\(cursor)&wait=\(waitSeconds)"), within: Int64(waitSeconds) + 10,
            upTo: Self.maximumPageBytes)
    }

    public func deliver(_ batch: ReceiptBatch) async throws -> ReceiptAcknowledgement {
        try await post("/v1/gateway/receipts", batch)
    }

    public func deliver(_ batch: ActBatch) async throws -> ActAcknowledgement {
        try await post("/v1/gateway/acts", batch)
    }

    private func post<Answer: Decodable>(_ path: String, _ body: some Encodable) async throws -> Answer {
        var request = request(path)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(body)))
        return try await exchange(request, within: 30, upTo: Self.maximumPageBytes)
    }

    private func request(_ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: origin + path)
        request.headers.add(name: "Authorization", value: "Bearer \(serviceKey)")
        request.headers.add(name: "Accept", value: "application/json")
        return request
    }

    private func exchange<Answer: Decodable>(
        _ request: HTTPClientRequest, within seconds: Int64, upTo limit: Int
    ) async throws -> Answer {
        let response = try await http.execute(request, timeout: .seconds(seconds))
        let body = Data(try await response.body.collect(upTo: limit).readableBytesView)
        guard response.status.code == 200 else {
            let code = try? JSONDecoder().decode(Problem.self, from: body).code
            throw Fault.status(Int(response.status.code), code: code)
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: body) else { throw Fault.unreadable }
        return answer
    }
}

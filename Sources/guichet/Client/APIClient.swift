import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import RoomClient

/// The ledger's HTTP API as the commands use it: JSON in, JSON out, refusals as ``RefusedByServer``.
struct APIClient: Sendable {
    let address: String
    let key: String?
    /// Of the key to which a ticket is bound that stands in the place of ``key``.
    var proof: RequestProof?
    /// Language of refusals and of reports: `en` or `fr`.
    var language = ProcessInfo.processInfo.environment["LANG"]?.hasPrefix("fr") == true ? "fr" : "en"

    /// Answers beyond this are refused: the largest honest one is a year's journal of a small house.
    private static let answerLimit = 256 << 20
    /// A sale is answered in milliseconds; a night over a long history may take minutes.
    private static let patience = TimeAmount.minutes(10)

    /// Lives as long as the process; redirects are refused, since a key must not travel to where it was not sent.
    private static let http = HTTPClient.forSessions()

    func get(_ path: String) async throws -> Data { try await send(.GET, path, body: nil, idempotencyKey: nil) }

    func post(_ path: String, _ body: some Encodable, idempotencyKey: String? = nil) async throws -> Data {
        try await send(.POST, path, body: try JSONEncoder().encode(body), idempotencyKey: idempotencyKey)
    }

    func put(_ path: String, _ body: some Encodable) async throws -> Data {
        try await send(.PUT, path, body: try JSONEncoder().encode(body), idempotencyKey: nil)
    }

    /// Reads one answer as the view that the command needs.
    static func decode<View: Decodable>(_ body: Data, as view: View.Type = View.self) throws -> View {
        do {
            return try JSONDecoder().decode(view, from: body)
        } catch {
            throw CommandFailure(.unavailable, "The server's answer is not understood: is it a guichet server?")
        }
    }

    /// Writes an answer of any length into a file as it comes.
    func download(_ path: String, to file: String) async throws {
        let response = try await answer(to: request(.GET, path))
        guard response.status.code == 200 else {
            let problem = try? await response.body.collect(upTo: 1 << 20)
            throw RefusedByServer(
                status: Int(response.status.code), problem: Data((problem ?? ByteBuffer()).readableBytesView))
        }
        let output = try OutputFile.open(file)
        do {
            for try await piece in response.body {
                do { try output.write(contentsOf: Data(piece.readableBytesView)) } catch {
                    throw CommandFailure(.file, "\(file) can't be written.")
                }
            }
            try output.close()
        } catch let failure as CommandFailure {
            throw failure
        } catch { throw CommandFailure(.unavailable, "The answer of \(address) broke off.") }
    }

    private func request(_ method: HTTPMethod, _ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: address + path)
        request.method = method
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "Accept-Language", value: language)
        if let key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
        if let proof { request.headers.add(name: proofHeader, value: proof(method.rawValue, address + path)) }
        return request
    }

    private func answer(to request: HTTPClientRequest) async throws -> HTTPClientResponse {
        do { return try await Self.http.execute(request, timeout: Self.patience) } catch {
            throw CommandFailure(.unavailable, "No server answers at \(address). Start one with 'guichet serve'.")
        }
    }

    func send(
        _ method: HTTPMethod, _ path: String, body: Data?, contentType: String = "application/json",
        idempotencyKey: String?
    ) async throws -> Data {
        var request = request(method, path)
        if let idempotencyKey { request.headers.add(name: "Idempotency-Key", value: idempotencyKey) }
        if let body {
            request.headers.add(name: "Content-Type", value: contentType)
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let status: UInt
        let answer: Data
        do {
            let response = try await Self.http.execute(request, timeout: Self.patience)
            status = response.status.code
            answer = Data(try await response.body.collect(upTo: Self.answerLimit).readableBytesView)
        } catch {
            throw CommandFailure(.unavailable, "No server answers at \(address). Start one with 'guichet serve'.")
        }
        guard (200..<300).contains(status) else {
            throw RefusedByServer(status: Int(status), problem: answer)
        }
        return answer
    }
}

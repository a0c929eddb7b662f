import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Values

/// Buyers of a ``SalesServer``.
struct Shop: Sendable {
    let client: HTTPClient
    private let url: String
    private let body: String
    private let keys: [String]

    init(_ invitation: SalesServer.Invitation, connections: Int) {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        configuration.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        url = "http://127.0.0.1:\(invitation.port)/v1/orders"
        let price = SalesHouse.price
        body =
            #"{"room":"\#(invitation.room)","price":{"amount":\#(price.minorUnits),"currency":"\#(price.currency.code)"}}"#
        keys = invitation.keys
    }

    /// Buys a ticket; whatever else is answered is an error.
    func buy(_ number: Int) async throws {
        let (status, answer) = try await send(number)
        guard status == 201 else { throw BaselineMissing(text: answer) }
    }

    /// Asks for a ticket.
    /// - Returns: the status of the answer.
    func ask(_ number: Int) async throws -> Int { try await send(number).status }

    private func send(_ number: Int) async throws -> (status: Int, answer: String) {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Authorization", value: "Bearer \(keys[number % keys.count])")
        request.headers.add(name: "Idempotency-Key", value: "sale-\(number)")
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: body))
        let response = try await client.execute(request, timeout: .seconds(60))
        let answer = try await response.body.collect(upTo: 65_536)
        return (Int(response.status.code), String(buffer: answer))
    }
}

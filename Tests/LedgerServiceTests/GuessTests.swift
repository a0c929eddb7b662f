import Foundation
import HTTPEdge
import Hummingbird
import NIOCore
import Testing
import Values

@testable import LedgerService

/// Short codes of vouchers can't be tried out, and whoever has one is not held up.
@Suite struct GuessTests {
    /// Requests from one address that is not this machine's.
    private struct Abroad: RemoteAddressRequestContext {
        var coreContext: CoreRequestContextStorage
        var remoteAddress: SocketAddress? { try? SocketAddress(ipAddress: "203.0.113.7", port: 1) }
        init(source: ApplicationRequestContextSource) { coreContext = .init(source: source) }
    }

    private func order(_ room: String, _ code: String) -> String {
        #"{"room":"\#(room)","price":{"amount":500,"currency":"EUR"},"voucher":"\#(code)"}"#
    }

    @Test func `wrong codes are limited by key, over quotes, orders and holds together`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key, capacity: 100)
            let made = try await api.post(
                "/v1/vouchers", #"{"kind":"free","uses":60,"code":"ABCD"}"#, key: host.key, once: "v")
            #expect(made.status == 201, "\(made.json)")
            let thief = try await api.wallet()
            var codes: [String] = []
            for number in 0..<24 {
                let path = ["/v1/quotes", "/v1/orders", "/v1/holds"][number % 3]
                codes.append(
                    try await api.post(path, order(room, "WRONG\(number)"), key: thief.key, once: "\(number)").code)
            }
            #expect(codes.prefix(20).allSatisfy { $0 == "voucher_unknown" }, "\(codes)")
            #expect(codes.suffix(4).allSatisfy { $0 == "too_many_requests" }, "\(codes)")
            // Without a code, and with another key, it goes on.
            let plain = #"{"room":"\#(room)","price":{"amount":500,"currency":"EUR"}}"#
            #expect(try await api.post("/v1/quotes", plain, key: thief.key).status == 200)
            let buyer = try await api.wallet()
            for number in 0..<40 {
                let quote = try await api.post("/v1/quotes", order(room, "ABCD"), key: buyer.key)
                #expect(quote.status == 200, "\(number): \(quote.json)")
            }
            // One more guess every half minute.
            house.time.advance(bySeconds: 31)
            let later = try await api.post("/v1/quotes", order(room, "WRONG"), key: thief.key)
            #expect(later.code == "voucher_unknown")
            let again = try await api.post("/v1/quotes", order(room, "WRONG"), key: thief.key)
            #expect(again.code == "too_many_requests")
        }
    }

    @Test func `wrong codes are limited by network, with whatever keys they come`() async throws {
        let house = try await House()
        try await house.api(as: Abroad.self) { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            var codes: [String] = []
            for number in 0..<22 { codes.append(try await api.post("/v1/quotes", order(room, "WRONG\(number)")).code) }
            #expect(codes.filter { $0 == "voucher_unknown" }.count == 20, "\(codes)")
            let fresh = try await api.wallet(0)
            #expect(try await api.post("/v1/quotes", order(room, "WRONG"), key: fresh.key).code == "too_many_requests")
        }
    }

    @Test func `guesses that come at once are no more than guesses in a row`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let thief = try await api.wallet(0)
            let codes = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        try await api.post("/v1/quotes", order(room, "WRONG\(number)"), key: thief.key).code
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(codes == ["voucher_unknown": 20, "too_many_requests": 40])
        }
    }
}

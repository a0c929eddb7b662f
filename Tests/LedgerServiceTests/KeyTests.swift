import HTTPEdge
import Hummingbird
import LedgerService
import NIOCore
import Testing
import Values

@testable import HTTPEdge

@Suite struct KeyTests {
    @Test func `a revoked key opens nothing, by key or by subject`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let wallet = try await api.wallet(0)
            func revoke(_ body: String, key: String = House.operatorKey) async throws -> API.Answer {
                try await api.post("/v1/keys/revoke", body, key: key)
            }
            #expect(try await revoke(#"{"key":"\#(wallet.key)"}"#, key: host.key).code == "key_scope")
            #expect(try await api.get("/v1/rooms", key: host.key).status == 200)
            #expect(try await revoke(#"{"key":"\#(host.key)"}"#).int("revoked") == 1)
            #expect(try await revoke(#"{"key":"\#(host.key)"}"#).int("revoked") == 0)
            #expect(try await api.get("/v1/rooms", key: host.key).code == "key_unknown")
            #expect(try await api.get("/v1/wallets/\(wallet.holder)", key: wallet.key).status == 200)
            #expect(try await revoke(#"{"subject":"\#(wallet.holder)"}"#).int("revoked") == 1)
            #expect(try await api.get("/v1/wallets/\(wallet.holder)", key: wallet.key).code == "key_unknown")
            #expect(try await revoke("{}").code == "key_to_revoke")
            #expect(try await revoke(#"{"key":"a","subject":"b"}"#).code == "key_to_revoke")
            #expect(try await revoke(#"{"key":"gk_host_nobody"}"#).code == "key_not_found")
            #expect(try await revoke(#"{"subject":"moon"}"#).code == "key_not_found")
        }
    }

    @Test func `an operator key is changed by making another one, never by revoking itself`() async throws {
        let house = try await House()
        try await house.api { api in
            let own = #"{"key":"\#(House.operatorKey)"}"#
            #expect(try await api.post("/v1/keys/revoke", own, key: House.operatorKey).code == "key_own")
            let all = #"{"subject":"operator"}"#
            #expect(try await api.post("/v1/keys/revoke", all, key: House.operatorKey).code == "key_own")
            let next = try await api.post("/v1/keys", #"{"scope":"operator"}"#, key: House.operatorKey).text("key")
            #expect(try await api.post("/v1/keys/revoke", own, key: next).int("revoked") == 1)
            #expect(try await api.get("/v1/rooms", key: House.operatorKey).code == "key_unknown")
        }
    }

    private struct Visitor: RequestContext, RemoteAddressRequestContext {
        var coreContext: CoreRequestContextStorage
        let remoteAddress: SocketAddress?

        init(source: ApplicationRequestContextSource) {
            coreContext = .init(source: source)
            remoteAddress = try? SocketAddress(ipAddress: "203.0.113.7", port: 40_000)
        }
    }

    @Test func `one network makes thirty wallets at once and then one in two seconds`() async throws {
        let house = try await House()
        try await house.api(as: Visitor.self) { api in
            for _ in 0..<30 { #expect(try await api.post("/v1/wallets").status == 201) }
            let refused = try await api.post("/v1/wallets")
            #expect(refused.status == 429)
            #expect(refused.code == "too_many_requests")
            #expect(refused.headers[.retryAfter] == "2")
            house.time.advance(bySeconds: 2)
            #expect(try await api.post("/v1/wallets").status == 201)
            #expect(try await api.post("/v1/wallets").status == 429)
        }
    }

    @Test func `a network is an IPv4 address or an IPv6 64, and loopback is none`() throws {
        func network(_ text: String) throws -> String? { try SocketAddress(ipAddress: text, port: 1).limitedNetwork }
        for loopback in ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"] { #expect(try network(loopback) == nil) }
        #expect(try network("192.0.2.1") == network("::ffff:192.0.2.1"))
        #expect(try network("192.0.2.1") != network("192.0.2.2"))
        #expect(try network("2001:db8:1:2:3:4:5:6") == network("2001:db8:1:2::1"))
        #expect(try network("2001:db8:1:2::1") != network("2001:db8:1:3::1"))
    }
}

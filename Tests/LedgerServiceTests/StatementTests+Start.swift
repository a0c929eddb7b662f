import Testing

@testable import LedgerService

extension StatementTests {
    @Test func `a statement is read within the very second of the first payment, and a second time as well`()
        async throws
    {
        let house = try await House()
        try await house.api { api in
            _ = try await payments.stage(api)
            for once in ["1", "2"] {
                let read = try await api.post(
                    "/v1/provider-statements", #"{"provider":"sandbox"}"#, key: House.financeKey, once: once)
                #expect(read.status == 201, "\(read.json)")
                #expect(read.text("from") == "2026-03-02T11:59:59Z", "\(read.json)")
            }
        }
    }
}

import Foundation
import Stage
import Testing
import Values

@testable import RoomGateway

@Suite("Without word of the ledger", .serialized, .timeLimit(.minutes(1)))
struct StaleTests {
    private func enter(_ house: TestHouse) async throws -> TestHouse.Answer {
        try await house.send(
            "POST", "whep", token: house.ticket(.listener).token, type: "application/sdp",
            body: try TestHouse.deadOffer())
    }

    @Test("nobody new comes in once what is known is too old, and people do when the ledger is back")
    func stale() async throws {
        try await TestHouse.open(configure: { $0.admission = AdmissionPolicy(maximumSilenceSeconds: 3) }) { house in
            #expect(try await enter(house).status == 201)
            await house.ledger.setAway(true)
            try await Task.sleep(for: .seconds(5))
            let late = try await enter(house)
            #expect(late.status == 503 && late.code == "stale_snapshot")
            await house.ledger.setAway(false)
            var again = late
            for _ in 0..<100 where again.status != 201 {
                try await Task.sleep(for: .milliseconds(100))
                again = try await enter(house)
            }
            #expect(again.status == 201, "\(again.body)")
        }
    }
}

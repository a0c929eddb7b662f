import Stage
import Simulation
import Testing
import Values

@testable import RoomGateway

@Suite("Who left")
struct DepartureTests {
    @Test("the last ones are remembered, the oldest is forgotten first, and no more are kept than the bound")
    func ring() {
        var departures = Departures()
        let all = (0..<(Departures.capacity + 100)).map { _ in
            (TestHouse.id(AdmissionID.self), TestHouse.id(TicketID.self))
        }
        for (admission, ticket) in all {
            departures.remember(ticket, of: admission, .left)
            departures.remember(TestHouse.id(TicketID.self), of: admission, .consentLost)
        }
        #expect(all.prefix(100).allSatisfy { departures[$0.0] == nil })
        #expect(all.dropFirst(100).allSatisfy { departures[$0.0] == .init(ticket: $0.1, reason: .left) })
        departures.correct(all[100].0, .replaced)
        departures.correct(all[0].0, .replaced)
        #expect(departures[all[100].0] == .init(ticket: all[100].1, reason: .replaced) && departures[all[0].0] == nil)
    }
}

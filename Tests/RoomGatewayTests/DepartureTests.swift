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
            departures.remember(ticket, of: admission)
            departures.remember(TestHouse.id(TicketID.self), of: admission)
        }
        #expect(all.prefix(100).allSatisfy { departures[$0.0] == nil })
        #expect(all.dropFirst(100).allSatisfy { departures[$0.0] == $0.1 })
    }
}

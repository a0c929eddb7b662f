import BoxOffice
import Testing
import Values

@Suite("Sharing policies")
struct RoomSharingTests {
    @Test("change for as long as the room is to come or lasts, and the same again is no change")
    func table() throws {
        let fixture = try Fixture()
        let scheduled = try fixture.room()
        let open = try scheduled.opened(at: fixture.at(0))
        for room in [scheduled, open] {
            #expect(try decideSharing(.firstWins, from: .newestWins, of: room, at: fixture.at(10)) == .firstWins)
            #expect(try decideSharing(.devices(2), from: .devices(3), of: room, at: fixture.at(10)) == .devices(2))
            #expect(try decideSharing(.firstWins, from: .firstWins, of: room, at: fixture.at(10)) == nil)
            #expect(throws: RoomStateRefusal.ended) {
                try decideSharing(.firstWins, from: .newestWins, of: room, at: room.endsAt)
            }
        }
        let closed = try open.closed(at: fixture.at(20))
        #expect(throws: RoomStateRefusal.closed) {
            try decideSharing(.firstWins, from: .newestWins, of: closed, at: fixture.at(30))
        }
        let cancelled = try scheduled.cancelled(at: fixture.at(20))
        #expect(throws: RoomStateRefusal.cancelled) {
            try decideSharing(.newestWins, from: .newestWins, of: cancelled, at: fixture.at(30))
        }
    }
}

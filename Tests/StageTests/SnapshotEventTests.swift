import Simulation
import Stage
import Testing
import Values

@Suite struct SnapshotEventTests {
    /// What was said last about each thing, kept in the plainest way.
    private struct Expected {
        var rooms: [RoomID: RoomBrief] = [:]
        var revoked: [TicketID: RevocationNotice] = [:]
        var ends: [TicketID: TicketEnd] = [:]
        var bindings: [TicketID: TicketBinding] = [:]
        var bans: Set<HostBanNotice> = []
        var jwks = ""
    }

    @Test(arguments: 1...30)
    func `a snapshot behind its events says what was said last, however the events came`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let start = Instant(seconds: 1_772_000_000)
        let cast = Cast()
        let rooms = (0..<3).map { _ -> RoomID in .make(at: start, using: &generator) }
        let tickets = (0..<4).map { _ -> TicketID in .make(at: start, using: &generator) }
        let hosts = (0..<2).map { _ -> HostID in .make(at: start, using: &generator) }
        let holders = (0..<2).map { _ -> Subject in .holder(.make(at: start, using: &generator)) }
        var expected = Expected()
        var events: [FeedEvent] = []
        for sequence in 1...Int64(60) {
            let room = rooms.randomElement(using: &generator) ?? rooms[0]
            let ticket = tickets.randomElement(using: &generator) ?? tickets[0]
            let at = start.advanced(bySeconds: sequence)
            let change: FeedEvent.Change
            switch Int.random(in: 0..<6, using: &generator) {
            case 0:
                let original = cast.brief(capacity: Int.random(in: 1...9, using: &generator))
                let brief = RoomBrief(
                    room: room, host: hosts[0], title: original.title, startsAt: original.startsAt,
                    endsAt: original.endsAt, doorsOpenAt: original.doorsOpenAt, capacity: original.capacity,
                    state: Bool.random(using: &generator) ? .open : .closed)
                expected.rooms[room] = brief
                change = .room(brief)
            case 1:
                let notice = RevocationNotice(ticket: ticket, room: room, reason: .refunded, at: at)
                expected.revoked[ticket] = notice
                change = .revoked(notice)
            case 2:
                let end = TicketEnd(ticket: ticket, room: room, endsAt: at.advanced(bySeconds: 600), at: at)
                expected.ends[ticket] = end
                change = .extended(end)
            case 3:
                let binding = TicketBinding(
                    ticket: ticket, room: room, thumbprint: String(repeating: "A", count: 42) + "\(sequence % 10)")
                expected.bindings[ticket] = binding
                change = .bound(binding)
            case 4:
                let notice = HostBanNotice(
                    host: hosts.randomElement(using: &generator) ?? hosts[0],
                    holder: holders.randomElement(using: &generator) ?? holders[0],
                    banned: Bool.random(using: &generator))
                expected.bans = expected.bans.filter { $0.host != notice.host || $0.holder != notice.holder }
                if notice.banned { expected.bans.insert(notice) }
                change = .banned(notice)
            default:
                expected.jwks = "keys \(sequence)"
                change = .keys(jwks: expected.jwks)
            }
            events.append(FeedEvent(sequence: sequence, change: change))
        }
        let empty = GatewaySnapshot(cursor: 0, issuer: "i", audience: "a", jwks: "", rooms: [], revoked: [])
        var whole = empty
        whole.apply(events)
        #expect(whole.cursor == 60 && whole.jwks == expected.jwks, "seed \(seed)")
        #expect(Set(whole.rooms) == Set(expected.rooms.values) && whole.rooms.count == expected.rooms.count)
        #expect(Set(whole.revoked) == Set(expected.revoked.values) && whole.revoked.count == expected.revoked.count)
        #expect(Set(whole.ends) == Set(expected.ends.values) && whole.ends.count == expected.ends.count)
        #expect(Set(whole.bindings) == Set(expected.bindings.values))
        #expect(Set(whole.bans) == expected.bans && whole.bans.count == expected.bans.count, "seed \(seed)")
        // In parts, and parts twice.
        var parts = empty
        let cut = Int.random(in: 1..<60, using: &generator)
        parts.apply(Array(events.prefix(cut)))
        parts.apply(Array(events.dropFirst(max(0, cut - 5))))
        parts.apply(events)
        #expect(Set(parts.bans) == expected.bans && Set(parts.rooms) == Set(whole.rooms) && parts.cursor == 60)
        #expect(Set(parts.ends) == Set(whole.ends) && Set(parts.revoked) == Set(whole.revoked), "seed \(seed)")
    }
}

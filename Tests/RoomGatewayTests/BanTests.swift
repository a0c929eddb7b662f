import Stage
import Testing
import Values

@testable import RoomGateway

@Suite("Bans of a host at the door", .serialized, .timeLimit(.minutes(2)))
struct BanTests {
    private func knock(_ house: TestHouse, _ ticket: TestHouse.Held) async throws -> String {
        let entry = try await house.enter(ticket, try TestHouse.deadOffer())
        return entry.code ?? "in"
    }

    @Test("whoever is banned is sent out and not let in, with any ticket, until the host lets them in again")
    func banned() async throws {
        try await TestHouse.open { house async throws in
            let (ticket, other) = (house.ticket(.listener), house.ticket(.listener))
            let second = house.ticket(.listener, holder: ticket.holder)
            let watcher = EventReader(house, token: ticket.token)
            #expect(try await knock(house, ticket) == "in")
            #expect(try await knock(house, other) == "in")
            #expect(try await watcher.event("state") != nil)
            let notice = HostBanNotice(host: house.room.host, holder: ticket.holder, banned: true)
            await house.ledger.say(.banned(notice))
            let isOut = try await holds { await house.seats.map(\.holder) == [other.holder] }
            #expect(isOut)
            let ended = try #require(try await watcher.event("ended"))
            #expect(ended.member("code") as? String == "banned")
            #expect(try await knock(house, ticket) == "banned_by_host")
            #expect(try await knock(house, second) == "banned_by_host")
            let view = try await house.send("GET", "events", token: second.token)
            #expect(view.status == 403 && view.code == "banned_by_host")
            let told = try await house.ledger.receipt { $0.ticket == ticket.id && $0.kind.leftReason == .banned }
            #expect(told != nil)
            await house.ledger.say(.banned(HostBanNotice(host: notice.host, holder: notice.holder, banned: false)))
            let isBack = try await holds { try await knock(house, second) == "in" }
            #expect(isBack)
        }
    }

    @Test("a ban of another host says nothing here, and a snapshot tells of those that were")
    func snapshot() async throws {
        try await TestHouse.open { house async throws in
            let ticket = house.ticket(.listener)
            await house.ledger.say(.banned(HostBanNotice(host: TestHouse.id(), holder: ticket.holder, banned: true)))
            await house.ledger.say(
                .revoked(
                    RevocationNotice(
                        ticket: TestHouse.id(), room: house.room.room, reason: .refunded, at: wallNow())))
            #expect(try await knock(house, ticket) == "in")
            let ban = HostBanNotice(host: house.room.host, holder: ticket.holder, banned: true)
            await house.gateway.rooms.apply(bans: [ban])
            #expect(await house.seats.isEmpty)
            #expect(try await knock(house, ticket) == "banned_by_host")
            await house.gateway.rooms.apply(bans: [])
            #expect(try await knock(house, ticket) == "in")
        }
    }
}

import AudioRelay
import MediaWire
import RoomClient
import Stage
import Synchronization
import Testing
import Tickets
import Values

@testable import RoomGateway

@Suite("Rehearsals", .serialized, .timeLimit(.minutes(2)))
struct RehearsalTests {
    /// A room that begins in an hour and is not open yet.
    private static func coming(_ state: RoomBrief.State = .scheduled) -> RoomBrief {
        let now = wallNow()
        return RoomBrief(
            room: TestHouse.id(), host: TestHouse.id(), title: "Later", startsAt: now.advanced(bySeconds: 3_600),
            endsAt: now.advanced(bySeconds: 7_200), doorsOpenAt: now.advanced(bySeconds: 3_000), capacity: 10,
            state: state)
    }

    private func listen(_ house: TestHouse, _ token: String, into ear: Ear) -> Task<ListenSummary, any Error> {
        Task {
            let summary = try await WHEPListener(url: house.url("rehearsal/whep"), token: token, http: house.http)
                .listen { ear.add($0, $1) }
            ear.ended.withLock { $0 = summary.end }
            return summary
        }
    }

    private func send(_ house: TestHouse, _ token: String) -> Task<PublishSummary, any Error> {
        Task {
            try await WHIPPublisher(url: house.url("rehearsal/whip"), token: token, http: house.http)
                .publish(packets(50), loops: true)
        }
    }

    private func knock(_ house: TestHouse, _ ticket: TestHouse.Held, _ verb: String = "rehearsal/whep") async throws
        -> String
    {
        let purpose: ClientPurpose = verb.hasSuffix("whip") ? .publish : .listen(slots: 1)
        return try await house.enter(ticket, try TestHouse.deadOffer(purpose), verb: verb).code ?? "in"
    }

    @Test("a host hears what they send and nobody else does, and no receipt, seat or stage knows of it")
    func comesBack() async throws {
        try await TestHouse.open(room: Self.coming()) { house async throws in
            let (host, cohost) = (house.ticket(.host), house.ticket(.cohost))
            let (ear, other) = (Ear(), Ear())
            let hearing = listen(house, host.token, into: ear)
            let elsewhere = listen(house, cohost.token, into: other)
            let speaking = send(house, host.token)
            #expect(try await ear.hears(50))
            // What came is what was sent, and the co-host in a rehearsal of their own heard none of it.
            let sent = Set(packets(50).map(\.bytes))
            #expect(ear.payloads.allSatisfy { sent.contains($0) })
            #expect(other.count == 0)
            #expect(await house.seats.isEmpty)
            #expect(await house.gateway.rooms.liveCounts().rehearsals == 3)
            let page = try await house.send("GET", "/metrics")
            #expect(page.body.contains("guichet_rehearsals 3"))
            for task in [hearing, elsewhere] { task.cancel() }
            speaking.cancel()
            _ = try? await speaking.value
            let isOver = try await holds { await house.gateway.rooms.liveCounts().rehearsals == 0 }
            #expect(isOver)
            #expect(await house.gateway.rooms.rehearsalKeys.isEmpty)
            #expect(await house.ledger.receipts.isEmpty)
            #expect(await house.ledger.acts.isEmpty)
        }
    }

    @Test("it ends when the room begins, for those who are in it and those who come")
    func begins() async throws {
        try await TestHouse.open(room: Self.coming()) { house async throws in
            let host = house.ticket(.host)
            let ear = Ear()
            _ = listen(house, host.token, into: ear)
            let speaking = send(house, host.token)
            #expect(try await ear.hears(10))
            // Opened long before its start: people may come in from the doors on, and the rehearsal goes on.
            var brief = house.room
            brief.state = .open
            await house.ledger.say(.room(brief))
            let before = ear.count
            #expect(try await ear.hears(before + 50))
            // It begins now.
            brief.startsAt = wallNow().advanced(bySeconds: -1)
            brief.doorsOpenAt = brief.startsAt
            await house.ledger.say(.room(brief))
            #expect(try await ear.hasEnded())
            speaking.cancel()
            #expect(try await knock(house, host) == "rehearsal_over")
            #expect(try await knock(house, host, "whep") == "in")
        }
    }

    @Test("a ticket that was taken back while the ledger was away ends its own rehearsal with the next snapshot")
    func revokedMeanwhile() async throws {
        try await TestHouse.open(room: Self.coming()) { house async throws in
            let (host, cohost) = (house.ticket(.host), house.ticket(.cohost))
            let ears = (Ear(), Ear())
            let listening = [listen(house, host.token, into: ears.0), listen(house, cohost.token, into: ears.1)]
            let speaking = [send(house, host.token), send(house, cohost.token)]
            #expect(try await ears.0.hears(10))
            #expect(try await ears.1.hears(10))
            #expect(await house.gateway.rooms.rooms.isEmpty)
            await house.ledger.setAway(true)
            // Longer than a question of the feed, so that what comes next is a snapshot.
            #expect(
                try await holds {
                    try await !house.send("GET", "/metrics").body.contains("guichet_feed_failures_total 0")
                })
            await house.ledger.say(
                .revoked(.init(ticket: cohost.id, room: house.room.room, reason: .withdrawn, at: wallNow())))
            await house.ledger.setAway(false)
            #expect(try await ears.1.hasEnded())
            #expect(try await knock(house, cohost) == "ticket_revoked")
            let before = ears.0.count
            #expect(try await ears.0.hears(before + 10))
            for task in listening { task.cancel() }
            for task in speaking { task.cancel() }
        }
    }

    @Test("the end of the rehearsal is a deadline of the relay, without any word of the ledger")
    func deadline() async throws {
        var brief = Self.coming(.open)
        brief.startsAt = wallNow().advanced(bySeconds: 3)
        brief.doorsOpenAt = brief.startsAt
        try await TestHouse.open(room: brief) { house async throws in
            let brief = house.room
            let host = house.ticket(.host)
            let ear = Ear()
            _ = listen(house, host.token, into: ear)
            let speaking = send(house, host.token)
            #expect(try await ear.hasEnded())
            #expect(wallNow().seconds - brief.startsAt.seconds < 3)
            let isOver = try await holds { await house.gateway.rooms.liveCounts().rehearsals == 0 }
            #expect(isOver)
            speaking.cancel()
        }
    }

    @Test(
        "listeners, the banned, the removed and other rooms' tickets rehearse nothing, and a second line replaces the first"
    )
    func refused() async throws {
        try await TestHouse.open(room: Self.coming()) { house async throws in
            let host = house.ticket(.host)
            #expect(try await knock(house, house.ticket(.listener)) == "rehearsal_stage_only")
            #expect(try await knock(house, house.ticket(.listener), "rehearsal/whip") == "rehearsal_stage_only")
            #expect(try await knock(house, house.ticket(.listener), "whep") == "doors_closed")
            #expect(try await knock(house, house.ticket(.host, room: TestHouse.id())) == "ticket_room")
            let bare = try await house.send("POST", "rehearsal/whip", type: "application/sdp", body: "v=0\r\n")
            #expect(bare.status == 401)
            #expect(
                try await house.send("POST", "rehearsal/whip", token: host.token, type: "application/sdp", body: "v=0")
                    .code == "sdp_malformed")
            #expect(try await knock(house, host) == "in")
            #expect(try await knock(house, host) == "in")
            #expect(await house.gateway.rooms.liveCounts().rehearsals == 1)
            let cohost = house.ticket(.cohost)
            #expect(try await knock(house, cohost) == "in")
            await house.ledger.say(
                .banned(HostBanNotice(host: house.room.host, holder: cohost.holder, banned: true)))
            let isOut = try await holds { await house.gateway.rooms.liveCounts().rehearsals == 1 }
            #expect(isOut)
            #expect(try await knock(house, cohost) == "banned_by_host")
            // Somebody else's rehearsal can't be ended, the own one can, once and again.
            let (id, rehearsal) = try #require(await house.gateway.rooms.rehearsals.first)
            #expect(rehearsal.claims.ticket == host.id)
            let foreign = try await house.send(
                "DELETE", "rehearsal/sessions/\(id)", token: house.ticket(.speaker).token)
            #expect(foreign.code == "admission_foreign")
            for _ in 0..<2 {
                let left = try await house.send("DELETE", "rehearsal/sessions/\(id)", token: host.token)
                #expect(left.status == 200)
            }
            #expect(await house.gateway.rooms.liveCounts().rehearsals == 0)
        }
    }
}

import Foundation
import HTTPEdge
import HTTPTypes
import Ledger
import Stage
import Store
import Testing
import Values

@testable import LedgerService

@Suite struct BanTests {
    private func ban(
        _ api: API, _ host: String, _ body: String, key: String, once: String
    ) async throws -> API.Answer {
        try await api.post("/v1/hosts/\(host)/bans", body, key: key, once: once)
    }

    private func lift(
        _ api: API, _ host: String, _ holder: String, key: String, once: String
    ) async throws -> API.Answer {
        try await api.post("/v1/hosts/\(host)/bans/\(holder)/lift", key: key, once: once)
    }

    @Test func `a banned buyer gets no ticket of the host in any way, and of other hosts as before`() async throws {
        let house = try await House()
        try await house.api { api in
            let (host, other) = (try await api.host(), try await api.host("Bea"))
            let (room, elsewhere) = (try await api.room(host.key, capacity: 1), try await api.room(other.key))
            let (rude, nice) = (try await api.wallet(5_000), try await api.wallet(5_000))
            let mine = try await api.buy(room, key: nice.key)
            let start = try await house.service.feed(after: 0)
            let said = try await ban(
                api, host.id, #"{"holder":"\#(rude.holder)","reason":"Shouted"}"#, key: host.key, once: "ban")
            #expect(said.status == 201 && said.text("holder") == rude.holder, "\(said.json)")
            #expect(said.text("reason") == "Shouted" && said.text("by") == host.id)
            // Again, by the same command and by another: nothing new.
            for once in ["ban", "again"] {
                let body = #"{"holder":"\#(rude.holder)","reason":"Shouted"}"#
                #expect(try await ban(api, host.id, body, key: host.key, once: once).bytes == said.bytes)
            }
            let page = try await house.service.feed(after: start.next)
            let holder = try #require(Subject(rude.holder))
            let id = try #require(HostID(host.id))
            #expect(page.events.map(\.change) == [.banned(HostBanNotice(host: id, holder: holder, banned: true))])
            #expect(try await house.service.snapshot().bans == [HostBanNotice(host: id, holder: holder, banned: true)])

            let big = try await api.room(host.key)
            let order = #"{"room":"\#(big)","price":{"amount":500,"currency":"EUR"}}"#
            #expect(try await api.buy(big, key: rude.key).code == "holder_banned")
            #expect(try await api.post("/v1/holds", order, key: rude.key, once: "hold").code == "holder_banned")
            #expect(try await api.post("/v1/gifts", order, key: rude.key, once: "gift").code == "holder_banned")
            let wait = #"{"room":"\#(room)","count":1,"most":{"amount":900,"currency":"EUR"}}"#
            let waiting = try await api.post("/v1/waiting", wait, key: rude.key, once: "wait")
            #expect(waiting.code == "holder_banned" || waiting.status == 404, "\(waiting.json)")
            let offer = try await api.post(
                "/v1/tickets/\(mine.text("ticket"))/transfers", key: nice.key, once: "offer")
            let code = #"{"code":"\#(offer.text("code"))"}"#
            #expect(
                try await api.post("/v1/transfers/accept", code, key: rude.key, once: "take").code == "holder_banned")
            #expect(try await api.buy(elsewhere, key: rude.key, once: "other").status == 201)
            #expect(try await api.buy(big, key: nice.key, once: "nice").status == 201)

            let list = try await api.get("/v1/hosts/\(host.id)/bans", key: host.key)
            #expect((list.json["bans"] as? [[String: Any]])?.count == 1)
            #expect(try await lift(api, host.id, rude.holder, key: host.key, once: "lift").status == 200)
            #expect(
                try await lift(api, host.id, rude.holder, key: host.key, once: "more").code == "holder_not_banned")
            #expect(try await api.buy(big, key: rude.key, once: "now").status == 201)
            let empty = try await api.get("/v1/hosts/\(host.id)/bans", key: host.key)
            #expect((empty.json["bans"] as? [[String: Any]])?.isEmpty == true)
            #expect(try await house.service.snapshot().bans.isEmpty)
            let report = try await house.service.audit(by: .operator)
            #expect(report.lines.allSatisfy { $0.broken == 0 }, "\(report)")
            #expect(report.lines.contains { $0.check == "bans" && $0.counted == 2 })
        }
    }

    @Test func `a sale and a ban of one group meet in order`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key, capacity: 20)
            let (rude, nice) = (try await api.wallet(9_000), try await api.wallet(9_000))
            // Many at once: whatever order they come in, nobody buys behind the ban.
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = try await ban(api, host.id, #"{"holder":"\#(rude.holder)"}"#, key: host.key, once: "ban")
                }
                for number in 0..<6 {
                    group.addTask { _ = try await api.buy(room, key: rude.key, once: "r\(number)") }
                    group.addTask { _ = try await api.buy(room, key: nice.key, once: "n\(number)") }
                }
                try await group.waitForAll()
            }
            #expect(try await api.buy(room, key: rude.key, once: "late").code == "holder_banned")
            let report = try await house.service.audit(by: .operator)
            #expect(report.lines.allSatisfy { $0.broken == 0 }, "\(report)")
        }
    }

    @Test func `who may not, and whom nobody knows, is refused; a ticket stands for its holder`() async throws {
        let house = try await House()
        try await house.api { api in
            let (host, other) = (try await api.host(), try await api.host("Bea"))
            let room = try await api.room(host.key)
            let (buyer, second) = (try await api.wallet(), try await api.wallet())
            let ticket = try await api.buy(room, key: buyer.key).text("ticket")
            let body = #"{"ticket":"\#(ticket)"}"#
            #expect(try await ban(api, host.id, body, key: other.key, once: "1").code == "key_scope")
            #expect(try await ban(api, host.id, body, key: buyer.key, once: "2").code == "key_scope")
            #expect(try await api.get("/v1/hosts/\(host.id)/bans", key: other.key).code == "key_scope")
            // Of another host's room a ticket says nothing.
            #expect(try await ban(api, other.id, body, key: other.key, once: "3").code == "holder_unknown")
            let nobody = #"{"holder":"holder_00000000000000000000000000"}"#
            #expect(try await ban(api, host.id, nobody, key: host.key, once: "4").code == "holder_unknown")
            for bad in ["{}", #"{"holder":"\#(buyer.holder)","ticket":"\#(ticket)"}"#, #"{"holder":"x"}"#] {
                #expect(try await ban(api, host.id, bad, key: host.key, once: bad.count.description).status == 400)
            }
            let long = String(repeating: "a", count: 201)
            #expect(
                try await ban(
                    api, host.id, #"{"ticket":"\#(ticket)","reason":"\#(long)"}"#, key: host.key, once: "5"
                ).status == 400)
            let moderator = try await api.post(
                "/v1/keys", #"{"scope":"moderator","host":"\#(host.id)"}"#, key: House.operatorKey)
            let done = try await ban(api, host.id, body, key: moderator.text("key"), once: "6")
            #expect(done.status == 201 && done.text("holder") == buyer.holder, "\(done.json)")
            #expect(done.text("by") == "\(host.id)/moderator")
            #expect(
                try await lift(api, host.id, second.holder, key: host.key, once: "7").code == "holder_not_banned")
            // The ticket stays what it was: a ban gives nothing back.
            #expect(try await api.get("/v1/tickets/\(ticket)", key: buyer.key).text("state") == "not_yet_valid")
        }
    }

    @Test func `a ban ends what its person waits for and holds, and the next in line is served`() async throws {
        let queue = try await Queue(capacity: 2)
        let (rude, nice, owner) = (try await queue.person(), try await queue.person(), try await queue.person())
        func ban(_ once: String, _ banned: Bool = true) async throws {
            _ = try await queue.service.ban(
                .holder(rude), banned: banned, by: queue.host, key: try queue.once("\(once)-of-the-host"),
                as: .host(queue.host))
        }
        let tickets = try await queue.buy(2, by: owner)
        // Next in line, and then with an offer: either way the ban puts nice first.
        for offered in [false, true] {
            let (first, second) = (try await queue.join(by: rude), try await queue.join(by: nice))
            if offered { try await queue.giveBack(tickets[1], by: owner) }
            #expect(try await queue.state(first) == (offered ? "offered" : "waiting"))
            try await ban("ban-\(offered)")
            let ended = try await queue.look(first)
            #expect(ended.state != "offered" && ended.position == nil)
            if !offered { try await queue.giveBack(tickets[0], by: owner) }
            let offer = try #require(try await queue.look(second).offer)
            _ = try await queue.service.payHold(offer.hold, key: try queue.once(), by: .wallet(nice))
            try await ban("lift-\(offered)", false)
        }
        // Money that was on its way for a hold makes no ticket and is not lost.
        let other = try await Queue(capacity: 2)
        let buyer = try await other.person()
        let hold = try await other.service.hold(other.order(), key: try other.once(), by: .wallet(buyer))
        _ = try await other.service.ban(
            .holder(buyer), by: other.host, key: try other.once(), as: .host(other.host))
        #expect(try await other.service.hold(hold.hold, by: .operator).state == "cancelled")
        let money = HoldMoney(provider: "bank", reference: "late", amount: hold.total)
        let late = try await other.service.receive(money, for: hold.hold, key: try other.once(), by: .operator)
        #expect(late.state == "suspended" && (late.tickets ?? []).isEmpty, "\(late)")
        _ = try await other.buy(2, by: try await other.person())
        for service in [queue.service, other.service] {
            let report = try await service.audit(by: .operator)
            #expect(report.lines.allSatisfy { $0.broken == 0 }, "\(report)")
        }
    }
}

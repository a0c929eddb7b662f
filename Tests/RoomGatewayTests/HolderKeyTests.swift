import Foundation
import Stage
import Testing
import Tickets
import Values

@testable import RoomGateway

@Suite("Bound tickets", .serialized, .timeLimit(.minutes(2)))
struct HolderKeyTests {
    /// One request with a bound ticket and this proof.
    private func enter(
        _ house: TestHouse, _ ticket: TestHouse.Held, _ proof: String?, verb: String = "whep"
    ) async throws -> TestHouse.Answer {
        try await house.send(
            "POST", verb, token: ticket.token, type: "application/sdp", body: try TestHouse.deadOffer(),
            headers: proof.map { [("DPoP", $0)] } ?? [])
    }

    private func proof(
        _ house: TestHouse, _ ticket: TestHouse.Held, _ key: SigningKey, method: String = "POST", path: String = "whep",
        id: String = UUID().uuidString, shifted seconds: Int64 = 0, of token: String? = nil
    ) -> String {
        HolderProof.make(
            with: key, method: method, url: house.url(path), ticket: token ?? ticket.token, id: id,
            at: wallNow().advanced(bySeconds: seconds))
    }

    @Test("a room that asks lets in a bound ticket with a proof, and turns copies away, each for its reason")
    func ladder() async throws {
        try await TestHouse.open(room: TestHouse.brief(holderKey: .required)) { house in
            let (mine, theirs) = (SigningKey.generate(), SigningKey.generate())
            let bound = house.ticket(.listener, boundTo: mine)
            let plain = house.ticket(.listener)
            #expect(try await enter(house, plain, nil).code == "holder_key_missing")
            let bare = try await enter(house, bound, nil)
            #expect(bare.status == 401 && bare.code == "proof_missing")
            #expect(bare.header("WWW-Authenticate")?.hasPrefix("DPoP ") == true)
            #expect(try await enter(house, bound, "a.b.c").code == "proof_malformed")
            #expect(try await enter(house, bound, proof(house, bound, theirs)).code == "proof_other_key")
            #expect(try await enter(house, bound, proof(house, bound, mine, path: "whip")).code == "proof_target")
            #expect(try await enter(house, bound, proof(house, bound, mine, method: "GET")).code == "proof_target")
            #expect(try await enter(house, bound, proof(house, bound, mine, shifted: -70)).code == "proof_stale")
            #expect(try await enter(house, bound, proof(house, bound, mine, shifted: 70)).code == "proof_stale")
            #expect(
                try await enter(house, bound, proof(house, bound, mine, of: plain.token)).code == "proof_ticket")
            let good = proof(house, bound, mine, id: "once")
            #expect(try await enter(house, bound, good).status == 201)
            #expect(try await enter(house, bound, good).code == "proof_replayed")
            #expect(try await enter(house, bound, proof(house, bound, mine, id: "once")).code == "proof_replayed")
            // A refused proof is not used up, and the one that came too late in between changed nothing.
            #expect(try await enter(house, bound, proof(house, bound, mine)).status == 201)
            let told = try await house.ledger.receipt { receipt in
                receipt.ticket == plain.id && receipt.kind == .refused(code: ReasonCode("holder_key_missing") ?? .left)
            }
            #expect(told != nil)
        }
    }

    @Test("whatever is asked with a bound ticket needs its proof, in a room that does not ask as well")
    func everyRequest() async throws {
        try await TestHouse.open { house in
            let mine = SigningKey.generate()
            let bound = house.ticket(.listener, boundTo: mine)
            #expect(try await enter(house, bound, nil).code == "proof_missing")
            let inside = try await enter(house, bound, proof(house, bound, mine))
            let name = try #require(inside.header("Location")?.split(separator: "/").last)
            for (method, path) in [
                ("GET", "stage"), ("GET", "events"), ("POST", "stage/hand"), ("PATCH", "sessions/\(name)"),
                ("DELETE", "sessions/\(name)"), ("POST", "remove"), ("POST", "mute"),
            ] {
                let answer = try await house.send(
                    method, path, token: bound.token, type: "application/json", body: method == "GET" ? nil : "{}")
                #expect(answer.code == "proof_missing", "\(method) \(path)")
            }
            let stage = try await house.send(
                "GET", "stage", token: bound.token,
                headers: [("DPoP", proof(house, bound, mine, method: "GET", path: "stage"))])
            // A listener sees no stage; that is for the rules to say, once the proof holds.
            #expect(stage.code == "stage_not_permitted", "\(stage.body)")
            let left = try await house.send(
                "DELETE", "sessions/\(name)", token: bound.token,
                headers: [("DPoP", proof(house, bound, mine, method: "DELETE", path: "sessions/\(name)"))])
            #expect(left.status == 200)
        }
    }

    @Test(
        "once a ticket is bound, tokens of before open nothing and hold nobody up, and whoever came in by one has to go"
    )
    func olderTokens() async throws {
        var brief = TestHouse.brief()
        brief.sharing = .firstWins
        try await TestHouse.open(room: brief) { house in
            let mine = SigningKey.generate()
            let bound = house.ticket(.listener, boundTo: mine)
            let plain = house.ticket(.listener, again: bound)
            let copy = try await enter(house, plain, nil)
            #expect(copy.status == 201)
            let name = try #require(copy.header("Location")?.split(separator: "/").last)
            await house.ledger.say(
                .bound(TicketBinding(ticket: bound.id, room: house.room.room, thumbprint: mine.id)))
            for _ in 0..<200 where try await house.send("GET", "stage", token: plain.token).code != "proof_missing" {
                try await Task.sleep(for: .milliseconds(20))
            }
            for (method, path) in [
                ("POST", "whep"), ("GET", "stage"), ("GET", "events"), ("POST", "stage/hand"),
                ("POST", "stage/answer"), ("POST", "stage/step-down"), ("PATCH", "sessions/\(name)"),
                ("DELETE", "sessions/\(name)"), ("POST", "remove"),
            ] {
                // More often than a ticket may join: what is refused here takes nothing from its holder.
                for _ in 0..<3 {
                    let answer = try await house.send(
                        method, path, token: plain.token, type: "application/json", body: method == "GET" ? nil : "{}")
                    #expect(answer.code == "proof_missing", "\(method) \(path)")
                }
            }
            #expect(try await enter(house, bound, proof(house, bound, mine)).status == 201)
            let left = try await house.ledger.receipt { receipt in
                guard case .left(reason: .replaced, _, _, _) = receipt.kind else { return false }
                return receipt.ticket == bound.id
            }
            #expect(left != nil)
            // An older token in the hands of whoever has the key is as good.
            let own = HolderProof.make(
                with: mine, method: "POST", url: house.url("whep"), ticket: plain.token, id: "own", at: wallNow())
            #expect(try await enter(house, plain, own).code == "ticket_in_use")
        }
    }

    @Test("a gateway that was told its address takes proofs for it, and for no other that a request names")
    func statedAddress() async throws {
        try await TestHouse.open(configure: { $0.publicURL = "https://gate.example" }) { house in
            let mine = SigningKey.generate()
            let bound = house.ticket(.listener, boundTo: mine)
            let other = try await enter(house, bound, proof(house, bound, mine))
            #expect(other.code == "proof_target")
            let stated = HolderProof.make(
                with: mine, method: "POST", url: "https://gate.example/rooms/\(house.room.room)/whep",
                ticket: bound.token, id: "1", at: wallNow())
            let inside = try await enter(house, bound, stated)
            #expect(inside.status == 201)
        }
    }

    // MARK: - Memory

    private func proof(_ key: SigningKey, _ id: String, at instant: Instant) throws -> HolderProof {
        try HolderProof(HolderProof.make(with: key, method: "GET", url: "http://a/", ticket: "t", id: id, at: instant))
    }

    @Test("a proof works once for as long as it is good, and is forgotten when it is not")
    func memory() throws {
        var memory = ProofMemory()
        let (one, two) = (SigningKey.generate(), SigningKey.generate())
        let start = Instant(seconds: 1_000_000)
        let ticket = TestHouse.id(TicketID.self)
        try memory.take(try proof(one, "a", at: start), of: ticket, at: start)
        // Another key may choose the same name, and the same key another one.
        try memory.take(try proof(two, "a", at: start), of: ticket, at: start)
        try memory.take(try proof(one, "b", at: start), of: ticket, at: start)
        for seconds: Int64 in [0, 60, 120, 121] {
            #expect(throws: ProofRefusal.replayed) {
                try memory.take(try proof(one, "a", at: start), of: ticket, at: start.advanced(bySeconds: seconds))
            }
        }
        #expect(memory.count == 3)
        // Swept once in a window.
        let later = start.advanced(bySeconds: 300)
        try memory.take(try proof(one, "c", at: later), of: TestHouse.id(), at: later)
        #expect(memory.count == 1)
    }

    @Test("one ticket fills its own share of the memory and nothing of the others'")
    func bounded() throws {
        var memory = ProofMemory()
        let key = SigningKey.generate()
        let start = Instant(seconds: 1_000_000)
        let (greedy, other) = (TestHouse.id(TicketID.self), TestHouse.id(TicketID.self))
        for number in 0..<ProofMemory.mostOfTicket {
            try memory.take(try proof(key, "\(number)", at: start), of: greedy, at: start)
        }
        #expect(throws: ProofRefusal.tooMany) {
            try memory.take(try proof(key, "more", at: start), of: greedy, at: start)
        }
        try memory.take(try proof(key, "more", at: start), of: other, at: start)
        #expect(memory.count == ProofMemory.mostOfTicket + 1)
        let later = start.advanced(bySeconds: ProofMemory.seconds + 1)
        try memory.take(try proof(key, "later", at: later), of: greedy, at: later)
        #expect(memory.count == 1)
    }
}

import AsyncHTTPClient
import AudioRelay
import Datagrams
import MediaWire
import NIOCore
import NIOHTTP1
import RoomClient
import RoomGateway
import Simulation
import Stage
import Testing
import Tickets
import Values

@Suite("The door", .serialized, .timeLimit(.minutes(2)))
struct DoorTests {
    /// A complete listener's offer, as our own client makes it.
    private static func listenersOffer(_ purpose: ClientPurpose = .listen(slots: 1)) throws -> String {
        var generator = SystemRandomNumberGenerator()
        return try ClientPeer(
            purpose, certificate: RelayCertificate(), candidates: [SocketAddress(ipv4: 0x7F00_0001, port: 9)],
            using: &generator
        ).offer
    }

    @Test("every ticket that is not right is refused with its own code, and no packet flows")
    func tickets() async throws {
        try await TestHouse.open { house in
            let offer = try Self.listenersOffer()
            let revoked = house.ticket(.listener)
            await house.ledger.say(
                .revoked(.init(ticket: revoked.id, room: house.room.room, reason: .refunded, at: wallNow())))
            #expect(try await holds { try await house.offer("whep", revoked.token, offer).code == "ticket_revoked" })
            let cases: [(String?, String)] = [
                (nil, "bearer_missing"), ("nonsense", "ticket_malformed"),
                (house.ticket(.listener, signedBy: .generate()).token, "ticket_key_unknown"),
                (house.ticket(.listener, from: -100, seconds: -10).token, "ticket_expired"),
                (house.ticket(.listener, from: 100, seconds: 200).token, "ticket_not_yet_valid"),
                (house.ticket(.listener, room: TestHouse.id()).token, "ticket_room"),
            ]
            for (token, code) in cases {
                let answer = try await house.offer("whep", token, offer)
                #expect(answer.code == code)
                #expect((400...499).contains(answer.status))
                #expect(answer.header("Content-Type") == "application/problem+json")
                // A ticket comes before the offer: a broken one changes nothing.
                #expect(try await house.offer("whep", token, "nonsense").code == code)
            }
            let anonymous = try await house.offer("whep", nil, offer)
            #expect(anonymous.status == 401)
            #expect(anonymous.header("WWW-Authenticate") == "Bearer")
            let listener = house.ticket(.listener)
            let voice = try Self.listenersOffer(.publish)
            #expect(try await house.offer("whip", listener.token, voice).code == "ticket_role")
            let metrics = try await house.send("GET", "/metrics").body
            #expect(metrics.contains("guichet_datagrams_sent_total 0\n"))
            #expect(metrics.contains("guichet_peers 0\n"))
            #expect(metrics.contains("guichet_refusals_total{code=\"ticket_expired\"} 2\n"))
        }
    }

    @Test("an answer has what WHIP and WHEP ask for, and DELETE belongs to its own ticket")
    func answer() async throws {
        try await TestHouse.open { house in
            let ticket = house.ticket(.listener)
            let answer = try await house.offer("whep", ticket.token, Self.listenersOffer(.listen(slots: 3)))
            #expect(answer.status == 201)
            #expect(answer.header("Content-Type") == "application/sdp")
            #expect(answer.header("ETag")?.count == 10)
            let location = try #require(answer.header("Location"))
            #expect(location.hasPrefix("/rooms/\(house.room.room)/sessions/admission_"))
            let description = try SessionDescription(parsing: answer.body)
            #expect(description.media.count == 3)
            #expect(description.media[0].candidates.first?.port == house.gateway.mediaAddress.port)
            #expect(try await house.send("PATCH", location, token: ticket.token).status == 415)
            let other = house.ticket(.listener)
            #expect(try await house.send("DELETE", location, token: other.token).code == "admission_foreign")
            #expect(try await house.send("DELETE", location, token: ticket.token).status == 200)
            #expect(try await house.ledger.receipt { $0.kind.leftReason == .left } != nil)
            // A browser's DELETE may come after DTLS has said the same: leaving twice is leaving once.
            #expect(try await house.send("DELETE", location, token: ticket.token).status == 200)
            #expect(try await house.send("DELETE", location, token: other.token).status == 404)
            let never = "/rooms/\(house.room.room)/sessions/\(TestHouse.id(AdmissionID.self))"
            #expect(try await house.send("DELETE", never, token: ticket.token).code == "admission_unknown")
        }
    }

    @Test("what is no offer is refused, each kind with its code")
    func offers() async throws {
        try await TestHouse.open { house in
            let token = house.ticket(.listener).token
            let offer = try Self.listenersOffer()
            #expect(try await house.offer("whep", token, "v=1").code == "sdp_malformed")
            #expect(try await house.offer("whep", token, "").code == "sdp_malformed")
            let voice = try Self.listenersOffer(.publish)
            #expect(try await house.offer("whep", token, voice).code == "sdp_no_audio")
            let silent = offer.replacing("opus/48000/2", with: "PCMU/8000")
            #expect(try await house.offer("whep", token, silent).code == "sdp_no_opus")
            #expect(
                try await house.send("POST", "whep", token: token, type: "application/json", body: offer).code
                    == "offer_type_unsupported")
            #expect(
                try await house.send(
                    "POST", "whep", token: token, type: "application/sdp", body: offer,
                    headers: [("Accept", "text/html")]
                ).code == "not_acceptable")
            let huge = try await house.offer("whep", token, offer + String(repeating: "a=x\r\n", count: 20_000))
            #expect(huge.status == 413)
            #expect(huge.code == "body_too_large")
            #expect(try await house.send("GET", "/rooms/nonsense/events", token: token).status == 404)
        }
    }

    @Test("commands are strict JSON")
    func commands() async throws {
        try await TestHouse.open { house in
            let token = house.ticket(.host).token
            let id = TestHouse.id(AdmissionID.self)
            for (body, code) in [
                (#"{"admission":"#, "body_malformed"), ("[]", "body_wrong_type"),
                (#"{"admission":"\#(id)","extra":1}"#, "unknown_member"),
                (#"{"admission":"\#(id)","admission":"\#(id)"}"#, "duplicate_member"),
                (#"{"admission":"\#(id)"}"#, "admission_unknown"),
            ] {
                let answer = try await house.send("POST", "remove", token: token, type: "application/json", body: body)
                #expect(answer.code == code)
            }
            #expect(
                try await house.send("GET", "stage", token: house.ticket(.listener).token).code == "stage_not_permitted"
            )
        }
    }

    @Test("two hundred random datagrams are counted and nothing else")
    func hostileDatagrams() async throws {
        try await TestHouse.open { house in
            let ear = Ear()
            let listening = house.listen(house.ticket(.listener).token, into: ear)
            let publishing = house.publish(house.ticket(.host).token, packets(200))
            #expect(try await ear.hears(5))
            var generator = SeededGenerator(seed: 20_261_122)
            var socket = try UDPSocket(bind: SocketAddress(ipv4: 0x7F00_0001, port: 0))
            let lengths = (0..<200).map { _ in Int.random(in: 0...1_400, using: &generator) }
            let arena = (0..<1_600).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let starts = lengths.map { _ in Int.random(in: 0..<200, using: &generator) }
            let destination = house.gateway.mediaAddress
            let outcome = arena.withUnsafeBytes { bytes in
                socket.send(from: bytes, count: 200) { (starts[$0], lengths[$0], destination) }
            }
            #expect(outcome.sent == 200)
            #expect(
                try await holds {
                    let page = try await house.send("GET", "/metrics").body
                    let drops = page.split(separator: "\n").filter { $0.hasPrefix("guichet_datagrams_dropped_total{") }
                    return drops.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +) >= 200
                })
            let before = ear.count
            #expect(try await ear.hears(before + 20))
            var answered = 0
            _ = try socket.receive { _, _ in answered += 1 }
            #expect(answered == 0)
            publishing.cancel()
            listening.cancel()
        }
    }

    @Test("a browser of a configured origin may call, another may not")
    func origins() async throws {
        try await TestHouse.open { house in
            let known = try await house.send("OPTIONS", "whep", headers: [("Origin", "https://tickets.test")])
            #expect(known.status == 204)
            #expect(known.header("Access-Control-Allow-Origin") == "https://tickets.test")
            #expect(known.header("Access-Control-Allow-Headers")?.contains("Authorization") == true)
            #expect(known.header("Accept-Post") == "application/sdp")
            let other = try await house.send("OPTIONS", "whep", headers: [("Origin", "https://evil.test")])
            #expect(other.header("Access-Control-Allow-Origin") == nil)
            // A refusal must be readable to the page too.
            let refused = try await house.send("GET", "stage", headers: [("Origin", "https://tickets.test")])
            #expect(refused.status == 401)
            #expect(refused.header("Access-Control-Allow-Origin") == "https://tickets.test")
        }
    }

    @Test("a follower sees the state, who speaks, and why it ends")
    func events() async throws {
        try await TestHouse.open { house in
            let ticket = house.ticket(.listener)
            var request = HTTPClientRequest(url: house.url("events"))
            request.headers.add(name: "Authorization", value: "Bearer \(ticket.token)")
            request.headers.add(name: "Accept-Language", value: "fr")
            let response = try await house.http.execute(request, timeout: .seconds(30))
            #expect(response.headers.first(name: "Content-Type") == "text/event-stream")
            let ear = Ear()
            let listening = house.listen(ticket.token, into: ear)
            let publishing = house.publish(house.ticket(.host).token, packets(200))
            // A second of sound: states are sent four times a second.
            #expect(try await ear.hears(50))
            await house.ledger.say(
                .revoked(.init(ticket: ticket.id, room: house.room.room, reason: .refunded, at: wallNow())))
            // The stream ends by itself behind `ended`.
            let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
            #expect(text.hasPrefix("retry: 1000\n\nid: "))
            #expect(text.contains("-0\nevent: state\ndata: {\"handCount\":0,"))
            #expect(
                text.contains(
                    "\"listeners\":0,\"locked\":false,\"mode\":\"on_request\",\"roomState\":\"open\",\"stage\":[],"))
            #expect(text.contains("\"role\":\"host\""))
            #expect(text.contains("event: speaking\ndata: {\"participants\":["))
            #expect(text.contains("event: ended\ndata: "))
            #expect(text.contains("\"code\":\"refunded\""))
            #expect(text.contains("remboursé"))
            publishing.cancel()
            listening.cancel()
        }
    }

    @Test("doors, backstage and the co-hosts' cap are the stage's word")
    func stage() async throws {
        try await TestHouse.open(room: TestHouse.brief(state: .scheduled)) { house in
            let offer = try Self.listenersOffer()
            #expect(try await house.offer("whep", house.ticket(.listener).token, offer).code == "room_not_yet_open")
            let voice = try Self.listenersOffer(.publish)
            #expect(try await house.offer("whip", house.ticket(.host).token, voice).status == 201)
            for status in [201, 201] as [UInt] {
                #expect(try await house.offer("whip", house.ticket(.cohost).token, voice).status == status)
            }
            #expect(try await house.offer("whip", house.ticket(.cohost).token, voice).code == "role_full")
        }
    }

    @Test("one ticket can't knock for ever")
    func limits() async throws {
        try await TestHouse.open { house in
            let token = house.ticket(.listener).token
            let offer = try Self.listenersOffer()
            var codes: [String?] = []
            for _ in 0..<12 { codes.append(try await house.offer("whep", token, offer).code) }
            #expect(codes.first == .some(nil))
            #expect(codes.contains("too_many_joins"))
        }
    }
}

@Suite(.serialized, .timeLimit(.minutes(2))) struct KeyRotationAtTheDoorTests {
    @Test func `a ticket of a key that the feed has not told of makes the gateway ask, once for many`() async throws {
        let old = SigningKey.generate()
        let new = SigningKey.generate()
        try await TestHouse.open(key: old) { house in
            let ticket = house.ticket(.host, signedBy: new)
            // Asked once, and not again a moment later: nobody can make the gateway ask the ledger at will.
            let started = ContinuousClock.now
            for _ in 0..<6 {
                let answer = try await house.send("GET", "stage", token: ticket.token)
                #expect(answer.code == "ticket_key_unknown")
            }
            let seconds = Int((ContinuousClock.now - started).components.seconds)
            let asked = await house.ledger.keyQuestions
            #expect((1...1 + seconds / 5).contains(asked))
        }
        try await TestHouse.open(key: old) { house in
            await house.ledger.keepQuiet(about: KeyRing([old.verifyingKey, new.verifyingKey]).jwks)
            for ticket in [house.ticket(.host, signedBy: new), house.ticket(.host)] {
                let answer = try await house.send("GET", "stage", token: ticket.token)
                #expect(answer.status == 200)
            }
            #expect(await house.ledger.keyQuestions == 1)
        }
    }
}

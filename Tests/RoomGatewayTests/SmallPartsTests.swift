import HTTPEdge
import MediaWire
import Schemas
import Simulation
import Stage
import Testing
import Values

@testable import RoomGateway

@Suite("Small parts of the gateway")
struct SmallPartsTests {
    @Test("every refusal of the gateway has its words and a status", arguments: GatewayRefusal.allCases)
    func words(refusal: GatewayRefusal) throws {
        let text = try #require(RefusalTexts.all[refusal.code])
        #expect((400...599).contains(text.status))
        for language in ["en", "fr"] {
            let words = try #require(text.words[language])
            #expect(!words.title.isEmpty && !words.detail.isEmpty && !words.next.isEmpty)
        }
    }

    @Test(
        "every reason that a person can meet has its words",
        arguments: [
            ReasonCode.ticketExpired, .replaced, .removed, .roomClosed, .roomCancelled, .refunded, .disputed,
            .withdrawn, .consentLost, .handshakeTimeout, .gatewayStopped, .left, .transferred,
            .rescheduled, .extended, .resumed, .banned,
        ])
    func reasons(reason: ReasonCode) {
        #expect(RefusalTexts.all["ended_\(reason.text)"] != nil)
        #expect(
            EndedNotice(reason, admission: nil, in: .fr).title != EndedNotice(reason, admission: nil, in: .en).title)
    }

    @Test("a reason from a newer ledger is said as it is")
    func unknownReason() throws {
        let notice = EndedNotice(try #require(ReasonCode("moon_eclipse")), admission: nil, in: .en)
        #expect(notice.code == "moon_eclipse")
        #expect(notice.detail.contains("moon_eclipse"))
    }

    @Test("a bucket gives its burst, refills at its rate and never beyond")
    func limiter() {
        for seed in 1...50 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var limiter = RateLimiter(.init(burst: 5, perSecond: 2))
            var now = Instant(seconds: 1_000)
            var given = 0
            let start = now
            for _ in 0..<200 {
                now = now.advanced(byMicroseconds: Int64.random(in: 0...400_000, using: &generator))
                if limiter.admit("key", at: now) { given += 1 }
                let seconds = Double(start.microseconds(until: now)) / 1_000_000
                #expect(Double(given) <= 5 + seconds * 2 + 0.001, "seed \(seed)")
            }
        }
    }

    @Test("the table of a limiter is bounded, and a full one takes nobody new while all are busy")
    func boundedLimiter() {
        var limiter = RateLimiter(.init(burst: 1, perSecond: 1), capacity: 3)
        let now = Instant(seconds: 10)
        let first = ["a", "b", "c", "d"].map { limiter.admit($0, at: now) }
        #expect(first == [true, true, true, false])
        let later = limiter.admit("d", at: now.advanced(bySeconds: 2))
        #expect(later)
    }

    @Test("pauses grow to fifteen seconds and a quarter of chance")
    func backoff() {
        var generator = SeededGenerator(seed: 7)
        var backoff = Backoff()
        let pauses = (0..<10).map { _ in backoff.failed(using: &generator) }
        #expect(pauses[0] >= .milliseconds(250) && pauses[0] <= .milliseconds(313))
        #expect(pauses.allSatisfy { $0 <= .milliseconds(18_750) })
        #expect(pauses[9] >= .seconds(15))
        backoff.succeeded()
        let next = backoff.failed(using: &generator)
        #expect(next <= .milliseconds(313))
    }

    @Test("an IPv6 household is one network, an IPv4 address too, mapped or not")
    func networks() {
        #expect(network(of: "2001:db8:1:2:3:4:5:6") == network(of: "2001:db8:1:2::1"))
        #expect(network(of: "2001:db8:1:2::1") != network(of: "2001:db8:1:3::1"))
        #expect(network(of: "::ffff:192.0.2.1") == network(of: "192.0.2.1"))
        #expect(network(of: "") == "")
    }

    @Test("answers name the announced addresses with the socket's port")
    func candidates() throws {
        var configuration = GatewayConfiguration(spoolPath: "unused")
        let local = SocketAddress(ipv4: 0x7F00_0001, port: 5_000)
        #expect(configuration.candidates(boundTo: [local]) == [local])
        configuration.announced = [
            SocketAddress(ipv4: 0xC000_0201, port: 0), SocketAddress(ipv4: 0xC000_0202, port: 7),
        ]
        #expect(configuration.candidates(boundTo: [local]).map(\.port) == [5_000, 7])
        configuration.announced = []
        let everywhere = configuration.candidates(boundTo: [SocketAddress(ipv4: 0, port: 5_000)])
        #expect(!everywhere.isEmpty && everywhere.allSatisfy { $0.port == 5_000 && !$0.isUnspecified })
    }
}

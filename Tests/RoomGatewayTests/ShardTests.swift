import AudioRelay
import Datagrams
import MediaWire
import RelayThreads
import RoomClient
import Stage
import Testing
import Values

@testable import RoomGateway

@Suite("Several media threads", .serialized, .timeLimit(.minutes(2)))
struct MediaThreadTests {
    @Test("a room over two threads: all hear the same, a refund and a mute reach the other thread")
    func spreadRoom() async throws {
        try await TestHouse.open { configuration in
            configuration.mediaThreads = 2
            configuration.smallRoomPeers = 1
        } _: { house in
            let sound = packets(500)
            let ears = (0..<4).map { _ in Ear() }
            let tickets = ears.map { _ in house.ticket(.listener) }
            let speaker = house.ticket(.speaker)
            let host = house.ticket(.host)
            let listening = zip(tickets, ears).map { house.listen($0.token, into: $1) }
            let publishing = house.publish(speaker.token, sound)
            for ear in ears { #expect(try await ear.hears(60)) }
            let load = house.gateway.media.load()
            #expect(load.count == 2 && load.allSatisfy { $0 >= 2 }, "\(load)")
            for ear in ears {
                let heard = ear.payloads
                let first = try #require(sound.firstIndex { $0.bytes == heard.first })
                #expect(heard.prefix(60) == sound[first..<(first + 60)].map(\.bytes)[...])
                #expect(ear.contributors.count == 1)
            }
            #expect(try await holds { house.gateway.media.currentCounters().voicesTakenOver > 50 })
            // One of the two is on the thread that the speaker is not on.
            for (ticket, ear) in zip(tickets, ears).prefix(2) {
                let said = monotonicNanoseconds()
                await house.ledger.say(
                    .revoked(.init(ticket: ticket.id, room: house.room.room, reason: .refunded, at: wallNow())))
                #expect(try await ear.hasEnded())
                #expect(ear.count(after: said + 1_000_000_000) == 0)
            }
            let stage = try await house.send("GET", "stage", token: host.token)
            let people = stage.member("participants") as? [[String: Any]] ?? []
            let seat = try #require(people.first { $0["role"] as? String == "speaker" }?["admission"] as? String)
            let muted = try await house.send(
                "POST", "mute", token: host.token, type: "application/json",
                body: #"{"admission":"\#(seat)","muted":true}"#)
            #expect(muted.status == 200)
            let silent = monotonicNanoseconds()
            try await Task.sleep(for: .milliseconds(900))
            for ear in ears { #expect(ear.count(after: silent + 500_000_000) == 0) }
            let page = try await house.send("GET", "/metrics").body
            #expect(page.contains("guichet_media_threads 2\n"))
            #expect(page.contains("guichet_shard_peers{thread=\"1\"}"))
            publishing.cancel()
            for task in listening { task.cancel() }
        }
    }
}

@Suite("What answers name")
struct CandidateTests {
    @Test("a port chosen for the first thread is followed by those of the others, announced ones too")
    func ports() {
        var configuration = GatewayConfiguration(spoolPath: "unused")
        let local = SocketAddress(ipv4: 0x7F00_0001, port: 7_884)
        #expect(configuration.candidates(boundTo: [local], thread: 2) == [local])
        configuration.announced = ["203.0.113.7:40000", "203.0.113.7:0"].compactMap { SocketAddress($0) }
        #expect(
            configuration.candidates(boundTo: [local], thread: 2).map(\.port) == [40_002, 7_884])
        #expect(
            configuration.candidates(boundTo: [local], thread: 2, areStreams: true).map(\.port) == [40_002, 7_884])
        configuration.streamPort = .port(443)
        #expect(
            configuration.candidates(boundTo: [local.with(port: 445)], thread: 2, areStreams: true).map(\.port)
                == [445, 445])
        #expect(configuration.candidates(boundTo: [], areStreams: true).isEmpty)
    }
}

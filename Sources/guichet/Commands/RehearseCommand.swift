import ArgumentParser
import AsyncHTTPClient
import Foundation
import MediaWire
import RoomClient

struct RehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse", abstract: "Test sound before a room begins: send a file and record what comes back.",
        discussion: """
            With the pass of a host, co-host or speaker ('guichet room pass ROOM'). Nobody else hears it, listeners are not \
            let in, and none of it counts as time on stage. It ends when the room begins.
              guichet rehearse --ticket PASS --file talk.opus --out heard.opus --seconds 10
            Exits with 0 when sound came back, and with 2 when none did. Co-hosts who want to hear each other before the \
            doors open 'guichet publish' and 'guichet listen' with their passes: until the room is open they are backstage.
            """)

    @Option(help: "The Ogg Opus file to send, over and over.") var file: String
    @Option(name: .customLong("out"), help: "The file to write what comes back to.") var output: String?
    @Option(help: "For so many seconds.") var seconds = 10.0
    @OptionGroup var endpoint: EndpointOptions

    private struct Summary: Encodable {
        let sent, heard, lost: Int
        let end: SessionEnd
    }

    func validate() throws {
        guard endpoint.url == nil else { throw ValidationError("Other servers have no rehearsals; leave out --url.") }
        guard seconds > 0, seconds <= 3_600 else { throw ValidationError("Give --seconds above 0, up to 3600.") }
    }

    func run() async throws {
        try await reportingFailures {
            let talk = try OpusFile.read(file)
            let packets = OpusFile.first(seconds + 2, of: talk.packets, repeating: true)
            let (sending, hearing) = (try endpoint.address("rehearsal/whip"), try endpoint.address("rehearsal/whep"))
            let proof = try endpoint.proof()
            let (ticket, length) = (endpoint.ticket, seconds)
            let recorder = try output.map { try Recorder($0) }
            let summary = try await AudioSession.run { http in
                let listener = WHEPListener(url: hearing, token: ticket, http: http, proof: proof)
                let publisher = WHIPPublisher(url: sending, token: ticket, http: http, proof: proof)
                async let sent = publisher.publish(packets) { Output.error("rehearsing") }
                let heard = try await listener.listen(for: length) { packet, _ in recorder?.add(packet) }
                _ = try await sent
                return Summary(sent: packets.count, heard: heard.packets, lost: heard.lost, end: heard.end)
            }
            try recorder?.finish()
            if endpoint.json {
                try Output.json(summary)
            } else {
                Output.line("sent \(summary.sent) packets, \(summary.heard) came back, lost \(summary.lost)")
            }
            guard summary.heard > 0 else { throw CommandFailure(.refused, "No sound came back.") }
        }
    }
}

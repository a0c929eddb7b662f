import ArgumentParser
import AsyncHTTPClient
import Foundation
import MediaWire
import RoomClient
import Values

/// Where the sound goes to or comes from: a room of a Guichet server, or any WHIP/WHEP endpoint.
struct EndpointOptions: ParsableArguments {
    @Option(help: "The ticket, as the purchase or the pass printed it. For another server: its bearer token.")
    var ticket: String?

    @Option(help: "The room. Default: the one that the ticket names.")
    var room: String?

    @Option(help: "An endpoint's full address instead, for any WHIP or WHEP server.")
    var url: String?

    @Option(help: "The gateway's address. Default: GUICHET_URL, else http://127.0.0.1:8080.")
    var server: String?

    @Option(help: "The key file to which the ticket is bound, as 'guichet ticket claim' made it.")
    var holderKey: String?

    @Flag(help: "Print JSON.")
    var json = false

    /// Makes proofs of the holder's key; `nil` without one.
    func proof() throws -> RequestProof? { try holderKey.map { try HolderKeyFile.read($0).proof(with: ticket) } }

    /// The endpoint's address: `verb` is `whip` or `whep`.
    func address(_ verb: String) throws -> String {
        if let url { return url }
        guard let ticket else { throw CommandFailure(.usage, "Give --ticket, or --url for another server.") }
        guard let room = room ?? TicketText.room(of: ticket) else {
            throw CommandFailure(.usage, "The ticket does not say its room; give --room.")
        }
        let given = server ?? ProcessInfo.processInfo.environment["GUICHET_URL"] ?? "http://127.0.0.1:8080"
        return "\(given.hasSuffix("/") ? String(given.dropLast()) : given)/rooms/\(room)/\(verb)"
    }
}

/// What a ticket says about itself, unchecked: only to find the way to the door that checks it.
enum TicketText {
    static func room(of token: String) -> String? {
        let parts = token.split(separator: ".")
        guard parts.count == 3 else { return nil }
        var payload = String(parts[1]).replacing("-", with: "+").replacing("_", with: "/")
        payload += String(repeating: "=", count: (4 - payload.count % 4) % 4)
        struct Claims: Decodable {
            let room: RoomID
        }
        guard let json = Data(base64Encoded: payload) else { return nil }
        return (try? JSONDecoder().decode(Claims.self, from: json))?.room.text
    }
}

struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Send an Ogg Opus file into a room in real time (WHIP), untouched.",
        discussion: """
            Make a file with:  opusenc --framesize 20 talk.wav talk.opus
            Any WHIP server will do:  guichet publish --url https://host/whip --ticket TOKEN --file talk.opus

            With --probe the server's own reports of what it received are printed and judged; see 'guichet help listen'.
            """)

    @Option(help: "The Ogg Opus file.") var file: String
    @Flag(help: "Begin again at the end, until stopped.") var loop = false
    @Option(help: "Stop after so many seconds.") var seconds: Double?
    @OptionGroup var probe: ProbeOptions
    @OptionGroup var endpoint: EndpointOptions

    private struct Summary: Encodable {
        let packets: Int
        let seconds: Double
        let end: SessionEnd
    }

    func run() async throws {
        try await reportingFailures {
            let talk = try OpusFile.read(file)
            let packets = seconds.map { OpusFile.first($0, of: talk.packets, repeating: loop) } ?? talk.packets
            let url = try endpoint.address("whip")
            let watch = ProbeWatch()
            let proof = try endpoint.proof()
            let result = try await AudioSession.run { http in
                try await WHIPPublisher(url: url, token: endpoint.ticket, http: http, proof: proof)
                    .publish(packets, loops: loop && seconds == nil) {
                        watch.connected()
                        Output.error("live")
                    }
            }
            if probe.probe { return try probe.judge(watch.report(sending: result), json: endpoint.json) }
            let played = Double(packets.reduce(0) { $0 + $1.sampleCount }) / 48_000
            if endpoint.json {
                try Output.json(Summary(packets: packets.count, seconds: played, end: result.end))
            } else {
                Output.line(
                    "sent \(packets.count) packets, \(String(format: "%.1f", played)) s (\(result.end.rawValue))")
            }
        }
    }
}

struct ListenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen", abstract: "Record a room as Ogg Opus (WHEP), untouched.",
        discussion: """
            Offers one slot, so the file has the loudest voice; play it with: opusdec heard.opus - | aplay
            A connection that is lost is built again. A Guichet server keeps the seat for 20 seconds behind the loss,
            and gives it to nobody else; what happened meanwhile is missing in the file. Five minutes and one minute
            before the ticket ends it is said on the error output, and so is why the sound has ended.

            With --probe it measures instead (a file may be written as well): loss, jitter, the round trip to the server, \
            the longest silence between two packets and the one at the end. It listens for --seconds, by default 10, and \
            exits with 0 when all is within the limits and with 2 when it is not, for a monitor:
              guichet listen --probe --ticket TOKEN --max-loss 1 --max-jitter 30 --max-gap 500 --json
            """)

    @Option(name: .customLong("out"), help: "The file to write.") var file: String?
    @Option(help: "Stop after so many seconds. Default: when the room or the ticket ends, or Ctrl-C.")
    var seconds: Double?
    @Option(help: "How often to try to build a lost connection again; 0 ends with the connection.") var rebuilds = 8
    @OptionGroup var probe: ProbeOptions
    @OptionGroup var endpoint: EndpointOptions

    private static let probeSeconds = 10.0

    func validate() throws {
        if file == nil, !probe.probe { throw ValidationError("Give --out, a file to write, or --probe.") }
    }

    private struct Summary: Encodable {
        let packets: Int
        let lost: Int
        let rebuilds: Int
        let end: SessionEnd
        /// When the last packet came, by this machine's clock.
        let heardUntil: Instant?
    }

    func run() async throws {
        try await reportingFailures {
            let url = try endpoint.address("whep")
            let recorder = try file.map { try Recorder($0) }
            let watch = ProbeWatch()
            let length = seconds ?? (probe.probe ? Self.probeSeconds : nil)
            let proof = try endpoint.proof()
            let result = try await AudioSession.run { http in
                try await WHEPListener(url: url, token: endpoint.ticket, http: http, proof: proof)
                    .listen(
                        for: length, rebuilds: probe.probe ? 0 : max(0, min(rebuilds, 1_000)),
                        onConnected: {
                            watch.connected()
                            Output.error("connected")
                        }, onNotice: { Output.error($0.line) }
                    ) { packet, nanoseconds in
                        watch.heard(atNanoseconds: nanoseconds)
                        recorder?.add(packet)
                    }
            }
            try recorder?.finish()
            if probe.probe { return try probe.judge(watch.report(hearing: result), json: endpoint.json) }
            if endpoint.json {
                let heardUntil = result.secondsOfSilence.map {
                    WallTime.now().advanced(byMicroseconds: -Int64($0 * 1_000_000))
                }
                try Output.json(
                    Summary(
                        packets: result.packets, lost: result.lost, rebuilds: result.rebuilds, end: result.end,
                        heardUntil: heardUntil))
            } else {
                let counts = "heard \(result.packets) packets, lost \(result.lost)"
                Output.line("\(counts) (\(result.end.rawValue)): \(file ?? "")")
            }
        }
    }
}

extension RoomNotice {
    /// One line for the error output.
    fileprivate var line: String {
        switch self {
        case .warning(let seconds, let end):
            "less than \(seconds == 60 ? "a minute" : "\(seconds / 60) minutes") left; the ticket ends at \(end)"
        case .end(let end): "the ticket now ends at \(end)"
        case .ended(let code, let title, let next): "ended: \(title) (\(code)). \(next)"
        }
    }
}

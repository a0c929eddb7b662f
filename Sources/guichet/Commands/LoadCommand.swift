import ArgumentParser
import AsyncHTTPClient
import Foundation
import RoomClient
import Values

struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Put a server under load: real tickets, real ICE, DTLS and SRTP, and count what arrives.",
        discussion: """
            Voices and listeners are clients of this one process. Listeners join at --rate; then the voices speak for \
            --seconds, in Opus packets of 100 bytes every 20 ms that carry a number and a time, so that every loss, \
            repetition and delay is counted. Where the server runs on this machine its CPU time and memory are read from \
            the system, by the process that listens on its port, or --server-pid.

            With the operator's key (--data, --key-file or GUICHET_KEY) it makes a host and a room for the test, buys \
            the tickets with test money, and closes the room afterwards. These entries stay in the ledger: use a server \
            that is for trials.
              guichet serve --data ./trial --sandbox --set policy=guichet-demo-2026
              guichet load --data ./trial --listeners 100

            Or give tickets by --tickets, a file with one token a line: first those of --publishers stage passes, then \
            those of the listeners, all of one room.

            A gateway takes 100 joins at once from one network and 20 a second after that: stay below with --rate.

            Any other WebRTC server to compare with: --peer janus loads the videoroom of a Janus gateway by its HTTP \
            interface (--server, by default http://127.0.0.1:8088/janus), which must have ice_lite = true.

            Exit codes beside the usual ones: 2 when somebody did not get in, a connection ended before its time, more \
            than --max-loss was lost, or the delay of more than one packet in a hundred was above --max-delay.
            """)

    enum Peer: String, ExpressibleByArgument, CaseIterable { case guichet, janus }

    @Option(help: "Voices that speak, 1 to 13.") var publishers = 3
    @Option(help: "Listeners, 1 to 5000.") var listeners = 50
    @Option(help: "Voices that a listener can hear at once, 1 to 3.") var slots = 3
    @Option(help: "Listeners that join in a second, up to 1000.") var rate = 15.0
    @Option(help: "Seconds that are measured, 1 to 600.") var seconds = 20.0
    @Option(help: "Seconds of speech before that.") var warmUp = 3.0
    @Option(help: "Threads that serve the listeners here, 1 to 16.") var threads = 1
    @Option(help: "What is loaded: guichet or janus.") var peer = Peer.guichet
    @Option(help: "A file with tickets, in place of buying them.") var tickets: String?
    @Option(name: .customLong("server-pid"), help: "The server's process, if it is not found by its port.")
    var serverProcess: Int32?
    @Option(help: "Share of frames in percent that may be lost.") var maxLoss = 1.0
    @Option(help: "Milliseconds that 99 of 100 frames must stay below.") var maxDelay: Double?
    @OptionGroup var server: ServerOptions

    func validate() throws {
        func check(_ isFine: Bool, _ words: String) throws { if !isFine { throw ValidationError(words) } }
        try check((1...LoadPlan.maximumVoices).contains(publishers), "--publishers takes 1 to 13.")
        try check((1...LoadPlan.maximumListeners).contains(listeners), "--listeners takes 1 to 5000.")
        try check((1...3).contains(slots), "--slots takes 1 to 3.")
        try check(rate >= 0.1 && rate <= 1_000, "--rate takes 0.1 to 1000.")
        try check(seconds >= 1 && seconds <= LoadPlan.maximumSeconds, "--seconds takes 1 to 600.")
        try check(warmUp >= 0 && warmUp <= 60, "--warm-up takes 0 to 60.")
        try check((1...16).contains(threads), "--threads takes 1 to 16.")
        try check(maxLoss >= 0 && maxLoss <= 100, "--max-loss takes 0 to 100.")
        try check((serverProcess ?? 1) > 0, "--server-pid takes the number of a process.")
    }

    func run() async throws {
        try await reportingFailures {
            var plan = LoadPlan()
            (plan.voices, plan.listeners, plan.slots) = (publishers, listeners, slots)
            (plan.joinsPerSecond, plan.seconds, plan.warmUpSeconds) = (rate, seconds, warmUp)
            plan.threads = threads
            let report = try await measure(plan)
            if server.json { try Output.json(report) } else { LoadTable(report).print() }
            let isWorse = LoadVerdict(maxLossPercent: maxLoss, maxDelayMilliseconds: maxDelay).faults(of: report)
            for fault in isWorse { Output.error("guichet: \(fault)") }
            if !isWorse.isEmpty { throw ExitCode.worse }
        }
    }

    private func measure(_ plan: LoadPlan) async throws -> LoadReport {
        let process = try process()
        switch peer {
        case .janus:
            let address = server.server ?? "http://127.0.0.1:8088/janus"
            return try await run(plan, .janus(address), process)
        case .guichet:
            let trial = LoadTrial(client: try server.client())
            if let tickets {
                let (voices, ears) = try LoadTrial.split(try LoadTrial.read(tickets), plan)
                guard let room = voices.first.flatMap(TicketText.room) else {
                    throw CommandFailure(.usage, "The first ticket does not say its room.")
                }
                return try await run(
                    plan, .room("\(server.address)/rooms/\(room)", voices: voices, listeners: ears), process)
            }
            let room = try await trial.open(plan)
            let report: LoadReport
            do {
                report = try await run(
                    plan,
                    .room("\(server.address)/rooms/\(room.id)", voices: room.voices, listeners: room.listeners),
                    process)
            } catch {
                try? await trial.close(room)
                throw error
            }
            // What was measured is not lost with a room that stays open.
            do { try await trial.close(room) } catch {
                Output.error("guichet: room \(room.id) was not closed: \(error)")
            }
            return report
        }
    }

    private func run(_ plan: LoadPlan, _ target: LoadTarget, _ process: ServerProcess?) async throws -> LoadReport {
        try await AudioSession.run { http in
            try await LoadTest(plan, target: target, server: process, http: http).run { Output.error($0) }
        }
    }

    private func process() throws -> ServerProcess? {
        if let serverProcess {
            guard let found = ServerProcess(id: serverProcess) else {
                throw CommandFailure(.usage, "There is no process \(serverProcess) here.")
            }
            return found
        }
        let address = peer == .janus ? server.server ?? "http://127.0.0.1:8088/janus" : server.address
        guard let url = URL(string: address), ["127.0.0.1", "localhost", "::1"].contains(url.host ?? "") else {
            return nil
        }
        return ServerProcess(listeningOn: url.port ?? 80)
    }
}

/// What is too bad to go on with.
struct LoadVerdict {
    let maxLossPercent: Double
    let maxDelayMilliseconds: Double?

    /// Sentences; none when all is well.
    func faults(of report: LoadReport) -> [String] {
        var faults: [String] = []
        if report.joins.joined < report.joins.asked {
            faults.append("\(report.joins.asked - report.joins.joined) listeners did not get in.")
        }
        let ended = report.sound.ended.values.reduce(0, +)
        if ended > 0 { faults.append("\(ended) connections ended before their time.") }
        if report.joins.joined > 0, report.sound.framesHeard == 0 { faults.append("Nobody heard anything.") }
        let planned = Double(report.voices) * report.seconds * 50
        if Double(report.sound.framesSent) < 0.8 * planned {
            faults.append(
                String(
                    format: "Only %d of %.0f frames were sent: this machine is too busy for the load.",
                    report.sound.framesSent, planned))
        }
        if let share = report.sound.lostShare, share * 100 > maxLossPercent {
            faults.append(String(format: "%.3f %% of the frames were lost.", share * 100))
        }
        if maxDelayMilliseconds != nil, report.delay == nil { faults.append("No delay was measured.") }
        if let delay = report.delay, let most = maxDelayMilliseconds, delay.p99Milliseconds > most {
            faults.append(String(format: "The delay's p99 is %.1f ms.", delay.p99Milliseconds))
        }
        return faults
    }
}

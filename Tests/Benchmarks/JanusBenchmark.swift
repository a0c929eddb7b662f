import Foundation

/// `Scripts/bench relay --peer janus`: the same load, by `guichet load`, on `guichet serve` and on Debian's Janus in
/// turn. Three voices speak to many listeners over real sockets; what is compared is the server's CPU time as the
/// system counts it, so that a busy machine stretches the wall clock and not the figure.
struct JanusBenchmark {
    private static let voices = 3
    /// A gateway takes 20 joins a second of one network.
    private static let joinsPerSecond = 18

    let listeners: Int
    let rounds: Int
    let seconds: Double
    /// Servers and clients on cores of their own: see ``SplitCores``.
    let apart: Bool

    func run() throws -> MeasurementTable {
        let guichet = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("guichet")
        guard FileManager.default.isExecutableFile(atPath: guichet.path) else {
            throw BaselineMissing(text: "\(guichet.path) is not built; Scripts/bench builds it for --peer janus")
        }
        guard FileManager.default.isExecutableFile(atPath: JanusProcess.path) else {
            throw BaselineMissing(text: "\(JanusProcess.path) is missing; Scripts/bench installs it for --peer janus")
        }
        let cores = apart ? try SplitCores() : nil
        defer { cores?.restore() }
        var figures: [Server: [LoadFigures]] = [:]
        for round in 1...rounds {
            for server in Server.allCases {
                Progress.say("round \(round) of \(rounds): \(server.name), \(listeners) listeners")
                figures[server, default: []].append(try measure(server, guichet))
            }
        }
        return table(figures)
    }

    private func table(_ figures: [Server: [LoadFigures]]) -> MeasurementTable {
        var table = MeasurementTable(
            title: "Beside Janus, P=\(Self.voices), L=\(listeners), \(rounds) rounds in turn; medians, lowest–highest"
                + (apart ? "; receivers apart" : ""))
        func add(_ what: String, _ servers: [(Server, target: String)], _ figure: (LoadFigures) -> Double?) {
            let janus = Spread((figures[.janus] ?? []).compactMap(figure))
            table.rows.append(row("janus: \(what)", janus.median, janus.words))
            for (server, target) in servers {
                let own = Spread((figures[server] ?? []).compactMap(figure))
                let ratio = String(format: "; 1/%.1f of Janus", janus.median / own.median)
                table.rows.append(row("\(server.name): \(what)", own.median, own.words + ratio, target))
            }
        }
        add("CPU of a forwarded packet", [(.atOnce, "1/4"), (.tick, "1/8")]) { $0.microsecondsPerPacket }
        add("CPU of a listener's second of a voice", [(.merged, "1/12")]) { $0.microsecondsPerListenerSecond }
        add("CPU of a join, all of it", [(.atOnce, "1,000 µs")]) { ($0.server?.joinMilliseconds).map { $0 * 1_000 } }
        for server in Server.allCases {
            let rounds = figures[server] ?? []
            let loss = Spread(rounds.compactMap { ($0.sound.lostShare).map { $0 * 100 } })
            let delay = Spread(rounds.compactMap { $0.delay?.p99Milliseconds })
            let memory = Spread(rounds.compactMap { ($0.server?.bytesPerListener).map { Double($0) / 1_024 } })
            let packets = Spread(rounds.map(\.sound.packetsPerListenerSecond))
            table.notes.append(
                String(
                    format: "%@: lost %.3f %%, delay p99 %.1f ms, %.1f KiB a listener, %.0f packets a second each.",
                    server.name, loss.median, delay.median, memory.median, packets.median))
        }
        table.notes += [
            "Server CPU is user and system time of the whole process (proc(5)) while \(Int(measured)) s are measured; the",
            "load generator is another process on the same machine, so loss and delay hold its lateness too. Janus 1.1.2",
            "or newer as Debian ships it: videoroom, event_loops = 2, ICE-lite, audio only. A join of Guichet holds the",
            "ticket, the seat and a durable receipt; one of Janus holds none of them. Where more than one per cent of",
            "Janus's packets did not arrive, it is given all that it should have sent, so its figure is a lower bound.",
        ]
        if apart {
            table.notes += [
                "Receivers apart: each server on one core, clients on the other, which also takes the receivers' half of",
                "loopback (receive packet steering), as another machine would; without it the sender is charged for both.",
            ]
        }
        return table
    }

    private func row(_ what: String, _ cpu: Double, _ words: String, _ target: String = "") -> Measurement {
        var row = Measurement(what: what, cpuMicroseconds: cpu)
        row.ratio = words
        row.target = target
        return row
    }

    /// Who is measured: Janus, and our own server at three paces that it would choose between by itself.
    private enum Server: CaseIterable {
        case atOnce, tick, merged, janus

        var name: String {
            switch self {
            case .atOnce: "guichet, at once"
            case .tick: "guichet, 20 ms tick"
            case .merged: "guichet, merged"
            case .janus: "janus"
            }
        }

        var pace: String {
            switch self {
            case .tick: "20ms"
            case .merged: "merged"
            case .atOnce, .janus: "at-once"
            }
        }
    }

    private func measure(_ server: Server, _ binary: URL) throws -> LoadFigures {
        server == .janus ? try measureJanus(binary) : try measureGuichet(binary, pace: server.pace)
    }

    /// A hundredth of a second is the system's step: ten seconds make it a thousandth.
    private var measured: Double { max(10, seconds * 3) }

    private func measureGuichet(_ binary: URL, pace: String) throws -> LoadFigures {
        let folder = try TemporaryFolder()
        let server = try ChildProcess(
            binary,
            [
                "serve", "--data", folder.path, "--port", "0", "--media-port", "0", "--set", "media.threads=1",
                "--sandbox", "--set", "policy=guichet-demo-2026", "--set", "limits.key=off", "--set", "log.level=error",
                "--set", "media.pace=\(pace)",
            ], core: apart ? SplitCores.serverCore : nil, log: folder.file("server.log"))
        defer { server.stop() }
        let address = try server.waitForAddress()
        return try load(
            binary, folder,
            ["--server", address, "--data", folder.path, "--server-pid", "\(server.processID)"], mostLost: 0.01)
    }

    private func measureJanus(_ binary: URL) throws -> LoadFigures {
        let folder = try TemporaryFolder()
        let janus = try JanusProcess(in: folder, core: apart ? SplitCores.serverCore : nil)
        defer { janus.process.stop() }
        return try load(
            binary, folder,
            ["--peer", "janus", "--server", janus.address, "--server-pid", "\(janus.process.processID)"],
            mostLost: 0.5)
    }

    private func load(
        _ binary: URL, _ folder: TemporaryFolder, _ arguments: [String], mostLost: Double
    ) throws -> LoadFigures {
        let report = folder.file("report.json")
        let load = try ChildProcess(
            binary,
            [
                "load", "--json", "--publishers", "\(Self.voices)", "--listeners", "\(listeners)", "--seconds",
                "\(measured)", "--warm-up", "4", "--rate", "\(Self.joinsPerSecond)", "--max-loss", "100",
            ] + arguments, core: apart ? SplitCores.clientCore : nil, output: report, log: folder.file("load.log"))
        let code = load.wait()
        let words = (try? String(contentsOf: folder.file("load.log"), encoding: .utf8)) ?? ""
        // 2: some did not get in, or the like; the report says what.
        guard code == 0 || code == 2 else { throw BaselineMissing(text: "guichet load ended with \(code): \(words)") }
        let figures = try JSONDecoder().decode(LoadFigures.self, from: try Data(contentsOf: report))
        guard figures.joins.joined == listeners, figures.server?.microsecondsPerPacket != nil else {
            throw BaselineMissing(text: "only \(figures.joins.joined) of \(listeners) joined: \(words)")
        }
        // CPU is divided by what was heard: where the load generator itself loses, a server looks dear.
        guard figures.sound.ended.isEmpty, (figures.sound.lostShare ?? 1) < mostLost else {
            throw BaselineMissing(
                text: String(
                    format: "a round lost %.2f %% or connections; try fewer --listeners: ",
                    100 * (figures.sound.lostShare ?? 1)) + words)
        }
        return figures
    }
}

/// What the benchmark reads of a load report.
struct LoadFigures: Decodable {
    struct Joins: Decodable {
        let joined: Int
    }

    struct Sound: Decodable {
        let lostShare: Double?
        let ended: [String: Int]
        let packetsPerListenerSecond: Double
    }

    struct Delay: Decodable {
        let p99Milliseconds: Double
    }

    struct Server: Decodable {
        let microsecondsPerPacket, microsecondsPerListenerSecond, joinMilliseconds: Double?
        let bytesPerListener: Int?
    }

    let joins: Joins
    let sound: Sound
    let delay: Delay?
    let server: Server?

    /// As if all that was lost had arrived, once that is more than one per cent.
    private var arrived: Double {
        guard let lost = sound.lostShare, lost > 0.01 else { return 1 }
        return 1 - lost
    }

    var microsecondsPerPacket: Double? { server?.microsecondsPerPacket.map { $0 * arrived } }
    var microsecondsPerListenerSecond: Double? { server?.microsecondsPerListenerSecond.map { $0 * arrived } }
}

/// The median of some rounds, and how far they lie apart.
private struct Spread {
    let median: Double
    let words: String

    init(_ values: [Double]) {
        let sorted = values.sorted()
        median = sorted.isEmpty ? .nan : sorted[sorted.count / 2]
        words = sorted.isEmpty ? "not measured" : String(format: "%.2f–%.2f", sorted[0], sorted[sorted.count - 1])
    }
}

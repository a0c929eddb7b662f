import ArgumentParser
import Foundation

/// `Scripts/bench`: every figure stands beside a baseline taken in the same run, because machines differ and the
/// same machine differs from hour to hour.
@main
struct Benchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guichet-bench",
        abstract: "Measure Guichet against named baselines and print the ratios.",
        discussion: "Release builds only; figures of a debug build say nothing.")

    @Argument(
        help: "What to measure: tickets, sales, http, rush, growth, postgresql, night, desk, relay. Default: all.")
    var parts: [String] = []

    @Option(help: "Seconds that each measurement runs.")
    var seconds: Double = 3

    /// How the http benchmark starts its server: see ``SalesServer``.
    @Option(help: .hidden)
    var serveSales: String?

    @Option(help: .hidden)
    var seats = SalesHouse.capacity

    @Option(help: .hidden)
    var buyers = 1_000

    /// How the postgresql benchmark starts a process that sells: see ``ClusterSeller``.
    @Option(help: .hidden)
    var sellTo: String?

    @Option(help: "Entries up to which the growth benchmark fills a ledger; 5000000 takes an hour and 15 GB.")
    var entries = 200_000

    @Option(help: "Orders of each night of the night benchmark, ten a host.")
    var orders = 20_000

    @Option(help: "Payees of the night that the desk benchmark looks at.")
    var payees = 10_000

    @Option(help: "Nights before the one of the night benchmark that closes a month.")
    var nights = 11

    @Option(help: "Stretches of listening of the month that it closes; ten an order if left out.")
    var stretches: Int?

    @Option(help: "What the relay is measured beside, with real sockets and clients: janus (Debian's package).")
    var peer: String?

    @Flag(help: "relay: also find the listeners that load a media thread by half, and how long a packet takes then.")
    var halfLoad = false

    @Flag(help: "Beside a peer: servers and clients on a core each, as if on two machines; wants root.")
    var apart = false

    @Option(help: "Listeners of the measurement beside a peer.")
    var listeners = 500

    @Option(help: "Rounds of the measurement beside a peer.")
    var rounds = 3

    private static let known = ["tickets", "sales", "http", "rush", "growth", "postgresql", "night", "desk", "relay"]

    func validate() throws {
        for part in parts where !Self.known.contains(part) {
            throw ValidationError("There is no benchmark '\(part)'. Known: \(Self.known.joined(separator: ", ")).")
        }
        guard peer == nil || peer == "janus" else { throw ValidationError("--peer takes janus.") }
        guard !apart || peer != nil else { throw ValidationError("--apart goes with --peer janus.") }
        guard (10...5_000).contains(listeners), (1...20).contains(rounds) else {
            throw ValidationError("--listeners takes 10 to 5000, --rounds 1 to 20.")
        }
        guard seconds > 0, seconds <= 120 else { throw ValidationError("--seconds takes 0 to 120.") }
        guard (10...1_000_000).contains(orders) else { throw ValidationError("--orders takes 10 to 1000000.") }
        guard (1_000...100_000).contains(payees) else { throw ValidationError("--payees takes 1000 to 100000.") }
        guard (1...30).contains(nights) else { throw ValidationError("--nights takes 1 to 30.") }
        guard (0...20_000_000).contains(stretches ?? 0) else {
            throw ValidationError("--stretches takes 0 to 20000000.")
        }
        guard (1_000...5_000_000).contains(entries) else { throw ValidationError("--entries takes 1000 to 5000000.") }
    }

    func run() async throws {
        if let serveSales {
            return try await SalesServer.serve(
                in: URL(fileURLWithPath: serveSales), capacity: seats, buyers: buyers)
        }
        if let sellTo { return try await ClusterSeller.run(sellTo) }
        #if DEBUG
            FileHandle.standardError.write(Data("A debug build: these figures say nothing.\n".utf8))
        #endif
        print("machine: \(Machine.description); load \(Machine.load)")
        print("fdatasync p50 of this disk: \(Machine.fdatasyncMedian()) µs")
        let chosen = parts.isEmpty ? Self.known : parts
        for part in chosen {
            Progress.say("measuring \(part)")
            switch part {
            case "tickets": try TicketBenchmark(seconds: seconds).run().print()
            case "sales": try await SalesBenchmark(seconds: seconds).run().print()
            case "http": try await HTTPSalesBenchmark(seconds: seconds).run().print()
            case "rush": try await RushBenchmark().run().print()
            case "growth": try await GrowthBenchmark(seconds: seconds, entries: entries).run().print()
            case "postgresql": try await PostgreSQLBenchmark(seconds: seconds).run().print()
            case "night":
                try await NightBenchmark(orders: orders, nights: nights, stretches: stretches ?? orders * 10).run()
                    .print()
            case "desk": try await DeskBenchmark(payees: payees, seconds: seconds).run().print()
            case "relay":
                try RelayBenchmark(seconds: seconds).run().print()
                if halfLoad { try HalfLoadBenchmark(seconds: seconds).run().print() }
                guard peer != nil else { continue }
                try JanusBenchmark(listeners: listeners, rounds: rounds, seconds: seconds, apart: apart).run().print()
            default: preconditionFailure("validate() let an unknown part pass.")
            }
        }
    }
}

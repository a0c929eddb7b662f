import ArgumentParser
import Foundation
import HTTPEdge
import LedgerService
import Store
import Values

struct ReplayPlay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "play",
        abstract: "Play a list of facts through a fresh ledger and write what it pays.",
        discussion: """
            Needs no server. CONFIG is the configuration and EVENTS the list of facts, one JSON object a line, as the \
            payout rules describe them. Every fact becomes what a sale here becomes, and the night of every business \
            day is run; then payouts.csv, balances.csv, journal.csv, journal.hledger, journal.beancount, result.json \
            and names.csv are written. The same list gives the same files to the byte.

              guichet replay config.json events.ndjson --out ./replayed
              guichet replay config.json events.ndjson --out ./replayed --database postgresql://guichet@db/replay
              guichet replay config.json events.ndjson --out ./what-if --policy twitter-announced-2021

            Without --database the ledger is a file that is thrown away. With --policy the list is played twice, and \
            comparison.csv says what each host would have been paid: before, after and the difference; \
            comparison-by-month.csv says it month by month, comparison.json both. The files of the other policy are in \
            a folder of its name. A list of a real house is written by 'guichet replay export'.
            Damage in the list is named by its line, before anything is written. Facts that break a rule change \
            nothing and stand in result.json under 'rejected', with their reason.
            """)

    @Argument(help: "The configuration (JSON).") var config: String
    @Argument(help: "The list of facts (one JSON object a line).") var events: String
    @Option(help: "The folder for the files; made if it is not there.") var out: String
    @Option(help: "An empty ledger: a file, or an address such as postgresql://guichet@db/replay.")
    var database: String?
    @Option(help: "A policy by name: what would it have paid?") var policy: String?
    @Flag(help: "Print the summary as JSON.") var json = false
    @Flag(help: "No progress on standard error.") var quiet = false

    func run() async throws {
        try await reportingFailures {
            do { try await play() } catch let refusal as any Refusal {
                throw CommandFailure(refused: refusal)
            } catch let fault as StoreFault {
                throw CommandFailure(.file, "The ledger of the replay can't be used: \(fault)")
            }
        }
    }

    private func play() async throws {
        guard let bytes = FileManager.default.contents(atPath: config).map(Array.init) else {
            throw CommandFailure(.file, "\(config) can't be read.")
        }
        let own = try ReplayConfig(json: bytes)
        let other = try policy.map { try ReplayConfig(json: bytes, under: $0) }
        let place = database.map {
            LedgerPlace($0, password: ProcessInfo.processInfo.environment["GUICHET_DATABASE_PASSWORD"])
        }
        let before = try await once(own, in: out, on: place)
        guard let other, let policy else { return try show(before.summary) }
        let after = try await once(other, in: out + "/" + policy, on: nil)
        try compare(before.payouts, after.payouts)
        try show(before.summary)
    }

    private func once(
        _ config: ReplayConfig, in folder: String, on place: LedgerPlace?
    ) async throws -> (summary: ReplaySummary, payouts: [ReplayPayout]) {
        let passing = NSTemporaryDirectory() + "guichet-replay-\(UUID().uuidString).sqlite"
        defer {
            for suffix in ["", "-wal", "-shm", ".lock"] {
                try? FileManager.default.removeItem(atPath: passing + suffix)
            }
        }
        let database = try (place ?? .file(passing)).open()
        do {
            let replay = try Replay(config, events: events, in: database)
            let summary = try await replay.run { progress in
                let days = progress.day.daysSince1970 - config.firstDay.daysSince1970 + 1
                if !quiet, days % 30 == 0 || progress.day == progress.lastDay {
                    Output.error("\(progress.day)  \(progress.facts) of \(progress.of) facts")
                }
            }
            let files = try ReplayFolder(making: folder)
            try await replay.writeFiles(summary) { try files.write($1, to: $0) }
            try files.close()
            let payouts = try await replay.payouts()
            await database.close()
            return (summary, payouts)
        } catch {
            await database.close()
            throw error
        }
    }

    /// What each host was paid under either policy, in all and month by month.
    private func compare(_ before: [ReplayPayout], _ after: [ReplayPayout]) throws {
        let comparison = ReplayComparison(before, after)
        let files = ReplayFolder(out)
        try files.write(comparison.hostsCSV, to: "comparison.csv")
        try files.write(comparison.monthsCSV, to: "comparison-by-month.csv")
        try files.write(String(decoding: comparison.json, as: UTF8.self), to: "comparison.json")
        try files.close()
        guard !json else { return }
        // More is read in the files.
        Output.table(
            ["MONTH", "HOST", "BEFORE", "AFTER", "DIFFERENCE"],
            comparison.months.prefix(Self.shownRows).map {
                [
                    $0.month ?? "", $0.host, "\(Money($0.before, $0.currency))", "\(Money($0.after, $0.currency))",
                    "\(Money($0.difference, $0.currency))",
                ]
            })
        if comparison.months.count > Self.shownRows {
            Output.line("and \(comparison.months.count - Self.shownRows) more in comparison-by-month.csv")
        }
    }

    private static let shownRows = 60

    private struct Shown: Encodable {
        let days, facts, rejected, duplicates, unprocessed: Int
        let headSequence: Int64
        let headHash: String
    }

    private func show(_ summary: ReplaySummary) throws {
        if json {
            return try Output.json(
                Shown(
                    days: summary.days, facts: summary.facts, rejected: summary.rejected,
                    duplicates: summary.duplicates, unprocessed: summary.unprocessed,
                    headSequence: summary.headSequence, headHash: summary.headHash))
        }
        Output.line("nights    \(summary.days)")
        Output.line(
            "facts     \(summary.facts) taken, of them \(summary.rejected) rejected and \(summary.duplicates) duplicates"
        )
        if summary.unprocessed > 0 { Output.line("left      \(summary.unprocessed) behind the last day") }
        Output.line("journal   \(summary.headSequence) entries, head \(summary.headHash)")
        Output.line("files     \(out)")
    }
}

/// The files of a replay, each written in pieces; none has its name before all of them are complete.
final class ReplayFolder {
    private let folder: String
    private var handles: [String: WholeFile] = [:]
    private var pieces: [String: Data] = [:]
    /// Pieces are gathered up to so many bytes.
    private static let piece = 1 << 18

    init(_ folder: String) { self.folder = folder }

    /// The same in a folder that is made where it is not there.
    init(making folder: String) throws {
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
            throw CommandFailure(.file, "\(folder) can't be made.")
        }
        self.folder = folder
    }

    func write(_ text: String, to file: String) throws {
        if handles[file] == nil {
            do { handles[file] = try WholeFile(folder + "/" + file, .replay) } catch {
                throw CommandFailure(.file, "\(folder)/\(file) can't be written.")
            }
        }
        pieces[file, default: Data()].append(contentsOf: text.utf8)
        if let gathered = pieces[file], gathered.count >= Self.piece { try flush(file) }
    }

    private func flush(_ file: String) throws {
        guard let handle = handles[file], let gathered = pieces.removeValue(forKey: file) else { return }
        do { try handle.write(gathered) } catch {
            throw CommandFailure(.file, "\(folder)/\(file) can't be written.")
        }
    }

    func close() throws {
        for file in handles.keys { try flush(file) }
        for (file, handle) in handles.sorted(by: { $0.key < $1.key }) {
            do { try handle.close() } catch { throw CommandFailure(.file, "\(folder)/\(file) can't be written.") }
        }
        handles.removeAll()
    }
}

import Foundation
import HTTPEdge
import LedgerService
import Store
import Values

/// A process that sells from a PostgreSQL ledger which others may sell from too: this executable again.
enum ClusterSeller {
    /// What it is to do, as JSON.
    struct Job: Codable, Sendable {
        let conninfo: String
        let room: RoomID
        let holders: [HolderID]
        /// Part of every idempotency key, so that those of two sellers never meet.
        let seller: String
        let callers: Int
        let seconds: Double

        /// The same for another seller.
        func given(to seller: String, callers: Int) -> Job {
            Job(
                conninfo: conninfo, room: room, holders: holders, seller: seller, callers: callers, seconds: seconds)
        }
    }

    /// What it says on standard output: sales, and the seconds that they took.
    private struct Outcome: Codable {
        let sales: Int
        let seconds: Double
    }

    /// Does the job of a file and says how many tickets it sold.
    static func run(_ path: String) async throws {
        let job = try JSONDecoder().decode(Job.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        guard let address = PostgreSQLAddress(job.conninfo) else { throw BaselineMissing(text: job.conninfo) }
        let (service, _) = try SalesHouse.service(on: try Database.ledger(at: address))
        let start = Clocks.wallSeconds()
        let sales = try await withThrowingTaskGroup(of: Int.self) { group in
            for caller in 0..<job.callers {
                group.addTask {
                    var number = caller
                    repeat {
                        guard let once = IdempotencyKey("\(job.seller)-\(number)") else {
                            throw BaselineMissing(text: "No idempotency key.")
                        }
                        let holder = job.holders[number % job.holders.count]
                        _ = try await service.buy(
                            job.room, at: SalesHouse.price, key: once, by: .wallet(holder))
                        number += job.callers
                    } while Clocks.wallSeconds() - start < job.seconds
                    return number / job.callers
                }
            }
            return try await group.reduce(0, +)
        }
        let outcome = Outcome(sales: sales, seconds: Clocks.wallSeconds() - start)
        await service.database.close()
        FileHandle.standardOutput.write(try JSONEncoder().encode(outcome))
    }

    /// Runs several at one time.
    /// - Returns: the sales a second of all of them.
    static func rate(_ jobs: [Job]) async throws -> Double {
        try await withTemporaryFolder { folder in
            try await withThrowingTaskGroup(of: Double.self) { group in
                for job in jobs {
                    let file = folder.appendingPathComponent("\(job.seller).json")
                    try JSONEncoder().encode(job).write(to: file)
                    group.addTask { try await sell(file) }
                }
                return try await group.reduce(0, +)
            }
        }
    }

    private static func sell(_ job: URL) async throws -> Double {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--sell-to", job.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(returning: output.fileHandleForReading.readDataToEndOfFile())
            }
        }
        process.waitUntilExit()
        let outcome = try JSONDecoder().decode(Outcome.self, from: data)
        return Double(outcome.sales) / outcome.seconds
    }
}

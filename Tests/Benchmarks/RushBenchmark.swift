import AsyncHTTPClient
import Foundation
import NIOCore
import Values

/// A rush: many buyers for few seats over HTTP, each with a wallet of their own and one request. Exactly as many tickets
/// as seats, a clear refusal for everybody else, and how long each of them waited for it.
///
/// Buyers come on a timetable, whether or not the server keeps up, and their wait counts from the moment on which they
/// come: a slow server can't hide behind buyers that it holds up. The clients share the machine with the server.
struct RushBenchmark {
    static let buyers = 20_000
    static let seats = 100
    /// Of the box office's front; more would be sockets that wait in the kernel in place of the client.
    private static let connections = 256

    func run() async throws -> MeasurementTable {
        var table = MeasurementTable(
            title: "A rush over HTTP: \(Self.buyers) buyers, one request each, for \(Self.seats) seats")
        for seconds in [10.0, 0] {
            try await withTemporaryFolder { folder in
                Progress.say("opening a ledger with \(Self.buyers) wallets in a server process")
                let server = try SalesServerProcess(in: folder, capacity: Self.seats, buyers: Self.buyers)
                defer { server.stop() }
                Progress.say("the rush, over \(seconds) s")
                table.rows.append(try await rush(to: server, over: seconds))
            }
        }
        table.notes = [
            "A wait counts from the moment on which a buyer comes. All at once, the last one's wait is the time in which "
                + "clients and server together handle all requests."
        ]
        return table
    }

    private func rush(to server: SalesServerProcess, over seconds: Double) async throws -> Measurement {
        let shop = Shop(server.invitation, connections: Self.connections)
        let cpu = try server.cpuSeconds()
        let start = Clocks.wallSeconds()
        let answers: [Answer]
        do {
            answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for number in 0..<Self.buyers {
                    let comesAt = start + seconds * Double(number) / Double(Self.buyers)
                    group.addTask {
                        let wait = comesAt - Clocks.wallSeconds()
                        if wait > 0 { try await Task.sleep(for: .seconds(wait)) }
                        let status = try await shop.ask(number)
                        return Answer(status: status, waited: Clocks.wallSeconds() - comesAt)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        } catch {
            try? await shop.client.shutdown()
            throw error
        }
        try await shop.client.shutdown()
        let wall = Clocks.wallSeconds() - start
        let tickets = answers.count { $0.status == 201 }
        let refused = answers.count { $0.status == 409 }
        guard tickets == Self.seats, refused == Self.buyers - Self.seats else {
            throw BaselineMissing(text: "\(tickets) tickets and \(refused) refusals of \(Self.buyers) buyers")
        }
        let waits = answers.map(\.waited).sorted()
        func milliseconds(_ part: Double) -> Int { Int(waits[Int(Double(waits.count - 1) * part)] * 1_000) }
        return Measurement(
            what: seconds == 0 ? "all at once" : "over \(Int(seconds)) s", perSecond: Double(answers.count) / wall,
            cpuMicroseconds: (try server.cpuSeconds() - cpu) / Double(answers.count) * 1e6,
            ratio: "\(tickets) tickets, \(refused) refusals; waits p50 \(milliseconds(0.5)) ms, "
                + "p99 \(milliseconds(0.99)) ms, longest \(milliseconds(1)) ms",
            target: "p99 below 1 s")
    }

    private struct Answer: Sendable {
        let status: Int
        let waited: Double
    }
}

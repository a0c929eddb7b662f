import AsyncHTTPClient
import Foundation
import Values

/// The same wallet sale over HTTP/1.1 with keep-alive, against the sale in process and the bare SQL.
///
/// The server is a process of its own, so its CPU time is told apart from the clients'. They share the machine: on few
/// cores the rate says more about the clients, and the CPU of a sale is the figure that counts.
struct HTTPSalesBenchmark {
    private static let callers = 32

    let seconds: Double

    func run() async throws -> MeasurementTable {
        let seconds = min(seconds, SalesHouse.maximumSeconds)
        return try await withTemporaryFolder { folder in
            Progress.say("opening three ledgers with a thousand wallets each, one of them in a server process")
            let house = try await SalesHouse.open(in: folder, "sales")
            let bareHouse = try await SalesHouse.open(in: folder, "bare")
            try await BareSales.requireSameStatements(house, bareHouse)
            let server = try SalesServerProcess(in: folder)
            defer { server.stop() }
            let shop = Shop(server.invitation, connections: Self.callers)
            let table: MeasurementTable
            do {
                table = try await measure(house, try await BareSales.open(bareHouse), shop, server, seconds: seconds)
            } catch {
                try? await shop.client.shutdown()
                throw error
            }
            try await shop.client.shutdown()
            await house.close()
            await bareHouse.close()
            return table
        }
    }

    private func measure(
        _ house: SalesHouse, _ bare: BareSales, _ shop: Shop, _ server: SalesServerProcess, seconds: Double
    ) async throws -> MeasurementTable {
        let callers = Self.callers
        var rows = try await Race.run(
            [
                Contender(what: "bare SQL and a signature", callers: callers) { try await bare.sell($0) },
                Contender(what: "sale in process", callers: callers) { try await house.sell($0) },
                Contender(
                    what: "sale over HTTP (CPU: server)", callers: callers, cpuSeconds: { try server.cpuSeconds() }
                ) { try await shop.buy($0) },
            ], seconds: seconds)
        rows[1].ratio = rows[1].ratio(to: rows[0], called: "bare SQL")
        rows[2].ratio =
            rows[2].ratio(to: rows[1], called: "in process") + "; " + rows[2].ratio(to: rows[0], called: "bare SQL")
        rows[2].target = "150 µs of server CPU"
        return MeasurementTable(
            title: "Wallet sales over HTTP, \(callers) connections with keep-alive; baselines: in process, bare SQL",
            rows: rows,
            notes: ["The clients run on the same cores: of the HTTP row trust the CPU more than the rate."])
    }
}

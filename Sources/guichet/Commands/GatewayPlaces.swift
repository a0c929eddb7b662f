import ArgumentParser
import Foundation
import Values

/// `guichet gateway tell`
struct TellOfGateway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tell", abstract: "Say where a gateway answers and whether it takes new rooms (operator key).",
        discussion: """
            'guichet key add gateway' made its key and printed its id. Rooms that are nobody's yet become its own. Pages \
            that are open already reach a new gateway once they are loaded again.
            """)

    @Argument(help: "The gateway, gateway_…") var gateway: String
    @Option(help: "Where browsers reach it: https://audio-2.example.org") var url: String
    @Flag(help: "Give it no new rooms: it is about to be taken out.") var noNewRooms = false
    @OptionGroup var server: ServerOptions

    private struct Body: Encodable {
        let url: String
        let takesRooms: Bool
    }

    func run() async throws {
        try await reportingFailures {
            let answer = try await server.client().put(
                "/v1/gateways/\(gateway)", Body(url: url, takesRooms: !noNewRooms))
            if server.json { return try Output.json(answer) }
            GatewayOutput.table([try APIClient.decode(answer)])
        }
    }
}

/// `guichet gateway list`
struct ListGateways: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List gateways and how many rooms each has (operator or auditor key).")

    @OptionGroup var server: ServerOptions

    private struct List: Decodable {
        let gateways: [GatewayOutput.Gateway]
    }

    func run() async throws {
        try await reportingFailures {
            let answer = try await server.client().get("/v1/gateways")
            if server.json { return try Output.json(answer) }
            let list: List = try APIClient.decode(answer)
            GatewayOutput.table(list.gateways)
        }
    }
}

/// `guichet gateway place`
struct PlaceRoom: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "place", abstract: "Give a room to another gateway (operator key).",
        discussion: """
            Whoever is inside is sent there and comes in with the ticket they have; people whom the host removed stay out. \
            The stage begins anew: mutes, hands, invitations and its lock are not taken along.

            A gateway whose line to the ledger is broken does not hear of it. It lets nobody in once it has heard nothing \
            for as long as its setting gateway.stale says, but whoever is inside stays: end it first if it still runs.
            """)

    @Argument(help: "The room.") var room: String
    @Argument(help: "The gateway, gateway_…") var gateway: String
    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await reportingFailures {
            try RoomOutput.show(
                try await server.client().put("/v1/rooms/\(room)/gateway", ["gateway": gateway]), server)
        }
    }
}

private enum GatewayOutput {
    struct Gateway: Decodable {
        let gateway: GatewayID
        let url: String
        let takesRooms: Bool
        let rooms: Int
    }

    static func table(_ gateways: [Gateway]) {
        Output.table(
            ["GATEWAY", "URL", "ROOMS", "NEW ROOMS"],
            gateways.map { [$0.gateway.text, $0.url, String($0.rooms), $0.takesRooms ? "yes" : "no"] })
    }
}

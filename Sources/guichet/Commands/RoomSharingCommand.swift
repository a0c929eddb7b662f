public import ArgumentParser
public import Values

/// A sharing policy on the command line.
extension SharingPolicy: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }

    public static var allValueStrings: [String] { ["newest", "first", "devices-2", "…", "devices-10"] }
}

struct RoomSharingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sharing", abstract: "Say on how many devices a ticket may be used at one time.",
        discussion: """
            newest     A second entry takes over from the first; the older one ends. What rooms have by default.
            first      A second entry is refused for as long as the first one is inside.
            devices-N  N devices (2 to 10) listen with one ticket, the next one is refused. One of them may speak.

            Whoever is inside stays inside. A connection that was lost and comes back is no second entry: it has its seat \
            for 20 seconds behind the loss.
              guichet room sharing ROOM first
            """)

    @Argument(help: "The room.") var room: String
    @Argument(help: "newest, first, or devices-2 to devices-10.") var sharing: SharingPolicy
    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await reportingFailures {
            try RoomOutput.show(
                try await server.client().put("/v1/rooms/\(room)/sharing", ["sharing": sharing]), server)
        }
    }
}

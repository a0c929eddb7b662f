import ArgumentParser

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run everything in one process: ledger, gateway and pages, on one SQLite file.",
        discussion: """
            Listens on loopback unless told otherwise. On the first start it makes the data folder with the signing \
            key and operator.key. SIGTERM ends it cleanly: listeners are told, receipts are kept, exit code 0.
            """)

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        try await reportingFailures {
            let house = try await House(try await options.settings())
            try await house.run { port in
                Output.line(
                    "Guichet is at \(house.address(port)); the operator's key is in \(house.settings.dataDirectory)/operator.key"
                )
            }
        }
    }
}

struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "The ledger service alone, with its API and pages.", subcommands: [Serve.self])

    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the ledger service; gateways are separate processes with service keys.")

        @OptionGroup var options: SettingsOptions

        func run() async throws {
            try await reportingFailures { try await LedgerHouse(try await options.settings()).run() }
        }
    }
}

struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway", abstract: "Room gateways, each the door and the audio relay: serve, tell, list, place.",
        discussion: """
            One gateway takes all rooms. Of several each has rooms of its own, so that seats and removals are counted in \
            one place; tell the ledger of all of them:
              guichet gateway tell gateway_… --url https://audio-1.example.org
              guichet gateway tell gateway_… --url https://audio-2.example.org
            """,
        subcommands: [Serve.self, TellOfGateway.self, ListGateways.self, PlaceRoom.self])

    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run a gateway that speaks with a ledger over HTTP (ledger.url, ledger.keyFile).",
            discussion: """
                public.url must be the ledger's, because tickets name it as their issuer. The gateway's own address for \
                browsers is the ledger's setting gateway.url.
                """)

        @OptionGroup var options: SettingsOptions

        func run() async throws {
            try await reportingFailures { try await GatewayHouse(try await options.settings()).run() }
        }
    }
}

import ArgumentParser
import Foundation
import Values

struct RoomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "room", abstract: "Rooms: make, price, open, close, cancel, go on, show.",
        discussion: "The host's key goes into GUICHET_KEY or --key-file.",
        subcommands: [
            Create.self, Price.self, Prices.self, Open.self, Close.self, Cancel.self, Pass.self, Show.self, List.self,
            Acts.self, OvertimeCommand.self, TermsCommand.self, RoomSharingCommand.self, RoomHolderKeyCommand.self,
            RoomReportCommand.self,
        ])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a room with its first price.",
            discussion: """
                Times are RFC 3339, such as 2026-12-01T20:00:00+01:00, or a distance from now: +30m, +2h, now.
                  guichet room create "Night talk" --starts +30m --ends +90m --capacity 100 --price "5.00 EUR"
                """)

        @Argument(help: "What the room is about; listeners see it.") var title: String
        @Option(help: "When it starts.") var starts: String
        @Option(help: "When it ends; tickets end with it.") var ends: String
        @Option(help: "When listeners may enter. Default: the start.") var doors: String?
        @Option(help: "When the sale begins. Default: at once.") var saleOpens: String?
        @Option(help: "How many listeners fit.") var capacity: Int
        @Option(help: "Price of a ticket with its currency: \"5.00 EUR\".") var price: String
        @Option(help: "Language of the talk, for example fr.") var language: String?
        @Option(help: "What buyers are promised after the sale; 'guichet room terms' lists it.") var terms: String?
        @Option(help: "On how many devices a ticket may be used: newest, first, or devices-2 to devices-10.")
        var sharing: SharingPolicy?
        @Option(help: "Whether listeners' tickets must be bound to a key of their holder: none or required.")
        var holderKey: HolderKeyPolicy?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let title: String
            let startsAt, endsAt: Instant
            let doorsOpenAt, saleOpensAt: Instant?
            let capacity: Int
            let price: Money
            let language, terms: String?
            let sharing: SharingPolicy?
            let holderKey: HolderKeyPolicy?
        }

        func run() async throws {
            try await reportingFailures {
                let now = WallTime.now()
                let body = Body(
                    title: title, startsAt: try WallTime.read(starts, now), endsAt: try WallTime.read(ends, now),
                    doorsOpenAt: try doors.map { try WallTime.read($0, now) },
                    saleOpensAt: try saleOpens.map { try WallTime.read($0, now) }, capacity: capacity,
                    price: try MoneyArgument.read(price), language: language, terms: terms,
                    sharing: sharing, holderKey: holderKey)
                try RoomOutput.show(try await server.client().post("/v1/rooms", body), server)
            }
        }
    }

    struct Price: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a new price; tickets already sold keep theirs.",
            discussion: """
                With --tier a room has several prices, each with its dates and places; with --most a buyer chooses.
                  guichet room price ROOM "5.00 EUR" --tier early --places 50 --until +2d
                """)

        @Argument(help: "The room.") var room: String
        @Argument(help: "The new price with its currency: \"6.00 EUR\".") var price: String
        @Option(help: "The name of a price on the room's list.") var tier: String?
        @Option(help: "Lets buyers choose from the price up to this: \"50.00 EUR\".") var most: String?
        @Option(help: "From when it is sold: RFC 3339, or +2h.") var from: String?
        @Option(help: "Until when it is sold.") var until: String?
        @Option(help: "How many tickets are sold at it.") var places: Int?
        @Flag(help: "Stop selling at it.") var withdraw = false
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let price: Money
            let most: Money?
            let from, until: Instant?
            let places: Int?
            let withdrawn: Bool
        }

        func run() async throws {
            try await reportingFailures {
                let money = try MoneyArgument.read(price)
                let client = try server.client()
                if tier == nil, most == nil, from == nil, until == nil, places == nil, !withdraw {
                    return try RoomOutput.show(
                        try await client.put("/v1/rooms/\(room)/price", ["price": money]), server)
                }
                let now = WallTime.now()
                let body = Body(
                    price: money, most: try most.map { try MoneyArgument.read($0) },
                    from: try from.map { try WallTime.read($0, now) },
                    until: try until.map { try WallTime.read($0, now) }, places: places, withdrawn: withdraw)
                try RoomOutput.prices(
                    try await client.put("/v1/rooms/\(room)/prices/\(tier ?? "regular")", body), server)
            }
        }
    }

    struct Prices: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the prices of a room, cheapest first.")
        @Argument(help: "The room.") var room: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try RoomOutput.prices(try await server.client(key: nil).get("/v1/rooms/\(room)/prices"), server)
            }
        }
    }

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Open the room: ticket holders may enter from the doors' time on.")
        @Argument(help: "The room.") var room: String
        @OptionGroup var server: ServerOptions

        func run() async throws { try await RoomOutput.change(room, "open", server) }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End the room: everyone leaves, sales stop, the money becomes due to the host.")
        @Argument(help: "The room.") var room: String
        @OptionGroup var server: ServerOptions

        func run() async throws { try await RoomOutput.change(room, "close", server) }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cancel the room: it never takes place, every ticket is refunded.",
            discussion: """
                In one step where one person may decide about so much money. Above that, and to see first what will \
                happen, make a plan: guichet cancellation plan ROOM
                """)
        @Argument(help: "The room.") var room: String
        @OptionGroup var server: ServerOptions

        func run() async throws { try await RoomOutput.change(room, "cancel", server) }
    }

    struct Pass: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a pass for the stage, without money: host, cohost or speaker.",
            discussion: "The pass opens the host page: PUBLIC-URL/h/ROOM#pass=TOKEN")

        @Argument(help: "The room.") var room: String
        @Option(help: "host, cohost or speaker.") var role = "host"
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post("/v1/rooms/\(room)/passes", ["role": role])
                if server.json { return try Output.json(answer) }
                let pass: Views.Pass = try APIClient.decode(answer)
                Output.line(pass.token)
                Output.error("\(pass.role) pass \(pass.ticket); page: \(server.address)/h/\(room)#pass=\(pass.token)")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a room as everyone sees it.")
        @Argument(help: "The room.") var room: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                try RoomOutput.show(try await server.client().get("/v1/rooms/\(room)"), server)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List your rooms (with the operator key: all).")
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/rooms")
                if server.json { return try Output.json(answer) }
                let list: Views.Rooms = try APIClient.decode(answer)
                Output.table(
                    ["ROOM", "STATE", "STARTS", "ENDS", "PRICE", "LEFT", "TITLE"],
                    list.rooms.map { room in
                        [
                            room.room.text, room.state, room.startsAt.description, room.endsAt.description,
                            room.price.description, "\(room.seatsLeft)/\(room.capacity)", room.title,
                        ]
                    })
            }
        }
    }
}

/// How room commands print, in one place.
enum RoomOutput {
    private struct Nothing: Encodable {}

    static func change(_ room: String, _ verb: String, _ server: ServerOptions) async throws {
        try await reportingFailures {
            try show(try await server.client().post("/v1/rooms/\(room)/\(verb)", Nothing()), server)
        }
    }

    static func prices(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let list: Views.Prices = try APIClient.decode(answer)
        Output.table(
            ["TIER", "PRICE", "LEFT", "STATE", "FROM", "UNTIL"],
            list.prices.map { tier in
                [
                    tier.tier, tier.most.map { "\(tier.price) to \($0)" } ?? tier.price.description,
                    tier.placesLeft.map(String.init) ?? "-", tier.phase, tier.from?.description ?? "-",
                    tier.until?.description ?? "-",
                ]
            })
    }

    static func show(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let room: Views.Room = try APIClient.decode(answer)
        Output.line("room      \(room.room)")
        Output.line("title     \(room.title)")
        Output.line("state     \(room.state)")
        Output.line("doors     \(room.doorsOpenAt)")
        if let saleOpensAt = room.saleOpensAt { Output.line("sale      \(saleOpensAt)") }
        Output.line("starts    \(room.startsAt)")
        Output.line("ends      \(room.endsAt)")
        Output.line("price     \(room.price) (version \(room.priceVersion))")
        if let terms = room.terms { Output.line("terms     \(terms)") }
        if let sharing = room.sharing { Output.line("sharing   \(sharing)") }
        if let key = room.holderKey { Output.line("key       \(key)") }
        Output.line("seats     \(room.seatsLeft) of \(room.capacity) left")
        Output.line("page      \(server.address)/r/\(room.room)")
    }
}

import ArgumentParser
import Foundation
import Values

struct VoucherCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "voucher", abstract: "Codes that make tickets cheaper or free: create, list, revoke.",
        discussion: "The host's key goes into GUICHET_KEY or --key-file.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a voucher; its code goes to standard output, this once.",
            discussion: "One of --percent, --amount and --free:  guichet voucher create --percent 20 --uses 50")

        @Option(help: "Per cent off, 0.01 to 100.") var percent: String?
        @Option(help: "An amount off, with its currency: \"2.00 EUR\".") var amount: String?
        @Flag(help: "A free pass.") var free = false
        @Option(help: "The room. Default: all your rooms.") var room: String?
        @Option(help: "How many tickets it makes.") var uses = 1
        @Option(help: "From when it counts: RFC 3339, or +2h.") var from: String?
        @Option(help: "Until when it counts.") var until: String?
        @Option(help: "A code of your own, 4 to 32 letters and digits. Default: a random one.") var code: String?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            let kind: String
            let percentBp: Int64?
            let amount: Money?
            let room: String?
            let uses: Int
            let from, until: Instant?
            let code: String?
        }

        func run() async throws {
            try await reportingFailures {
                let now = WallTime.now()
                let money = try amount.map { try MoneyArgument.read($0) }
                var rate: Int64?
                if let percent {
                    // Two decimals of a per cent are basis points: the reader of amounts knows how.
                    guard let read = Money(decimal: percent, .eur) else {
                        throw CommandFailure(.usage, "\(percent) is not a percentage such as 20 or 12.5.")
                    }
                    rate = read.minorUnits
                }
                guard [percent != nil, amount != nil, free].filter(\.self).count == 1 else {
                    throw CommandFailure(.usage, "Give one of --percent, --amount and --free.")
                }
                let body = Body(
                    kind: free ? "free" : rate == nil ? "amount" : "percent", percentBp: rate, amount: money,
                    room: room,
                    uses: uses, from: try from.map { try WallTime.read($0, now) },
                    until: try until.map { try WallTime.read($0, now) }, code: code)
                let answer = try await server.client().post(
                    "/v1/vouchers", body, idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                if server.json { return try Output.json(answer) }
                let voucher: Views.Voucher = try APIClient.decode(answer)
                if let code = voucher.code { Output.line(code) }
                Output.error("\(voucher.voucher): \(voucher.uses) ticket(s)")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List your vouchers, newest first.")
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/vouchers")
                if server.json { return try Output.json(answer) }
                let list: Views.Vouchers = try APIClient.decode(answer)
                Output.table(
                    ["VOUCHER", "CODE", "TAKES OFF", "USED", "STATE"],
                    list.vouchers.map { voucher in
                        [
                            voucher.voucher.text, voucher.hint + "…",
                            voucher.percentBp.map { Money($0, .eur).decimal + " %" } ?? voucher.amount?.description
                                ?? "all",
                            "\(voucher.used)/\(voucher.uses)", voucher.revoked ? "revoked" : "valid",
                        ]
                    })
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a voucher back; tickets that it made stay.")
        @Argument(help: "The voucher's id, voucher_…") var voucher: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().post("/v1/vouchers/\(voucher)/revoke", [String: String]())
                if server.json { return try Output.json(answer) }
                let view: Views.Voucher = try APIClient.decode(answer)
                Output.line("revoked   \(view.voucher)")
            }
        }
    }
}

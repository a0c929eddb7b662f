import ArgumentParser
import Foundation
import NIOHTTP1
import Store
import Values

extension PayoutCommand {
    struct BankAccount: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "account",
            abstract: "Show or say where a host has its bank account (the host's key, or finance).",
            discussion: """
                Either --iban, or --routing, --account, --kind and --holder of the United States; with --name, --town and \
                --country. It is shown masked, and stays in the history. What is changed is new for payouts.coolOffDays.

                An account on the command line is seen by who lists processes: --file reads the same as JSON.
                """)
        @Argument(help: "The host, host_…") var host: String
        @Option(help: "The name under which the bank knows the payee.") var name: String?
        @Option(help: "IBAN of the SEPA area.") var iban: String?
        @Option(help: "BIC of its bank; may be left out.") var bic: String?
        @Option(help: "Routing number of a bank of the United States.") var routing: String?
        @Option(help: "Account number there.") var account: String?
        @Option(help: "checking or savings.") var kind: String?
        @Option(help: "person or company.") var holder: String?
        @Option(help: "Street.") var street: String?
        @Option(help: "Number of the building.") var building: String?
        @Option(help: "Post code.") var postcode: String?
        @Option(help: "Town.") var town: String?
        @Option(help: "Country, two capitals.") var country: String?
        @Option(help: "A file with all of it as JSON, - for standard input.") var file: String?
        @OptionGroup var server: ServerOptions

        private struct Body: Encodable {
            struct Address: Encodable {
                let street, building, postcode: String?
                let town, country: String
            }
            let legalName: String
            let iban, bic, routing, account, accountKind, holder: String?
            let address: Address
        }

        private struct View: Decodable {
            struct Setting: Decodable {
                let account, family, actor: String
                let at: Instant
            }
            let account, family, legalName, town, country: String?
            let coolsOff: Instant?
            let history: [Setting]
        }

        func run() async throws {
            try await reportingFailures {
                let client = try server.client()
                let path = "/v1/hosts/\(host)/bank-account"
                let answer: Data
                if let file {
                    answer = try await client.put(path, bytes: try BankInput.read(file))
                } else if let name {
                    guard let town, let country else {
                        throw CommandFailure(.usage, "Banks ask for --town and --country.")
                    }
                    answer = try await client.put(
                        path,
                        Body(
                            legalName: name, iban: iban, bic: bic, routing: routing, account: account,
                            accountKind: kind, holder: holder,
                            address: Body.Address(
                                street: street, building: building, postcode: postcode, town: town, country: country)))
                } else {
                    answer = try await client.get(path)
                }
                if server.json { return try Output.json(answer) }
                let view: View = try APIClient.decode(answer)
                Output.line(view.account.map { "\($0) (\(view.family ?? "")) of \(view.legalName ?? "")" } ?? "none")
                if let until = view.coolsOff { Output.line("new until \(until)") }
                Output.table(
                    ["ACCOUNT", "KIND", "SET BY", "AT"],
                    view.history.map { [$0.account, $0.family, $0.actor, $0.at.description] })
            }
        }
    }

    struct Files: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the bank files of a batch (finance, auditor or operator key).")
        @Argument(help: "The business day.") var day: String
        @OptionGroup var server: ServerOptions

        private struct View: Decodable {
            let files: [BankFileLine]
            let unfiled: [PayoutTransferID]
        }

        func run() async throws {
            try await reportingFailures {
                let answer = try await server.client().get("/v1/payout-batches/\(day)/files")
                if server.json { return try Output.json(answer) }
                let view: View = try APIClient.decode(answer)
                Output.table(
                    ["FILE", "NAME", "FORMATS", "ON", "TRANSFERS", "TOTAL"],
                    view.files.map {
                        [
                            String($0.file), $0.messageID, $0.formats.joined(separator: " "),
                            $0.executionOn.description, String($0.transfers), $0.total.description,
                        ]
                    })
                for payout in view.unfiled { Output.line("in no file: \(payout)") }
            }
        }
    }

    struct File: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a bank file of a batch that was sent (finance or operator key).",
            discussion: """
                What was sent to bank accounts and stands in no file yet goes into a new one; where there is nothing new, \
                the last file is written again, to the same byte and under the same name, so that a bank which has it \
                refuses it. Formats: pain.001.001.09 and pain.001.001.03 (SEPA, EUR), nacha (ACH, USD). The house's own \
                account stands in the settings payouts.sepa and payouts.ach.
                """)
        @Argument(help: "The business day.") var day: String
        @Option(help: "pain.001.001.09, pain.001.001.03 or nacha.") var format: String
        @Option(help: "Where to write it; - for standard output. Default: its own name.") var out: String?
        @Option(help: "The number of an earlier file, as 'guichet payout files' lists it.") var number: Int?
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await reportingFailures {
                let client = try server.client()
                let path = "/v1/payout-batches/\(day)/files"
                var file = number
                var name = "payouts-\(day)-\(number ?? 0)"
                if file == nil {
                    let made: BankFileLine = try APIClient.decode(
                        try await client.post(
                            path, ["family": format == "nacha" ? "nacha" : "sepa"],
                            idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh()))
                    file = made.file
                    name = made.messageID
                }
                let bytes = try await client.get("\(path)/\(file ?? 0)?format=\(format)")
                if out == "-" {
                    FileHandle.standardOutput.write(bytes)
                    return
                }
                // It names people and their accounts, so only its owner may read it.
                let target = out ?? "\(name).\(format == "nacha" ? "ach" : "xml")"
                try OutputFile.write(bytes, to: target, .bank, mode: 0o600)
                Output.line("\(name): \(bytes.count) bytes in \(target)")
            }
        }
    }

    struct Settle: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take in what a bank says of payouts (finance or operator key).",
            discussion: """
                pain.002, camt.053, camt.054 or returned NACHA entries, told apart by themselves; - for standard input. \
                Each line is matched by its end-to-end id or trace number and booked once, however often banks repeat it. \
                What does not fit changes nothing and is listed as an exception; then the command ends with 1.
                """)
        @Argument(help: "The bank's file.") var file: String
        @Option(help: "Idempotency key.") var idempotencyKey: String?
        @OptionGroup var server: ServerOptions

        private struct View: Decodable {
            struct Line: Decodable {
                let said, reference, outcome: String
                let amount: Money?
                let code, reason: String?
            }
            let kind, messageID: String
            let booked, exceptions: Int
            let lines: [Line]
        }

        func run() async throws {
            try await reportingFailures {
                let bytes = try BankInput.read(file)
                let answer = try await server.client().post(
                    "/v1/bank-reports", bytes: bytes,
                    contentType: bytes.first == UInt8(ascii: "1") ? "text/plain" : "application/xml",
                    idempotencyKey: idempotencyKey ?? IdempotencyKey.fresh())
                let view: View = try APIClient.decode(answer)
                if server.json {
                    try Output.json(answer)
                } else {
                    Output.line("\(view.kind) \(view.messageID): \(view.booked) booked, \(view.exceptions) exceptions")
                    Output.table(
                        ["SAID", "REFERENCE", "AMOUNT", "CODE", "OUTCOME", "WHY"],
                        view.lines.map {
                            [
                                $0.said, $0.reference, $0.amount?.description ?? "", $0.code ?? "", $0.outcome,
                                $0.reason ?? "",
                            ]
                        })
                }
                if view.exceptions > 0 { throw ExitCode.refused }
            }
        }
    }
}

/// A bank file as the API lists it.
private struct BankFileLine: Decodable {
    let file: Int
    let messageID: String
    let formats: [String]
    let executionOn: LocalDay
    let transfers: Int
    let total: Money
}

/// Files of banks on this side of the server.
private enum BankInput {
    /// The largest report that the server takes.
    private static let limit = 8 << 20

    static func read(_ path: String) throws -> Data {
        let data: Data?
        if path == "-" {
            data = try FileHandle.standardInput.readToEnd() ?? Data()
        } else {
            data = FileManager.default.contents(atPath: path)
        }
        guard let data else { throw CommandFailure(.file, "\(path) can't be read.") }
        guard data.count <= limit else { throw CommandFailure(.file, "\(path) is larger than 8 MiB.") }
        return data
    }
}

extension APIClient {
    func post(
        _ path: String, bytes: Data, contentType: String, idempotencyKey: String
    ) async throws -> Data {
        try await send(.POST, path, body: bytes, contentType: contentType, idempotencyKey: idempotencyKey)
    }

    func put(_ path: String, bytes: Data) async throws -> Data {
        try await send(.PUT, path, body: bytes, idempotencyKey: nil)
    }
}

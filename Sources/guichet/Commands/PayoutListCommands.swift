import ArgumentParser
import Foundation
import Values

/// Reads a long list page by page and prints it as it comes; with `--json` it is one document with the whole list.
private func readPages<Page: Decodable>(
    _ path: String, _ query: [(name: String, value: String?)], _ server: ServerOptions, list: String,
    next: (Page) -> String?, show: (Page) -> Void
) async throws {
    let client = try server.client()
    let filters = query.compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } }
    var whole: [String: Any] = [:]
    var found: [Any] = []
    var cursor: String?
    repeat {
        var address = URLComponents()
        address.queryItems = filters + (cursor.map { [URLQueryItem(name: "cursor", value: $0)] } ?? [])
        let asked = address.percentEncodedQuery ?? ""
        let answer = try await client.get(path + (asked.isEmpty ? "" : "?" + asked))
        let page = try APIClient.decode(answer) as Page
        if server.json {
            whole = try JSONSerialization.jsonObject(with: answer) as? [String: Any] ?? [:]
            found += whole[list] as? [Any] ?? []
        } else {
            show(page)
        }
        cursor = next(page)
    } while cursor != nil
    guard server.json else { return }
    whole[list] = found
    whole["next"] = nil
    try Output.json(try JSONSerialization.data(withJSONObject: whole))
}

extension PayoutCommand {
    struct Items: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List whom a batch pays, and what became of each item (finance, auditor or operator key).")
        @Argument(help: "The business day.") var day: String
        @Option(help: "Only those whose name has these words, or a part of the id of a host or a payout.")
        var find: String?
        @Option(help: "Only those in this state: planned, no_destination, requested, refused, paid, returned, …")
        var state: String?
        @Option(help: "Only those that an approval has to explain: any, item_above, new_destination or growth.")
        var finding: String?
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable {
            struct Item: Decodable {
                let host: HostID
                let name: String
                let net: Money
                let state: String
                let payout: PayoutTransferID?
                let provider, detail: String?
                let findings: [String]
            }
            let items: [Item]
            let next: String?
        }

        func run() async throws {
            try await reportingFailures {
                try await readPages(
                    "/v1/payout-batches/\(day)/items", [("find", find), ("state", state), ("finding", finding)], server,
                    list: "items", next: \.next
                ) { (page: Page) in
                    Output.table(
                        ["HOST", "NAME", "NET", "STATE", "PAYOUT", "THROUGH", "WHY"],
                        page.items.map {
                            [
                                $0.host.text, $0.name, $0.net.description, $0.state, $0.payout?.text ?? "",
                                $0.provider ?? "", $0.detail ?? $0.findings.joined(separator: " "),
                            ]
                        })
                }
            }
        }
    }

    struct Payees: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List everybody whom a night looked at, and why they were paid or not.",
            discussion: "With a key of finance, an auditor or an operator; in English or French, by LANG.")
        @Argument(help: "The business day.") var day: String
        @Option(help: "Only those whose name has these words, or a part of the id of a host or a payout.")
        var find: String?
        @Option(help: "Only those with this reason: on_hold, negative, blocked, refused, …") var reason: String?
        @Flag(help: "Only how many have which reason.") var counts = false
        @OptionGroup var server: ServerOptions

        private struct Page: Decodable {
            struct Payee: Decodable {
                let host: HostID
                let name, reason, words: String
            }
            let payees: [Payee]
            let next: String?
        }

        private struct Counts: Decodable {
            struct Count: Decodable {
                let reason: String
                let payees: Int
                let available, pending, net: Money
            }
            let reasons: [Count]
        }

        func run() async throws {
            try await reportingFailures {
                if counts { return try await showCounts() }
                try await readPages(
                    "/v1/payout-batches/\(day)/payees", [("find", find), ("reason", reason)], server, list: "payees",
                    next: \.next
                ) { (page: Page) in
                    Output.table(
                        ["HOST", "NAME", "REASON", "WORDS"],
                        page.payees.map { [$0.host.text, $0.name, $0.reason, $0.words] })
                }
            }
        }

        private func showCounts() async throws {
            if find != nil || reason != nil {
                throw CommandFailure(.usage, "--counts is of all payees: leave --find and --reason away.")
            }
            let answer = try await server.client().get("/v1/payout-batches/\(day)/reasons")
            if server.json { return try Output.json(answer) }
            let view: Counts = try APIClient.decode(answer)
            Output.table(
                ["REASON", "PAYEES", "AVAILABLE", "PENDING", "NET"],
                view.reasons.map {
                    [
                        $0.reason, String($0.payees), $0.available.description, $0.pending.description,
                        $0.net.description,
                    ]
                })
        }
    }
}

import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Schemas
import Store
import Testing
import Values

@testable import LedgerService

/// A line for each refusal that no other test meets, and a test that there is one for all of them.
@Suite struct RefusalLineTests {
    @Test func `hosts, passes, rooms, vouchers and wallets that are not as they must be`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let noWallet = HolderID.derived(at: Instant(seconds: 0), from: "nobody")
            let noEntry = EntryID.derived(at: Instant(seconds: 0), from: "nothing")
            let begins = #""startsAt":"2026-03-02T19:00:00Z","endsAt":"2026-03-02T20:00:00Z""#
            let cases: [(path: String, body: String, key: String, status: Int, code: String)] = [
                ("/v1/hosts", #"{"name":" "}"#, House.operatorKey, 422, "host_name"),
                ("/v1/rooms/\(room)/passes", #"{"role":"speaker","name":""}"#, host.key, 422, "pass_name"),
                (
                    "/v1/rooms",
                    """
                    {"title":"T",\(begins),"capacity":3,"price":{"amount":500,"currency":"EUR"},"policy":"of-nobody"}
                    """, host.key, 422, "policy_unknown"
                ),
                ("/v1/vouchers", #"{"kind":"percent"}"#, host.key, 422, "voucher_benefit"),
                (
                    "/v1/vouchers",
                    #"{"kind":"free","from":"2026-03-02T19:00:00Z","until":"2026-03-02T19:00:00Z"}"#, host.key, 422,
                    "voucher_dates"
                ),
                (
                    "/v1/wallets/\(noWallet)/topups", #"{"amount":{"amount":500,"currency":"EUR"}}"#,
                    House.operatorKey, 404, "wallet_unknown"
                ),
                (
                    "/v1/journal/entries/\(noEntry)/reversal", #"{"reason":"a mistake"}"#, House.operatorKey, 404,
                    "entry_unknown"
                ),
                ("/v1/ticket-keys", "{}", House.operatorKey, 409, "ticket_key_folder"),
            ]
            for item in cases {
                let answer = try await api.post(item.path, item.body, key: item.key, once: item.code)
                #expect(answer.code == item.code, "\(item.path): \(answer.json)")
                #expect(answer.status == item.status, "\(item.path): \(answer.json)")
            }
        }
    }

    @Test func `a room has so many passes and no more`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            for _ in 0..<LedgerService.maximumPasses {
                _ = try await house.service.issuePass(
                    for: try #require(RoomID(room)), role: .speaker, by: .host(try #require(HostID(host.id))))
            }
            let answer = try await api.post("/v1/rooms/\(room)/passes", #"{"role":"speaker"}"#, key: host.key)
            #expect(answer.code == "pass_limit")
        }
    }

    @Test func `what the HTTP library refuses, and what breaks, has a code as well`() async throws {
        struct Broken: Error {}
        let router: Router<BasicRequestContext> = makeEdgeRouter()
        router.get("/405") { _, _ -> Response in throw HTTPError(.methodNotAllowed) }
        router.get("/431") { _, _ -> Response in throw HTTPError(.requestHeaderFieldsTooLarge) }
        router.get("/500") { _, _ -> Response in throw Broken() }
        router.get("/full") { _, _ -> Response in
            throw StoreFault.sqlite(code: 13, operation: "step", message: "database or disk is full")
        }
        router.get("/readonly") { _, _ -> Response in
            throw StoreFault.postgreSQL(state: "25006", operation: "statement", message: "")
        }
        router.get("/busy") { _, _ -> Response in throw StoreFault.overloaded }
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        try await Application(router: router, logger: logger).test(.router) { client in
            let api = API(client: client)
            for (path, status, code) in [
                ("/405", 405, "method_not_allowed"), ("/431", 400, "request_refused"), ("/500", 500, "internal_fault"),
                ("/full", 503, "storage_full"), ("/readonly", 503, "storage_read_only"),
                ("/busy", 503, "temporarily_unavailable"),
            ] {
                let answer = try await api.get(path)
                #expect(answer.code == code && answer.status == status, "\(path): \(answer.json)")
            }
        }
    }

    /// Words at the end of a stay, which are texts and refuse nothing.
    private static let endings = "ended_"
    /// Files that go through all refusals for their words: there each is named, and none is met.
    private static let lists = ["RefusalTextTests.swift", "DescriptionTests.swift"]

    /// A line counts if a text on it holds the code, or if it names the case beside what is expected: a comparison, a
    /// `throws:`, a `.refused(…)` of a table, or the refusal's type.
    @Test func `every refusal has a line in a test that meets it`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let several = #/case (\..+): "([a-z0-9_]+)"$/#
        let single = #/case (\w+) = "([a-z0-9_]+)"$/#
        let name = #/\.(\w+)/#
        var cases: [String: Set<String>] = [:]
        for file in try Self.files(in: root.appending(path: "Sources"), ending: [".swift"]) {
            for line in file.text.utf8.split(separator: UInt8(ascii: "\n")).lazy.map(Substring.init)
            where line.utf8.last == UInt8(ascii: "\"") && line.utf8.contains(UInt8(ascii: " ")) {
                if let match = line.firstMatch(of: several) {
                    for name in match.output.1.matches(of: name) {
                        cases[String(match.output.2), default: []].insert(String(name.output.1))
                    }
                } else if let match = line.firstMatch(of: single) {
                    cases[String(match.output.2), default: []].insert(String(match.output.1))
                }
            }
        }
        var texts: Set<String> = []
        var named: Set<String> = []
        for file in try Self.files(in: root.appending(path: "Tests"), ending: [".swift", ".py"])
        where !Self.lists.contains(file.name) {
            let isPython = file.name.hasSuffix(".py")
            for line in file.text.utf8.split(separator: UInt8(ascii: "\n")) {
                let words = SourceWords(line)
                texts.formUnion(isPython ? words.small : words.quoted)
                if words.namesCases { named.formUnion(words.behindDots) }
            }
        }
        let missing = RefusalTexts.all.keys.filter { code in
            !code.hasPrefix(Self.endings) && !texts.contains(code)
                && !(cases[code] ?? [code]).contains { named.contains($0) }
        }
        #expect(missing.sorted() == [])
    }

    private static func files(in folder: URL, ending: [String]) throws -> [(name: String, text: String)] {
        let names = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
        return try names.filter { name in ending.contains { name.hasSuffix($0) } }.map { name in
            let url = folder.appending(path: name)
            return (url.lastPathComponent, try String(contentsOf: url, encoding: .utf8))
        }
    }
}

import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import LedgerService
import Schemas
import Store
import Synchronization
import Testing
import Values

/// Takes routes and only remembers them.
private final class RouteList: RouterMethods, Sendable {
    typealias Context = BasicRequestContext
    let routes = Mutex<Set<String>>([])

    @discardableResult
    func on<Responder: HTTPResponder>(
        _ path: RouterPath, method: HTTPRequest.Method, responder: Responder
    ) -> Self where Responder.Context == Context {
        _ = routes.withLock { $0.insert("\(method.rawValue) \(path.description)") }
        return self
    }

    func add(middleware: any MiddlewareProtocol<Request, Response, Context>) -> Self { self }
}

@Suite struct DescriptionTests {
    private let lines = String(decoding: OpenAPIDescription.yaml, as: UTF8.self).split(separator: "\n")

    /// `GET /v1/rooms/{room}` for every operation of the description.
    private var described: Set<String> {
        var path = ""
        var found: Set<String> = []
        for line in lines.prefix(while: { $0 != "components:" }) {
            if line.hasPrefix("  /"), line.hasSuffix(":") {
                path = String(line.dropFirst(2).dropLast())
            } else if let method = ["get", "post", "put", "patch", "delete"].first(where: { line == "    \($0):" }) {
                found.insert("\(method.uppercased()) \(path)")
            }
        }
        return found
    }

    @Test func `every route is described and every described route exists`() async throws {
        let house = try await House()
        let list = RouteList()
        LedgerRoutes<BasicRequestContext>(house.service).add(to: list)
        let routes = list.routes.withLock { $0 }
        #expect(routes == described)
        #expect(routes.count > 25)
        await house.service.database.close()
    }

    /// The lines of each operation of the description, by `POST /v1/rooms`.
    private var operations: [String: [Substring]] {
        var path = ""
        var operation = ""
        var found: [String: [Substring]] = [:]
        for line in lines.prefix(while: { $0 != "components:" }) {
            if line.hasPrefix("  /"), line.hasSuffix(":") {
                (path, operation) = (String(line.dropFirst(2).dropLast()), "")
            } else if let method = ["get", "post", "put", "patch", "delete"].first(where: { line == "    \($0):" }) {
                operation = "\(method.uppercased()) \(path)"
            } else if !operation.isEmpty {
                found[operation, default: []].append(line)
            }
        }
        return found
    }

    @Test func `every POST takes an Idempotency-Key, or says why sending it twice changes nothing`() {
        let posts = operations.filter { $0.key.hasPrefix("POST ") }
        #expect(posts.count > 10)
        for (operation, lines) in posts {
            let isNamed = lines.contains { $0.contains("IdempotencyKey'}") }
            let isRepeatable = lines.contains { $0.hasPrefix("      x-idempotent: ") }
            #expect(isNamed != isRepeatable, "\(operation)")
            let takesMismatch = lines.contains { $0.contains("idempotency_mismatch") || $0.contains("idempotency_key") }
            #expect(isNamed == takesMismatch, "\(operation)")
        }
    }

    @Test func `every list that can grow has pages`() {
        for (operation, lines) in operations where operation.hasPrefix("GET ") {
            let text = lines.joined(separator: "\n")
            let isList = ["Rooms'", "Keys'", "Nights'", "Tickets'"].contains { text.contains("schemas/\($0)") }
            guard isList, !operation.contains("ticket-keys") else { continue }
            #expect(text.contains("parameters/Cursor'") && text.contains("parameters/Limit'"), "\(operation)")
        }
    }

    @Test func `every code of the description has its words`() {
        for line in lines where line.hasPrefix("      x-codes: [") {
            let codes = line.dropFirst("      x-codes: [".count).dropLast().split(separator: ", ")
            #expect(!codes.isEmpty)
            for code in codes { #expect(RefusalTexts.all[String(code)] != nil, "\(code)") }
        }
    }

    @Test(arguments: AccessRefusal.allCases)
    func `every refusal about keys has words`(refusal: AccessRefusal) {
        #expect(RefusalTexts.all[refusal.code] != nil)
    }

    @Test(arguments: AfterSaleRefusal.allCases)
    func `every refusal after the sale has words`(refusal: AfterSaleRefusal) {
        #expect(RefusalTexts.all[refusal.code] != nil)
    }

    @Test(arguments: LedgerRefusal.allCases)
    func `every refusal of the service has words in both languages`(refusal: LedgerRefusal) throws {
        let text = try #require(RefusalTexts.all[refusal.code])
        #expect((400...499).contains(text.status))
        for language in ["en", "fr"] {
            let words = try #require(text.words[language])
            #expect(![words.title, words.detail, words.next].contains(""))
        }
    }

    @Test func `every refusal of the edge has words, and no placeholder is left open`() throws {
        let all: [EdgeRefusal] = [
            .bodyMalformed, .bodyWrongType(path: "a.b"), .unknownMember(path: "a"), .duplicateMember(path: "a"),
            .contentType, .bodyTooLarge(limit: 1), .idempotencyKeyMissing, .idempotencyKeyMalformed, .keyMissing,
            .keyUnknown, .keyExpired(at: Instant(seconds: 0)), .keyScope("host"), .notFound, .methodNotAllowed,
            .parameterMalformed(path: "x"),
            .tooManyRequests(seconds: 2), .versionChanged, .temporarilyUnavailable, .storageFull, .storageReadOnly,
            .internalFault(request: "1"),
            .requestRefused,
        ]
        for refusal in all {
            let text = try #require(RefusalTexts.all[refusal.code], "\(refusal.code)")
            for language in Language.allCases {
                let problem = Problem(refusal, in: language)
                #expect(problem.status == text.status)
                #expect(!(problem.title + problem.detail + problem.next).contains("{"), "\(problem)")
            }
        }
    }

    @Test func `every refusal file of the folder is among the merged ones`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Schemas/resources")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let files = names.filter { $0.hasPrefix("refusals-") && $0.hasSuffix(".json") }
        #expect(files.count > 3)
        for file in files {
            let data = try Data(contentsOf: folder.appending(path: file))
            let codes = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any]).keys
            for code in codes { #expect(RefusalTexts.all[code] != nil, "\(file): \(code)") }
        }
    }
}

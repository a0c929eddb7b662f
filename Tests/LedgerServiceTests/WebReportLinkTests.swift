import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing
import Values

@testable import LedgerService

@Suite("Links to reports")
struct WebReportLinkTests {
    private let now = WebFixtures.now

    @Test func `a link opens its day for one hour and no other`() throws {
        let links = ReportLinks()
        let day = try #require(LocalDay("2026-11-22"))
        let link = links.issue(for: day, at: now)
        #expect(link.access.utf8.count == 64)
        #expect(links.day(for: link.access, at: now) == day)
        #expect(links.day(for: link.access, at: now.advanced(bySeconds: 3_599)) == day)
        #expect(links.day(for: link.access, at: now.advanced(bySeconds: 3_600)) == nil)
        #expect(links.day(for: String(link.access.reversed()) + "0", at: now) == nil)
        #expect(links.day(for: "", at: now) == nil)
    }

    @Test func `the oldest link gives way when there are too many`() throws {
        let links = ReportLinks()
        let day = try #require(LocalDay("2026-11-22"))
        let first = links.issue(for: day, at: now)
        var last = first
        for second in 1...ReportLinks.capacity {
            last = links.issue(for: day, at: now.advanced(bySeconds: Int64(second)))
        }
        #expect(links.day(for: first.access, at: now) == nil)
        #expect(links.day(for: last.access, at: now) == day)
    }

    @Test func `a key makes a link, the link serves files in a sandbox, and nothing else`() async throws {
        let links = ReportLinks()
        let day = try #require(LocalDay("2026-11-22"))
        let routes = try WebFixtures.routes()
        let reports = ReportRoutes<BasicRequestContext>(
            links: links, pagesOf: routes, now: { WebFixtures.now },
            authorize: { request, _ in
                guard request.headers[.authorization] == "Bearer finance" else { throw HTTPError(.unauthorized) }
            },
            file: { asked, name in
                asked == day && name == "report.html" ? (Array("<h1>Night</h1>".utf8), "text/html; charset=utf-8") : nil
            })
        let router = Router()
        routes.add(to: router)
        reports.add(to: router)
        try await Application(router: router).test(.router) { client in
            let body = ByteBuffer(string: #"{"day": "2026-11-22"}"#)
            try await client.execute(uri: "/v1/report-links", method: .post, body: body) {
                #expect($0.status == .unauthorized)
            }
            let finance: HTTPFields = [.authorization: "Bearer finance", .contentType: "application/json"]
            for bad in ["", "{", #"{"day": "yesterday"}"#, #"{"day": 5}"#] {
                try await client.execute(
                    uri: "/v1/report-links", method: .post, headers: finance, body: ByteBuffer(string: bad)
                ) { #expect($0.status == .badRequest, "\(bad)") }
            }
            let url = try await client.execute(
                uri: "/v1/report-links", method: .post, headers: finance, body: body
            ) { response in
                #expect(response.status == .created)
                return try #require(
                    WebFixtures.all(/"(\/reports\/[0-9a-f]{64}\/report\.html)"/, in: unescaped(response)).first)
            }
            try await client.execute(uri: url, method: .get) { response in
                #expect(String(buffer: response.body) == "<h1>Night</h1>")
                #expect(response.headers[.contentSecurityPolicy]?.contains("sandbox") == true)
                #expect(response.headers[.cacheControl] == "private, no-store")
            }
            for wrong in ["..%2Freport.html", ".report.html", "other.csv", "report.html%00"] {
                let path = url.replacing("report.html", with: wrong)
                try await client.execute(uri: path, method: .get) { #expect($0.status == .notFound, "\(wrong)") }
            }
            let forged = "/reports/" + String(repeating: "0", count: 64) + "/report.html"
            try await client.execute(uri: forged, method: .get) { #expect($0.status == .notFound) }
        }
    }

    /// JSON may write a slash as `\/`.
    private func unescaped(_ response: TestResponse) -> String {
        String(buffer: response.body).replacing("\\/", with: "/")
    }
}

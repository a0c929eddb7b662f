internal import Foundation
internal import HTTPTypes
public import Hummingbird
internal import NIOCore
public import Values

/// `POST /v1/report-links` for those with a key, and `GET /reports/{access}/{file}` for the browser they open it in.
public struct ReportRoutes<Context: RequestContext>: Sendable {
    /// A file of a night: its bytes and media type; `nil` where the night made no such file.
    public typealias File = @Sendable (LocalDay, String) async throws -> (bytes: [UInt8], contentType: String)?
    /// Lets a request with a finance or operator key pass and throws the refusal for any other.
    public typealias Authorize = @Sendable (Request, Context) async throws -> Void

    /// The report that a link opens first.
    public static var firstFile: String { "report.html" }

    private let links: ReportLinks
    private let routes: WebRoutes
    private let now: @Sendable () -> Instant
    private let authorize: Authorize
    private let file: File

    public init(
        links: ReportLinks, pagesOf routes: WebRoutes, now: @escaping @Sendable () -> Instant,
        authorize: @escaping Authorize, file: @escaping File
    ) {
        self.links = links
        self.routes = routes
        self.now = now
        self.authorize = authorize
        self.file = file
    }

    private struct Asked: Decodable {
        let day: LocalDay
    }

    private struct Answer: ResponseEncodable {
        let url: String
        let expiresAt: String
    }

    public func add(to router: some RouterMethods<Context>) {
        router.post("/v1/report-links") { request, context in
            try await authorize(request, context)
            guard let body = try? await request.body.collect(upTo: 1_024),
                let asked = try? JSONDecoder().decode(Asked.self, from: Data(body.readableBytesView))
            else { throw HTTPError(.badRequest) }
            let link = links.issue(for: asked.day, at: now())
            let answer = Answer(
                url: "/reports/\(link.access)/\(Self.firstFile)", expiresAt: link.expiresAt.description)
            return EditedResponse(status: .created, headers: [.cacheControl: "no-store"], response: answer)
        }
        router.get("/reports/:access/:file") { request, context in
            guard let name = context.parameters.get("file"), isFileName(name),
                let access = context.parameters.get("access"), let day = links.day(for: access, at: now()),
                let found = try await file(day, name)
            else { return routes.pages.response(.reportLinkExpired, to: request) }
            var headers: HTTPFields = [.contentType: found.contentType, .cacheControl: "private, no-store"]
            PageHeaders.add(.report, connectingTo: [], to: &headers)
            return Response(
                status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: found.bytes)))
        }
    }

    /// Letters, digits, points, hyphens and underscores, not hidden: nothing that could mean another folder.
    private func isFileName(_ name: String) -> Bool {
        (1...100).contains(name.utf8.count) && !name.hasPrefix(".")
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}

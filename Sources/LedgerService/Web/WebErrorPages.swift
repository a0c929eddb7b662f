internal import HTTPTypes
public import Hummingbird
internal import Logging
internal import Values

/// Turns "not found" and faults into a page where a person is looking; programs keep their problem details.
///
/// Add it after the middleware that writes problem details, so that it sees errors first.
public struct WebErrorPages<Context: RequestContext>: RouterMiddleware {
    private let pages: Pages

    public init(_ routes: WebRoutes) { pages = routes.pages }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            guard isPage(request) else { throw error }
            switch error {
            case let refused as any HTTPResponseError where refused.status == .notFound:
                return pages.response(.nothingHere, to: request)
            // A page has only its address to be refused for: what it names is not there.
            case is any Refusal: return pages.response(.nothingHere, to: request)
            case is any HTTPResponseError: throw error
            default:
                context.logger.error("page failed", metadata: ["fault": "\(error)"])
                return pages.response(.broken, to: request)
            }
        }
    }

    /// A person's browser asks for HTML, and never for one of the API's addresses.
    private func isPage(_ request: Request) -> Bool {
        request.method == .get && request.headers[.accept]?.contains("text/html") == true
            && !["/v1/", "/rooms/", "/.well-known/"].contains { request.uri.path.hasPrefix($0) }
    }
}

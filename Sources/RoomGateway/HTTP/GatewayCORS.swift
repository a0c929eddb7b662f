internal import HTTPTypes
internal import Hummingbird

/// Lets pages of the configured origins call from a browser (WHATWG Fetch, CORS protocol). Others get their answer
/// without the headers, which their browser then keeps from them.
struct GatewayCORS<Context: RequestContext>: RouterMiddleware {
    let origins: [String]

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard !origins.isEmpty else { return response }
        response.headers[values: .vary].append("Origin")
        guard let origin = request.headers[.origin], origins.contains(origin) else { return response }
        response.headers[.accessControlAllowOrigin] = origin
        // WHIP and WHEP live on the first two.
        response.headers[.accessControlExposeHeaders] = "Location, ETag, \(HTTPField.Name.guichetResume)"
        if request.method == .options {
            response.headers[.accessControlAllowMethods] = "GET, POST, PATCH, DELETE, OPTIONS"
            response.headers[.accessControlAllowHeaders] =
                "Authorization, Content-Type, Accept, Accept-Language, DPoP, If-Match, Last-Event-ID, "
                + "\(HTTPField.Name.guichetResume)"
            response.headers[.accessControlMaxAge] = "600"
        }
        return response
    }
}

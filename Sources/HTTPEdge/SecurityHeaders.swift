internal import HTTPTypes
public import Hummingbird

/// Headers that keep a browser from doing more than the page means (OWASP secure headers; CSP level 3).
///
/// A header that a route set itself stays. Pages load scripts, styles and sound from here only; `connect-src` has the
/// gateways as well, because the browser sends its offer there.
public struct SecurityHeaders<Context: RequestContext>: RouterMiddleware {
    private let fields: [(name: HTTPField.Name, value: String)]

    /// - Parameter gateways: origins to which pages may connect, for example `https://audio.example.org`.
    public init(gateways: [String] = []) {
        let connect = (["'self'"] + gateways).joined(separator: " ")
        let policy = [
            "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
            "media-src 'self' blob:", "connect-src \(connect)", "manifest-src 'self'", "base-uri 'none'",
            "form-action 'self'", "frame-ancestors 'none'",
        ].joined(separator: "; ")
        let texts = [
            ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Permissions-Policy", "microphone=(self), camera=(), geolocation=(), payment=()"),
        ]
        fields = texts.compactMap { text in HTTPField.Name(text.0).map { ($0, text.1) } }
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for field in fields where response.headers[field.name] == nil { response.headers[field.name] = field.value }
        return response
    }
}

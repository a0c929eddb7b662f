public import Hummingbird
internal import Values

/// Limits all requests of a network, before anything else is done for them. See ``NetworkLimiter``.
public struct NetworkLimit<Context: RequestContext>: RouterMiddleware {
    private let limiter: NetworkLimiter
    private let clock: WallClock

    public init(_ rate: RateLimiter.Rate, clock: WallClock = .system) {
        limiter = NetworkLimiter(rate)
        self.clock = clock
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        try limiter.check(context, at: clock.now())
        return try await next(request, context)
    }
}

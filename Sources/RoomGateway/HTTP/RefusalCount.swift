internal import Hummingbird
internal import Values

/// Counts refusals by their code on their way out.
struct RefusalCount<Context: RequestContext>: RouterMiddleware {
    let metrics: GatewayMetrics

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let refusal as any Refusal {
            metrics.refused(code: refusal.code)
            throw refusal
        }
    }
}

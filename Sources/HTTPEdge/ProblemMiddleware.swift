public import Hummingbird
internal import Logging
internal import Values

/// Turns what a route throws into problem details: a refusal into its words, a fault into 503 or 500.
public struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    private let passing: @Sendable (any Error) -> EdgeRefusal?

    /// - Parameter passing: what to say of a fault that may be over when the same request is sent again; `nil` for one
    ///   that will not be.
    public init(passing: @escaping @Sendable (any Error) -> EdgeRefusal? = { _ in nil }) {
        self.passing = passing
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let refusal = refusal(for: error, context: context)
            return Problem(refusal, in: request.language).response
        }
    }

    private func refusal(for error: any Error, context: Context) -> any Refusal {
        switch error {
        case let refusal as any Refusal: return refusal
        case let refused as any HTTPResponseError:
            switch refused.status.code {
            case 404: return EdgeRefusal.notFound
            case 405: return EdgeRefusal.methodNotAllowed
            case 413: return EdgeRefusal.bodyTooLarge(limit: Request.bodyLimit)
            case 500...: break
            default: return EdgeRefusal.requestRefused
            }
        default: break
        }
        // Faults describe themselves without values of users.
        context.logger.error("fault", metadata: ["fault": "\(error)"])
        return passing(error) ?? EdgeRefusal.internalFault(request: context.id)
    }
}

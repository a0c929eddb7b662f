internal import HTTPEdge
public import Hummingbird
internal import Store

/// A router with the middleware that every service of Guichet has, in the order in which a request meets it.
public func makeEdgeRouter<Context: RequestContext>(
    gateways: [String] = [], context: Context.Type = Context.self
) -> Router<Context> {
    let router = Router(context: Context.self)
    router.add(middleware: AccessLog())
    router.add(middleware: SecurityHeaders(gateways: gateways))
    router.add(
        middleware: ProblemMiddleware { error in
            (error as? StoreFault).flatMap {
                .storage(isFull: $0.isFullDisk, isReadOnly: $0.isReadOnly, isTransient: $0.isTransient)
            }
        })
    return router
}

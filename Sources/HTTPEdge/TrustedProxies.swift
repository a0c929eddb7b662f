internal import HTTPTypes
public import Hummingbird
internal import NIOCore
public import Values

/// A context whose client may stand behind a proxy.
public protocol ProxiedRequestContext: RemoteAddressRequestContext {
    /// The socket's other end, or whom a trusted proxy names.
    var remoteAddress: SocketAddress? { get set }
}

/// Finds the client behind proxies that the operator trusts, by `X-Forwarded-For`; goes before whatever limits by network.
///
/// Each proxy writes behind the header whom it spoke with, so the last address that is no trusted proxy's is the client's:
/// what stands before it anybody may have written. Of a socket that is no trusted proxy's the header says nothing.
public struct TrustedProxies<Context: ProxiedRequestContext>: RouterMiddleware {
    private let proxies: [IPRange]

    public init(_ proxies: [IPRange]) { self.proxies = proxies }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let client = client(of: request, at: context.remoteAddress) else {
            return try await next(request, context)
        }
        var context = context
        context.remoteAddress = client
        return try await next(request, context)
    }

    /// - Returns: `nil` where the socket's own address stands.
    private func client(of request: Request, at peer: SocketAddress?) -> SocketAddress? {
        guard let name = HTTPField.Name("X-Forwarded-For"), let peer = peer?.ipAddress.flatMap({ IPAddress($0) }),
            isTrusted(peer)
        else { return nil }
        // More proxies in a row than this nobody has.
        let hops = request.headers[values: name].flatMap { $0.split(separator: ",") }.suffix(16)
        for hop in hops.reversed() {
            // What is no address is nobody: the proxy before it is as far as we see.
            guard let address = IPAddress(hop.filter { $0 != " " && $0 != "\t" }) else { return nil }
            if !isTrusted(address) { return try? SocketAddress(ipAddress: address.description, port: 0) }
        }
        return nil
    }

    private func isTrusted(_ address: IPAddress) -> Bool {
        let address = address.unmapped
        return proxies.contains { $0.contains(address) }
    }
}

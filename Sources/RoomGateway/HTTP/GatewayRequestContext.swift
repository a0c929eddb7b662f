public import HTTPEdge
public import Hummingbird
internal import MediaWire
public import NIOCore

/// A request context that knows where the client is, so that joins can be limited by network.
public struct GatewayRequestContext: RequestContext, ProxiedRequestContext {
    public var coreContext: CoreRequestContextStorage
    public var remoteAddress: NIOCore.SocketAddress?
    /// The connection, to end it where its reader takes nothing any more.
    let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
        channel = source.channel
    }
}

extension Channel {
    /// Ends the connection when nothing that was sent is acknowledged for 20 seconds; the system itself waits a quarter of
    /// an hour. A host whose laptop fell asleep must not count as present for so long.
    func endsWhenUnanswered() async {
        // TCP_USER_TIMEOUT of RFC 5482, as Linux numbers it, in milliseconds. A channel that is no TCP socket has none.
        try? await setOption(.tcpOption(NIOBSDSocket.Option(rawValue: 18)), value: 20_000)
    }
}

/// One name for everybody behind an IPv4 address or in an IPv6 /64, which is what one household gets.
func network(of host: String) -> String {
    guard let address = MediaWire.SocketAddress(host: host, port: 0)?.unmapped else { return host }
    guard address.family == .ipv6 else { return address.host }
    return MediaWire.SocketAddress(ipv6High: address.high, low: 0, port: 0).host + "/64"
}

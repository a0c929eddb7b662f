internal import Datagrams
public import MediaWire
public import Stage
public import Values

/// What an operator decides about a gateway.
public struct GatewayConfiguration: Sendable {
    /// Where the media socket is bound. Loopback unless told otherwise; port 0 takes a free one.
    public var mediaBind = SocketAddress(ipv4: 0x7F00_0001, port: 0)
    /// The addresses that answers name, most wanted first; port 0 stands for the socket's own. Empty: where the socket
    /// is bound, or every address of this machine if it is bound to all.
    public var announced: [SocketAddress] = []
    /// The SQLite file of the spool.
    public var spoolPath: String
    /// Which gateway this is. `nil`: what the spool says, or a new one. The ledger knows a gateway by its service key,
    /// so where the key came with an id, that id belongs here.
    public var gateway: GatewayID?
    /// Pages of these origins may call from a browser (CORS), for example `https://tickets.example`.
    public var allowedOrigins: [String] = []
    /// `iss` that tickets must have; what the ledger says, if `nil`.
    public var issuer: String?
    /// `aud` that tickets must have; what the ledger says, if `nil`.
    public var audience: String?
    /// Connections at one time. Each has about 100 KB of DTLS state until its handshake is over, 10 KB later.
    public var maximumPeers = 5_000
    /// Connections of one network (IPv4 address, IPv6 /64) that are not established yet.
    public var pendingHandshakesPerNetwork = 128
    /// Take the client's address from the last entry of `X-Forwarded-For`: only behind a proxy that sets it.
    public var trustsForwardedFor = false
    /// How long invitations, places and the absence of a host last.
    public var stage = StagePolicy()
    /// When listeners get the frames of a voice merged to packets of 40 or 60 ms.
    public var frameMerging = FrameMerging.auto
    /// How long one question to the feed stays open.
    public var feedWaitSeconds = 20

    public init(spoolPath: String) { self.spoolPath = spoolPath }

    /// The candidates of every answer for a socket that is bound here.
    func candidates(boundTo local: SocketAddress) -> [SocketAddress] {
        if !announced.isEmpty { return announced.map { $0.port == 0 ? $0.with(port: local.port) : $0 } }
        guard local.isUnspecified else { return [local] }
        // A socket bound to [::] carries both families, one bound to 0.0.0.0 its own.
        return interfaceAddresses().filter { local.family == .ipv6 || $0.family == .ipv4 }
            .map { $0.with(port: local.port) }
    }
}

/// When frames of 20 ms are put together on the way to listeners who take longer packets: it halves the work of a busy
/// media thread, and delays the sound by 40 to 60 ms.
public enum FrameMerging: String, CaseIterable, Sendable {
    /// When the media thread is busy although it collects packets for 20 ms.
    case auto
    case never
    /// For audiences that only listen, where delay does not matter.
    case always
}

/// Why a gateway cannot start.
public enum GatewayFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The spool was written by another gateway than the configured one; its receipts belong to that one.
    case foreignSpool(stored: GatewayID, configured: GatewayID)

    public var description: String {
        switch self {
        case .foreignSpool(let stored, let configured):
            "The spool belongs to \(stored), not to \(configured). Choose another spool file, or configure \(stored)."
        }
    }
}

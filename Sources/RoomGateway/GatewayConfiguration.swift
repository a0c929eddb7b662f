public import AudioRelay
internal import Datagrams
internal import Foundation
public import MediaWire
public import RelayThreads
public import Stage
public import Values

/// What an operator decides about a gateway.
public struct GatewayConfiguration: Sendable {
    /// Where the media socket is bound. Loopback unless told otherwise; port 0 takes a free one.
    public var mediaBind = SocketAddress(ipv4: 0x7F00_0001, port: 0)
    /// Further addresses to bind, at most seven.
    public var furtherBinds: [SocketAddress] = []
    /// Where media is taken over TCP (RFC 6544), for people whose network lets no UDP through.
    public var streamPort = StreamPort.sameAsUDP
    /// Media threads, 1 to 64. Each has a socket of its own: the first the port of ``mediaBind``, the others those that
    /// follow.
    public var mediaThreads = 1
    /// Up to so many peers of a room stay on one media thread; a room of more is spread over all.
    public var smallRoomPeers = 64
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
    /// Under which address clients reach this gateway, such as `https://gate.example`: proofs of holder keys must name it. What
    /// requests themselves say (`Host`), if `nil`.
    public var publicURL: String?
    /// Connections at one time. Each has about 100 KB of DTLS state until its handshake is over, 10 KB later.
    public var maximumPeers = 5_000
    /// Connections of one network (IPv4 address, IPv6 /64) that are not established yet.
    public var pendingHandshakesPerNetwork = 128
    /// How long invitations, places and the absence of a host last.
    public var stage = StagePolicy()
    /// For how long the doors stay open without word of the ledger.
    public var admission = AdmissionPolicy()
    /// Between which paces a media thread chooses; one alone fixes it.
    public var pace = PaceRange.auto
    /// How long one question to the feed stays open.
    public var feedWaitSeconds = 20

    public init(spoolPath: String) { self.spoolPath = spoolPath }

    /// What `auto` stands for: one for each core; beyond eight (32,000 listeners of a voice at half load) an operator
    /// should know why.
    public static var automaticMediaThreads: Int { min(max(ProcessInfo.processInfo.activeProcessorCount, 1), 8) }

    /// The candidates of the answers of a media thread whose sockets are bound here.
    ///
    /// An announced port is the first thread's, and the others have those that follow, as the sockets do. It is that of
    /// UDP, and of TCP as long as both have the same number here.
    func candidates(
        boundTo locals: [SocketAddress], thread: Int = 0, areStreams: Bool = false
    ) -> [SocketAddress] {
        guard let first = locals.first else { return [] }
        guard announced.isEmpty else {
            let keepsPort = !areStreams || streamPort == .sameAsUDP
            return announced.map {
                $0.with(port: $0.port == 0 || !keepsPort ? first.port : $0.port &+ UInt16(thread))
            }
        }
        return locals.flatMap { local in
            guard local.isUnspecified else { return [local] }
            // A socket bound to [::] carries both families, one bound to 0.0.0.0 its own.
            return interfaceAddresses().filter { local.family == .ipv6 || $0.family == .ipv4 }
                .map { $0.with(port: local.port) }
        }
    }
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

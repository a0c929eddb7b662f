public import Values

/// Where browsers reach a gateway: scheme, host and port, nothing behind them.
public struct GatewayAddress: Hashable, Sendable, CustomStringConvertible {
    public static let maximumLength = 200

    /// Such as `https://gateway-2.example.org`.
    public let description: String

    /// Pages connect to it and no page has a path there, so a path, a question or a name of a user is refused.
    public init(_ text: String) throws(PlacementRefusal) {
        guard text.utf8.count <= Self.maximumLength,
            let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) })
        else { throw .address }
        let place = text.utf8.dropFirst(scheme.utf8.count)
        // Letters, digits, dots and hyphens, or an IPv6 address in brackets, and a port.
        let isAllowed = place.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-.:[]".utf8.contains(byte)
        }
        guard let first = place.first, isAllowed, first != UInt8(ascii: ":"), first != UInt8(ascii: "-") else {
            throw .address
        }
        description = text
    }
}

/// Why a gateway is not told of, or a room not given to one.
public enum PlacementRefusal: Refusal, Hashable {
    /// No key of such a gateway was ever made, or nobody said where it answers.
    case gatewayUnknown
    case address
    /// Nobody comes into the room any more.
    case roomOver
    /// As many are known as there may be.
    case tooMany(Int)

    public var code: String {
        switch self {
        case .gatewayUnknown: "gateway_unknown"
        case .address: "gateway_address"
        case .roomOver: "gateway_room_over"
        case .tooMany: "gateway_limit"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .gatewayUnknown, .address, .roomOver: [:]
        case .tooMany(let most): ["most": String(most)]
        }
    }
}

/// A gateway that rooms may be given to.
public struct GatewayLoad: Hashable, Sendable {
    public let gateway: GatewayID
    /// Whether new rooms may be given to it.
    public let takesRooms: Bool
    /// How many that are not over it has.
    public let rooms: Int

    public init(gateway: GatewayID, takesRooms: Bool, rooms: Int) {
        self.gateway = gateway
        self.takesRooms = takesRooms
        self.rooms = rooms
    }
}

/// The gateway that gets a new room: of those that take rooms the one that has the fewest, by name where several have as
/// few. Where none takes any, of all: a room that is nobody's would be everybody's, each with a cap of its own.
public func gatewayForNewRoom(_ gateways: [GatewayLoad]) -> GatewayID? {
    let willing = gateways.filter(\.takesRooms)
    return (willing.isEmpty ? gateways : willing).min { ($0.rooms, $0.gateway.text) < ($1.rooms, $1.gateway.text) }?
        .gateway
}

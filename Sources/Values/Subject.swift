/// Who holds a ticket: a buyer's wallet or a host's account. In text and JSON the id itself, whose prefix tells which.
public enum Subject: Hashable, Sendable, Comparable, CustomStringConvertible {
    case holder(HolderID)
    case host(HostID)

    /// Reads `holder_…` or `host_…`; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        if let holder = HolderID(text) {
            self = .holder(holder)
        } else if let host = HostID(text) {
            self = .host(host)
        } else {
            return nil
        }
    }

    /// The printed id, prefix included.
    public var text: String {
        switch self {
        case .holder(let id): id.text
        case .host(let id): id.text
        }
    }

    public var description: String { text }
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.text < rhs.text }
}

extension Subject: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "Not the id of a holder or of a host.")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// On how many devices a ticket may be used at one time, and who gives way.
///
/// As text, in JSON, in a database and on the command line: `newest`, `first`, `devices-2` to `devices-10`.
public enum SharingPolicy: Hashable, Sendable {
    /// A second entry takes over: the older one is most often a page that was closed. What rooms have that say nothing.
    case newestWins
    /// A second entry is refused for as long as the first one lives.
    case firstWins
    /// So many listen with one ticket, and the next one is refused. Refused and not let in for the oldest: whoever
    /// counts devices wants the count to hold, and a stranger with a copied link must not silence those who listen.
    /// There is one voice in any case. Made by ``init(devices:)``.
    case devices(Int)

    /// A household has no more screens than that, and a connection costs memory.
    public static let maximumDevices = 10

    /// - Returns: `nil` unless it is one device to ten; one is ``firstWins``.
    public init?(devices: Int) {
        switch devices {
        case 1: self = .firstWins
        case 2...Self.maximumDevices: self = .devices(devices)
        default: return nil
        }
    }

    public init?(_ text: some StringProtocol) {
        switch text {
        case "newest": self = .newestWins
        case "first": self = .firstWins
        default:
            guard text.hasPrefix("devices-"), let count = Int(text.dropFirst(8)), count >= 2,
                let policy = Self(devices: count), policy.text == text
            else { return nil }
            self = policy
        }
    }

    public var text: String {
        switch self {
        case .newestWins: "newest"
        case .firstWins: "first"
        case .devices(let count): "devices-\(count)"
        }
    }
}

extension SharingPolicy: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let policy = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "Not newest, first, or devices-2 to devices-10.")
        }
        self = policy
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

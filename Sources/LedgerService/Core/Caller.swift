public import Values

/// Who asks. Comes from a key, or from the program itself.
public enum Caller: Sendable, Hashable {
    /// The platform's staff: one of possibly many people, told apart by their keys; `nil` is the program itself.
    case `operator`(APIKeyID?)
    case host(HostID)
    /// Runs the stage of one host's rooms, and nothing else.
    case moderator(HostID)
    case finance(APIKeyID?)
    /// Reads everything and writes nothing.
    case auditor(APIKeyID?)
    case gateway(GatewayID)
    case wallet(HolderID)
    /// Nobody in particular: no key.
    case anybody

    /// The program itself, for staff.
    public static var `operator`: Caller { .operator(nil) }
    public static var finance: Caller { .finance(nil) }
    public static var auditor: Caller { .auditor(nil) }

    public var isOperator: Bool { if case .operator = self { true } else { false } }
    public var isFinance: Bool { if case .finance = self { true } else { false } }
    public var isAuditor: Bool { if case .auditor = self { true } else { false } }

    /// How the audit log and whatever tells who did something name the caller: staff with the id of their key.
    public var actor: String {
        switch self {
        case .operator(let key?), .finance(let key?), .auditor(let key?): "\(name) \(key)"
        case .operator, .finance, .auditor, .host, .moderator, .gateway, .wallet, .anybody: name
        }
    }

    /// For whom commands are named: a command that is sent again comes from the same office, perhaps with another key.
    var name: String {
        switch self {
        case .operator: "operator"
        case .host(let id): id.text
        case .moderator(let id): "\(id.text)/moderator"
        case .finance: "finance"
        case .auditor: "auditor"
        case .gateway(let id): id.text
        case .wallet(let id): id.text
        case .anybody: "anybody"
        }
    }
}

/// What a key may be used for.
public enum KeyScope: String, Sendable, Hashable, Codable, CaseIterable {
    case `operator`, host, moderator, finance, auditor, gateway, wallet
}

public import Values

/// Who asks. Comes from a key, or from the program itself.
public enum Caller: Sendable, Hashable {
    /// The platform's staff.
    case `operator`
    case host(HostID)
    /// Runs the stage of one host's rooms, and nothing else.
    case moderator(HostID)
    case finance
    /// Reads everything and writes nothing.
    case auditor
    case gateway(GatewayID)
    case wallet(HolderID)
    /// Nobody in particular: no key.
    case anybody

    /// How the audit log and stored commands name the caller.
    public var actor: String {
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

public import Values

/// Somebody whom a host lets into none of its rooms, or lets in again.
public struct HostBanNotice: Hashable, Sendable, Codable {
    public var host: HostID
    public var holder: Subject
    public var banned: Bool

    public init(host: HostID, holder: Subject, banned: Bool) {
        self.host = host
        self.holder = holder
        self.banned = banned
    }
}

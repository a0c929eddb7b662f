/// Where a PostgreSQL database is, as libpq reads it: `postgresql://user@host:port/name?…` or `host=… dbname=…`.
///
/// The password comes from PGPASSWORD, PGPASSFILE, the address or ``password``; no text of this type shows it.
public struct PostgreSQLAddress: Sendable, Hashable, CustomStringConvertible {
    private let conninfo: String
    private let password: String?

    /// `nil` for a text that is no address of a PostgreSQL database, such as the path of a file.
    public init?(_ text: String, password: String? = nil) {
        let isURL = text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
        let keywords = ["host=", "hostaddr=", "dbname=", "service="]
        guard isURL || keywords.contains(where: { text.hasPrefix($0) || text.contains(" \($0)") }) else { return nil }
        conninfo = text
        self.password = password
    }

    /// The address without its password.
    public var description: String {
        var words = conninfo
        if let scheme = words.firstRange(of: "://") {
            let authority = words[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
            if let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") {
                words.replaceSubrange(colon..<at, with: ":<hidden>")
            }
        }
        // The value of a keyword ends with a space (or the quote that it began with), that of a URL with an &.
        let pattern = /(?i)(\bpassword\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]*)/
        return words.replacing(pattern) { "\($0.output.1)<hidden>" }
    }

    /// Keywords and values as PQconnectdbParams takes them; the address stands under `dbname` and is expanded there.
    func withParameters<Value>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> Value
    ) -> Value {
        var pairs: [(String, String)] = [
            // Before the address, which may say otherwise: a server that went away silently is noticed in half a minute.
            ("connect_timeout", "5"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "20000"), ("fallback_application_name", "guichet"),
            ("dbname", conninfo), ("client_encoding", "UTF8"),
        ]
        if let password { pairs.append(("password", password)) }
        return withCStrings(pairs.map(\.0)) { keywords in withCStrings(pairs.map(\.1)) { body(keywords, $0) } }
    }
}

/// Texts as an array of C strings that ends with a null, for the duration of the call.
private func withCStrings<Value>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value
) -> Value {
    let buffers = texts.map { text in
        let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.utf8.count + 1)
        _ = copy.initialize(from: text.utf8CString)
        return copy
    }
    defer { for buffer in buffers { buffer.deallocate() } }
    var pointers = buffers.map { UnsafePointer($0.baseAddress) } + [nil]
    return pointers.withUnsafeMutableBufferPointer { pointers in
        // One element at least: the null at the end.
        body(UnsafePointer(pointers.baseAddress!))
    }
}

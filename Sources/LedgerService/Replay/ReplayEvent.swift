internal import HTTPEdge
internal import Values

/// One fact of a list, as a line of it says.
struct ReplayEvent: Sendable {
    let seq: Int64
    /// When it was recorded: decides the batch into which it goes.
    let postedAt: Instant
    let id: String
    let type: String
    private let fields: JSONTree

    /// Longest id, name and word that is taken; longer ones are damage.
    static let longestText = 200

    /// Reads a line.
    /// - Parameter number: of the line, from 1.
    init(_ line: [UInt8], number: Int) throws(ReplayRefusal) {
        func damaged(_ reason: String) -> ReplayRefusal { .line(number: number, reason: reason) }
        let tree: JSONTree
        do { tree = try JSONReader.read(line) } catch { throw damaged("not a JSON object") }
        guard case .object = tree else { throw damaged("not a JSON object") }
        fields = tree
        guard case .integer(let seq)? = tree.member("seq") else { throw damaged("seq is not an integer") }
        guard case .string(let id)? = tree.member("id"), (1...Self.longestText).contains(id.utf8.count) else {
            throw damaged("id is not a text of 1 to \(Self.longestText) bytes")
        }
        guard case .string(let type)? = tree.member("type") else { throw damaged("type is not a text") }
        guard case .string(let time)? = tree.member("posted_at") ?? tree.member("at"), let postedAt = Instant(time)
        else { throw damaged("neither posted_at nor at is a time") }
        self.seq = seq
        self.id = id
        self.type = type
        self.postedAt = postedAt
    }

    // What it says

    func text(_ name: String) -> String? {
        guard case .string(let text)? = fields.member(name), (1...Self.longestText).contains(text.utf8.count) else {
            return nil
        }
        return text
    }

    func integer(_ name: String) -> Int64? {
        guard case .integer(let value)? = fields.member(name) else { return nil }
        return value
    }

    /// An amount from zero to the limit of money; `nil` for any other value, and where there is none.
    func amount(_ name: String) -> Int64? {
        integer(name).flatMap { (0...Money.limit).contains($0) ? $0 : nil }
    }

    func flag(_ name: String) -> Bool? {
        guard case .boolean(let value)? = fields.member(name) else { return nil }
        return value
    }

    func has(_ name: String) -> Bool {
        switch fields.member(name) {
        case nil, .null?: false
        case .string?, .integer?, .otherNumber?, .boolean?, .array?, .object?: true
        }
    }

    func instant(_ name: String) -> Instant? { text(name).flatMap { Instant($0) } }
    func day(_ name: String) -> LocalDay? { text(name).flatMap { LocalDay($0) } }
    func currency(_ name: String) -> Currency? { text(name).flatMap { Currency($0) } }

    /// Co-hosts with their parts in basis points; `nil` where they can't be read.
    var cohosts: [(host: String, bp: Int64)]? {
        guard has("cohosts") else { return [] }
        guard case .array(let elements)? = fields.member("cohosts") else { return nil }
        var cohosts: [(host: String, bp: Int64)] = []
        for element in elements {
            guard case .string(let host)? = element.member("host"), case .integer(let bp)? = element.member("bp"),
                (1...Self.longestText).contains(host.utf8.count)
            else { return nil }
            cohosts.append((host, bp))
        }
        return cohosts
    }

    /// Every host that it names.
    var hosts: [String] { [text("host")].compactMap(\.self) + (cohosts ?? []).map(\.host) }

    /// Of all that it says but `seq` and `posted_at`: the same fact again has the same.
    var digest: SHA256Digest {
        guard case .object(let members) = fields else { return SHA256Digest(of: "") }
        var text = ""
        Self.write(.object(members.filter { $0.name != "seq" && $0.name != "posted_at" }), to: &text)
        return SHA256Digest(of: text)
    }

    /// One form for each value, with members in byte order. Texts carry their length, so no two values look alike.
    private static func write(_ value: JSONTree, to text: inout String) {
        switch value {
        case .null: text += "n"
        case .boolean(let flag): text += flag ? "t" : "f"
        case .integer(let number): text += "i\(number)"
        case .otherNumber: text += "r"
        case .string(let string): text += "s\(string.utf8.count):\(string)"
        case .array(let elements):
            text += "["
            for element in elements { write(element, to: &text) }
            text += "]"
        case .object(let members):
            text += "{"
            for member in members.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
                write(.string(member.name), to: &text)
                write(member.value, to: &text)
            }
            text += "}"
        }
    }
}

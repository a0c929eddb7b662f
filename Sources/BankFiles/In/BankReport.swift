public import Values

/// What a bank says of our payouts: a status report, a statement, a notice of bookings, or returned ACH entries.
public struct BankReport: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case pain002, camt053, camt054, nacha
    }

    /// What a line says of one transfer.
    public enum Said: String, Hashable, Sendable, Codable, CaseIterable {
        /// It left our account.
        case paid
        /// It came back.
        case returned
        /// The bank will not carry it out.
        case refused
        /// The bank has it, and has not carried it out yet.
        case accepted
        /// Somebody should read it: a change of account, or a state that we do not know.
        case notice
    }

    /// By what a line names its transfer.
    public enum Reference: Hashable, Sendable {
        case endToEnd(String)
        /// Of an ACH entry: fifteen digits.
        case trace(String)
        /// Every transfer of the file that had this message id.
        case file(String)
        /// Transfers of one file in one sum, as many as `count` says where it is said. Banks name the file by its message
        /// or by its payment part, and may have names of their own for one of them: one of these is the file's, or none.
        case sum(of: [String], count: Int?)

        public var text: String {
            switch self {
            case .endToEnd(let text), .trace(let text), .file(let text): text
            case .sum(let names, _): names.first ?? ""
            }
        }
    }

    public struct Line: Hashable, Sendable {
        public let said: Said
        public let reference: Reference
        /// `nil` where the report does not repeat it.
        public let amount: Money?
        /// The bank's reason, `AC04` or `R03`; empty without one.
        public let code: String
        /// Why it can't be booked as it stands, in a few words; empty where it can. It matters only if the line is about a
        /// transfer of ours: what a statement says of others need not be read.
        public let trouble: String

        public init(_ said: Said, _ reference: Reference, amount: Money?, code: String = "", trouble: String = "") {
            self.said = said
            self.reference = reference
            self.amount = amount
            self.code = code
            self.trouble = trouble
        }
    }

    public let kind: Kind
    public let messageID: String
    public let lines: [Line]

    public init(kind: Kind, messageID: String, lines: [Line]) {
        self.kind = kind
        self.messageID = messageID
        self.lines = lines
    }

    /// The largest report that is read: a statement of some ten thousand bookings.
    public static let byteLimit = 8 << 20

    /// Reads any of them, told apart by their first byte and their namespace.
    /// - Throws: ``BankRefusal/unreadable(_:)`` with a few words.
    public static func read(_ bytes: [UInt8]) throws(BankRefusal) -> BankReport {
        guard bytes.count <= byteLimit else { throw .unreadable("it is too large") }
        if bytes.first == UInt8(ascii: "1") { return try NACHAReader.read(bytes) }
        let root = try XMLReader.read(bytes)
        let message = (root.attribute("xmlns") ?? "").split(separator: ":").last.map(String.init) ?? ""
        guard root.name == "Document" else { throw .unreadable("it is no ISO 20022 document") }
        if message.hasPrefix("pain.002.001.") { return try Pain002Reader.read(root) }
        if message.hasPrefix("camt.053.001.") { return try CamtReader.read(root, .camt053) }
        if message.hasPrefix("camt.054.001.") { return try CamtReader.read(root, .camt054) }
        throw .unreadable("it is no pain.002, camt.053 or camt.054")
    }

    /// Reads `12.34` with a currency: no sign, no grouping, no more decimals than the currency has but zeros.
    static func amount(_ element: XMLElement?) throws(BankRefusal) -> Money? {
        guard let element else { return nil }
        guard let currency = element.attribute("Ccy").flatMap({ Currency($0) }) else {
            throw .unreadable("a currency that is not known")
        }
        let parts = element.text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        var decimals = parts.count == 2 ? String(parts[1]) : ""
        // Banks write 12, 12.3, 12.30 and 12.30000 for the same.
        while decimals.count > currency.exponent, decimals.last == "0" { decimals.removeLast() }
        decimals += String(repeating: "0", count: max(0, currency.exponent - decimals.count))
        let isNumber =
            (parts.first.map { !$0.isEmpty } ?? false)
            && element.text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
        let text = (parts.first.map(String.init) ?? "") + (decimals.isEmpty ? "" : ".\(decimals)")
        guard isNumber, let money = Money(decimal: text, currency) else { throw .unreadable("an amount") }
        return money
    }
}

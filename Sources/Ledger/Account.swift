/// Where an account stands in the five classes of double entry; the class is its first word.
public enum AccountClass: String, Sendable, Hashable, Codable, CaseIterable {
    case asset, liability, income, expense, equity

    /// Assets and expenses grow on the debit side, the others on the credit side.
    public var growsInDebit: Bool {
        switch self {
        case .asset, .expense: true
        case .liability, .income, .equity: false
        }
    }
}

/// The name of an account, words joined by colons: `liabilities:escrow:room_…`.
///
/// The first word is its class. A balance is of one account and one currency, so an account has no currency itself.
public struct Account: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let text: String
    public let accountClass: AccountClass

    /// Longest name; the longest of ours has 49 bytes.
    public static let maximumLength = 120

    /// Reads a name; `nil` for another first word, an empty word, or characters beyond `a-z 0-9 - _`.
    public init?(_ text: some StringProtocol) {
        var text = String(text)
        guard let accountClass = text.withUTF8({ Self.accountClass(of: $0) }) else { return nil }
        self.text = text
        self.accountClass = accountClass
    }

    /// The class of a name that keeps the grammar. On bytes and without a copy: each order that is read has two names.
    private static func accountClass(of bytes: UnsafeBufferPointer<UInt8>) -> AccountClass? {
        guard bytes.count <= maximumLength else { return nil }
        var accountClass: AccountClass?
        var start = 0
        for end in 0...bytes.count where end == bytes.count || bytes[end] == UInt8(ascii: ":") {
            let word = bytes[start..<end]
            guard !word.isEmpty, word.allSatisfy(isWordByte) else { return nil }
            if accountClass == nil {
                guard let first = classes[String(decoding: word, as: UTF8.self)] else { return nil }
                accountClass = first
            }
            start = end + 1
        }
        return accountClass
    }

    /// For the names in this module, which keep the grammar; a test reads each of them back.
    init(known text: String, _ accountClass: AccountClass) {
        self.text = text
        self.accountClass = accountClass
    }

    /// `suspense` holds what nobody has explained yet; money there is ours to find, hence an asset.
    private static let classes: [String: AccountClass] = [
        "assets": .asset, "liabilities": .liability, "income": .income, "expenses": .expense, "equity": .equity,
        "suspense": .asset,
    ]

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    public var description: String { text }
    public static func < (lhs: Account, rhs: Account) -> Bool { lhs.text < rhs.text }
}

extension Account: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let account = Account(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "Not an account, such as liabilities:vat.")
        }
        self = account
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// An international bank account number (ISO 13616) of a country that takes part in SEPA.
public struct IBAN: Hashable, Sendable, CustomStringConvertible {
    /// Without spaces, capitals.
    public let text: String

    /// Reads it with or without spaces. Checks the country, its length, the characters, and the check digits (ISO 7064:
    /// the remainder by 97 is 1).
    /// - Throws: ``BankRefusal/iban``.
    public init(_ raw: String) throws(BankRefusal) {
        guard raw.utf8.count <= 60 else { throw .iban }
        let text = String(raw.uppercased().filter { $0 != " " })
        let bytes = Array(text.utf8)
        guard bytes.count >= 15, Self.lengths[String(text.prefix(2))] == bytes.count,
            bytes.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }),
            bytes[2...3].allSatisfy({ (0x30...0x39).contains($0) }), Self.remainder(bytes) == 1
        else { throw .iban }
        self.text = text
    }

    public var description: String { masked }

    /// `FR76…0189`: enough to recognise it, too little to use it.
    public var masked: String { "\(text.prefix(4))…\(text.suffix(4))" }

    private static func remainder(_ bytes: [UInt8]) -> Int {
        (bytes[4...] + bytes[..<4]).reduce(0) { sum, byte in
            byte <= 0x39 ? (sum * 10 + Int(byte - 0x30)) % 97 : (sum * 100 + Int(byte - 0x41) + 10) % 97
        }
    }

    /// Lengths in the countries and territories of the SEPA schemes (EPC409-09).
    private static let lengths: [String: Int] = [
        "AD": 24, "AL": 28, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
        "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27,
        "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MT": 31, "NL": 18, "NO": 15,
        "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "VA": 22,
    ]
}

/// A bank's name (ISO 9362): bank, country, place and, in eleven characters, a branch.
///
/// Whether it fits the IBAN beside it is not checked: banks of Monaco, the Channel Islands and French territories have
/// accounts and names of two countries.
public struct BIC: Hashable, Sendable {
    public let text: String

    /// Takes what every version of `pain.001` takes: `[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?` (`BICIdentifier` of
    /// `pain.001.001.03`). A bank refuses a whole file for one that is otherwise.
    /// - Throws: ``BankRefusal/bic``.
    public init(_ raw: String) throws(BankRefusal) {
        try self.init(stored: raw.uppercased())
        guard fitsOldFiles else { throw .bic }
    }

    /// One that may have been taken in before the check was that narrow.
    /// - Throws: ``BankRefusal/bic`` for what no version of `pain.001` takes.
    public init(stored text: String) throws(BankRefusal) {
        let bytes = Array(text.utf8)
        guard bytes.count == 8 || bytes.count == 11, bytes[4...5].allSatisfy(Self.isLetter),
            bytes.allSatisfy({ Self.isLetter($0) || (0x30...0x39).contains($0) })
        else { throw .bic }
        self.text = text
    }

    /// Whether `pain.001.001.03` takes it as well; the type in `.09` is wider.
    public var fitsOldFiles: Bool {
        let bytes = Array(text.utf8)
        return bytes[..<6].allSatisfy(Self.isLetter) && bytes[6] != UInt8(ascii: "0") && bytes[6] != UInt8(ascii: "1")
            && bytes[7] != UInt8(ascii: "O")
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
}

/// A bank of the United States (ABA): nine digits, the last of which is a check digit.
public struct RoutingNumber: Hashable, Sendable {
    public let text: String

    /// - Throws: ``BankRefusal/routing``.
    public init(_ text: String) throws(BankRefusal) {
        let digits = text.utf8.map { Int($0) - 0x30 }
        guard digits.count == 9, digits.allSatisfy({ (0...9).contains($0) }), digits.contains(where: { $0 != 0 }),
            zip(digits, [3, 7, 1, 3, 7, 1, 3, 7, 1]).reduce(0, { $0 + $1.0 * $1.1 }) % 10 == 0
        else { throw .routing }
        self.text = text
    }

    /// Without the check digit.
    public var eight: String { String(text.prefix(8)) }
}

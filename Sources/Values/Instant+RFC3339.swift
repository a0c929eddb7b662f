extension Instant: CustomStringConvertible {
    /// RFC 3339 in UTC with `Z`; fractions only where there are any: `2026-01-01T09:00:00Z`.
    public var description: String {
        let day = LocalDay(daysSince1970: Int(seconds.flooredQuotient(86_400)))
        let ofDay = Int(seconds - Int64(day.daysSince1970) * 86_400)
        let fraction = Int(microseconds - seconds * 1_000_000)
        let (year, month, dayOfMonth) = day.civil
        guard (0...9999).contains(year) else {
            let time = "\(pad(ofDay / 3600, 2)):\(pad(ofDay / 60 % 60, 2)):\(pad(ofDay % 60, 2))"
            return "\(day)T\(time)" + (fraction == 0 ? "Z" : ".\(pad(fraction, 6))Z")
        }
        return String(unsafeUninitializedCapacity: 27) { text in
            write(year, month, dayOfMonth, to: text)
            text[10] = UInt8(ascii: "T")
            write(ofDay / 3600, width: 2, to: text, at: 11)
            text[13] = UInt8(ascii: ":")
            write(ofDay / 60 % 60, width: 2, to: text, at: 14)
            text[16] = UInt8(ascii: ":")
            write(ofDay % 60, width: 2, to: text, at: 17)
            guard fraction != 0 else {
                text[19] = UInt8(ascii: "Z")
                return 20
            }
            text[19] = UInt8(ascii: ".")
            write(fraction, width: 6, to: text, at: 20)
            text[26] = UInt8(ascii: "Z")
            return 27
        }
    }

    /// Reads RFC 3339 (section 5.6) with `Z` or a numeric offset and up to six decimals.
    ///
    /// `nil` for anything else, among it second 60: a leap second has no microsecond of its own.
    public init?(_ text: some StringProtocol) {
        var reader = DigitReader(text.utf8)
        guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
            let dayOfMonth = reader.digits(2), reader.take("T") || reader.take("t"),
            let day = LocalDay(year: year, month: month, day: dayOfMonth),
            let hour = reader.digits(2), hour < 24, reader.take(":"),
            let minute = reader.digits(2), minute < 60, reader.take(":"),
            let second = reader.digits(2), second < 60
        else { return nil }
        var micros = 0
        if reader.take(".") {
            guard let fraction = reader.fraction(maximum: 6) else { return nil }
            micros = fraction
        }
        var offset = 0
        if !(reader.take("Z") || reader.take("z")) {
            let negative = reader.take("-")
            guard negative || reader.take("+"), let hours = reader.digits(2), hours < 24, reader.take(":"),
                let minutes = reader.digits(2), minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (negative ? -60 : 60)
        }
        guard reader.isAtEnd else { return nil }
        let seconds = day.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second - offset
        self.init(microseconds: Int64(seconds) * 1_000_000 + Int64(micros))
    }
}

extension Instant: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let instant = Instant(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "Not a time of RFC 3339, such as 2026-01-31T19:00:00Z.")
        }
        self = instant
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

func pad(_ value: Int, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.count)) + text
}

/// `2026-03-29` into the first ten bytes; years of four digits.
func write(_ year: Int, _ month: Int, _ day: Int, to text: UnsafeMutableBufferPointer<UInt8>) {
    write(year, width: 4, to: text, at: 0)
    text[4] = UInt8(ascii: "-")
    write(month, width: 2, to: text, at: 5)
    text[7] = UInt8(ascii: "-")
    write(day, width: 2, to: text, at: 8)
}

/// The last `width` decimal digits of a number that is not negative.
func write(_ value: Int, width: Int, to text: UnsafeMutableBufferPointer<UInt8>, at start: Int) {
    var rest = value
    for index in stride(from: start + width - 1, through: start, by: -1) {
        text[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
    }
}

/// Reads fixed-width decimal fields from UTF-8 without Foundation's parsers and their locales.
struct DigitReader {
    private var rest: ArraySlice<UInt8>

    init(_ text: some Sequence<UInt8>) { rest = Array(text)[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest.removeFirst()
        return true
    }

    mutating func digits(_ count: Int) -> Int? {
        guard rest.count >= count else { return nil }
        var value = 0
        for byte in rest.prefix(count) {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        rest.removeFirst(count)
        return value
    }

    /// Decimals after a point, scaled to `maximum` places; `nil` for none or too many.
    mutating func fraction(maximum: Int) -> Int? {
        var value = 0
        var count = 0
        while let digit = digits(1) {
            count += 1
            guard count <= maximum else { return nil }
            value = value * 10 + digit
        }
        guard count > 0 else { return nil }
        for _ in count..<maximum { value *= 10 }
        return value
    }
}

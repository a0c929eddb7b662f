internal import Foundation

/// A JSON value of Stripe's, of which we read the few members that concern us and ignore the many others.
enum StripeValue: Sendable, Hashable, Decodable {
    case text(String)
    case integer(Int64)
    case flag(Bool)
    case list([StripeValue])
    case object([String: StripeValue])
    /// Null, or a number with a fraction: no amount is one.
    case nothing

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let integer = try? container.decode(Int64.self) {
            self = .integer(integer)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let object = try? container.decode([String: StripeValue].self) {
            self = .object(object)
        } else if let list = try? container.decode([StripeValue].self) {
            self = .list(list)
        } else {
            self = .nothing
        }
    }

    init?(bytes: [UInt8]) {
        guard let value = try? JSONDecoder().decode(StripeValue.self, from: Data(bytes)) else { return nil }
        self = value
    }

    subscript(_ member: String) -> StripeValue {
        guard case .object(let members) = self else { return .nothing }
        return members[member] ?? .nothing
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }
    var integer: Int64? { if case .integer(let integer) = self { integer } else { nil } }
    var list: [StripeValue] { if case .list(let list) = self { list } else { [] } }

    /// The same text for the same value, whatever order its members came in.
    var canonical: String {
        switch self {
        case .text(let text): "\"\(text)\""
        case .integer(let integer): "\(integer)"
        case .flag(let flag): "\(flag)"
        case .list(let list): "[" + list.map(\.canonical).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.canonical)" }.joined(separator: ",")
                + "}"
        case .nothing: "null"
        }
    }

    /// An id, whether the object was expanded or only named.
    var id: String? { text ?? self["id"].text }
}

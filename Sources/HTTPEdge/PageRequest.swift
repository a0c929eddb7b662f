internal import Foundation
public import Hummingbird
internal import Values

/// Which part of a list is asked for: `?cursor=…&limit=…`.
///
/// A cursor is opaque to clients. It holds the last element they saw and the list's name, so a page is the same
/// whatever was inserted before it, and a cursor of another list is refused.
public struct PageRequest: Sendable, Hashable {
    /// The key of the last element of the page before; `nil` at the beginning.
    public let after: String?
    public let limit: Int
    private let list: String

    /// The largest page; also what is given without `limit`, so that short lists come whole.
    public static let maximum = 1_000

    /// Everything of a list that is known to be short.
    public init(list: String, after: String? = nil, limit: Int = PageRequest.maximum) {
        self.list = list
        self.after = after
        self.limit = limit
    }

    /// Reads the parameters of a request for `list`.
    public init(_ request: Request, list: String) throws(EdgeRefusal) {
        var limit = Self.maximum
        if let text = request.query("limit") {
            guard let number = Int(text), (1...Self.maximum).contains(number) else {
                throw .parameterMalformed(path: "limit")
            }
            limit = number
        }
        var after: String?
        if let cursor = request.query("cursor") {
            guard cursor.utf8.count <= 400, let text = Self.decode(cursor), text.hasPrefix(list + " ") else {
                throw .parameterMalformed(path: "cursor")
            }
            after = String(text.dropFirst(list.utf8.count + 1))
        }
        self.init(list: list, after: after, limit: limit)
    }

    /// Cuts what was fetched with one element more than the limit, and makes the cursor of the next page.
    public func page<Element>(_ fetched: [Element], key: (Element) -> String) -> (elements: [Element], next: String?) {
        guard fetched.count > limit, limit > 0 else { return (fetched, nil) }
        let elements = Array(fetched.prefix(limit))
        return (elements, elements.last.map { Self.encode("\(list) \(key($0))") })
    }

    /// How much of a list is read at once where only some of it is looked for.
    private static let part = 1_000

    /// A page of those elements of a long list that fit. The list is read part by part until the page is full.
    /// - Parameters:
    ///   - isWhole: everything fits, so that no more is read than a page takes.
    ///   - read: elements behind a key, in order; at most so many.
    public func sifted<Element>(
        isWhole: Bool, key: (Element) -> String, read: (_ after: String?, _ limit: Int) throws -> [Element],
        where fits: (Element) -> Bool
    ) rethrows -> (elements: [Element], next: String?) {
        let size = isWhole ? limit + 1 : Self.part
        var found: [Element] = []
        var after = self.after
        while found.count <= limit {
            let part = try read(after, size)
            found += part.lazy.filter(fits)
            guard part.count == size, let last = part.last else { break }
            after = key(last)
        }
        return page(found, key: key)
    }

    private static func encode(_ text: String) -> String {
        Data(text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    private static func decode(_ text: String) -> String? {
        guard text.utf8.allSatisfy({ ($0 >= 0x30 && $0 <= 0x7A) || $0 == UInt8(ascii: "-") }) else { return nil }
        let padded =
            text.replacing("-", with: "+").replacing("_", with: "/")
            + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: padded) else { return nil }
        return String(data: data, encoding: .utf8)
    }
}

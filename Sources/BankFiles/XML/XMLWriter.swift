/// Writes the little XML that bank files are: elements, texts and one attribute, two spaces a level, nothing else.
struct XMLWriter {
    private var lines: [String] = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
    private var depth = 1
    private let root: String

    init(root: String, namespace: String) {
        self.root = root
        lines.append("<\(root) xmlns=\"\(namespace)\">")
    }

    mutating func element(_ name: String, _ body: (inout XMLWriter) -> Void) {
        lines.append(indent + "<\(name)>")
        depth += 1
        body(&self)
        depth -= 1
        lines.append(indent + "</\(name)>")
    }

    mutating func text(_ name: String, _ text: String, attribute: (name: String, value: String)? = nil) {
        let attributes = attribute.map { " \($0.name)=\"\(Self.escaped($0.value))\"" } ?? ""
        lines.append(indent + "<\(name)\(attributes)>\(Self.escaped(text))</\(name)>")
    }

    func bytes() -> [UInt8] { Array((lines + ["</\(root)>", ""]).joined(separator: "\n").utf8) }

    private var indent: String { String(repeating: "  ", count: depth) }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}

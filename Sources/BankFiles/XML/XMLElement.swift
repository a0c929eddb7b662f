/// An element of a bank's XML: its name without prefix, its attributes, its own text and what stands in it.
struct XMLElement: Hashable, Sendable {
    let name: String
    let attributes: [String: String]
    var text = ""
    var children: [XMLElement] = []

    init(name: String, attributes: [String: String]) {
        self.name = name
        self.attributes = attributes
    }

    /// The first child of a name.
    subscript(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    func attribute(_ name: String) -> String? { attributes[name] }

    /// The element at the end of a way of names.
    func at(_ names: String...) -> XMLElement? {
        names.reduce(Optional(self)) { $0?[$1] }
    }

    /// Every element of a name below this one, in the order of the file. A file is at most forty levels deep.
    func every(_ name: String) -> [XMLElement] {
        children.flatMap { ($0.name == name ? [$0] : []) + $0.every(name) }
    }
}

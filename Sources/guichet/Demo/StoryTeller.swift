/// Prints the story: numbered steps, each with the figure that proves it.
struct StoryTeller: Sendable {
    func title(_ text: String) { Output.line("\n\(text)\n" + String(repeating: "─", count: text.count)) }

    func step(_ number: Int, _ text: String) { Output.line("\n\(number). \(text)") }

    /// A fact with its figure.
    func fact(_ text: String) { Output.line("   ✓ \(text)") }

    func note(_ text: String) { Output.line("     \(text)") }
}

/// The story did not go as it must: what was expected and what was seen.
struct StoryBroken: Error, CustomStringConvertible {
    let description: String

    static func unless(_ condition: Bool, _ text: @autoclosure () -> String) throws {
        if !condition { throw StoryBroken(description: text()) }
    }
}

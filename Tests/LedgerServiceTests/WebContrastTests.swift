import Foundation
import Testing

@testable import LedgerService

/// WCAG 2.2, 1.4.3 and 1.4.11, computed from the style sheet's own colours.
@Suite("Contrast of the pages")
struct WebContrastTests {
    private static let texts = [
        ("ink", "paper"), ("ink", "card"), ("ink", "stub"), ("soft", "paper"), ("soft", "card"), ("soft", "stub"),
        ("accent", "paper"), ("accent", "card"), ("on-accent", "accent"), ("on-accent", "accent-strong"),
        ("accent-strong", "accent-wash"), ("soft", "accent-wash"), ("ink", "accent-wash"), ("live", "live-wash"),
        ("warn", "warn-wash"), ("bad", "bad-wash"), ("ink", "bad-wash"), ("bad", "card"), ("bad", "stub"),
        ("bad", "paper"),
    ]
    private static let shapes = [
        ("edge", "card"), ("edge", "paper"), ("edge", "stub"), ("accent", "card"), ("focus", "paper"),
        ("focus", "card"), ("focus", "stub"), ("warn", "card"),
    ]

    @Test(arguments: ["light", "dark"])
    func `text has 4.5 to 1 and controls have 3 to 1`(scheme: String) throws {
        let css = try WebFixtures.text(of: "app.css", in: WebFixtures.routes())
        let blocks = css.components(separatedBy: ":root {").dropFirst().map { $0.components(separatedBy: "}")[0] }
        #expect(blocks.count == 2, "one block of colours for light and one for dark")
        let block = try #require(scheme == "light" ? blocks.first : blocks.last)
        var colours: [String: Double] = [:]
        for match in block.matches(of: /--([a-z-]+): #([0-9a-f]{6});/) {
            colours[String(match.output.1)] = luminance(String(match.output.2))
        }
        for (pairs, least) in [(Self.texts, 4.5), (Self.shapes, 3.0)] {
            for (front, back) in pairs {
                let one = try #require(colours[front]), other = try #require(colours[back])
                let ratio = (max(one, other) + 0.05) / (min(one, other) + 0.05)
                #expect(ratio >= least, "\(front) on \(back) in \(scheme): \(ratio)")
            }
        }
    }

    /// Relative luminance as WCAG defines it.
    private func luminance(_ hex: String) -> Double {
        let value = Int(hex, radix: 16) ?? 0
        let parts = [value >> 16 & 255, value >> 8 & 255, value & 255].map { part -> Double in
            let share = Double(part) / 255
            return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
}

public import Values

/// By what banks of the United States tell the files of a house apart: when each was made, on the house's own clock, and
/// which of its day it is (NACHA operating rules, appendix three: file creation date, file creation time, file id modifier).
public struct ACHFileID: Hashable, Sendable {
    public let day: LocalDay
    /// Of the day, 0…1439.
    public let minute: Int
    /// `A` of the first file of a day, another one of each further file; a bank takes a second `A` for the first one again.
    public let modifier: Character

    /// The modifiers in the order in which the files of a day get them.
    public static let modifiers = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")

    public init(day: LocalDay, minute: Int, modifier: Character) {
        precondition((0..<1_440).contains(minute), "A day has 1,440 minutes.")
        precondition(Self.modifiers.contains(modifier), "A modifier is a capital or a digit.")
        self.day = day
        self.minute = minute
        self.modifier = modifier
    }

    /// The modifier of the next file of a day.
    /// - Parameter count: of the files that were made on this day.
    /// - Throws: ``BankRefusal/dayFull(_:)`` when all were given.
    public static func modifier(after count: Int, on day: LocalDay) throws(BankRefusal) -> Character {
        guard modifiers.indices.contains(count) else { throw .dayFull(day) }
        return modifiers[count]
    }
}

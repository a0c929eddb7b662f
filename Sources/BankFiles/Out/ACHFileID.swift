public import Values

/// By what banks of the United States tell the files of a house apart: when each was made, on the house's own clock
/// (NACHA operating rules, appendix three: file creation date and time).
public struct ACHFileID: Hashable, Sendable {
    public let day: LocalDay
    /// Of the day, 0…1439.
    public let minute: Int

    public init(day: LocalDay, minute: Int) {
        precondition((0..<1_440).contains(minute), "A day has 1,440 minutes.")
        self.day = day
        self.minute = minute
    }
}

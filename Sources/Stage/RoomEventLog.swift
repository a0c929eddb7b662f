/// The name of an event of a room: of which run it is, and the how manieth. In text `l8x2k1r3-17`.
public struct RoomEventID: Hashable, Sendable, CustomStringConvertible {
    /// 1 to 32 of `a`–`z` and `0`–`9`. Another one means that the numbers began anew.
    public let epoch: String
    /// From 1; 0 stands for the time before the first event.
    public let number: Int64

    public init(epoch: String, number: Int64) {
        precondition(Self.isEpoch(epoch) && number >= 0, "An epoch is 1 to 32 small letters and digits.")
        self.epoch = epoch
        self.number = number
    }

    /// Reads what a reader says it has seen last; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isEpoch(parts[0]), (1...18).contains(parts[1].utf8.count),
            parts[1].utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let number = Int64(parts[1])
        else { return nil }
        epoch = String(parts[0])
        self.number = number
    }

    private static func isEpoch(_ text: some StringProtocol) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
    }

    public var description: String { "\(epoch)-\(number)" }
}

/// The last events of one room, so that a reader whose line broke gets exactly what it missed.
///
/// Bounded in number and in bytes; the oldest goes first. A reader that is further behind starts anew.
public struct RoomEventLog<Event: Sendable>: Sendable {
    /// 512 events are two minutes of the busiest room, and 128 KiB what they take; a room of ten people has a few.
    public static var defaultCapacity: Int { 512 }
    public static var defaultByteCapacity: Int { 128 * 1_024 }

    private struct Entry: Sendable {
        let event: Event
        let bytes: Int
    }

    public let epoch: String
    /// The number of the event that was added last; 0 before the first.
    public private(set) var last: Int64 = 0
    /// A ring: event `n` stands at `n` modulo its size.
    private var entries: [Entry?]
    private var count: Int64 = 0
    private var bytes = 0
    private let byteCapacity: Int

    public init(epoch: String, capacity: Int = defaultCapacity, byteCapacity: Int = defaultByteCapacity) {
        precondition(capacity > 0 && byteCapacity > 0, "A log holds something.")
        self.epoch = epoch
        self.byteCapacity = byteCapacity
        entries = Array(repeating: nil, count: capacity)
    }

    /// Where a reader is that has seen everything.
    public var position: RoomEventID { RoomEventID(epoch: epoch, number: last) }

    /// Adds an event; `bytes` is what it takes.
    @discardableResult
    public mutating func append(_ event: Event, bytes: Int) -> RoomEventID {
        while count > 0, count == entries.count || self.bytes + bytes > byteCapacity { forgetOldest() }
        last += 1
        count += 1
        self.bytes += bytes
        entries[place(of: last)] = Entry(event: event, bytes: bytes)
        return position
    }

    /// What happened after an event that a reader has seen, oldest first; `nil` when that can't be told any more, or
    /// never could: another run, a number that is too old, or one that was never given.
    public func events(after seen: RoomEventID) -> [(id: RoomEventID, event: Event)]? {
        guard seen.epoch == epoch, seen.number <= last, seen.number >= last - count else { return nil }
        return ((seen.number + 1)..<(last + 1)).compactMap { number in
            entries[place(of: number)].map { (RoomEventID(epoch: epoch, number: number), $0.event) }
        }
    }

    private mutating func forgetOldest() {
        let oldest = place(of: last - count + 1)
        bytes -= entries[oldest]?.bytes ?? 0
        entries[oldest] = nil
        count -= 1
    }

    private func place(of number: Int64) -> Int { Int(number % Int64(entries.count)) }
}

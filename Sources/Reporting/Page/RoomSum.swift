/// What one room's tickets came to on a statement.
struct RoomSum: Hashable, Sendable {
    let title: String
    var tickets: Int64 = 0
    /// Gross, VAT, fees, base, share, taken back (not positive), kept.
    var amounts: [Int64] = Array(repeating: 0, count: 7)

    /// By room, in byte order of the ids.
    static func sums(of lines: [StatementLine]) -> [RoomSum] {
        var rooms: [String: RoomSum] = [:]
        for line in lines {
            var room = rooms[line.room] ?? RoomSum(title: line.title)
            room.tickets += 1
            let amounts = [
                line.gross, line.vat, line.fee, line.base, line.share, -line.shareReversed,
                line.share - line.shareReversed,
            ]
            // Bounded: at most 10^15 a line, and a statement has fewer than a thousand lines of that size.
            for (index, amount) in amounts.enumerated() { room.amounts[index] &+= amount }
            rooms[line.room] = room
        }
        return rooms.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value)
    }
}

internal import Foundation
internal import Values

/// The lines of a file, one after the other, whatever its length.
final class ReplayLines {
    /// Longest line: a fact has some hundred bytes.
    static let longestLine = 1 << 20

    private let handle: FileHandle
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    private(set) var number = 0

    init(path: String) throws(ReplayRefusal) {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw .unreadable(path: path) }
        self.handle = handle
    }

    deinit { try? handle.close() }

    /// The next fact; `nil` at the end. Empty lines are passed over.
    func next() throws(ReplayRefusal) -> ReplayEvent? {
        while let line = try line() {
            if line.isEmpty { continue }
            return try ReplayEvent(line, number: number)
        }
        return nil
    }

    private func line() throws(ReplayRefusal) -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[start..<end])
                start = end + 1
                number += 1
                return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            }
            if isAtEnd {
                guard start < buffer.count else { return nil }
                let line = Array(buffer[start...])
                start = buffer.count
                number += 1
                return line
            }
            guard buffer.count - start <= Self.longestLine else {
                throw .line(number: number + 1, reason: "longer than \(Self.longestLine) bytes")
            }
            searched = buffer.count - start
            try fill()
        }
    }

    private func fill() throws(ReplayRefusal) {
        buffer.removeFirst(start)
        start = 0
        let piece: Data?
        do { piece = try handle.read(upToCount: 1 << 16) } catch {
            throw .line(number: number + 1, reason: "can't be read")
        }
        guard let piece, !piece.isEmpty else {
            isAtEnd = true
            return
        }
        buffer += piece
    }
}

/// Ids for the names of hosts and rooms of a list. They sort as the names do, since ties go to the smaller name. Names are
/// their bytes: two spellings that look alike are two names.
struct ReplayNames: Sendable {
    private typealias Name = [UInt8]

    private var hosts: [Name: HostID] = [:]
    private var rooms: [Name: RoomID] = [:]
    /// How many facts the list has.
    private(set) var count = 0

    /// Reads a list through: damage is found before anything is written.
    init(of path: String) throws(ReplayRefusal) {
        let lines = try ReplayLines(path: path)
        var hostNames: Set<Name> = []
        var roomNames: Set<Name> = []
        var last: (seq: Int64, postedAt: Instant)?
        while let event = try lines.next() {
            if let last {
                guard event.seq > last.seq else { throw .order(number: lines.number, field: "seq") }
                guard event.postedAt >= last.postedAt else { throw .order(number: lines.number, field: "posted_at") }
            }
            last = (event.seq, event.postedAt)
            count += 1
            for host in event.hosts { hostNames.insert(Name(host.utf8)) }
            if event.type == "room", let room = event.text("room") { roomNames.insert(Name(room.utf8)) }
        }
        // A millisecond for each place in the order: it leads the id.
        func ids<Kind>(_ names: Set<Name>, _ kind: String) -> [Name: Identifier<Kind>] {
            let sorted = names.sorted { $0.lexicographicallyPrecedes($1) }
            return Dictionary(
                uniqueKeysWithValues: sorted.enumerated().map { place, name in
                    let moment = Instant(microseconds: Int64(place + 1) * 1_000)
                    return (name, .derived(at: moment, from: "\(kind)|\(String(decoding: name, as: UTF8.self))"))
                })
        }
        hosts = ids(hostNames, "host")
        rooms = ids(roomNames, "room")
    }

    func host(_ name: String) -> HostID? { hosts[Name(name.utf8)] }
    func room(_ name: String) -> RoomID? { rooms[Name(name.utf8)] }

    /// Whoever buys or listens under a name; a host of the same name is the same person.
    static func holder(_ name: String) -> HolderID { .derived(at: Instant(microseconds: 0), from: "account|\(name)") }
}

import Foundation
import Store
import Values

/// The archive of an export as the server sends it: a ZIP of files that are not compressed, with `control.json` last.
///
/// It came over a network, so nothing in it is believed: names are plain, places lie inside the file, and each file is what
/// the control file says.
struct ExportArchive {
    private struct Entry {
        let name: String
        let offset: UInt64
        let size: Int
    }

    private struct Control: Decodable {
        struct File: Decodable {
            let name: String
            let bytes: Int
            let sha256: String
        }
        let files: [File]
    }

    /// Files of an export; four forms and the control file.
    private static let entryLimit = 64
    private let handle: FileHandle
    private let length: UInt64

    init(path: String) throws {
        guard let handle = FileHandle(forReadingAtPath: path), let length = try? handle.seekToEnd() else {
            throw CommandFailure(.file, "\(path) can't be read.")
        }
        self.handle = handle
        self.length = length
    }

    /// Writes every file into a folder, each whole or not at all.
    /// - Returns: their paths.
    func extract(into folder: String) throws -> [String] {
        let entries = try directory()
        guard let last = entries.first(where: { $0.name == "control.json" }), last.size < 1 << 20,
            let control = try? JSONDecoder().decode(Control.self, from: try read(last.offset, last.size))
        else { throw Self.damaged() }
        let known = Dictionary(control.files.map { ($0.name, $0) }) { first, _ in first }
        guard known.count == entries.count - 1 else { throw Self.damaged() }
        var written: [String] = []
        for entry in entries {
            if entry.name != last.name {
                guard let file = known[entry.name], file.bytes == entry.size, try digest(entry) == file.sha256 else {
                    throw Self.damaged()
                }
            }
            written.append(try copy(entry, into: folder))
        }
        return written
    }

    private static func damaged() -> CommandFailure {
        CommandFailure(.unavailable, "The export arrived damaged; nothing of it can be used. Ask again.")
    }

    private func read(_ offset: UInt64, _ size: Int) throws -> Data {
        guard size >= 0, offset <= length, UInt64(size) <= length - offset else { throw Self.damaged() }
        do {
            try handle.seek(toOffset: offset)
            let data = try handle.read(upToCount: size) ?? Data()
            guard data.count == size else { throw Self.damaged() }
            return data
        } catch let failure as CommandFailure { throw failure } catch { throw Self.damaged() }
    }

    /// The entries that the archive's directory names; see APPNOTE 6.3.10, section 4.3.12.
    private func directory() throws -> [Entry] {
        guard length >= 22 else { throw Self.damaged() }
        let end = try read(length - 22, 22)
        guard end.number(0, 4) == 0x0605_4B50 else { throw Self.damaged() }
        let count = end.number(10, 2)
        let list = try read(UInt64(end.number(16, 4)), end.number(12, 4))
        guard (1...Self.entryLimit).contains(count) else { throw Self.damaged() }
        var entries: [Entry] = []
        var place = 0
        for _ in 0..<count {
            guard list.count >= place + 46, list.number(place, 4) == 0x0201_4B50, list.number(place + 10, 2) == 0 else {
                throw Self.damaged()
            }
            let size = list.number(place + 24, 4)
            let nameLength = list.number(place + 28, 2)
            let start = list.number(place + 42, 4)
            guard list.count >= place + 46 + nameLength else { throw Self.damaged() }
            let name = String(decoding: list.dropFirst(place + 46).prefix(nameLength), as: UTF8.self)
            guard name.wholeMatch(of: /[a-z0-9][A-Za-z0-9._-]{0,120}/) != nil,
                !entries.contains(where: { $0.name == name })
            else { throw Self.damaged() }
            let header = try read(UInt64(start), 30)
            guard header.number(0, 4) == 0x0403_4B50 else { throw Self.damaged() }
            let offset = start + 30 + header.number(26, 2) + header.number(28, 2)
            guard UInt64(offset) + UInt64(size) <= length else { throw Self.damaged() }
            entries.append(Entry(name: name, offset: UInt64(offset), size: size))
            place += 46 + nameLength + list.number(place + 30, 2) + list.number(place + 32, 2)
        }
        return entries
    }

    private func pieces(_ entry: Entry, _ body: (Data) throws -> Void) throws {
        var done = 0
        while done < entry.size {
            let piece = try read(entry.offset + UInt64(done), min(1 << 18, entry.size - done))
            try body(piece)
            done += piece.count
        }
    }

    private func digest(_ entry: Entry) throws -> String {
        var stream = SHA256Stream()
        try pieces(entry) { stream.update(Array($0)) }
        return stream.digest().hex
    }

    private func copy(_ entry: Entry, into folder: String) throws -> String {
        let target = folder + "/" + entry.name
        do {
            let output = try WholeFile(target, .export)
            try pieces(entry) { try output.write($0) }
            try output.close()
        } catch {
            if let failure = error as? CommandFailure { throw failure }
            throw CommandFailure(.file, "\(target) can't be written.")
        }
        return target
    }
}

extension Data {
    /// An unsigned number, its least byte first; the caller has looked that it is there.
    fileprivate func number(_ offset: Int, _ length: Int) -> Int {
        (0..<length).reversed().reduce(0) { $0 << 8 | Int(self[startIndex + offset + $1]) }
    }
}

internal import Foundation
internal import HTTPEdge
public import Ledger
internal import Store
public import Tickets
public import Values

/// A published head of the journal, as the API shows it.
public struct JournalHeadView: Sendable, Hashable, Encodable {
    public let shard: String
    public let day: LocalDay
    /// The first entry of its tree.
    public let first: Int64
    public let sequence: Int64
    public let hash: String
    public let root: String
    public let kid: String
    public let at: Instant
    /// The signed text: what to keep.
    public let statement: String
}

/// A page of heads and, if there are more, the day to go on after.
public struct JournalHeadPage: Sendable, Hashable, Encodable {
    public let heads: [JournalHeadView]
    public let next: LocalDay?
}

extension LedgerService {
    /// Heads on a page at most: a year of nights.
    public static let headsPerPage = 366

    /// The heads that nights have published, the first one first. Anybody may read them: that is what they are for.
    public func journalHeads(after day: LocalDay? = nil, limit: Int = headsPerPage) async throws -> JournalHeadPage {
        let limit = min(max(1, limit), Self.headsPerPage)
        return try await database.read { transaction in
            let heads = try transaction.publishedHeads(after: day, limit: limit + 1)
            let shard = transaction.shardName
            return JournalHeadPage(
                heads: heads.prefix(limit).map { JournalHeadView($0, shard) },
                next: heads.count > limit ? heads[limit - 1].day : nil)
        }
    }

    public func journalHead(_ day: LocalDay) async throws -> JournalHeadView {
        try await database.read { transaction in
            guard let head = try transaction.publishedHead(day) else { throw LedgerRefusal.headUnknown }
            return JournalHeadView(head, transaction.shardName)
        }
    }

    /// Signs where the journal ends now and the tree over what came since the last statement, and keeps the statement.
    func publish(_ head: ChainHead, of day: LocalDay, at now: Instant, in transaction: borrowing Transaction) throws {
        let first = try transaction.publishedThrough() + 1
        var tree = MerkleAccumulator()
        try transaction.entryHashes(from: first, through: head.sequence) { tree.append(leaf: MerkleTree.leaf($0)) }
        let statement = JournalHeadStatement(
            issuer: settings.issuer, shard: transaction.shardName, day: day, first: first, sequence: head.sequence,
            hash: head.hash, root: tree.root, at: now)
        let signer = ticketKeys.signer(issuedAt: now)
        try transaction.insertHead(
            PublishedHead(
                day: day, first: first, sequence: head.sequence, hash: head.hash, root: tree.root,
                keyID: signer.verifyingKey.id, statement: signer.sign(statement), at: now))
    }

    /// Writes the statements that are not in the folder of heads yet: after a night, and at the start, since a process
    /// may have died between the night and its file.
    /// - Returns: the names of the files written.
    @discardableResult
    public func writeHeadFiles() async throws -> [String] {
        guard let folder = settings.headsFolder else { return [] }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var written: [String] = []
        var cursor: LocalDay?
        repeat {
            let page = try await journalHeads(after: cursor)
            for head in page.heads {
                let name = "\(head.shard)-\(head.day).jws"
                guard !FileManager.default.fileExists(atPath: "\(folder)/\(name)") else { continue }
                CrashPoint.headFileDue.pass()
                try WholeFile.write(Data((head.statement + "\n").utf8), to: "\(folder)/\(name)", .head)
                written.append(name)
            }
            cursor = page.next
        } while cursor != nil
        return written
    }
}

extension JournalHeadView {
    init(_ head: PublishedHead, _ shard: String) {
        self.init(
            shard: shard, day: head.day, first: head.first, sequence: head.sequence, hash: head.hash.hex,
            root: head.root.hex, kid: head.keyID, at: head.at, statement: head.statement)
    }
}

/// Checks the statements of a ledger, and copies of them that were kept elsewhere.
public enum HeadAudit {
    /// - Parameters:
    ///   - stored: the statements of the ledger with what their rows say.
    ///   - kept: statements by the name of their file.
    public static func line(
        stored: [(day: String, sequence: Int64, hash: String, statement: String)], kept: [String: String],
        keyRing: KeyRing
    ) -> AuditLine {
        var line = AuditLine("signatures", "published heads are signed by our keys, and kept copies are among them")
        var known: [String: String] = [:]
        for head in stored {
            line.counted += 1
            known[head.day] = head.statement
            do throws(JournalHeadFault) {
                let statement = try keyRing.journalHead(head.statement)
                if (statement.day.description, statement.sequence, statement.hash.hex)
                    != (head.day, head.sequence, head.hash)
                {
                    line.add("published_heads", head.day, "says something else than its statement")
                }
            } catch {
                line.add("published_heads", head.day, words(error))
            }
        }
        for (name, text) in kept.sorted(by: { $0.key < $1.key }) {
            line.counted += 1
            let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
            do throws(JournalHeadFault) {
                let statement = try keyRing.journalHead(token)
                if known[statement.day.description] != token {
                    line.add("heads", name, "was published, and the ledger does not know it: its end was cut off")
                }
            } catch {
                line.add("heads", name, words(error))
            }
        }
        return line
    }

    private static func words(_ fault: JournalHeadFault) -> String {
        switch fault {
        case .malformed: "is no signed head"
        case .keyUnknown: "is signed with a key that is not known here"
        case .signature: "its signature does not hold"
        }
    }
}

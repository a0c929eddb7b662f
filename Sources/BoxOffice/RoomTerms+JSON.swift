internal import Foundation
internal import Values

/// Terms as they stand in the file; ``RoomTerms`` is what remains of them after the checks.
private struct TermsFile: Decodable {
    struct Step: Decodable {
        let until: RoomTerms.Anchor
        let hours_before: Int64
        let bp: Int64
    }
    struct Transfers: Decodable {
        let most: Int
        let until: RoomTerms.Anchor
    }
    struct Resale: Decodable {
        let bp: Int64
        let until: RoomTerms.Anchor
    }
    struct Delivery: Decodable {
        let whole_from_bp: Int64
    }
    let name: String
    let version: Int
    let meaning: String
    let refund: [Step]
    let ends_with_use: Bool?
    let transfers: Transfers
    let resale: Resale?
    let delivery: Delivery?
}

/// The terms that hosts may choose from, by id and by name.
public struct TermsBook: Sendable, Hashable {
    private struct Entry: Sendable, Hashable {
        let name: String
        let version: Int
        let terms: RoomTerms
    }

    private let entries: [Entry]

    /// A book without terms: rooms have the refund window of their policy.
    public static let empty = TermsBook()

    private init() { entries = [] }

    /// Reads `{"terms": […]}`.
    /// - Throws: ``PolicyFault`` for the first terms that break a rule of their own.
    public init(json: [UInt8]) throws(PolicyFault) {
        struct File: Decodable {
            let terms: [TermsFile]
        }
        let file: File
        do { file = try JSONDecoder().decode(File.self, from: Data(json)) } catch {
            throw PolicyFault(policy: "", reason: "\(error)")
        }
        var entries: [Entry] = []
        for item in file.terms {
            let terms = try RoomTerms(item)
            guard !entries.contains(where: { $0.terms.id == terms.id }) else {
                throw PolicyFault(policy: terms.id, reason: "They stand there twice.")
            }
            entries.append(Entry(name: item.name, version: item.version, terms: terms))
        }
        self.entries = entries
    }

    /// The terms with this id, `name/version`; with a bare name, their newest version.
    public subscript(_ id: String) -> RoomTerms? {
        entries.first { $0.terms.id == id }?.terms
            ?? entries.filter { $0.name == id }.max { $0.version < $1.version }?.terms
    }

    /// All of them, in the order of the file.
    public var all: [RoomTerms] { entries.map(\.terms) }
}

extension RoomTerms {
    /// A year: nobody sells further ahead.
    private static let maximumHours: Int64 = 8_760
    /// More steps than anybody remembers.
    private static let maximumSteps = 8

    fileprivate init(_ file: TermsFile) throws(PolicyFault) {
        func fault(_ reason: String) -> PolicyFault { PolicyFault(policy: file.name, reason: reason) }
        let letters = file.name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "-")
        }
        // The name is part of a ticket, beside the name of a policy.
        guard (1...60).contains(file.name.utf8.count), letters, (1...9_999).contains(file.version),
            !file.meaning.isEmpty
        else { throw fault("A name of 1 to 60 letters, digits and hyphens, a version and a meaning are needed.") }
        let steps = file.refund.map { Step(until: $0.until, hoursBefore: $0.hours_before, share: BasisPoints($0.bp)) }
        guard steps.count <= Self.maximumSteps, steps.allSatisfy({ (0...Self.maximumHours).contains($0.hoursBefore) }),
            steps.allSatisfy({ (1...10_000).contains($0.share.value) })
        else { throw fault("Up to 8 steps give 1 to 10,000 bp back, 0 to 8,760 hours before.") }
        for (step, next) in zip(steps, steps.dropFirst()) {
            // Hours before the doors and before the start cannot be compared without a room.
            let isLater = step.until == next.until ? step.hoursBefore > next.hoursBefore : next.until == .roomEnds
            guard isLater, step.share.value > next.share.value else {
                throw fault("Steps go from the earliest deadline to the latest, each with less than the one before.")
            }
        }
        // Before an end that may move when the host closes early, nobody can count hours.
        guard steps.allSatisfy({ $0.until != .roomEnds || $0.hoursBefore == 0 }) else {
            throw fault("Hours are counted back from the doors or the start.")
        }
        guard (0...Self.mostTransfers).contains(file.transfers.most) else {
            throw fault("A ticket is passed on 0 to \(Self.mostTransfers) times.")
        }
        // A share of nothing would be a ticket that is taken away.
        guard file.resale.map({ (1...10_000).contains($0.bp) }) ?? true else {
            throw fault("A resold ticket gives 1 to 10,000 bp back.")
        }
        guard file.delivery.map({ (1...10_000).contains($0.whole_from_bp) }) ?? true else {
            throw fault("A room counts as held from 1 to 10,000 bp of its time.")
        }
        self.init(
            id: "\(file.name)/\(file.version)", meaning: file.meaning, steps: steps,
            endsWithUse: file.ends_with_use ?? false, maximumTransfers: file.transfers.most,
            transfersUntil: file.transfers.until,
            resale: file.resale.map { ResaleRule(share: BasisPoints($0.bp), until: $0.until) },
            delivery: file.delivery.map { DeliveryRule(wholeFrom: BasisPoints($0.whole_from_bp)) })
    }
}

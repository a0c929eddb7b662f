internal import Stage
internal import Tickets
internal import Values

/// Who may take up which connection again.
///
/// Each admission has a secret of 128 random bits, which goes to its holder with the answer and is never stored or logged:
/// here stands its digest, in memory only. A gateway that was restarted has nobody inside, so there is nothing to take up.
///
/// ```
///   secret(of:) ──▶ live ──lose──▶ lost for 20 s ──▶ forgotten
///                    ▲  │            │
///                    └──┴────pass────┘        (to the admission that takes the place of this one)
///
///   live or lost ──replace──▶ replaced: what it opened has gone to another device
/// ```
///
/// The secret goes over with the seat: whoever did not get the answer of a resumption asks again with the same.
/// Bounded by the connections of the gateway: seats that are kept count among them. Of those that were replaced the
/// last ``replacedCapacity`` are remembered, so that a device with a bad line learns that its owner has moved on, and does
/// not come in anew and take the seat back.
struct ResumeSecrets {
    /// How long a seat is kept behind the loss of its connection. RFC 7675 finds that out after 30 seconds of silence;
    /// whoever rides through a tunnel for a minute comes back to the same seat, and nobody waits longer for an empty one.
    static let graceSeconds: Int64 = 20

    struct LostSeat {
        let admission: AdmissionID
        let room: RoomID
        let until: Instant
    }

    /// As many as departures that are remembered; 100 bytes each. A line that comes back later enters anew.
    static let replacedCapacity = 4_096

    /// What a secret opened that opens nothing any more.
    private struct Replaced: Sendable, Hashable {
        let ticket: TicketID
        let direction: Seat.Direction
    }

    private var replaced = LastOnes<SHA256Digest, Replaced>(capacity: replacedCapacity)
    private var admissions: [SHA256Digest: AdmissionID] = [:]
    private var digests: [AdmissionID: SHA256Digest] = [:]
    private var lost: [AdmissionID: LostSeat] = [:]
    /// In the order of their loss, which is that of their end; those that were taken up or forgotten are skipped.
    private var queue: [LostSeat] = []

    var lostCount: Int { lost.count }

    func isLost(_ admission: AdmissionID) -> Bool { lost[admission] != nil }

    /// The admission whose secret this is.
    func admission(of secret: String) -> AdmissionID? { Self.digest(of: secret).flatMap { admissions[$0] } }

    /// What somebody with this secret comes for.
    func entry(_ secret: String, of ticket: TicketID, _ direction: Seat.Direction) -> StageRoster.Entry {
        guard let digest = Self.digest(of: secret) else { return .resuming(nil) }
        let isReplaced = replaced[digest] == Replaced(ticket: ticket, direction: direction)
        return isReplaced ? .resumingReplaced : .resuming(admissions[digest])
    }

    /// 22 characters are 128 bits in base64url; a header may have thousands.
    private static func digest(of secret: String) -> SHA256Digest? {
        secret.utf8.count == 22 ? SHA256Digest(of: secret) : nil
    }

    /// Makes the secret of an admission, unless it has one from an earlier.
    mutating func secret(of admission: AdmissionID, using generator: inout some RandomNumberGenerator) -> String {
        var bytes: [UInt8] = []
        for _ in 0..<2 {
            let word = generator.next()
            for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        let secret = Base64URL.encode(bytes)
        guard digests[admission] == nil else { return secret }
        let digest = SHA256Digest(of: secret)
        admissions[digest] = admission
        digests[admission] = digest
        return secret
    }

    /// An admission took the place of another one: the secret is its own from now on.
    mutating func pass(from earlier: AdmissionID, to later: AdmissionID) {
        lost[earlier] = nil
        guard let digest = digests.removeValue(forKey: earlier) else { return }
        digests[later] = digest
        admissions[digest] = later
    }

    /// The connection was lost at an instant; its seat is kept.
    mutating func lose(_ admission: AdmissionID, in room: RoomID, at now: Instant) {
        let seat = LostSeat(admission: admission, room: room, until: now.advanced(bySeconds: Self.graceSeconds))
        lost[admission] = seat
        queue.append(seat)
    }

    /// The seats whose time is over; they are forgotten here.
    mutating func takeOverdue(at now: Instant) -> [LostSeat] {
        let count = queue.prefix { $0.until <= now || lost[$0.admission] == nil }.count
        guard count > 0 else { return [] }
        let over = queue.prefix(count).filter { lost[$0.admission] != nil }
        queue.removeFirst(count)
        for seat in over { forget(seat.admission) }
        return over
    }

    /// The same ticket came in on another device, whose entry stays.
    mutating func replace(_ seat: Seat) {
        if let digest = digests[seat.admission] {
            replaced.remember(Replaced(ticket: seat.ticket, direction: seat.direction), of: digest)
        }
        forget(seat.admission)
    }

    mutating func forget(_ admission: AdmissionID) {
        lost[admission] = nil
        if let digest = digests.removeValue(forKey: admission) { admissions[digest] = nil }
    }
}

extension StageRoster.Entry {
    /// The admission whose place this entry takes.
    var admission: AdmissionID? {
        switch self {
        case .new, .resumingReplaced: nil
        case .resuming(let admission): admission
        }
    }
}

public import Values

/// The chain over one gateway's receipts, in the manner of the journal's.
///
/// `hash = SHA-256(previousHash LF head LF body)` in hexadecimal, where
/// `head` is `sequence|gateway|occurredAt|kind` and `body` is `admission|ticket|room|holder|role`, followed by
/// `|direction` where it is not that of the role; for a refused receipt by LF and `code`, for a resumed one by LF and the earlier admission, for a left one by LF and
/// `reason|secondsConnected|packets`; where it has a record of what flowed, by `|lost|jitterMicroseconds` and, for each
/// stretch, LF and `from/to` as well.
/// No field can hold `|` or LF, so two receipts never have one text. The first `previousHash` is 64 zeros.
public struct ReceiptChain: Hashable, Sendable {
    public let gateway: GatewayID
    /// The sequence number of the last receipt; 0 before the first.
    public private(set) var sequence: Int64
    /// The hash of the last receipt.
    public private(set) var hash: String

    /// Before the first receipt.
    public static let firstPreviousHash = String(repeating: "0", count: 64)

    /// A chain that goes on behind a known head; a new one without.
    public init(gateway: GatewayID, sequence: Int64 = 0, hash: String = ReceiptChain.firstPreviousHash) {
        precondition(sequence >= 0 && Self.isHash(hash), "A chain's head is a number and 64 hexadecimal digits.")
        self.gateway = gateway
        self.sequence = sequence
        self.hash = hash
    }

    /// Makes the next receipt and moves the head.
    public mutating func append(
        _ kind: Receipt.Kind, of seat: Seat, room: RoomID, at occurredAt: Instant
    ) -> Receipt {
        let draft = Receipt(
            gateway: gateway, sequence: sequence + 1, admission: seat.admission, ticket: seat.ticket, room: room,
            holder: seat.holder, role: seat.role, direction: seat.direction, kind: kind, occurredAt: occurredAt,
            previousHash: hash, hash: "")
        let receipt = draft.sealed
        sequence = receipt.sequence
        hash = receipt.hash
        return receipt
    }

    /// What is wrong with a receipt that should come next.
    public enum Break: Error, Hashable, Sendable {
        case otherGateway
        /// A receipt is missing before this one, or it is there twice.
        case sequence(expected: Int64, found: Int64)
        /// It does not hang on the one before.
        case previousHash(sequence: Int64)
        /// Its content is not what was hashed.
        case hash(sequence: Int64)
    }

    /// Moves the head over receipts that follow it; at the first that does not, throws and leaves the head as it was.
    public mutating func verify(_ receipts: some Sequence<Receipt>) throws(Break) {
        var moved = self
        for receipt in receipts {
            guard receipt.gateway == gateway else { throw .otherGateway }
            guard receipt.sequence == moved.sequence + 1 else {
                throw .sequence(expected: moved.sequence + 1, found: receipt.sequence)
            }
            guard receipt.previousHash == moved.hash else { throw .previousHash(sequence: receipt.sequence) }
            guard receipt.sealed.hash == receipt.hash else { throw .hash(sequence: receipt.sequence) }
            moved.sequence = receipt.sequence
            moved.hash = receipt.hash
        }
        self = moved
    }

    /// 64 lower-case hexadecimal digits.
    public static func isHash(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

extension Receipt {
    /// The same receipt with the hash that its content has.
    var sealed: Receipt {
        let name: String
        let tail: String
        switch kind {
        case .entered: (name, tail) = ("entered", "")
        case .resumed(let earlier): (name, tail) = ("resumed", "\n\(earlier)")
        case .refused(let code): (name, tail) = ("refused", "\n\(code)")
        case .left(let reason, let seconds, let packets, let media):
            (name, tail) = ("left", "\n\(reason)|\(seconds)|\(packets)\(media?.hashed ?? "")")
        }
        let head = "\(sequence)|\(gateway)|\(occurredAt)|\(name)"
        let way = direction == role.ownDirection ? "" : "|\(direction.rawValue)"
        let body = "\(admission)|\(ticket)|\(room)|\(holder)|\(role)\(way)\(tail)"
        return Receipt(
            gateway: gateway, sequence: sequence, admission: admission, ticket: ticket, room: room, holder: holder,
            role: role, direction: direction, kind: kind, occurredAt: occurredAt, previousHash: previousHash,
            hash: SHA256Digest(of: "\(previousHash)\n\(head)\n\(body)").hex)
    }
}

extension MediaRecord {
    fileprivate var hashed: String {
        "|\(lost)|\(jitterMicroseconds)" + stretches.map { "\n\($0.text)" }.joined()
    }
}

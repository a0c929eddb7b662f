public import Values

/// What receipts say about a room: who was on stage when, and what each ticket heard.
public struct RoomReport: Hashable, Sendable {
    /// What came of one listener's ticket.
    public struct Line: Hashable, Sendable {
        public let ticket: TicketID
        /// Entries; a refused one is none, and neither is a connection that was built again.
        public let entries: Int64
        public let refusals: Int64
        /// Whole seconds in the room; two connections at once count once.
        public let connectedSeconds: Int64
        /// Whole seconds in which sound flowed; likewise.
        public let heardSeconds: Int64
        /// Packets that did not arrive.
        public let lost: Int64
        /// The worst that a connection told (RFC 3550 section 6.4.1), in microseconds.
        public let jitterMicroseconds: Int64

        /// `ticket|entries|refusals|connected|heard|lost|jitter`, as the digest of a report takes it.
        public var text: String {
            "\(ticket)|\(entries)|\(refusals)|\(connectedSeconds)|\(heardSeconds)|\(lost)|\(jitterMicroseconds)"
        }
    }

    public let stage: StageTime
    /// By ticket. A ticket that was only refused has a line too.
    public let lines: [Line]
    /// Listeners of whom no receipt says that they left.
    public let openListeners: Int

    /// Seconds that all tickets heard together.
    public var heardSeconds: Int64 { lines.reduce(0) { $0 + $1.heardSeconds } }
    /// Tickets that came in.
    public var listeners: Int64 { lines.reduce(0) { $0 + ($1.entries > 0 ? 1 : 0) } }

    /// SHA-256 over the lines, each ended by LF.
    public var digest: SHA256Digest { SHA256Digest(of: lines.map { $0.text + "\n" }.joined()) }

    /// Reads the receipts of one room, of any number of gateways, in any order and with repeats.
    /// - Parameter now: until when somebody counts who was not told to have left.
    public init(_ receipts: some Sequence<Receipt>, now: Instant) {
        var visits: [TicketID: Visits] = [:]
        var stageReceipts: [Receipt] = []
        var open: Set<AdmissionID> = []
        var closed: Set<AdmissionID> = []
        for receipt in receipts {
            guard receipt.direction == .listening else {
                stageReceipts.append(receipt)
                continue
            }
            // Who may speak by ticket hears as part of the work.
            guard receipt.role == .listener else { continue }
            visits[receipt.ticket, default: Visits()].note(receipt)
            switch receipt.kind {
            case .entered, .resumed: open.insert(receipt.admission)
            case .left: closed.insert(receipt.admission)
            case .refused: break
            }
        }
        stage = StageTime(stageReceipts, now: now)
        lines = visits.map { ticket, visits in visits.line(of: ticket, now: now) }.sorted { $0.ticket < $1.ticket }
        openListeners = open.subtracting(closed).count
    }

    private struct Visits {
        /// Connections, those that took over the seat of an earlier one included.
        var connected: [AdmissionID: Instant] = [:]
        var entries: Set<AdmissionID> = []
        var left: [AdmissionID: (at: Instant, seconds: Int64, media: MediaRecord?)] = [:]
        var refused: Set<AdmissionID> = []

        mutating func note(_ receipt: Receipt) {
            switch receipt.kind {
            case .entered, .resumed:
                connected[receipt.admission] = receipt.occurredAt
                if case .entered = receipt.kind { entries.insert(receipt.admission) }
            case .refused: refused.insert(receipt.admission)
            case .left(_, let seconds, _, let media):
                left[receipt.admission] = (receipt.occurredAt, seconds, media)
            }
        }

        func line(of ticket: TicketID, now: Instant) -> Line {
            var inside: [AttendanceInterval] = []
            var heard: [AttendanceInterval] = []
            for (admission, from) in connected {
                inside.append(AttendanceInterval(from: from, to: left[admission]?.at ?? now))
            }
            for end in left.values {
                heard +=
                    end.media?.stretches
                    ?? [
                        AttendanceInterval(
                            from: end.at.advanced(bySeconds: -StageTime.believable(end.seconds)), to: end.at)
                    ]
            }
            return Line(
                ticket: ticket, entries: Int64(entries.count), refusals: Int64(refused.count),
                connectedSeconds: Self.seconds(inside), heardSeconds: Self.seconds(heard),
                lost: left.values.reduce(0) { $0 + ($1.media?.lost ?? 0) },
                jitterMicroseconds: left.values.reduce(0) { max($0, $1.media?.jitterMicroseconds ?? 0) })
        }

        private static func seconds(_ intervals: [AttendanceInterval]) -> Int64 {
            Attendance.merged(intervals).reduce(0) { $0 + $1.from.microseconds(until: $1.to) } / 1_000_000
        }
    }
}

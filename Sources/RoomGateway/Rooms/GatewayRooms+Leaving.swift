internal import AudioRelay
internal import HTTPEdge
internal import Logging
internal import RelayThreads
internal import Stage
internal import Tickets
internal import Values

/// Going out, of one's own will or not: silence at once, the receipt when the relay has given its figures.
extension GatewayRooms {
    /// Ends an admission on behalf of its own ticket.
    ///
    /// Leaving twice is leaving once: a browser that closes its connection says so over DTLS too, and whichever of the
    /// two arrives first ends the admission.
    func leave(_ id: AdmissionID, room: RoomID, ticket: TicketID) throws {
        if try giveUp(id, room: room, ticket: ticket) { return }
        guard let admission = admissions[id], admission.room == room, admission.ending == nil else {
            guard departed[id]?.ticket == ticket || admissions[id]?.seat.ticket == ticket else {
                throw StageRefusal.admissionUnknown
            }
            return
        }
        guard admission.seat.ticket == ticket else { throw GatewayRefusal.admissionForeign }
        _ = rooms[room]?.roster.leave(id)
        cut(admission.seat, in: room, .left)
    }

    /// Removes a person from a room for good; durable before anybody is told.
    func remove(
        _ id: AdmissionID, room: RoomID, by claims: TicketClaims, reason: String? = nil
    ) async throws {
        let seat = try await removable(id, room: room, by: claims, reason: reason)
        let removal = ReceiptSpool.Removal(room: room, ticket: seat.ticket, holder: seat.holder)
        try await spool.remove(removal, at: clock.now())
        removals[room, default: []].append(removal)
        let gone = rooms[room]?.roster.markRemoved(ticket: seat.ticket, holder: seat.holder) ?? []
        for seat in gone { cut(seat, in: room, .removed) }
        endRehearsals(.removed) { $0.room == room && ($0.ticket == seat.ticket || $0.subject == seat.holder) }
        carryOut(
            [StageChange(.removed, by: StagePerson(claims), to: seat.person)], in: room, reason: reason)
        await writeActs()
        logger.info("removed", metadata: ["room": "\(room)", "admission": "\(id)"])
    }

    /// Cuts everybody who holds a ticket that was taken back.
    func revoke(_ notice: RevocationNotice) {
        endRehearsals(notice.reason) { $0.ticket == notice.ticket }
        for seat in rooms[notice.room]?.roster.revoke(notice.ticket) ?? [] { cut(seat, in: notice.room, notice.reason) }
        end(views: { _ in true }, of: notice.ticket, in: notice.room, notice.reason, admission: nil)
    }

    /// The seat is gone from the roster: silence at once, the receipt when the relay has given its figures.
    func cut(_ seat: Seat, in room: RoomID, _ reason: ReasonCode, replacedBy newer: Seat? = nil) {
        if reason == .replaced { resumes.replace(seat) } else { resumes.forget(seat.admission) }
        guard let admission = admissions[seat.admission] else { return departed.correct(seat.admission, reason) }
        guard admission.ending == nil else { return }
        admissions[seat.admission]?.ending = reason
        rooms[room]?.isChanged = true
        if admission.isInRelay { media.perform(.removePeer(admission.peer, code: reason.text)) }
        noteDeparture(seat, in: room, reason)
        tell(seat, in: room, reason, replacedBy: newer)
    }

    /// Writes the leaving receipt and forgets the admission.
    func settle(_ id: AdmissionID, reason: ReasonCode) async {
        guard let admission = admissions[id] else { return }
        let now = clock.now()
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        // Four attempts, about two seconds; then the seat is given back, and the receipt is tried again for as long as
        // the gateway runs. Should it stop before, the row is open in the spool and the next start closes it.
        while true {
            do {
                try await spool.leave(
                    admission.seat, room: admission.room, reason: reason, flow: admission.flow, at: now)
                break
            } catch {
                logger.error("leaving not stored", metadata: ["admission": "\(id)", "fault": "\(error)"])
                let pause = backoff.failed(using: &generator)
                guard backoff.failures < 4 else {
                    unwritten.append(
                        Leaving(
                            seat: admission.seat, room: admission.room, reason: reason, flow: admission.flow, at: now))
                    break
                }
                try? await Task.sleep(for: pause)
            }
        }
        metrics.left(reason: reason.text)
        forget(id)
    }

    /// Writes the leavings that could not be stored before, in their order; what fails stays for the next call.
    func writeLeavings() async {
        while let leaving = unwritten.first {
            do {
                try await spool.leave(
                    leaving.seat, room: leaving.room, reason: leaving.reason, flow: leaving.flow, at: leaving.at)
                // Only this call takes any out, and further ones are added at the end.
                unwritten.removeFirst()
            } catch {
                logger.error(
                    "leavings not stored", metadata: ["waiting": "\(unwritten.count)", "fault": "\(error)"])
                return
            }
        }
    }

    func forget(_ id: AdmissionID) {
        guard let admission = admissions.removeValue(forKey: id) else { return }
        departed.remember(admission.seat.ticket, of: id, admission.ending ?? .left)
        if !resumes.isLost(id) {
            resumes.forget(id)
            _ = rooms[admission.room]?.roster.leave(id)
        }
        rooms[admission.room]?.isChanged = true
        if !admission.isConnected { handshakeIsOver(admission) }
        clear(admission.room)
    }

    func handshakeIsOver(_ admission: Admission) {
        guard let count = pendingHandshakes[admission.network] else { return }
        pendingHandshakes[admission.network] = count > 1 ? count - 1 : nil
    }

    /// Forgets a room that is over once nobody is in it.
    func clear(_ room: RoomID) {
        guard let live = rooms[room], live.roster.isClosed, live.views.isEmpty,
            !admissions.values.contains(where: { $0.room == room })
        else { return }
        rooms[room] = nil
        roomsByKey[live.key] = nil
    }

    /// Takes nobody in any more and cuts everybody; the relay's events bring the receipts.
    func close() {
        isClosing = true
        endRehearsals(.gatewayStopped) { _ in true }
        for admission in admissions.values {
            _ = rooms[admission.room]?.roster.leave(admission.seat.admission)
            cut(admission.seat, in: admission.room, .gatewayStopped)
        }
        for room in rooms.keys { end(views: { _ in true }, in: room, .gatewayStopped, admission: nil) }
    }
}

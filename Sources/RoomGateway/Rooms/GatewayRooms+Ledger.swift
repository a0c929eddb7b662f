internal import AudioRelay
internal import Logging
internal import RelayThreads
internal import Stage
internal import Tickets
internal import Values

/// What the ledger says of rooms and tickets.
extension GatewayRooms {
    /// Everything is now so; whoever is in and should not be is cut.
    func apply(_ snapshot: GatewaySnapshot) {
        for brief in snapshot.rooms { apply(brief) }
        // A room that the ledger no longer lists is over.
        let listed = Set(snapshot.rooms.map(\.room))
        for (room, brief) in briefs where !listed.contains(room) {
            var over = brief
            over.state = .closed
            apply(over)
            briefs[room] = nil
        }
        roomsOver.formUnion((Array(removals.keys) + Array(stages.keys)).filter { !listed.contains($0) })
        // A rehearsal does not make its room live.
        for notice in snapshot.revoked where rooms[notice.room] != nil || rehearsalKeys[notice.ticket] != nil {
            revoke(notice)
        }
        for end in snapshot.ends where rooms[end.room] != nil { apply(end) }
        apply(bans: snapshot.bans)
    }

    /// Everything was so when an earlier run last heard the ledger; nobody is in yet. What was kept for rooms of which that run
    /// knew nothing stays: the ledger says whether they are over.
    func recall(_ snapshot: GatewaySnapshot) {
        for brief in snapshot.rooms { apply(brief) }
        apply(bans: snapshot.bans)
    }

    func apply(_ brief: RoomBrief) {
        briefs[brief.room] = brief
        tendRehearsals(of: brief)
        if brief.state == .closed || brief.state == .cancelled { roomsOver.insert(brief.room) }
        forgetIfBack(brief)
        learnRemovals(of: brief)
        guard let live = rooms[brief.room] else { return }
        rooms[brief.room]?.brief = brief
        rooms[brief.room]?.roster.capacity = brief.capacity
        rooms[brief.room]?.roster.sharing = brief.sharing
        rooms[brief.room]?.isChanged = true
        let reason: ReasonCode
        switch brief.state {
        case .scheduled, .open:
            guard brief.elsewhere != nil else { return }
            reason = .roomMoved
        case .closed: reason = .roomClosed
        case .cancelled: reason = .roomCancelled
        }
        guard !live.roster.isClosed else { return }
        for seat in rooms[brief.room]?.roster.close() ?? [] { cut(seat, in: brief.room, reason) }
        media.perform(.closeRoom(live.key, code: reason.text))
        end(views: { _ in true }, in: brief.room, reason, admission: nil)
        clear(brief.room)
    }

    /// Whoever was removed by the gateway that had the room before stays out of it.
    private func learnRemovals(of brief: RoomBrief) {
        for person in brief.removed ?? [] {
            guard !(removals[brief.room] ?? []).contains(where: { $0.ticket == person.ticket }) else { continue }
            removals[brief.room, default: []].append(
                ReceiptSpool.Removal(room: brief.room, ticket: person.ticket, holder: person.holder))
            let gone = rooms[brief.room]?.roster.markRemoved(ticket: person.ticket, holder: person.holder) ?? []
            for seat in gone { cut(seat, in: brief.room, .removed) }
            endRehearsals(.removed) {
                $0.room == brief.room && ($0.ticket == person.ticket || $0.subject == person.holder)
            }
        }
    }

    /// A room that was given to another gateway and comes back begins anew: those who were sent away are still on their way
    /// out of the old one.
    private func forgetIfBack(_ brief: RoomBrief) {
        guard let live = rooms[brief.room], live.roster.isClosed, live.brief.elsewhere != nil, brief.elsewhere == nil
        else { return }
        rooms[brief.room] = nil
        roomsByKey[live.key] = nil
    }

    /// Deletes what was kept for rooms that are over; what fails is tried again with the next call. Of a room that is
    /// another gateway's it is the stage as an earlier run left it: that begins anew wherever the room is next, here too.
    func forgetRoomsOver() async {
        for room in Array(stages.keys) where briefs[room]?.elsewhere != nil {
            do {
                try await spool.forgetStage(of: room)
                stages[room] = nil
            } catch { logger.error("stage not forgotten", metadata: ["room": "\(room)", "fault": "\(error)"]) }
        }
        for room in roomsOver {
            do {
                if removals[room] != nil { try await spool.forgetRemovals(of: room) }
                try await spool.forgetStage(of: room)
                removals[room] = nil
                stages[room] = nil
                roomsOver.remove(room)
            } catch {
                logger.error("removals not forgotten", metadata: ["room": "\(room)", "fault": "\(error)"])
            }
        }
    }

    /// For metrics.
    func liveCounts() -> (admissions: Int, rooms: Int, views: Int, rehearsals: Int) {
        (admissions.count, rooms.count, viewCount, rehearsals.count)
    }
}

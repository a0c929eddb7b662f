internal import HTTPEdge
internal import Stage
internal import Tickets
internal import Values

extension GatewayRooms {
    /// States are sent at most every so often: a thousand people who come in at once are some states, not a thousand.
    static let viewInterval = Duration.milliseconds(250)

    /// Events that wait for one reader, beyond which it is cut: a quarter of a minute of the busiest room.
    static let eventsInFlight = 64

    /// Follows a room: the present state first, then what happens.
    ///
    /// - Parameter seen: what the reader has seen last, in its own words. Then it gets exactly what came after that; a
    ///   `reset` with the present state where that is not known any more.
    func view(
        _ claims: TicketClaims, admission: AdmissionID?, after seen: String?, in language: Language,
        hangUp: @escaping @Sendable () -> Void = {}
    ) throws -> AsyncStream<String> {
        guard !isClosing else { throw GatewayRefusal.gatewayClosing }
        try checkNotRemoved(claims)
        _ = try key(of: claims.room)
        guard let live = rooms[claims.room] else { throw AdmissionRefusal.roomUnknown }
        switch live.brief.state {
        case .closed: throw AdmissionRefusal.roomClosed
        case .cancelled: throw AdmissionRefusal.roomCancelled
        case .scheduled, .open: break
        }
        if seen != nil { makeRoomForReader(of: claims.ticket, in: claims.room) }
        let own = rooms[claims.room]?.views.views(of: claims.ticket).count ?? 0
        guard viewCount < limits.views, own < limits.viewsPerTicket else { throw GatewayRefusal.tooManyEventStreams }
        let (stream, output) = AsyncStream<String>.makeStream(bufferingPolicy: .bufferingOldest(Self.eventsInFlight))
        let number = nextView
        nextView += 1
        let view = LiveView(
            person: StagePerson(claims), admission: admission, since: clock.now(), expiresAt: knowledge.end(of: claims),
            language: language, output: output, hangUp: hangUp)
        let (text, isOver) = opening(of: view, after: seen, in: claims.room)
        output.yield(text)
        guard !isOver else {
            output.finish()
            return stream
        }
        viewCount += 1
        rooms[claims.room]?.views.insert(view, number)
        output.onTermination = { [weak self] _ in
            // Nothing waits for this: it takes the entry out when the reader has gone.
            Task { await self?.forgetView(number, of: claims.room) }
        }
        return stream
    }

    /// The first bytes of a view: all that was missed, in one piece, or the present state. `isOver`: the admission of
    /// the view has ended in the meantime, and that is the last thing to be told.
    private func opening(of view: LiveView, after seen: String?, in room: RoomID) -> (text: String, isOver: Bool) {
        guard let live = rooms[room] else { return ("", true) }
        // A reader that lost its line asks again after a second, not after the three to five of most browsers.
        var text = "retry: 1000\n\n"
        if let seen, let id = RoomEventID(seen), let missed = live.log.events(after: id) {
            for (id, event) in missed where event.isFor(ticket: view.ticket, admission: view.admission) {
                text += event.text(id, in: view.language)
                if event.isLast { return (text, true) }
            }
            guard let ended = ending(of: view) else { return (text, false) }
            return (text + ended.written.text(live.log.position), true)
        }
        var state = live.state
        state.you = rooms[room]?.standing(of: view.person)
        let event: ServerSentEvent = seen == nil ? .state(state) : .reset(state)
        text += event.written.text(live.log.position)
        guard let ended = ending(of: view) else { return (text, false) }
        return (text + ended.written.text(live.log.position), true)
    }

    /// The end of the admission that a view belongs to, where that came before the view: a line that was opened anew meanwhile
    /// has seen nothing of it.
    private func ending(of view: LiveView) -> ServerSentEvent? {
        guard let id = view.admission else { return nil }
        let reason: ReasonCode
        if let admission = admissions[id] {
            guard admission.seat.ticket == view.ticket, let ending = admission.ending else { return nil }
            reason = ending
        } else {
            guard let departure = departed[id], departure.ticket == view.ticket else { return nil }
            reason = departure.reason
        }
        return .ended(EndedNotice(reason, admission: id, in: view.language))
    }

    /// A reader that comes back takes the place of the oldest line of its ticket where all are taken: most often that is
    /// the very one that broke, which the server notices with its next heartbeat only.
    private func makeRoomForReader(of ticket: TicketID, in room: RoomID) {
        let own = rooms[room]?.views.views(of: ticket) ?? []
        guard own.count >= limits.viewsPerTicket, let oldest = own.first else { return }
        oldest.view.output.finish()
        forgetView(oldest.number, of: room)
    }

    private func forgetView(_ number: UInt64, of room: RoomID) {
        if rooms[room]?.views.remove(number) == true { viewCount -= 1 }
    }

    /// Sends an event to everybody who follows the room, or to the windows of one ticket, and keeps it for those whose
    /// line is broken just now.
    func send(_ event: ServerSentEvent, to room: RoomID, ticket: TicketID? = nil) {
        let kept = RoomEvent(audience: ticket.map { .ticket($0) } ?? .everyone, content: .event(event.written))
        guard let id = rooms[room]?.log.append(kept, bytes: kept.bytes), let live = rooms[room] else { return }
        // Only endings are put into words for each reader.
        let text = kept.text(id, in: .en)
        for (number, view) in live.views.byNumber where kept.isFor(ticket: view.ticket, admission: view.admission) {
            deliver(text, to: view, number, in: room)
        }
    }

    /// A reader whose buffer is full is cut: what it does not take must not grow here.
    private func deliver(_ text: String, to view: LiveView, _ number: UInt64, in room: RoomID) {
        guard case .dropped = view.output.yield(text) else { return }
        view.output.finish()
        view.hangUp()
        forgetView(number, of: room)
        metrics.viewCut()
    }

    /// Sends the states that have changed, and ends the views whose ticket has ended.
    func refreshViews(heartbeat: Bool) {
        let now = clock.now()
        for room in Array(rooms.keys) {
            end(views: { $0.expiresAt <= now }, in: room, .ticketExpired, admission: nil)
            warn(in: room, at: now)
            tend(room, at: now)
            guard let live = rooms[room] else { continue }
            if live.isChanged {
                rooms[room]?.isChanged = false
                send(.state(live.state), to: room)
            }
            guard heartbeat else { continue }
            for (number, view) in live.views.byNumber { deliver(ServerSentEvent.heartbeat, to: view, number, in: room) }
        }
    }

    /// Tells the holder of a seat why it is over.
    ///
    /// A view that named its admission hears of that one only. Others follow the ticket: they are told when nothing of
    /// it is left; and of a takeover if they were there well before it, for then they belong to the old window.
    func tell(_ seat: Seat, in room: RoomID, _ reason: ReasonCode, replacedBy newer: Seat? = nil) {
        guard reason != .left else { return }
        let isLast = rooms[room]?.roster.seats(of: seat.ticket).isEmpty ?? true
        let before = newer?.since.advanced(bySeconds: -3)
        keepEnding(of: seat, in: room, reason)
        end(
            views: { view in
                if let admission = view.admission { return admission == seat.admission }
                return isLast || before.map { view.since < $0 } ?? false
            }, of: seat.ticket, in: room, reason, admission: seat.admission)
    }

    /// Keeps an ending for a window whose line is broken just now. Of a room that is over the door speaks itself.
    private func keepEnding(of seat: Seat, in room: RoomID, _ reason: ReasonCode) {
        guard reason != .roomClosed, reason != .roomCancelled, reason != .gatewayStopped else { return }
        let kept = RoomEvent(
            audience: .admission(seat.admission, seat.ticket), content: .ended(reason, seat.admission))
        rooms[room]?.log.append(kept, bytes: kept.bytes)
    }

    /// - Parameter ticket: whose views are looked at; `nil` for all.
    func end(
        views matches: (LiveView) -> Bool, of ticket: TicketID? = nil, in room: RoomID, _ reason: ReasonCode,
        admission: AdmissionID?
    ) {
        guard let live = rooms[room] else { return }
        let views = ticket.map(live.views.views) ?? live.views.byNumber.map { ($0, $1) }
        for (number, view) in views where matches(view) {
            let notice = EndedNotice(reason, admission: admission ?? view.admission, in: view.language)
            if case .dropped = view.output.yield(ServerSentEvent.ended(notice).written.text(live.log.position)) {
                view.hangUp()
            }
            view.output.finish()
            forgetView(number, of: room)
        }
    }
}

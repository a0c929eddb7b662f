internal import HTTPEdge
internal import Stage
internal import Tickets
internal import Values

extension GatewayRooms {
    /// States are sent at most every so often: a thousand people who come in at once are some states, not a thousand.
    static let viewInterval = Duration.milliseconds(250)

    /// Follows a room: the present state first, then what happens.
    func view(_ claims: TicketClaims, admission: AdmissionID?, in language: Language) throws -> AsyncStream<String> {
        guard !isClosing else { throw GatewayRefusal.gatewayClosing }
        try checkNotRemoved(claims)
        _ = try key(of: claims.room)
        guard let live = rooms[claims.room] else { throw AdmissionRefusal.roomUnknown }
        switch live.brief.state {
        case .closed: throw AdmissionRefusal.roomClosed
        case .cancelled: throw AdmissionRefusal.roomCancelled
        case .scheduled, .open: break
        }
        guard viewCount < limits.views,
            live.views.values.count(where: { $0.ticket == claims.ticket }) < limits.viewsPerTicket
        else { throw GatewayRefusal.tooManyEventStreams }
        // 64 events are a quarter of a minute of the busiest room; a reader that is slower misses the oldest.
        let (stream, output) = AsyncStream<String>.makeStream(bufferingPolicy: .bufferingNewest(64))
        let number = nextView
        nextView += 1
        viewCount += 1
        rooms[claims.room]?.views[number] = LiveView(
            ticket: claims.ticket, admission: admission, since: clock.now(), expiresAt: knowledge.end(of: claims),
            language: language, output: output)
        output.yield(ServerSentEvent.state(live.state).text)
        output.onTermination = { [weak self] _ in
            // Nothing waits for this: it takes the entry out when the reader has gone.
            Task { await self?.forgetView(number, of: claims.room) }
        }
        return stream
    }

    private func forgetView(_ number: UInt64, of room: RoomID) {
        if rooms[room]?.views.removeValue(forKey: number) != nil { viewCount -= 1 }
    }

    func send(_ event: ServerSentEvent, to room: RoomID) {
        guard let live = rooms[room], !live.views.isEmpty else { return }
        let text = event.text
        for view in live.views.values { view.output.yield(text) }
    }

    /// Sends the states that have changed, and ends the views whose ticket has ended.
    func refreshViews(heartbeat: Bool) {
        let now = clock.now()
        for room in Array(rooms.keys) {
            end(views: { $0.expiresAt <= now }, in: room, .ticketExpired, admission: nil)
            warn(in: room, at: now)
            guard let live = rooms[room] else { continue }
            if live.isChanged {
                rooms[room]?.isChanged = false
                send(.state(live.state), to: room)
            }
            if heartbeat { send(.heartbeat, to: room) }
        }
    }

    /// Tells the holder of a seat why it is over.
    ///
    /// A view that named its admission hears of that one only. Others follow the ticket: they are told when nothing of
    /// it is left; and of a takeover if they were there well before it, for then they belong to the old window.
    func tell(_ seat: Seat, in room: RoomID, _ reason: ReasonCode, replacedBy newer: Seat? = nil) {
        guard reason != .left else { return }
        let isLast = rooms[room]?.roster.seats.contains { $0.ticket == seat.ticket } == false
        let before = newer?.since.advanced(bySeconds: -3)
        end(
            views: { view in
                guard view.ticket == seat.ticket else { return false }
                if let admission = view.admission { return admission == seat.admission }
                return isLast || before.map { view.since < $0 } ?? false
            }, in: room, reason, admission: seat.admission)
    }

    func end(views matches: (LiveView) -> Bool, in room: RoomID, _ reason: ReasonCode, admission: AdmissionID?) {
        for (number, view) in rooms[room]?.views ?? [:] where matches(view) {
            let notice = EndedNotice(reason, admission: admission ?? view.admission, in: view.language)
            view.output.yield(ServerSentEvent.ended(notice).text)
            view.output.finish()
            rooms[room]?.views[number] = nil
            viewCount -= 1
        }
    }
}

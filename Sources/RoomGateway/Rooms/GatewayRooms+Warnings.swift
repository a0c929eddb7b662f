internal import HTTPEdge
internal import Stage
internal import Values

extension GatewayRooms {
    /// Warns those who follow a room that their ticket ends, five minutes and one minute before it does.
    func warn(in room: RoomID, at now: Instant) {
        guard let live = rooms[room] else { return }
        let soon = now.advanced(bySeconds: EndWarnings.secondsBefore.max() ?? 0)
        var warnings: [UInt64: EndWarnings] = [:]
        for (number, view) in live.views.byNumber where view.expiresAt <= soon {
            var own = live.warnings[number] ?? EndWarnings(end: view.expiresAt)
            own.move(to: view.expiresAt)
            if let seconds = own.due(at: now) {
                let warning = ServerSentEvent.warning(secondsLeft: seconds, endsAt: view.expiresAt)
                view.output.yield(warning.written.text(live.log.position))
            }
            warnings[number] = own
        }
        rooms[room]?.warnings = warnings
    }
}

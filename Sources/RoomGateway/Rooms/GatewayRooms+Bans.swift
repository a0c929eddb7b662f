internal import Logging
internal import Stage
internal import Tickets
internal import Values

/// Whom hosts let into none of their rooms, as the ledger told it.
extension GatewayRooms {
    /// Whether the host of a room has banned this person.
    func isBanned(_ holder: Subject, from room: RoomID) -> Bool {
        briefs[room].map { bans[$0.host]?.contains(holder) ?? false } ?? false
    }

    /// Everything that the ledger knows of bans is now so; whoever is inside and should not be is sent out.
    func apply(bans notices: [HostBanNotice]) {
        bans = [:]
        for notice in notices where notice.banned { bans[notice.host, default: []].insert(notice.holder) }
        endRehearsals(.banned) { isBanned($0.subject, from: $0.room) }
        for (room, live) in rooms {
            let holders = Set(live.roster.seats.map(\.holder)).union(live.views.byNumber.values.map(\.person.holder))
            for holder in holders where isBanned(holder, from: room) { eject(holder, from: room) }
        }
    }

    func apply(_ notice: HostBanNotice) {
        guard notice.banned else {
            bans[notice.host]?.remove(notice.holder)
            return
        }
        bans[notice.host, default: []].insert(notice.holder)
        endRehearsals(.banned) { isBanned($0.subject, from: $0.room) }
        for (room, live) in rooms where live.brief.host == notice.host { eject(notice.holder, from: room) }
    }

    private func eject(_ holder: Subject, from room: RoomID) {
        let seats = rooms[room]?.roster.seats.filter { $0.holder == holder } ?? []
        for seat in seats {
            _ = rooms[room]?.roster.leave(seat.admission)
            cut(seat, in: room, .banned)
        }
        end(views: { $0.person.holder == holder }, in: room, .banned, admission: nil)
        if !seats.isEmpty { logger.info("banned", metadata: ["room": "\(room)", "seats": "\(seats.count)"]) }
    }
}

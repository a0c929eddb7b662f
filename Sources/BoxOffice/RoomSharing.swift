public import Values

/// Whether a room's sharing policy changes, and to what. Checks: cancelled, closed, ended; the same again changes nothing.
public func decideSharing(
    _ wanted: SharingPolicy, from current: SharingPolicy, of room: Room, at instant: Instant
) throws(RoomStateRefusal) -> SharingPolicy? {
    switch room.state {
    case .cancelled: throw .cancelled
    case .closed: throw .closed
    case .scheduled, .open: break
    }
    guard instant < room.endsAt else { throw .ended }
    return wanted == current ? nil : wanted
}

/// The rooms of a relay by their numbers.
///
/// Each lies in memory of its own and is looked at and changed where it lies: out of an array, a look at one field may
/// copy the room, which counts references of all its classes, for each packet that comes in.
struct RoomTable: ~Copyable {
    private var places: [UnsafeMutablePointer<Room>?] = []
    private var free: [Int] = []

    deinit { for room in places { Self.end(room) } }

    /// `nil` if there is no such room any more; else valid until ``remove(_:)``.
    @inline(__always)
    subscript(index: Int) -> UnsafeMutablePointer<Room>? { places[index] }

    /// How many rooms there are.
    var count: Int { places.count - free.count }

    /// - Returns: the room's number; the next one after the highest, unless one has become free.
    mutating func insert(_ room: Room) -> Int {
        let place = UnsafeMutablePointer<Room>.allocate(capacity: 1)
        place.initialize(to: room)
        if let index = free.popLast() {
            places[index] = place
            return index
        }
        places.append(place)
        return places.count - 1
    }

    mutating func remove(_ index: Int) {
        Self.end(places[index])
        places[index] = nil
        free.append(index)
    }

    private static func end(_ room: UnsafeMutablePointer<Room>?) {
        room?.deinitialize(count: 1)
        room?.deallocate()
    }
}

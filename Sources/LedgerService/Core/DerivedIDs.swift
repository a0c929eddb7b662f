internal import Synchronization
internal import Values

/// Ids that follow from what they are made for and from nothing else, so that the same list of facts gives the same books
/// to the byte. A ledger that sells has random ones.
final class DerivedIDs: Sendable {
    private struct Place {
        var name = ""
        var count = 0
    }

    // Protects for what ids are made, and how many were; held for an addition.
    private let place = Mutex(Place())

    /// The ids from here on are of this fact; begun again, they are the same again.
    func begin(_ name: String) { place.withLock { $0 = Place(name: name) } }

    func next<Kind>(at instant: Instant) -> Identifier<Kind> {
        let name = place.withLock { place in
            place.count += 1
            return "\(place.name)|\(place.count)"
        }
        return .derived(at: instant, from: name)
    }
}

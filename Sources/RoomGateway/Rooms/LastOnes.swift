/// The last things that happened, by what they happened to.
///
/// Bounded: beyond its capacity the oldest is forgotten.
struct LastOnes<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let capacity: Int
    private var values: [Key: Value] = [:]
    private var order: [Key] = []
    /// Where the next one goes once the ring is full.
    private var next = 0

    init(capacity: Int) { self.capacity = capacity }

    /// What is said of something that is remembered may change; that makes it no younger.
    subscript(key: Key) -> Value? { values[key] }

    mutating func remember(_ value: Value, of key: Key) {
        let isNew = values.updateValue(value, forKey: key) == nil
        guard isNew else { return }
        if order.count < capacity {
            order.append(key)
        } else {
            values[order[next]] = nil
            order[next] = key
            next = (next + 1) % capacity
        }
    }
}

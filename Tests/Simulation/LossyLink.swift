/// A network that loses, delays, reorders and repeats datagrams, the same way for the same seed.
///
/// Time is nanoseconds of the test's own clock; nothing sleeps.
public struct LossyLink<Address: Hashable & Sendable>: Sendable {
    public struct Conditions: Sendable {
        /// Of a thousand datagrams, how many never arrive.
        public var lostPerMille: Int
        /// Of a thousand, how many arrive twice.
        public var repeatedPerMille: Int
        /// Each datagram takes a time in this range; a wide range is disorder.
        public var delayMilliseconds: ClosedRange<UInt64>

        public init(lostPerMille: Int = 0, repeatedPerMille: Int = 0, delayMilliseconds: ClosedRange<UInt64> = 1...1) {
            self.lostPerMille = lostPerMille
            self.repeatedPerMille = repeatedPerMille
            self.delayMilliseconds = delayMilliseconds
        }
    }

    public struct Datagram: Sendable {
        public let bytes: [UInt8]
        public let source: Address
        public let destination: Address
        public let arrival: UInt64
        /// Datagrams of one moment arrive in the order in which they were sent.
        let order: Int
    }

    public var conditions: Conditions
    public private(set) var sent = 0
    public private(set) var lost = 0
    private var generator: SeededGenerator
    private var travelling: [Datagram] = []

    public init(_ conditions: Conditions = Conditions(), seed: UInt64) {
        self.conditions = conditions
        generator = SeededGenerator(seed: seed)
    }

    public var nextArrival: UInt64? { travelling.map(\.arrival).min() }

    public mutating func send(_ bytes: [UInt8], from source: Address, to destination: Address, at now: UInt64) {
        sent += 1
        if Int.random(in: 0..<1_000, using: &generator) < conditions.lostPerMille {
            lost += 1
            return
        }
        let copies = Int.random(in: 0..<1_000, using: &generator) < conditions.repeatedPerMille ? 2 : 1
        for copy in 0..<copies {
            let delay = UInt64.random(in: conditions.delayMilliseconds, using: &generator)
            travelling.append(
                Datagram(
                    bytes: bytes, source: source, destination: destination, arrival: now + delay * 1_000_000,
                    order: sent * 2 + copy))
        }
    }

    /// Takes out what has arrived by now, earliest first.
    public mutating func arrivals(by now: UInt64) -> [Datagram] {
        let arrived = travelling.filter { $0.arrival <= now }
        guard !arrived.isEmpty else { return [] }
        travelling.removeAll { $0.arrival <= now }
        return arrived.sorted { ($0.arrival, $0.order) < ($1.arrival, $1.order) }
    }
}

internal import CDatagrams

/// Why a TCP connection for media was refused or closed by us.
public enum StreamRefusal: Int, CaseIterable, Sendable {
    /// As many as there may be.
    case full
    /// As many from one network, or as many from it that have shown nothing.
    case network
    /// A frame longer than any datagram.
    case oversized
    /// No authenticated check in time, or something else before it.
    case unauthenticated
    /// Its peer is gone.
    case idle
    /// It takes nothing any more.
    case stuck
}

extension StreamSockets {
    /// Bounds, each with its reason.
    public struct Limits: Sendable {
        /// Descriptors are the process's, and each connection may hold 60 KB in the kernel and 26 KB here.
        public var connections = 2_000
        /// People behind one address of a company or a school.
        public var connectionsPerNetwork = 256
        /// A browser opens one for each of its interfaces; joins of a class come within seconds.
        public var strangers = 512
        public var strangersPerNetwork = 64
        public var strangerNanoseconds: UInt64 = 5_000_000_000
        /// What has not moved for so long is a connection to nowhere.
        public var stuckNanoseconds: UInt64 = 10_000_000_000

        public init() {}

        /// For one of so many threads: all of them together take a third of the descriptors that the process may have,
        /// strangers an eighth. Strangers must never be what keeps the door from opening.
        public init(threads: Int) {
            let descriptors = max(Int(cdatagrams_descriptor_limit()), 256) / max(threads, 1)
            connections = min(connections, max(descriptors / 3, 8))
            strangers = min(strangers, max(descriptors / 8, 4))
        }
    }

    /// What has been counted.
    public struct Counters: Hashable, Sendable {
        public var accepted = 0
        /// Datagrams that a slow reader lost.
        public var overflowed = 0
        public var refused = InlineCounts()
        public var open = 0

        public init() {}

        /// By ``StreamRefusal``.
        public struct InlineCounts: Hashable, Sendable {
            private var counts = [Int](repeating: 0, count: StreamRefusal.allCases.count)
            public internal(set) subscript(_ refusal: StreamRefusal) -> Int {
                get { counts[refusal.rawValue] }
                set { counts[refusal.rawValue] = newValue }
            }
        }
    }
}

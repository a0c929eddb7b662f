/// Where connections over TCP are taken.
public enum StreamPort: Hashable, Sendable {
    case off
    /// The number of the UDP port, on every thread; without TCP where somebody else has it.
    case sameAsUDP
    /// Of the first thread; the others have those that follow. 0 takes free ones.
    case port(UInt16)

    func number(beside port: UInt16, thread: Int) -> UInt16 {
        switch self {
        case .off: 0
        case .sameAsUDP: port
        case .port(0): 0
        case .port(let first): first &+ UInt16(thread)
        }
    }
}

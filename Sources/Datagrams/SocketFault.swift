internal import Glibc

/// A system call on a socket failed: the call's name and its `errno`.
public struct SocketFault: Error, Hashable, Sendable, CustomStringConvertible {
    public let call: String
    public let errorNumber: Int32

    init(_ call: String, negated result: Int32) {
        self.call = call
        self.errorNumber = -result
    }

    /// Somebody else has the port.
    public var isTaken: Bool { errorNumber == EADDRINUSE }

    public var description: String { "\(call) failed with errno \(errorNumber)" }
}

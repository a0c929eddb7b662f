/// A reader of bytes that strangers send, and what must hold for every input whatever.
///
/// A body reads the input, and where the reader takes it writes it again and reads that: both must say the same. Where
/// the reader refuses there is nothing to check but that it came back. One and the same body runs under libFuzzer
/// (`Scripts/fuzz`) and over the committed corpora with seeded mutations in the ordinary tests.
public enum FuzzBody: String, CaseIterable, Sendable {
    case stun, rtp, rtcp, sdp, jws, json, opus, ogg, frames, proof, relay

    /// Longer inputs only make runs slow: datagrams, an offer, a token, a batch of receipts, a recording of a second,
    /// a minute of what happens to a relay.
    public var maximumBytes: Int {
        switch self {
        case .stun, .rtp, .rtcp, .opus: 1_500
        case .jws, .proof, .relay: 2_048
        case .sdp, .json, .ogg, .frames: 4_096
        }
    }

    /// - Throws: what did not hold.
    public func check(_ input: UnsafeRawBufferPointer) throws(Violation) {
        switch self {
        case .stun: try checkSTUN(input)
        case .rtp: try checkRTP(input)
        case .rtcp: try checkRTCP(input)
        case .sdp: try checkSDP(String(decoding: input, as: UTF8.self))
        case .jws: try JWSDoor.shared.check(Array(input))
        case .json: try checkJSON(Array(input))
        case .opus: try checkOpus(input)
        case .ogg: try checkOgg(Array(input))
        case .frames: try checkFrames(Array(input))
        case .proof: try checkProof(Array(input))
        case .relay: try checkRelay(Array(input))
        }
    }
}

/// A property that an input breaks.
public struct Violation: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

func require(_ condition: Bool, _ property: StaticString) throws(Violation) {
    guard condition else { throw Violation("\(property)") }
}

func require<Value>(_ value: Value?, _ property: StaticString) throws(Violation) -> Value {
    guard let value else { throw Violation("\(property)") }
    return value
}

/// What `write` puts into a buffer of `capacity` bytes; `nil` when it refuses.
func written(capacity: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int?) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0xAA, count: capacity)
    return buffer.withUnsafeMutableBytes { write($0) }.map { Array(buffer[..<$0]) }
}

/// Hands the bytes to `body` in memory of exactly their size, where one byte too far is seen by the address sanitizer.
func inExactMemory(_ bytes: some Collection<UInt8>, _ body: (UnsafeRawBufferPointer) throws(Violation) -> Void)
    throws(Violation)
{
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { memory.deallocate() }
    memory.copyBytes(from: bytes)
    try body(UnsafeRawBufferPointer(memory))
}

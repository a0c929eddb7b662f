/// Cuts a stream into datagrams: two bytes of length, then as many bytes (RFC 4571, section 2).
public enum FrameReader {
    /// An Ethernet frame's worth, as everywhere in the relay.
    public static let maximumFrameBytes = 1_500

    /// - Parameter body: gets each whole frame; empty ones are passed over. False ends the reading.
    /// - Returns: how many bytes were whole frames, so that the rest is kept for what comes next; `nil` when one is longer
    ///   than ``maximumFrameBytes``, or when the body ended it.
    public static func read(
        _ bytes: UnsafeMutableRawBufferPointer, _ body: (UnsafeMutableRawBufferPointer) -> Bool
    ) -> Int? {
        var start = 0
        while bytes.count - start >= 2 {
            let length = Int(bytes[start]) << 8 | Int(bytes[start + 1])
            guard length <= maximumFrameBytes else { return nil }
            guard bytes.count - start - 2 >= length else { break }
            let frame = UnsafeMutableRawBufferPointer(rebasing: bytes[(start + 2)..<(start + 2 + length)])
            guard length == 0 || body(frame) else { return nil }
            start += 2 + length
        }
        return start
    }
}

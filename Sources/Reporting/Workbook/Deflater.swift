internal import CZlib

/// Raw deflate (RFC 1951) of bytes that come piece by piece. The same version of zlib gives the same bytes for the same
/// pieces.
final class Deflater {
    private var stream = z_stream()

    init() {
        let code = guichet_deflate_raw(&stream)
        // Only a lack of memory or another library than the header's is possible here.
        precondition(code == Z_OK, "zlib can't compress: \(code)")
    }

    deinit { deflateEnd(&stream) }

    /// Adds bytes and gives what is finished of the output.
    func add(_ bytes: [UInt8]) -> [UInt8] { run(bytes, Z_NO_FLUSH) }

    /// The rest of the output; afterwards nothing may be added any more.
    func finish() -> [UInt8] { run([], Z_FINISH) }

    private func run(_ input: [UInt8], _ flush: Int32) -> [UInt8] {
        var output: [UInt8] = []
        var input = input
        input.withUnsafeMutableBufferPointer { buffer in
            stream.next_in = buffer.baseAddress
            stream.avail_in = UInt32(buffer.count)
            withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { room in
                repeat {
                    stream.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    stream.avail_out = UInt32(room.count)
                    let code = deflate(&stream, flush)
                    precondition(code != Z_STREAM_ERROR, "zlib's state is broken.")
                    output.append(contentsOf: room[..<(room.count - Int(stream.avail_out))])
                } while stream.avail_out == 0
            }
        }
        stream.next_in = nil
        return output
    }

    /// CRC-32 of a message that goes on.
    static func crc(_ crc: UInt, _ bytes: [UInt8]) -> UInt { crc32(crc, bytes, UInt32(bytes.count)) }
}

import MediaWire

/// What a stream of frames says, read the slow way.
private func framesOneByOne(_ stream: ArraySlice<UInt8>) -> (frames: [[UInt8]], isBroken: Bool) {
    var frames: [[UInt8]] = []
    var rest = stream
    while rest.count >= 2 {
        let length = rest.prefix(2).reduce(0) { $0 * 256 + Int($1) }
        if length > FrameReader.maximumFrameBytes { return (frames, true) }
        if rest.count < 2 + length { break }
        if length > 0 { frames.append(Array(rest.dropFirst(2).prefix(length))) }
        rest = rest.dropFirst(2 + length)
    }
    return (frames, false)
}

/// Datagrams over TCP: the first byte says how the rest is cut into the pieces in which it comes.
func checkFrames(_ input: [UInt8]) throws(Violation) {
    guard let cut = input.first else { return }
    let stream = input.dropFirst()
    let expected = framesOneByOne(stream)
    for pieceBytes in [1, Int(cut) + 1, max(stream.count, 1)] {
        var kept: [UInt8] = []
        var frames: [[UInt8]] = []
        var isBroken = false
        var start = stream.startIndex
        while start < stream.endIndex, !isBroken {
            let end = min(start + pieceBytes, stream.endIndex)
            // As a connection reads it: behind the begin of a frame that has come before.
            kept += stream[start..<end]
            start = end
            try inExactMemory(kept) { bytes throws(Violation) in
                let whole = FrameReader.read(UnsafeMutableRawBufferPointer(mutating: bytes)) { frame in
                    frames.append(Array(frame))
                    return true
                }
                guard let whole else { return isBroken = true }
                try require((0...bytes.count).contains(whole), "whole frames are among what came")
                kept.removeFirst(whole)
                try require(kept.count < FrameReader.maximumFrameBytes + 2, "what is kept is less than a frame")
            }
        }
        try require(frames == expected.frames, "the same frames come however the stream is cut")
        try require(isBroken == expected.isBroken, "a frame that is too long ends it however the stream is cut")
    }
}

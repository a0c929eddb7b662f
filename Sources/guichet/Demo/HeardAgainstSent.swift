/// What a listener recorded, held against what was sent: the relay passes Opus frames through untouched, so each
/// heard frame must be a sent one, in order, to the byte.
struct HeardAgainstSent {
    /// Frames heard that equal the sent frame at their place.
    let identical: Int
    /// Frames heard that were never sent.
    let foreign: Int
    /// Sent frames missing between the first and the last heard one.
    let missing: Int
    let heard: Int

    /// Both in order of sending. The listener may have come late or left early; between its first and last frame
    /// the match is exact: a frame that is not next in what was sent opens a gap up to where it is found again.
    init(heard: [[UInt8]], sent: [[UInt8]]) {
        self.heard = heard.count
        var identical = 0
        var foreign = 0
        var missing = 0
        var next: Int?
        for frame in heard {
            let from = next ?? 0
            // A loss is short; the window keeps one foreign frame from swallowing everything sent after it.
            let window = next == nil ? sent.count : 250
            guard let found = sent[min(from, sent.count)...].prefix(window).firstIndex(of: frame) else {
                foreign += 1
                continue
            }
            if next != nil { missing += found - from }
            identical += 1
            next = found + 1
        }
        self.identical = identical
        self.foreign = foreign
        self.missing = missing
    }
}

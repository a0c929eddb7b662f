import AudioRelay
import MediaWire

/// A relay with two rooms, in each of which one speaks and one listens, and what the input lets happen to them.
///
/// Whatever comes: nobody hears what was not said in their room or came from where nobody proved to be, nothing goes to an
/// address that no authentic check came from, and as long as nobody used a seal of theirs elsewhere, everybody is still
/// there at the end and hears the next word.
func checkRelay(_ input: [UInt8]) throws(Violation) {
    let theatre = try Theatre()
    var script = Script(rest: input[...])
    // Merged packets hold several words; what merging makes of packets has a body of its own (`opus`).
    try theatre.setPace(Pace.allCases[Int(script.next()) % 4])
    var acts = 0
    while !script.rest.isEmpty, acts < 64 {
        acts += 1
        try play(&script, in: theatre)
        try theatre.checkBounds()
    }
    try theatre.finish()
}

/// The input, taken from the front; zeros behind its end.
private struct Script {
    var rest: ArraySlice<UInt8>

    mutating func next() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func take(_ count: UInt8) -> [UInt8] {
        defer { rest = rest.dropFirst(Int(count)) }
        return Array(rest.prefix(Int(count)))
    }

    /// Where a bit is changed, and which; none for a pattern of zero.
    mutating func change() -> (place: Int, pattern: UInt8) { (Int(next()) << 3, next()) }
}

private func play(_ script: inout Script, in theatre: Theatre) throws(Violation) {
    let act = script.next()
    // The addresses of the four, and four of strangers.
    let from = theatre.addresses[Int(act >> 3) % theatre.addresses.count]
    switch act & 7 {
    case 0, 1: try theatre.send(script.take(script.next()), from: from)
    case 2:
        let speaker = Int(script.next()) % 2
        let change = script.change()
        try theatre.say(script.take(script.next() % 200), by: speaker, from: from, changed: change)
    case 3: try theatre.pass(milliseconds: UInt64(script.next()) * 4)
    case 4: try theatre.check(of: Int(script.next()) % 4, from: from, seal: script.next(), changed: (0, 0))
    case 5:
        let (guest, seal) = (Int(script.next()) % 4, script.next())
        try theatre.check(of: guest, from: from, seal: seal, changed: script.change())
    case 6: try theatre.repeatDatagram(Int(script.next()), from: from)
    default: try theatre.everybodySpeaks()
    }
}

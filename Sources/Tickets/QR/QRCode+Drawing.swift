extension QRCode {
    /// Light modules around the symbol (section 6.3.8).
    private static let quietZone = 4

    /// A drawing of one path, black on white, as large as its container.
    public var svg: String {
        let side = size + 2 * Self.quietZone
        var path = ""
        for y in 0..<size {
            var x = 0
            while x < size {
                guard self[x, y] else {
                    x += 1
                    continue
                }
                let start = x
                while self[x, y] { x += 1 }
                path += "M\(start + Self.quietZone) \(y + Self.quietZone)h\(x - start)v1h-\(x - start)z"
            }
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(side) \(side)" shape-rendering="crispEdges">\
            <rect width="\(side)" height="\(side)" fill="#fff"/><path d="\(path)" fill="#000"/></svg>
            """
    }

    /// The code in half blocks, light modules drawn: for terminals with light text on a dark ground, as most have.
    public var terminalText: String {
        let zone = Self.quietZone / 2
        var lines: [String] = []
        for y in stride(from: -zone, to: size + zone, by: 2) {
            var line = ""
            for x in -zone..<size + zone {
                // Below the last row of the zone there is nothing to draw.
                let below = y + 1 < size + zone && !self[x, y + 1]
                switch (!self[x, y], below) {
                case (true, true): line += "█"
                case (true, false): line += "▀"
                case (false, true): line += "▄"
                case (false, false): line += " "
                }
            }
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }
}

internal import Values

/// One mark of a chart: what it is called, how much it is.
struct ChartMark: Hashable, Sendable {
    let key: String
    let label: String
    /// Minor units; a chart shows no negative amounts, a table beside it does.
    let amount: Int64
}

/// Charts as inline SVG that keeps its text size at any width: places and lengths along the width are per cent,
/// heights and type are pixels. Each says what it shows (title, desc), and stands beside a table with its figures.
///
/// All geometry is integer hundredths of a per cent, so that the bytes depend on no machine's floating point.
enum Chart {
    /// `12.34%` of the width.
    static func share(_ part: Int64, of whole: Int64, upTo limit: Int64 = 10_000) -> String {
        guard whole > 0, part > 0 else { return "0%" }
        return percent(Int64(Int128(min(part, whole)) * Int128(limit) / Int128(whole)))
    }

    static func percent(_ hundredths: Int64) -> String {
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)%"
    }

    /// Lying bars, each under its label, with its figure at the right.
    static func bars(_ marks: [ChartMark], id: String, title: String, about: String, figure: (Int64) -> String)
        -> Markup
    {
        let longest = marks.map(\.amount).max() ?? 0
        let height = marks.count * 38 + 2
        return svg(id: id, title: title, about: about, height: height) {
            for (index, mark) in marks.enumerated() {
                let top = index * 38
                element("text", ["class": "label", "x": "0", "y": String(top + 14)]) { clipped(mark.label, 40) }
                element("text", ["class": "figure", "x": "100%", "y": String(top + 14), "text-anchor": "end"]) {
                    figure(mark.amount)
                }
                element(
                    "rect",
                    ["class": "track", "x": "0", "y": String(top + 21), "width": "100%", "height": "8", "rx": "1"])
                element(
                    "rect",
                    [
                        "class": "bar", "x": "0", "y": String(top + 21), "width": share(mark.amount, of: longest),
                        "height": "8", "rx": "1",
                    ])
            }
        }
    }

    /// Upright columns from a baseline, three quiet lines behind them. Every `n`th label is written, so that at most
    /// six stand side by side on a phone.
    static func columns(_ marks: [ChartMark], id: String, title: String, about: String, figure: (Int64) -> String)
        -> Markup
    {
        let highest = marks.map(\.amount).max() ?? 0
        let plot = 150
        let top = 22
        let slots = Int64(max(marks.count, 7))
        let every = max(1, (marks.count + 5) / 6)
        return svg(id: id, title: title, about: about, height: plot + top + 26) {
            element("text", ["class": "label", "x": "0", "y": "12"]) { figure(highest) }
            for quarter in 0..<4 {
                let y = String(top + plot * quarter / 4)
                element("line", ["class": "grid", "x1": "0", "x2": "100%", "y1": y, "y2": y])
            }
            for (index, mark) in marks.enumerated() {
                let slot = 10_000 / slots
                let start = Int64(index) * slot + slot / 8
                let height = highest > 0 ? Int(Int128(mark.amount) * Int128(plot) / Int128(highest)) : 0
                // A day with sales stays visible beside a much better one.
                let shown = mark.amount > 0 ? max(2, height) : 0
                element(
                    "rect",
                    [
                        "class": "bar", "x": percent(start), "y": String(top + plot - shown),
                        "width": percent(slot * 3 / 4), "height": String(shown),
                    ])
                if index % every == 0 {
                    element(
                        "text",
                        [
                            "class": "label", "x": percent(start + slot * 3 / 8), "y": String(top + plot + 18),
                            "text-anchor": index == 0 && slots > 12 ? "start" : "middle",
                        ]
                    ) { mark.label }
                }
            }
            element(
                "line",
                [
                    "class": "axis", "x1": "0", "x2": "100%", "y1": String(top + plot), "y2": String(top + plot),
                ])
        }
    }

    /// One bar divided into parts that are known by a letter as well as by colour.
    static func divided(_ marks: [ChartMark], id: String, title: String, about: String) -> Markup {
        let whole = marks.reduce(0) { $0 + max(0, $1.amount) }
        var before: Int64 = 0
        var pieces: [Markup] = []
        for (index, mark) in marks.enumerated() where mark.amount > 0 && whole > 0 {
            let start = Int64(Int128(before) * 10_000 / Int128(whole))
            before += mark.amount
            let end = Int64(Int128(before) * 10_000 / Int128(whole))
            pieces.append(
                element(
                    "rect",
                    [
                        "class": "part part-\(mark.key)", "x": percent(start), "y": "0", "width": percent(end - start),
                        "height": "44",
                    ]))
            if end - start >= 500 {
                pieces.append(
                    element(
                        "text",
                        [
                            "class": "letter on-\(mark.key)", "x": percent((start + end) / 2), "y": "27",
                            "text-anchor": "middle",
                        ]
                    ) { letter(index) })
            }
        }
        return svg(id: id, title: title, about: about, height: 44) { pieces }
    }

    /// `A`, `B`, `C`, … by the order of parts.
    static func letter(_ index: Int) -> String { String(UnicodeScalar(UInt8(ascii: "A") + UInt8(min(index, 25)))) }

    private static func svg(
        id: String, title: String, about: String, height: Int, @MarkupBuilder _ content: () -> [Markup]
    ) -> Markup {
        element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "role": "img", "class": "chart", "width": "100%",
                "height": String(height), "aria-labelledby": "\(id)-title \(id)-desc",
            ]
        ) {
            element("title", ["id": "\(id)-title"]) { title }
            element("desc", ["id": "\(id)-desc"]) { about }
            content()
        }
    }

    private static func clipped(_ text: String, _ limit: Int) -> String {
        text.count > limit ? text.prefix(limit - 1) + "…" : text
    }
}

internal import Values

extension Words {
    /// `1 January 2026`, `1er janvier 2026`.
    func date(_ day: LocalDay) -> String {
        let (year, month, dayOfMonth) = day.civil
        let number = language == .french && dayOfMonth == 1 ? "1er" : String(dayOfMonth)
        return "\(number) \(self("month.\(month)")) \(year)"
    }

    /// `Thursday 1 January 2026`.
    func longDate(_ day: LocalDay) -> String { "\(self("weekday.\(day.weekday)")) \(date(day))" }

    /// `1 Jan`, for the axis of a chart.
    func shortDate(_ day: LocalDay) -> String {
        let (_, month, dayOfMonth) = day.civil
        return "\(dayOfMonth) \(self("month_short.\(month)"))"
    }

    /// `1 January 2026, 23:00 UTC`: machines and auditors compare in UTC.
    func time(_ instant: Instant) -> String {
        let text = instant.description
        // RFC 3339 of ours: ten characters of day, `T`, then the time.
        guard let day = LocalDay(String(text.prefix(10))) else { return text }
        return "\(date(day)), \(text.dropFirst(11).prefix(text.hasSuffix(":00Z") ? 5 : 8)) UTC"
    }
}

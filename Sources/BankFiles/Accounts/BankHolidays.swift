public import Values

/// Days on which money moves between banks.
public enum BankHolidays {
    /// TARGET days: not on Saturdays, Sundays, New Year's Day, Good Friday, Easter Monday, 1 May, 25 and 26 December
    /// (calendar of the Eurosystem, unchanged since 2002).
    public static func isTARGET(_ day: LocalDay) -> Bool {
        guard day.weekday <= 5 else { return false }
        let (year, month, date) = day.civil
        if [(1, 1), (5, 1), (12, 25), (12, 26)].contains(where: { $0 == (month, date) }) { return false }
        guard let easter = easter(year) else { return true }
        return day != easter.advanced(byDays: -2) && day != easter.advanced(byDays: 1)
    }

    /// Days of the Federal Reserve: not on weekends and federal holidays (5 U.S.C. 6103); one that falls on a Sunday is
    /// kept on the Monday after it, one on a Saturday is not.
    public static func isFederal(_ day: LocalDay) -> Bool {
        guard day.weekday <= 5 else { return false }
        let (_, month, date) = day.civil
        let before = day.advanced(byDays: -1).civil
        for fixed in [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)] {
            if fixed == (month, date) { return false }
            if day.weekday == 1, fixed == (before.month, before.day) { return false }
        }
        let week = (date - 1) / 7 + 1
        switch (month, day.weekday) {
        case (1, 1), (2, 1): return week != 3
        case (5, 1): return date + 7 <= 31
        case (9, 1): return week != 1
        case (10, 1): return week != 2
        case (11, 4): return week != 4
        default: return true
        }
    }

    /// The first such day behind a day. There is one within a week or two in every calendar.
    public static func next(after day: LocalDay, where isOpen: (LocalDay) -> Bool) -> LocalDay {
        var next = day.advanced(byDays: 1)
        while !isOpen(next) { next = next.advanced(byDays: 1) }
        return next
    }

    /// Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher).
    static func easter(_ year: Int) -> LocalDay? {
        let a = year % 19
        let (b, c) = (year / 100, year % 100)
        let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30
        let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7
        let m = (a + 11 * h + 22 * l) / 451
        let sum = h + l - 7 * m + 114
        return LocalDay(year: year, month: sum / 31, day: sum % 31 + 1)
    }
}

internal import Values

/// A ticket as an entry of a calendar: iCalendar (RFC 5545), UTC times, CRLF, lines of at most 75 octets.
///
/// The entry links to the room and never holds the ticket itself: calendars are shared with others.
struct CalendarFile {
    /// Stable for the ticket, so that a calendar that gets the file again moves the entry and does not double it.
    let uid: String
    /// When this version of the entry was made.
    let stamp: Instant
    let start: Instant
    let end: Instant
    let summary: String
    let description: String
    let url: String
    let isCancelled: Bool

    var text: String {
        let lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Guichet//Tickets//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
            "BEGIN:VEVENT", "UID:\(uid)", "DTSTAMP:\(Self.date(stamp))", "DTSTART:\(Self.date(start))",
            "DTEND:\(Self.date(end))", "SUMMARY:\(Self.escaped(summary))",
            "DESCRIPTION:\(Self.escaped(description))", "URL:\(url)",
            "STATUS:\(isCancelled ? "CANCELLED" : "CONFIRMED")", "TRANSP:OPAQUE", "END:VEVENT", "END:VCALENDAR",
        ]
        return lines.map { Self.folded($0) + "\r\n" }.joined()
    }

    /// `20260302T190000Z` (section 3.3.5, form 2).
    private static func date(_ instant: Instant) -> String {
        // RFC 3339 in UTC without its separators and fraction.
        Instant(seconds: instant.seconds).description.filter { $0 != "-" && $0 != ":" }
    }

    /// Section 3.3.11: backslash, semicolon, comma and line ends.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\", ";", ",": escaped += "\\\(character)"
            case let end where end.isNewline: escaped += "\\n"
            default: escaped.append(character)
            }
        }
        return escaped
    }

    /// Section 3.1: lines of at most 75 octets, never cut inside a character.
    private static func folded(_ line: String) -> String {
        var folded = ""
        var octets = 0
        for scalar in line.unicodeScalars {
            let width = String(scalar).utf8.count
            if octets + width > 75 {
                folded += "\r\n "
                octets = 1
            }
            folded.unicodeScalars.append(scalar)
            octets += width
        }
        return folded
    }
}

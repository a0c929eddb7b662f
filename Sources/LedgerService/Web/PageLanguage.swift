internal import HTTPTypes
public import Hummingbird

/// The languages in which pages exist. Each has a file `web-texts-….json`.
public enum PageLanguage: String, Sendable, CaseIterable {
    case english = "en"
    case french = "fr"

    /// The visitor's language: what they chose in the address, then in the cookie, then their browser's wish.
    public init(of request: Request) {
        if let asked = Self.asked(in: request) {
            self = asked
        } else if let kept = request.cookies[Self.cookieName].flatMap({ PageLanguage(rawValue: $0.value) }) {
            self = kept
        } else {
            self.init(accepting: request.headers[values: .acceptLanguage].joined(separator: ","))
        }
    }

    /// The best of `Accept-Language` (RFC 9110 section 12.5.4); English where nothing fits.
    init(accepting header: String) {
        var best: (language: PageLanguage, quality: Double)?
        // Twenty wishes are more than any browser sends.
        for wish in header.split(separator: ",").prefix(20) {
            let parts = wish.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let tag = parts.first, let language = PageLanguage(rawValue: String(tag.prefix { $0 != "-" })) else {
                continue
            }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            if quality > (best?.quality ?? 0) { best = (language, quality) }
        }
        self = best?.language ?? .english
    }

    /// The language of `?lang=fr`, which the answer then keeps in a cookie.
    static func asked(in request: Request) -> PageLanguage? {
        request.uri.queryParameters["lang"].flatMap { PageLanguage(rawValue: String($0)) }
    }

    static let cookieName = "lang"

    /// Keeps a choice for a year. It says nothing about the person, so it needs no consent.
    var cookie: Cookie {
        Cookie(name: Self.cookieName, value: rawValue, maxAge: 365 * 86_400, path: "/", httpOnly: true, sameSite: .lax)
    }
}

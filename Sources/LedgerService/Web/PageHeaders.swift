internal import HTTPTypes

/// Headers that keep a page from doing more than it says (CSP level 3, Permissions Policy).
enum PageHeaders {
    /// What a page may use beyond scripts and styles of this origin.
    enum Use {
        /// Reads and pays.
        case listener
        /// Also asks for the microphone: the host's page, and that of a room, whose listeners may be invited to speak.
        case speaker
        /// A report: one standing document with its own style sheet, no script, in a sandbox.
        case report
    }

    static func add(_ use: Use, connectingTo origins: [String], to headers: inout HTTPFields) {
        addCommon(to: &headers)
        headers[.contentSecurityPolicy] = policy(use, connectingTo: origins)
        headers[named("Permissions-Policy")] =
            "microphone=(\(use == .speaker ? "self" : "")), camera=(), geolocation=(), payment=()"
        headers[named("Cross-Origin-Opener-Policy")] = "same-origin"
    }

    static func addCommon(to headers: inout HTTPFields) {
        headers[.xContentTypeOptions] = "nosniff"
        headers[named("Referrer-Policy")] = "no-referrer"
        headers[named("Cross-Origin-Resource-Policy")] = "same-origin"
    }

    static func policy(_ use: Use, connectingTo origins: [String]) -> String {
        let always = ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]
        switch use {
        case .listener, .speaker:
            // Trusted Types make text that becomes markup a refusal of the browser, not only a habit of ours.
            return
                (always + [
                    "script-src 'self'", "style-src 'self'", "img-src 'self'", "media-src 'self' blob:",
                    "connect-src \((["'self'"] + origins).joined(separator: " "))",
                    "require-trusted-types-for 'script'", "trusted-types 'none'",
                ]).joined(separator: "; ")
        case .report:
            // A report is one file that also opens from a disk, so its style and charts stand inside it.
            return (always + ["style-src 'unsafe-inline'", "img-src data:", "sandbox allow-downloads"])
                .joined(separator: "; ")
        }
    }

    private static func named(_ text: String) -> HTTPField.Name {
        // The names above are tokens of RFC 9110, which is all that this initialiser asks for.
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no header name.") }
        return name
    }
}

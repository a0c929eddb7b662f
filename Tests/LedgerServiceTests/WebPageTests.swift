import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing
import Values

@testable import LedgerService

@Suite("Pages")
struct WebPageTests {
    private static let languages = ["en", "fr"]

    /// One of each page.
    private static func paths(_ card: RoomCard) -> [String] {
        [
            "/", "/r/\(card.id)", "/s/\(WebFixtures.seriesID)", "/h/\(card.id)", "/finance", "/pay/sandbox_x",
        ]
    }

    private func html(_ uri: String, _ routes: WebRoutes) async throws -> String {
        try await WebFixtures.application(routes).test(.router) { client in
            try await client.execute(uri: uri, method: .get) { response in
                #expect(response.status == .ok)
                return String(buffer: response.body)
            }
        }
    }

    @Test(arguments: languages)
    func `every page renders whole, in its language`(language: String) async throws {
        let card = try WebFixtures.card()
        let routes = try WebFixtures.routes(card)
        for path in Self.paths(card) {
            let html = try await html(path + "?lang=\(language)", routes)
            #expect(html.contains("<html lang=\"\(language)\">"))
            #expect(!html.contains("{{") && !html.contains("}}"), "\(path)")
            #expect(html.contains("<main id=\"main\"") && html.contains("href=\"#main\""), "\(path)")
            #expect(html.matches(of: /<h1[ >]/).count == 1, "\(path) has one main heading")
            #expect(html.hasSuffix("</html>\n"), "\(path)")
        }
    }

    @Test func `nothing runs or is styled inside a page, and nothing comes from elsewhere`() async throws {
        let card = try WebFixtures.card()
        let routes = try WebFixtures.routes(card)
        for path in Self.paths(card) + ["/r/\(card.id)?lang=fr"] {
            let html = try await html(path, routes)
            #expect(html.matches(of: /<script(?![^>]* src=)/).isEmpty)
            #expect(html.matches(of: /<style|\sstyle=|\son[a-z]+=|javascript:/).isEmpty)
            #expect(html.matches(of: /(?:src|href)="(?:https?:)?\/\//).isEmpty)
            for file in WebFixtures.all(/(?:src|href)="\/assets\/[0-9a-f]{16}\/([^"]+)"/, in: html) {
                #expect(routes.pages.assets.byName[file] != nil, "\(path) loads \(file)")
            }
        }
    }

    @Test func `labels and descriptions point to what exists, and ids are unique`() async throws {
        let card = try WebFixtures.card()
        let routes = try WebFixtures.routes(card)
        for path in Self.paths(card) {
            let html = try await html(path, routes)
            let ids = WebFixtures.all(/\ id="([^"]+)"/, in: html)
            #expect(Set(ids).count == ids.count, "\(path) names an id twice")
            for list in WebFixtures.all(/\ (?:for|aria-labelledby|aria-describedby)="([^"]+)"/, in: html) {
                for id in list.split(separator: " ") { #expect(ids.contains(String(id)), "\(path) points to \(id)") }
            }
            for tag in html.matches(of: /<(?:input|select|textarea)[^>]*>/).map({ String($0.output) }) {
                let id = WebFixtures.all(/\ id="([^"]+)"/, in: tag).first ?? ""
                #expect(html.contains("for=\"\(id)\"") || tag.contains("aria-label="), "\(tag) has no label")
            }
        }
    }

    @Test(arguments: [
        ("room.js", "/r/{room}"), ("series.js", "/s/{series}"), ("host.js", "/h/{room}"),
        ("pay.js", "/pay/sandbox_x"), ("home.js", "/"), ("finance.js", "/finance"),
    ])
    func `scripts find every element that they ask for`(script: String, path: String) async throws {
        let card = try WebFixtures.card()
        let routes = try WebFixtures.routes(card)
        let filled = path.replacing("{room}", with: card.id.text)
            .replacing("{series}", with: WebFixtures.seriesID.text)
        let page = try await html(filled, routes)
        let ids = Set(WebFixtures.all(/\ id="([^"]+)"/, in: page))
        // What a script imports asks on the same page, however far down.
        var parts = [script]
        var next = 0
        while next < parts.count {
            let text = try WebFixtures.text(of: parts[next], in: routes)
            for other in WebFixtures.all(/(?:from|import) "\.\/([^"]+)"/, in: text) where !parts.contains(other) {
                parts.append(other)
            }
            next += 1
        }
        // The questions and notes of page.js have their elements on the large pages; a small page asks none.
        if !["room.js", "series.js", "host.js", "finance.js"].contains(script) { parts.removeAll { $0 == "page.js" } }
        for part in parts {
            let text = try WebFixtures.text(of: part, in: routes)
            for id in WebFixtures.all(/\b(?:el|show|put|wrong)\("([^"]+)"/, in: text) {
                #expect(ids.contains(id), "\(part) looks for \(id)")
            }
        }
    }

    @Test func `test money has a page to pay it on, real money has not`() async throws {
        let real = try WebFixtures.application(WebFixtures.routes(sandbox: false))
        try await real.test(.router) { client in
            try await client.execute(uri: "/pay/sandbox_charge_1", method: .get) { #expect($0.status == .notFound) }
        }
        let play = try WebFixtures.routes()
        let page = try await html("/pay/sandbox_charge_1", play)
        #expect(page.contains("data-checkout=\"sandbox_charge_1\""))
        try await WebFixtures.application(play).test(.router) { client in
            for wrong in ["sandbox_", "stripe_1", "sandbox_%3Cb%3E", "sandbox_" + String(repeating: "1", count: 80)] {
                try await client.execute(uri: "/pay/\(wrong)", method: .get) {
                    #expect($0.status == .notFound, "\(wrong)")
                }
            }
        }
    }

    @Test func `scripts import what exists and never make markup from text`() throws {
        let routes = try WebFixtures.routes()
        for name in routes.pages.assets.byName.keys where name.hasSuffix(".js") {
            let text = try WebFixtures.text(of: name, in: routes)
            for other in WebFixtures.all(/(?:from|import) "\.\/([^"]+)"/, in: text) {
                #expect(routes.pages.assets.byName[other] != nil, "\(name) imports \(other)")
            }
            for unwanted in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http://"] {
                #expect(!text.contains(unwanted), "\(name) uses \(unwanted)")
            }
        }
        let css = try WebFixtures.text(of: "app.css", in: routes)
        for file in WebFixtures.all(/url\("([^"]+)"\)/, in: css) { #expect(routes.pages.assets.byName[file] != nil) }
    }

    @Test func `what a host writes stays text`() async throws {
        let card = try WebFixtures.card()
        let html = try await html("/r/\(card.id)", WebFixtures.routes(card))
        #expect(!html.contains("<b>"))
        #expect(html.contains("Shipwrecks &amp; &lt;b&gt;&quot;storms&quot;&lt;/b&gt;"))
    }

    @Test func `a room's page shows its price, seats and test money, and a real one does not`() async throws {
        var card = try WebFixtures.card()
        let test = try await html("/r/\(card.id)", WebFixtures.routes(card))
        #expect(test.contains("data-test=\"price\">€5.00<"))
        #expect(test.contains("12 seats left of 40"))
        #expect(test.contains("data-sandbox=\"true\"") && test.contains("data-test=\"sandbox\""))
        card.seatsLeft = 0
        let real = try await html("/r/\(card.id)?lang=fr", WebFixtures.routes(card, sandbox: false))
        #expect(real.contains("5,00\u{A0}€") && real.contains("Complet"))
        #expect(real.contains("data-sandbox=\"false\"") && !real.contains("data-test=\"sandbox\""))
    }

    @Test func `a room goes through its phases`() throws {
        var card = try WebFixtures.card()
        let now = WebFixtures.now
        #expect(card.phase(at: now) == .live)
        #expect(card.phase(at: now.advanced(bySeconds: -61)) == .doors)
        #expect(card.phase(at: now.advanced(bySeconds: -601)) == .upcoming)
        #expect(card.phase(at: now.advanced(bySeconds: 5_340)) == .ended)
        card.state = .scheduled
        #expect(card.phase(at: now) == .waiting)
        #expect(card.phase(at: now.advanced(bySeconds: -601)) == .upcoming)
        card.state = .closed
        #expect(card.phase(at: now) == .ended)
        card.state = .cancelled
        #expect(card.phase(at: now.advanced(bySeconds: 9_999)) == .cancelled)
    }

    @Test func `pages send a strict policy, the microphone only where people speak`() async throws {
        let card = try WebFixtures.card()
        let routes = try WebFixtures.routes(card, gateways: ["https://audio.example.org"])
        try await WebFixtures.application(routes).test(.router) { client in
            for (path, microphone) in [
                ("/", "microphone=()"), ("/r/\(card.id)", "microphone=(self)"), ("/h/\(card.id)", "microphone=(self)"),
                ("/finance", "microphone=()"),
            ] {
                try await client.execute(uri: path, method: .get) { response in
                    let policy = try #require(response.headers[.contentSecurityPolicy])
                    #expect(policy.hasPrefix("default-src 'none'; "))
                    #expect(policy.contains("connect-src 'self' https://audio.example.org"))
                    #expect(!policy.contains("unsafe") && !policy.contains("*"))
                    let permissions = HTTPField.Name("Permissions-Policy").flatMap { response.headers[$0] }
                    #expect(permissions?.hasPrefix(microphone) == true)
                    #expect(response.headers[.xContentTypeOptions] == "nosniff")
                }
            }
        }
    }

    @Test func `the language is kept in a cookie once chosen`() async throws {
        try await WebFixtures.application(WebFixtures.routes()).test(.router) { client in
            try await client.execute(uri: "/?lang=fr", method: .get) { response in
                #expect(response.headers[.setCookie]?.contains("lang=fr") == true)
            }
            try await client.execute(uri: "/", method: .get, headers: [.cookie: "lang=fr", .acceptLanguage: "en"]) {
                #expect(String(buffer: $0.body).contains("<html lang=\"fr\">"))
            }
            try await client.execute(uri: "/?lang=xx", method: .get, headers: [.acceptLanguage: "fr"]) {
                #expect($0.headers[.setCookie] == nil)
                #expect(String(buffer: $0.body).contains("<html lang=\"fr\">"))
            }
        }
    }

    @Test func `people get pages for what is not there, programs do not`() async throws {
        let routes = try WebFixtures.routes()
        try await WebFixtures.application(routes).test(.router) { client in
            let person: HTTPFields = [.accept: "text/html,*/*;q=0.8"]
            for path in [
                "/nowhere", "/refused", "/r/room_x", "/r/room_01kaz7c5e8f2v8y6t4m2s9r3qd", "/h/%3Cscript%3E",
                "/assets/x/y", "/s/series_x", "/s/series_01kaz7c5e8f2v8y6t4m2s9r3qd",
            ] {
                try await client.execute(uri: path, method: .get, headers: person) { response in
                    #expect(response.status == .notFound)
                    #expect(response.headers[.contentType]?.hasPrefix("text/html") == true, "\(path)")
                }
            }
            try await client.execute(uri: "/broken", method: .get, headers: person) { response in
                #expect(response.status == .internalServerError)
                #expect(String(buffer: response.body).contains("Something broke on our side"))
            }
            for (path, headers) in [("/nowhere", HTTPFields()), ("/v1/broken", person)] {
                try await client.execute(uri: path, method: .get, headers: headers) { response in
                    #expect(response.status == .notFound)
                    #expect(response.headers[.contentType]?.hasPrefix("text/html") != true, "\(path)")
                }
            }
        }
    }

    @Test func `assets of this version are kept for good, others are asked for again`() async throws {
        let routes = try WebFixtures.routes()
        let path = routes.pages.assets.path
        try await WebFixtures.application(routes).test(.router) { client in
            let tag = try await client.execute(uri: "\(path)/app.css", method: .get) { response in
                #expect(response.headers[.cacheControl] == "public, max-age=31536000, immutable")
                #expect(response.headers[.contentType] == "text/css; charset=utf-8")
                return try #require(response.headers[.eTag])
            }
            try await client.execute(uri: "/assets/0/app.css", method: .get, headers: [.ifNoneMatch: tag]) { response in
                #expect(response.status == .notModified)
                #expect(response.headers[.cacheControl] == "no-cache")
                #expect(response.body.readableBytes == 0)
            }
            try await client.execute(uri: "/favicon.ico", method: .get) { response in
                #expect(response.headers[.contentType] == "image/svg+xml")
            }
        }
    }
}

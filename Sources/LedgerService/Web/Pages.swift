internal import Embedded
internal import HTTPTypes
internal import Hummingbird
internal import Mustache
internal import NIOCore
internal import Values

/// Templates, texts and assets turned into answers. Everything that comes from people is escaped by the templates.
struct Pages: Sendable {
    enum Name: String, CaseIterable {
        case home, room, series, host, finance, pay, message
    }

    let assets: WebAssets
    let configuration: WebRoutes.Configuration
    private let library: MustacheLibrary
    private let texts: [PageLanguage: PageTexts]

    init(_ configuration: WebRoutes.Configuration) throws {
        self.configuration = configuration
        assets = WebAssets()
        var library = MustacheLibrary()
        for (name, text) in Self.templates { try library.register(text, named: name) }
        self.library = library
        var texts: [PageLanguage: PageTexts] = [:]
        for language in PageLanguage.allCases { texts[language] = try PageTexts(language) }
        self.texts = texts
    }

    /// The templates by the name of their file without its end.
    static var templates: [(name: String, text: String)] {
        Shelf.pages.names(startingWith: "templates/").map { file in
            (String(file.dropFirst("templates/".count).dropLast(".mustache".count)), Shelf.pages.text(file))
        }
    }

    func texts(_ language: PageLanguage) -> PageTexts {
        guard let texts = texts[language] else { preconditionFailure("A language has no texts.") }
        return texts
    }

    /// Renders a page with its own facts and what every page shows.
    func html(_ name: Name, _ facts: [String: any Sendable], in language: PageLanguage) -> String {
        var all = facts
        all["t"] = texts(language).all
        all["lang"] = language.rawValue
        all["assets"] = assets.path
        all["languages"] = PageLanguage.allCases.map { choice -> [String: any Sendable] in
            [
                "code": choice.rawValue, "short": choice.rawValue.uppercased(),
                "name": texts(choice).text("lang_name"), "current": choice == language,
            ]
        }
        guard let html = library.render(all, withTemplate: name.rawValue) else {
            preconditionFailure("The template \(name.rawValue) is missing.")
        }
        return html
    }

    /// The answer with a page: never shared between visitors, asked for anew at each visit.
    /// - Parameter origins: of gateways to which the page connects beside those of the configuration.
    func response(
        _ name: Name, _ facts: [String: any Sendable], to request: Request, use: PageHeaders.Use = .listener,
        hearing origins: [String] = [], status: HTTPResponse.Status = .ok
    ) -> Response {
        let html = html(name, facts, in: PageLanguage(of: request))
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "private, no-cache",
            .vary: "Accept-Language, Cookie",
        ]
        PageHeaders.add(use, connectingTo: configuration.gatewayOrigins + origins, to: &headers)
        var response = Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
        if let asked = PageLanguage.asked(in: request) { response.setCookie(asked.cookie) }
        return response
    }
}

extension Pages {
    /// Reasons for a page that only says something went another way.
    enum Message {
        case nothingHere, noSuchRoom, noSuchSeries, reportLinkExpired, broken

        var status: HTTPResponse.Status { self == .broken ? .internalServerError : .notFound }

        var key: String {
            switch self {
            case .nothingHere: "error_404"
            case .noSuchRoom: "error_room"
            case .noSuchSeries: "error_series"
            case .reportLinkExpired: "error_report"
            case .broken: "error_500"
            }
        }
    }

    func response(_ message: Message, to request: Request) -> Response {
        let texts = texts(PageLanguage(of: request))
        let heading = texts.text(message.key + "_heading")
        let facts: [String: any Sendable] = [
            "pageTitle": texts.text("error_title", ["heading": heading]), "heading": heading,
            "more": texts.text(message.key + "_more"), "status": message.status.code, "hidden": true,
        ]
        return response(.message, facts, to: request, status: message.status)
    }

    func home(_ request: Request) -> Response {
        let texts = texts(PageLanguage(of: request))
        let facts: [String: any Sendable] = [
            "pageTitle": texts.text("home_title"), "description": texts.text("home_lead"), "script": "home.js",
        ]
        return response(.home, facts, to: request)
    }

    func room(_ card: RoomCard, at now: Instant, to request: Request, hearing gateways: [String]) -> Response {
        var facts = facts(of: card, at: now, in: PageLanguage(of: request))
        facts["pageTitle"] = "\(card.title) · Guichet"
        facts["script"] = "room.js"
        return response(.room, facts, to: request, use: .speaker, hearing: gateways)
    }

    /// The page on which passes for a series of rooms are sold and used. Its script asks for the rooms and prices.
    func series(_ id: SeriesID, title: String, to request: Request) -> Response {
        let facts: [String: any Sendable] = [
            "pageTitle": "\(title) · Guichet", "script": "series.js", "id": id.text, "title": title,
            "sandbox": configuration.sandbox,
        ]
        return response(.series, facts, to: request)
    }

    func host(_ card: RoomCard, at now: Instant, to request: Request, hearing gateways: [String]) -> Response {
        let language = PageLanguage(of: request)
        var facts = facts(of: card, at: now, in: language)
        facts["pageTitle"] = texts(language).text("host_page_title", ["title": card.title]) + " · Guichet"
        facts["script"] = "host.js"
        facts["hidden"] = true
        return response(.host, facts, to: request, use: .speaker, hearing: gateways)
    }

    /// The page of whoever answers for the money. It holds no figures: its script asks for them with the visitor's key.
    func finance(_ request: Request) -> Response {
        let facts: [String: any Sendable] = [
            "pageTitle": texts(PageLanguage(of: request)).text("fin_page_title") + " · Guichet", "script": "finance.js",
            "style": "finance.css", "hidden": true,
        ]
        return response(.finance, facts, to: request)
    }

    /// The page on which test money is paid: what a provider's own page is for real money.
    func pay(_ checkout: String, to request: Request) -> Response {
        let facts: [String: any Sendable] = [
            "pageTitle": texts(PageLanguage(of: request)).text("pay_page_title") + " · Guichet", "checkout": checkout,
            "script": "pay.js", "hidden": true,
        ]
        return response(.pay, facts, to: request)
    }

    private func facts(of card: RoomCard, at now: Instant, in language: PageLanguage) -> [String: any Sendable] {
        let texts = texts(language)
        let phase = card.phase(at: now)
        let minutes = max(0, card.startsAt.microseconds(until: card.endsAt) / 60_000_000)
        let length = [minutes >= 60 ? "\(minutes / 60) h" : "", minutes % 60 > 0 ? "\(minutes % 60) min" : ""]
        let start = card.startsAt.description
        var seats = texts.text("room_seats_none")
        if card.seatsLeft > 0 {
            seats = texts.text("room_seats", count: card.seatsLeft, in: language)
            seats += " " + texts.text("room_seats_of", ["capacity": String(card.capacity)])
        }
        let price =
            card.price.map { $0.isPositive ? $0.written(in: language) : texts.text("room_price_free") }
            ?? texts.text("room_price_none")
        return [
            "id": card.id.text, "title": card.title, "hostName": card.hostName, "language": card.language,
            "phase": phase.rawValue,
            "phaseText": texts.text("room_phase_\(phase.rawValue)"), "startsAt": start,
            "startsText": start.prefix(16).split(separator: "T").joined(separator: " "),
            "lengthText": length.filter { !$0.isEmpty }.joined(separator: " "), "priceText": price,
            "seatsText": seats, "publicLink": "/r/\(card.id.text)", "sandbox": configuration.sandbox,
            "gateway": configuration.gatewayOrigins.first ?? "",
            "description": "\(card.title) · \(texts.text("room_with")) \(card.hostName)",
        ]
    }
}

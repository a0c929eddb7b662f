import Testing
import Values

@testable import LedgerService

@Suite("Words of the pages")
struct WebTextTests {
    private let english: [String: String]
    private let french: [String: String]
    private let routes: WebRoutes

    init() throws {
        english = try PageTexts(.english).all
        french = try PageTexts(.french).all
        routes = try WebFixtures.routes()
    }

    @Test func `both languages say the same things with the same facts`() {
        #expect(Set(english.keys) == Set(french.keys))
        for (key, text) in english {
            let translated = french[key] ?? ""
            #expect(!text.isEmpty && !translated.isEmpty, "\(key)")
            #expect(facts(in: text) == facts(in: translated), "\(key)")
        }
    }

    @Test func `French keeps a space that does not break before its double signs`() {
        for (key, text) in french {
            #expect(text.firstMatch(of: /[^\u{202F}\/s];|[^\u{202F}]\?|[a-zé ]:(?!\/)|[^\u{202F}]!/) == nil, "\(key)")
        }
    }

    @Test func `every text that a page or a script asks for exists, and none is left over`() throws {
        var asked: Set<String> = []
        var beginnings: Set<String> = []
        for template in Pages.templates.map(\.text) {
            asked.formUnion(WebFixtures.all(/\{\{t\.(\w+)\}\}/, in: template))
        }
        for name in routes.pages.assets.byName.keys where name.hasSuffix(".js") {
            let script = try WebFixtures.text(of: name, in: routes)
            asked.formUnion(WebFixtures.all(/"((?:[a-z]+_)+[a-z0-9_]+|listen|mute|volume|copied)"/, in: script))
            beginnings.formUnion(WebFixtures.all(/[`]([a-z]+_(?:[a-z]+_)?)\$\{/, in: script))
        }
        for template in Pages.templates.map(\.text) {
            for key in WebFixtures.all(/\{\{t\.(\w+)\}\}/, in: template) {
                #expect(english[key] != nil, "a template asks for \(key)")
            }
        }
        for name in routes.pages.assets.byName.keys where name.hasSuffix(".js") {
            let script = try WebFixtures.text(of: name, in: routes)
            for key in WebFixtures.all(/\bt\("(\w+)"/, in: script) {
                #expect(english[key] != nil, "\(name) asks for \(key)")
            }
            for key in WebFixtures.all(/\btn\("(\w+)"/, in: script) {
                #expect(english[key + "_one"] != nil && english[key + "_other"] != nil, "\(name) asks for \(key)")
            }
        }
        // Asked for by the server itself.
        beginnings.formUnion([
            "error_", "room_phase_", "home_title", "host_page_title", "fin_page_title", "lang_name", "room_zone_utc",
        ])
        for key in english.keys {
            let plain =
                key.hasSuffix("_one")
                ? String(key.dropLast(4)) : key.hasSuffix("_other") ? String(key.dropLast(6)) : key
            #expect(
                asked.contains(key) || asked.contains(plain) || beginnings.contains { key.hasPrefix($0) },
                "nobody asks for \(key)")
        }
    }

    @Test func `counts follow each language's plural`() throws {
        #expect(try PageTexts(.english).text("room_seats", count: 0, in: .english) == "0 seats left")
        #expect(try PageTexts(.english).text("room_seats", count: 1, in: .english) == "1 seat left")
        #expect(try PageTexts(.french).text("room_seats", count: 0, in: .french) == "0 place restante")
        #expect(try PageTexts(.french).text("room_seats", count: 2, in: .french) == "2 places restantes")
    }

    @Test(arguments: [
        ("fr", PageLanguage.french), ("fr-CA,en;q=0.5", .french), ("en;q=0.4, fr;q=0.9", .french),
        ("de, fr;q=0.2, en;q=0.1", .french), ("de", .english), ("", .english), ("fr;q=0", .english),
        ("en-US,en;q=0.9,fr;q=0.8", .english), ("fr;q=x;;,", .french), (",,;;q=", .english),
    ])
    func `the browser's wish is heard`(header: String, language: PageLanguage) {
        #expect(PageLanguage(accepting: header) == language)
    }

    @Test func `prices are written as each language writes them`() {
        #expect(Money(500, .eur).written(in: .english) == "€5.00")
        #expect(Money(500, .eur).written(in: .french) == "5,00\u{A0}€")
        #expect(Money(1_250, .chf).written(in: .english) == "CHF\u{A0}12.50")
        #expect(Money(500, .jpy).written(in: .french) == "500\u{A0}¥")
    }

    private func facts(in text: String) -> Set<String> { Set(WebFixtures.all(/\{(\w+)\}/, in: text)) }
}

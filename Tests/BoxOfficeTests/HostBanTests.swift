import BoxOffice
import Schemas
import Testing
import Values

@Suite("Bans of a host")
struct HostBanTests {
    @Test("every state and every word of a host, and who is not known is neither")
    func table() throws {
        #expect(try decideBan(true, from: false, isKnown: true))
        #expect(try !decideBan(true, from: true, isKnown: true))
        #expect(try decideBan(false, from: true, isKnown: true))
        #expect(throws: BanRefusal.notBanned) { try decideBan(false, from: false, isKnown: true) }
        for (wanted, before) in [(true, false), (true, true), (false, true), (false, false)] {
            #expect(throws: BanRefusal.holderUnknown) { try decideBan(wanted, from: before, isKnown: false) }
        }
    }

    @Test("every refusal has its words and a status", arguments: BanRefusal.allCases)
    func words(refusal: BanRefusal) throws {
        let text = try #require(RefusalTexts.all[refusal.code])
        #expect((400...499).contains(text.status))
        for language in ["en", "fr"] {
            let words = text.words(in: language, facts: refusal.facts)
            for line in [words.title, words.detail, words.next] { #expect(!line.isEmpty && !line.contains("{")) }
        }
    }
}

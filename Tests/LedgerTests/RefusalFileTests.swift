import Testing

@testable import Schemas

@Suite("The files of refusal texts")
struct RefusalFileTests {
    private func problems(_ files: String...) -> [String] { RefusalTexts.problems(in: files.map { Array($0.utf8) }) }

    private let sound = """
        {"sold_out": {"status": 409, "en": {"title": "a", "detail": "b", "next": "c"},
          "fr": {"title": "a", "detail": "b", "next": "c"}}}
        """

    @Test("are sound as they are shipped")
    func shipped() { #expect(RefusalTexts.problems().isEmpty) }

    @Test("name what is wrong with them")
    func broken() {
        #expect(problems(sound).isEmpty)
        #expect(problems(sound, sound) == ["the refusal sold_out has two texts"])
        #expect(problems(sound.replacing("409", with: "200")).count == 1)
        #expect(problems(sound.replacing(#""c""#, with: #""""#)).count == 2)
        #expect(problems("{") == ["file 1 of the refusal texts can't be read"])
    }
}

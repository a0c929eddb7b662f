import ArgumentParser
import Foundation
import Values

struct TermsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "terms", abstract: "List what rooms may promise their buyers after the sale.",
        discussion: "A room is made with one of them:  guichet room create … --terms steps-7d-1d")
    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await reportingFailures {
            let answer = try await server.client(key: nil).get("/v1/terms")
            if server.json { return try Output.json(answer) }
            let list: Views.TermsList = try APIClient.decode(answer)
            for terms in list.terms { Output.line("\(terms.terms)\n  \(terms.meaning)") }
        }
    }
}

extension Views {
    struct TermsList: Decodable {
        struct Terms: Decodable {
            let terms, meaning: String
        }
        let terms: [Terms]
    }

    struct RefundOffer: Decodable {
        let ticket: TicketID
        let terms: String
        let shareBp: Int64
        let amount, kept: Money
        let until: Instant?
        let postings: [Leg]
    }
}

/// How commands about sold tickets print, in one place.
enum AfterSaleOutput {
    static func offer(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let offer: Views.RefundOffer = try APIClient.decode(answer)
        Output.line("ticket    \(offer.ticket)")
        let share = "\(offer.shareBp / 100).\(offer.shareBp % 100 / 10)\(offer.shareBp % 10) %"
        Output.line("back      \(offer.amount) (\(share))")
        Output.line("stays     \(offer.kept)")
        Output.line("terms     \(offer.terms)")
        if let until = offer.until { Output.line("until     \(until)") }
        for leg in offer.postings { Output.line("posting   \(leg.amount)  \(leg.debit) -> \(leg.credit)") }
    }
}

import Foundation
import HTTPTypes
import Testing

extension API {
    /// A report for finance, as CSV unless the query names another form.
    func report(_ name: String, _ query: String) async throws -> Answer {
        try await get("/v1/reports/definitions/\(name)/export?\(query)", key: House.financeKey)
    }
}

extension API.Answer {
    /// The records of a CSV without quotes, as members by heading.
    func records(sourceLocation: SourceLocation = #_sourceLocation) -> [[String: String]] {
        #expect(status == 200, "\(json)", sourceLocation: sourceLocation)
        let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n").dropLast()
        guard let heading = lines.first?.components(separatedBy: ",") else { return [] }
        return lines.dropFirst().map { line in
            Dictionary(uniqueKeysWithValues: zip(heading, line.components(separatedBy: ",")))
        }
    }

    /// The last entry that an export knows.
    func through() throws -> String {
        let name = try #require(HTTPField.Name("Guichet-Through"))
        return try #require(headers[name])
    }
}

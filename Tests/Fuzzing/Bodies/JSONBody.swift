import Foundation
import HTTPEdge
import Stage
import Values

/// The bodies that gateway and ledger send each other, and whatever else a client may put into a request.
func checkJSON(_ input: [UInt8]) throws(Violation) {
    guard (try? JSONReader.read(input)) != nil else {
        return try require((try? RequestBody.decode(FeedPage.self, from: input)) == nil, "what is no JSON is no body")
    }
    // A second opinion: we are stricter than Foundation, never laxer.
    try require(
        (try? JSONSerialization.jsonObject(with: Data(input), options: .fragmentsAllowed)) != nil,
        "what we read is JSON for others too")
    try checkRoundTrip(ReceiptBatch.self, input)
    try checkRoundTrip(ActBatch.self, input)
    try checkRoundTrip(FeedPage.self, input)
    try checkRoundTrip(GatewaySnapshot.self, input)
    try checkRoundTrip(ReceiptAcknowledgement.self, input)
    try checkRoundTrip([ReasonCode].self, input)
    try checkRoundTrip([Int64].self, input)
    try checkRoundTrip([String: String].self, input)
}

private func checkRoundTrip<Body: Codable & Equatable>(_ type: Body.Type, _ input: [UInt8]) throws(Violation) {
    guard let value = try? RequestBody.decode(type, from: input) else { return }
    let again = try require(try? JSONEncoder().encode(value), "what was read can be written")
    try require(
        (try? RequestBody.decode(type, from: Array(again))) == value, "a body says the same after writing and reading")
}

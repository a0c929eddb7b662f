import BoxOffice
import Schemas
import Testing
import Values

/// The rules of endpoints: their states, their addresses, and when a delivery is tried again.
@Suite struct WebhookRuleTests {
    private static let now = Instant(seconds: 1_772_000_000)

    private func endpoint(_ state: WebhookEndpoint.State) -> WebhookEndpoint {
        WebhookEndpoint(state: state, secret: 3, overlapUntil: nil)
    }

    private enum Event: CaseIterable { case enable, disable, rotate, pause, remove }

    /// The table at ``WebhookEndpoint``; `nil` is a refusal.
    private static let table: [(state: WebhookEndpoint.State, after: [WebhookEndpoint.State?])] = [
        (.enabled, [.enabled, .disabled, .enabled, .paused, .removed]),
        (.disabled, [.enabled, .disabled, .disabled, .disabled, .removed]),
        (.paused, [.enabled, .disabled, .paused, .paused, .removed]),
        (.removed, [nil, nil, nil, .removed, .removed]),
    ]

    private func move(_ endpoint: inout WebhookEndpoint, _ event: Event) throws -> WebhookEndpoint.Outcome? {
        switch event {
        case .enable: return try endpoint.enable()
        case .disable: return try endpoint.disable()
        case .pause: return endpoint.pause()
        case .remove: return endpoint.remove()
        case .rotate:
            try endpoint.rotate(at: Self.now)
            return nil
        }
    }

    @Test func `every state answers every event as the table says`() throws {
        #expect(Self.table.map(\.state) == WebhookEndpoint.State.allCases)
        for (state, after) in Self.table {
            for (event, expected) in zip(Event.allCases, after) {
                var moved = endpoint(state)
                guard let expected else {
                    #expect(throws: WebhookRefusal.removed) { _ = try move(&moved, event) }
                    continue
                }
                let outcome = try move(&moved, event)
                #expect(moved.state == expected, "\(state), \(event)")
                if let outcome { #expect((outcome == .changed) == (expected != state), "\(state), \(event)") }
                #expect(moved.secret == (event == .rotate ? 4 : 3))
            }
        }
    }

    @Test func `after a rotation both secrets sign for a day, and then the new one alone`() throws {
        var endpoint = WebhookEndpoint()
        #expect(endpoint.secrets(at: Self.now) == [1])
        try endpoint.rotate(at: Self.now)
        #expect(endpoint.secrets(at: Self.now) == [2, 1])
        #expect(endpoint.secrets(at: Self.now.advanced(bySeconds: 86_399)) == [2, 1])
        #expect(endpoint.secrets(at: Self.now.advanced(bySeconds: 86_400)) == [2])
        // The one before the one before signs no more: two at most.
        try endpoint.rotate(at: Self.now)
        #expect(endpoint.secrets(at: Self.now) == [3, 2])
    }

    @Test func `pauses grow to an hour, and after three days it is over`() {
        let pauses = (1...9).map { DeliverySchedule.pauseMicroseconds(after: $0, jitter: 0) / 1_000_000 }
        #expect(pauses == [1, 5, 30, 120, 600, 1_800, 3_600, 3_600, 3_600])
        #expect(DeliverySchedule.pauseMicroseconds(after: 2, jitter: 1) == 6_000_000)
        #expect(DeliverySchedule.pauseMicroseconds(after: 2, jitter: 7) == 6_000_000)
        #expect(!DeliverySchedule.isOver(failingSince: Self.now, at: Self.now.advanced(bySeconds: 3 * 86_400 - 1)))
        #expect(DeliverySchedule.isOver(failingSince: Self.now, at: Self.now.advanced(bySeconds: 3 * 86_400)))
        // A clock that went back ends nothing.
        #expect(!DeliverySchedule.isOver(failingSince: Self.now, at: Self.now.advanced(bySeconds: -86_400)))
    }

    private func refusal(_ text: String, allowing ranges: String...) -> WebhookRefusal? {
        do throws(WebhookRefusal) {
            _ = try WebhookURL(text, policy: WebhookPolicy(allowed: ranges.compactMap { IPRange($0) }))
            return nil
        } catch { return error }
    }

    @Test func `an address is https to a host, or http where the operator has opened a network`() throws {
        for text in [
            "https://example.org", "https://example.org/hooks?x=1", "https://EXAMPLE.org:8443/h", "https://8.8.8.8/h",
            "https://[2606:4700::1111]/h",
        ] {
            #expect(refusal(text) == nil, "\(text)")
        }
        for text in [
            "", "example.org", "http://example.org/h", "ftp://example.org/", "file:///etc/passwd", "https:///h",
            "https://ana@example.org/", "https://ana:x@example.org/", "https://example.org/#x",
            "https://example.org:0/",
            "https://example.org:70000/", "https://exämple.org/", "https://example.org/ h", "https://exa%6dple.org/",
            "https://\(String(repeating: "a", count: 500)).org/", "javascript:alert(1)", "https://a b/",
        ] {
            #expect(refusal(text) == WebhookRefusal.url, "\(text)")
        }
        for text in [
            "https://127.0.0.1/h", "https://[::1]/h", "https://10.0.0.1/h", "https://169.254.169.254/latest/meta-data",
            "https://[::ffff:127.0.0.1]/h", "https://[fd00::1]/h",
        ] {
            #expect(refusal(text) == WebhookRefusal.address, "\(text)")
        }
        #expect(refusal("http://127.0.0.1:9000/h", allowing: "127.0.0.1") == nil)
        #expect(refusal("https://127.0.0.1:9000/h", allowing: "127.0.0.0/8") == nil)
        #expect(refusal("http://localhost:9000/h", allowing: "127.0.0.1") == nil)
        #expect(refusal("http://127.0.0.2/h", allowing: "127.0.0.1") == WebhookRefusal.address)
        #expect(refusal("http://8.8.8.8/h", allowing: "127.0.0.1") == WebhookRefusal.address)
        let url = try WebhookURL("https://EXAMPLE.org:8443/Hooks", policy: WebhookPolicy())
        #expect(url.host == "example.org" && url.text == "https://example.org:8443/Hooks" && url.isEncrypted)
    }

    @Test func `what a connection goes to is judged, not what the name says`() throws {
        let closed = WebhookPolicy()
        let open = WebhookPolicy(allowed: [try #require(IPRange("10.0.0.0/8"))])
        let inside = try #require(IPAddress("10.1.2.3"))
        let mapped = try #require(IPAddress("::ffff:10.1.2.3"))
        let outside = try #require(IPAddress("8.8.8.8"))
        #expect(!closed.permits(inside, isEncrypted: true))
        #expect(!closed.permits(mapped, isEncrypted: true))
        #expect(open.permits(inside, isEncrypted: false))
        #expect(open.permits(mapped, isEncrypted: false))
        #expect(closed.permits(outside, isEncrypted: true))
        #expect(!open.permits(outside, isEncrypted: false))
    }

    @Test func `every refusal about endpoints has its words`() throws {
        for refusal in WebhookRefusal.allCases {
            let text = try #require(RefusalTexts.all[refusal.code], "\(refusal.code)")
            #expect((400...499).contains(text.status))
        }
    }

    @Test func `every kind is about hosts or the platform, and rooms have one for each state`() {
        #expect(EventKind.offered.count == EventKind.allCases.count - 1)
        #expect(
            EventKind.allCases.filter { !$0.concernsHosts } == [
                .fundEndowed, .providerAnswered, .suspenseBooked, .suspenseResolved, .nightDone,
            ])
        #expect(EventKind(.scheduled) == .roomScheduled)
        #expect(EventKind(.open(since: Self.now)) == .roomOpened)
        #expect(EventKind(.closed(at: Self.now)) == .roomClosed)
        #expect(EventKind(.cancelled(at: Self.now)) == .roomCancelled)
    }
}

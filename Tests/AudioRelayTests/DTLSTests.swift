import MediaWire
import Testing

@testable import AudioRelay

@Suite("DTLS")
struct DTLSTests {
    struct Pair {
        let client: DTLSEndpoint
        let server: DTLSEndpoint
        var clientKeys: SRTPKeyingMaterial?
        var serverKeys: SRTPKeyingMaterial?
        var failures: [DTLSFailure] = []
        var closed = 0
        var now = MonotonicInstant(nanoseconds: 0)

        init(clientExpects: CertificateFingerprint? = nil, serverExpects: CertificateFingerprint? = nil) throws {
            let ours = try RelayCertificate()
            let theirs = try RelayCertificate()
            client = DTLSEndpoint(
                try DTLSContext(theirs), role: .client, peerFingerprint: clientExpects ?? ours.fingerprint)
            server = DTLSEndpoint(
                try DTLSContext(ours), role: .server, peerFingerprint: serverExpects ?? theirs.fingerprint)
        }

        /// Carries datagrams to and fro until nothing moves; `keep` says which ones arrive.
        mutating func run(milliseconds: UInt64 = 10_000, keep: (Int, [UInt8]) -> Bool = { _, _ in true }) {
            let end = now.advanced(byMilliseconds: milliseconds)
            var count = 0
            note(client.start(at: now), isClient: true)
            while now < end {
                var moved = false
                for (from, to, toClient) in [(client, server, false), (server, client, true)] {
                    var flight: [[UInt8]] = []
                    from.drain { flight.append(Array($0)) }
                    for datagram in flight {
                        count += 1
                        moved = true
                        guard keep(count, datagram) else { continue }
                        let progress = datagram.withUnsafeBytes { to.receive($0, at: now) }
                        note(progress, isClient: toClient)
                    }
                }
                if !moved {
                    let next = min(client.deadline, server.deadline)
                    guard next < end else { return }
                    now = next
                    note(client.advance(to: now), isClient: true)
                    note(server.advance(to: now), isClient: false)
                }
            }
        }

        mutating func note(_ progress: DTLSProgress, isClient: Bool) {
            switch progress {
            case .pending: break
            case .established(let keys): if isClient { clientKeys = keys } else { serverKeys = keys }
            case .closed: closed += 1
            case .failed(let failure): failures.append(failure)
            }
        }
    }

    @Test("Both ends derive the same keys for the GCM profile")
    func handshake() throws {
        var pair = try Pair()
        var largest = 0
        pair.run { _, datagram in
            largest = max(largest, datagram.count)
            return true
        }
        let client = try #require(pair.clientKeys)
        let server = try #require(pair.serverKeys)
        #expect(client.profile == .aeadAES128GCM)
        #expect(client.client.key == server.client.key)
        #expect(client.server.salt == server.server.salt)
        #expect(client.client.key != client.server.key)
        #expect(largest <= DTLSContext.maximumDatagramBytes)
    }

    @Test("A server says goodbye and hears one, before and after it gave back OpenSSL's memory")
    func goodbyes() throws {
        for (isSettled, byServer) in [(false, false), (false, true), (true, false), (true, true)] {
            var pair = try Pair()
            pair.run(milliseconds: isSettled ? 11_000 : 1_000)
            #expect(pair.server.isSettled == isSettled && !pair.client.isSettled)
            let broken: [[UInt8]] = [
                [], [21], [21, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 0, 26] + [UInt8](repeating: 1, count: 26),
                [22, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 255, 255, 1],
            ]
            for datagram in broken {
                let progress = datagram.withUnsafeBytes { pair.server.receive($0, at: pair.now) }
                guard case .pending = progress else {
                    Issue.record("a broken datagram moved a connection")
                    return
                }
            }
            if byServer { pair.server.close() } else { pair.client.close() }
            pair.run()
            #expect(pair.closed == 1 && pair.failures.isEmpty, "settled \(isSettled), by the server \(byServer)")
            // Nothing is accepted afterwards, and nothing said twice.
            pair.server.close()
            var more = 0
            pair.server.drain { _ in more += 1 }
            #expect(more == 0)
        }
    }

    @Test("Every single datagram of a handshake may be lost", arguments: 1...8)
    func loss(lost: Int) throws {
        var pair = try Pair()
        pair.run { count, _ in count != lost }
        #expect(pair.clientKeys != nil && pair.serverKeys != nil)
        #expect(pair.failures.isEmpty)
    }

    @Test("A certificate other than the one promised gets no keys, whichever end it is on")
    func wrongFingerprint() throws {
        let stranger = try RelayCertificate().fingerprint
        var pair = try Pair(clientExpects: stranger)
        pair.run()
        // Whoever is shown the wrong one says so at once, so the other gets none either.
        #expect(pair.clientKeys == nil && pair.serverKeys == nil)
        #expect(pair.failures == [.fingerprint, .handshake])
        var other = try Pair(serverExpects: stranger)
        other.run()
        #expect(other.clientKeys == nil && other.serverKeys == nil)
        #expect(other.failures == [.fingerprint, .handshake])
    }
}

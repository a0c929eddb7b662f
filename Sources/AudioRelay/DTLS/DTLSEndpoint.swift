internal import COpenSSL
internal import MediaWire

enum DTLSRole: Sendable { case client, server }

/// What a datagram or a timeout did to a DTLS connection.
enum DTLSProgress {
    case pending
    /// The handshake is over, the peer's certificate is the one promised, and here are the keys.
    case established(SRTPKeyingMaterial)
    /// The peer said goodbye.
    case closed
    case failed(DTLSFailure)
}

enum DTLSFailure: String, Sendable {
    case fingerprint
    case noProfile
    case handshake
}

/// One end of a DTLS 1.2 connection (RFC 6347) that only carries keys for SRTP (RFC 5764), without I/O.
///
///     handshaking ──finished, fingerprint equal──▶ established ──10 s──▶ settled ──close_notify──▶ over
///          │                                           └────────close_notify────────────────────────▶ over
///          └──────────alert, wrong fingerprint, no profile──────────────────────────────────────────▶ over
///
/// A server that is settled has given back OpenSSL's object (45 KB) and kept the keys of goodbyes (``DTLSAlerts``).
///
/// Retransmission: `deadline` is 50 ms after a flight was sent and doubles up to 1.6 s. OpenSSL's own timer runs
/// on the machine's clock and makes new records; should that clock say that it is too early (the caller's time
/// may be simulated), the last flight is sent again as it was. A peer that repeats its last flight after we are
/// done has missed ours: it gets it again, ten times at most.
final class DTLSEndpoint {
    private enum State {
        case handshaking, established
        case settled(DTLSAlerts)
        case over
    }

    /// A peer that has missed our last flight asks for it within that time, ten times with its timer doubling.
    static let settlingMilliseconds: UInt64 = 10_000

    private let context: DTLSContext
    private let pipe = DatagramPipe()
    /// There from the first datagram on, and gone once settled.
    private var ssl: OpaquePointer?
    private let role: DTLSRole
    private let peerFingerprint: CertificateFingerprint
    private var state = State.handshaking
    private var lastFlight: [[UInt8]] = []
    private var repeatedFlights = 0
    private var timeoutMilliseconds: UInt64 = 50
    private(set) var deadline = MonotonicInstant.never

    init(_ context: DTLSContext, role: DTLSRole, peerFingerprint: CertificateFingerprint) {
        self.context = context
        self.role = role
        self.peerFingerprint = peerFingerprint
        pipe.promised = peerFingerprint
    }

    /// Makes OpenSSL's object, at the first datagram: on the thread that takes the handshake, so that an allocator with
    /// arenas for its threads keeps these 45 KB, which go again, apart from what stays.
    private func open() -> Bool {
        guard ssl == nil else { return true }
        guard let ssl = SSL_new(context.pointer) else { return false }
        guard let bio = BIO_new(context.method) else {
            SSL_free(ssl)
            return false
        }
        self.ssl = ssl
        // Unretained is sound: the BIO dies with `ssl`, which this object frees before it lets go of the pipe.
        BIO_set_data(bio, Unmanaged.passUnretained(pipe).toOpaque())
        SSL_set_bio(ssl, bio, bio)
        guichet_ssl_set_mtu(ssl, DTLSContext.maximumDatagramBytes)
        DTLS_set_timer_cb(ssl) { _, microseconds in microseconds == 0 ? 50_000 : min(microseconds * 2, 1_600_000) }
        if role == .server { SSL_set_accept_state(ssl) } else { SSL_set_connect_state(ssl) }
        return true
    }

    deinit { SSL_free(ssl) }

    /// Whether OpenSSL's object is gone.
    var isSettled: Bool { if case .settled = state { true } else { false } }

    /// Whether a datagram may mean public-key work.
    var isHandshaking: Bool { if case .handshaking = state { true } else { false } }

    /// The flight that was made leaves now: its repetition counts from here and not from when the work was ordered.
    func rearm(at now: MonotonicInstant) {
        guard isHandshaking, deadline != .never else { return }
        deadline = now.advanced(byMilliseconds: timeoutMilliseconds)
    }

    /// The client's first flight; a server waits.
    func start(at now: MonotonicInstant) -> DTLSProgress {
        role == .client ? turn(at: now) : .pending
    }

    /// Takes one datagram of DTLS records.
    func receive(_ datagram: UnsafeRawBufferPointer, at now: MonotonicInstant) -> DTLSProgress {
        let wasEstablished: Bool
        switch state {
        case .handshaking: wasEstablished = false
        case .established: wasEstablished = true
        case .settled(let alerts): return receive(alerts.alert(in: datagram))
        case .over: return .pending
        }
        pipe.incoming = datagram
        defer { pipe.incoming = UnsafeRawBufferPointer(start: nil, count: 0) }
        // Content type 22 is a handshake record, 20 a change of cipher (RFC 5246, section 6.2.1).
        let isHandshake = datagram.first.map { $0 == 22 || $0 == 20 } ?? false
        let progress = turn(at: now)
        if wasEstablished, isHandshake, case .pending = progress, pipe.outgoing.isEmpty, repeatedFlights < 10 {
            repeatedFlights += 1
            pipe.outgoing = lastFlight
        }
        return progress
    }

    private func receive(_ alert: DTLSAlerts.Alert?) -> DTLSProgress {
        switch alert {
        case .closeNotify:
            close()
            return .closed
        case .fatal: return fail(.handshake)
        case .warning, nil: return .pending
        }
    }

    /// Sends the last flight again when its time has come, or settles.
    func advance(to now: MonotonicInstant) -> DTLSProgress {
        guard deadline <= now else { return .pending }
        switch state {
        case .handshaking: break
        case .established:
            settle()
            return .pending
        case .settled, .over: return .pending
        }
        timeoutMilliseconds = min(timeoutMilliseconds * 2, 1_600)
        deadline = now.advanced(byMilliseconds: timeoutMilliseconds)
        ERR_clear_error()
        let result = guichet_dtls_handle_timeout(ssl)
        if result < 0 { return fail(.handshake) }
        if result == 0, pipe.outgoing.isEmpty { pipe.outgoing = lastFlight }
        return .pending
    }

    /// Says goodbye (close_notify); nothing is accepted afterwards.
    func close() {
        switch state {
        case .handshaking: break
        case .established:
            ERR_clear_error()
            _ = SSL_shutdown(ssl)
        case .settled(var alerts):
            if let record = alerts.closeNotify() { pipe.outgoing.append(record) }
        case .over: return
        }
        state = .over
        deadline = .never
    }

    /// Hands over what waits to be sent, oldest first.
    func drain(_ body: (UnsafeRawBufferPointer) -> Void) {
        for datagram in pipe.outgoing { datagram.withUnsafeBytes(body) }
        pipe.outgoing.removeAll(keepingCapacity: true)
    }

    /// Lets OpenSSL work on what came in.
    private func turn(at now: MonotonicInstant) -> DTLSProgress {
        ERR_clear_error()
        switch state {
        case .over, .settled: return .pending
        case .handshaking:
            guard open() else { return fail(.handshake) }
            let result = SSL_do_handshake(ssl)
            let error = SSL_get_error(ssl, result)
            if !pipe.outgoing.isEmpty {
                lastFlight = pipe.outgoing
                timeoutMilliseconds = 50
                deadline = now.advanced(byMilliseconds: timeoutMilliseconds)
            }
            if result == 1 { return finishHandshake(at: now) }
            return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE
                ? .pending : fail(pipe.isImpostor ? .fingerprint : .handshake)
        case .established:
            // No application data is expected; reading makes OpenSSL look at alerts and repeated flights.
            var scratch: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
            let result = SSL_read(ssl, &scratch, 32)
            let error = SSL_get_error(ssl, result)
            if result > 0 || error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE { return .pending }
            if error == SSL_ERROR_ZERO_RETURN {
                close()
                return .closed
            }
            return fail(.handshake)
        }
    }

    private func finishHandshake(at now: MonotonicInstant) -> DTLSProgress {
        guard let certificate = SSL_get1_peer_certificate(ssl) else { return fail(.fingerprint) }
        defer { X509_free(certificate) }
        var digest = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        guard X509_digest(certificate, EVP_sha256(), &digest, &length) == 1, length == 32,
            CRYPTO_memcmp(digest, peerFingerprint.bytes, 32) == 0
        else { return fail(.fingerprint) }
        guard let selected = SSL_get_selected_srtp_profile(ssl),
            let profile = SRTPProfile(rawValue: UInt16(truncatingIfNeeded: selected.pointee.id))
        else { return fail(.noProfile) }
        let label = "EXTRACTOR-dtls_srtp"
        var material = [UInt8](repeating: 0, count: 2 * (16 + profile.masterSaltBytes))
        guard SSL_export_keying_material(ssl, &material, material.count, label, label.utf8.count, nil, 0, 0) == 1 else {
            return fail(.handshake)
        }
        state = .established
        // A client has one connection and no need to save.
        deadline = role == .server ? now.advanced(byMilliseconds: Self.settlingMilliseconds) : .never
        return .established(SRTPKeyingMaterial(profile: profile, exported: material))
    }

    private func settle() {
        deadline = .never
        guard let ssl, let alerts = DTLSAlerts(ssl, role: role) else { return }
        state = .settled(alerts)
        SSL_free(ssl)
        self.ssl = nil
        lastFlight = []
        pipe.outgoing = []
    }

    private func fail(_ failure: DTLSFailure) -> DTLSProgress {
        state = .over
        deadline = .never
        return .failed(failure)
    }
}

public import Values

/// What the gateway itself refuses, beside what `Tickets`, `Stage` and `AudioRelay` refuse.
public enum GatewayRefusal: Refusal, Hashable, CaseIterable {
    /// No `Authorization: Bearer` header, or one that is not of that form.
    case bearerMissing
    /// An offer is `application/sdp`.
    case offerTypeUnsupported
    /// The answer is `application/sdp` and the client accepts only others.
    case notAcceptable
    /// The admission belongs to another ticket.
    case admissionForeign
    /// Too many joins from one address, or with one ticket, in a short time.
    case tooManyJoins
    /// Too many live views with one ticket.
    case tooManyEventStreams
    /// Too many acts on stage with one ticket in a short time.
    case tooManyActs
    /// Every place that this gateway was configured for is taken.
    case gatewayFull
    /// The gateway is about to stop and takes nobody in.
    case gatewayClosing
    /// PATCH takes `application/trickle-ice-sdpfrag`.
    case fragmentTypeUnsupported
    /// PATCH needs `If-Match`: the ETag for candidates, `*` for a restart of ICE.
    case preconditionMissing
    /// `If-Match` names an earlier state of the connection.
    case preconditionFailed

    public var code: String {
        switch self {
        case .bearerMissing: "bearer_missing"
        case .offerTypeUnsupported: "offer_type_unsupported"
        case .notAcceptable: "not_acceptable"
        case .admissionForeign: "admission_foreign"
        case .tooManyJoins: "too_many_joins"
        case .tooManyEventStreams: "too_many_event_streams"
        case .tooManyActs: "too_many_acts"
        case .gatewayFull: "gateway_full"
        case .gatewayClosing: "gateway_closing"
        case .fragmentTypeUnsupported: "fragment_type_unsupported"
        case .preconditionMissing: "if_match_missing"
        case .preconditionFailed: "if_match_failed"
        }
    }
}

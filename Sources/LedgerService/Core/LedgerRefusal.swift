public import Values

/// What the service refuses by itself, beside the refusals of the box office and of tickets.
public enum LedgerRefusal: Refusal, Hashable, CaseIterable {
    case hostName
    case hostUnknown
    case roomUnknown
    case walletUnknown
    case ticketUnknown
    case policyUnknown
    case passRole
    case passName
    case passLimit
    case passRoomOver
    case topupNotAllowed
    case idempotencyMismatch
    case receiptGateway
    case receiptGap
    case receiptChain
    case receiptConflict
    case payeeTerms
    case payeeWithholding
    case payeeReason
    case nightFuture
    case nightUnknown
    case nightOutOfOrder
    case nightUnderWay
    case reportUnknown
    case reportFormat
    case headUnknown
    case orderUnknown

    public var code: String {
        switch self {
        case .hostName: "host_name"
        case .hostUnknown: "host_unknown"
        case .roomUnknown: "room_unknown"
        case .walletUnknown: "wallet_unknown"
        case .ticketUnknown: "ticket_unknown"
        case .policyUnknown: "policy_unknown"
        case .passRole: "pass_role"
        case .passName: "pass_name"
        case .passLimit: "pass_limit"
        case .passRoomOver: "pass_room_over"
        case .topupNotAllowed: "topup_not_allowed"
        case .idempotencyMismatch: "idempotency_mismatch"
        case .receiptGateway: "receipt_gateway"
        case .receiptGap: "receipt_gap"
        case .receiptChain: "receipt_chain"
        case .receiptConflict: "receipt_conflict"
        case .payeeTerms: "payee_terms"
        case .payeeWithholding: "payee_withholding"
        case .payeeReason: "payee_reason"
        case .nightFuture: "night_future"
        case .nightUnknown: "night_unknown"
        case .nightOutOfOrder: "night_out_of_order"
        case .nightUnderWay: "night_under_way"
        case .reportUnknown: "report_unknown"
        case .reportFormat: "report_format"
        case .headUnknown: "head_unknown"
        case .orderUnknown: "order_unknown"
        }
    }
}

internal import Values

/// `result.json`: batches, balances, the division of each order and the trial balance, under the names that the
/// payout rules give them.
enum ResultFile {
    static func render(_ books: NightBooks) -> [UInt8] {
        let facts = books.facts
        return JSONText.object([
            "day": .string(facts.day.description),
            "cutoff": .string(facts.cutoff.description),
            "time_zone": .string(facts.timeZone),
            "policy": .object(["name": .string(facts.policy), "version": .integer(facts.policyVersion)]),
            "journal": .object([
                "cut_sequence": .integer(facts.cutSequence), "head_sequence": .integer(facts.headSequence),
                "head_hash": .string(facts.headHash),
            ]),
            "batches": .array(batches(facts)),
            "balances": .array(balances(facts)),
            "orders": .array(orders(facts)),
            "ledger": .array(books.journal.closing.map(ledger)),
        ]).document
    }

    private static func batches(_ facts: NightFacts) -> [JSONText] {
        facts.batches.sorted { $0.day < $1.day }.map { batch in
            let items = facts.payouts.filter { $0.batchDay == batch.day }.sorted {
                $0.host == $1.host ? $0.currency < $1.currency : $0.host.utf8.lexicographicallyPrecedes($1.host.utf8)
            }
            return .object([
                "day": .string(batch.day.description), "cutoff": .string(batch.cutoff.description),
                "digest": .string(batch.digest), "items": .array(items.map(payout)),
            ])
        }
    }

    static func payout(_ row: PayoutRow) -> JSONText {
        .object([
            "host": .string(row.host), "currency": .string(row.currency.code), "gross": .integer(row.gross),
            "withheld": .integer(row.withheld), "net": .integer(row.net), "returned": .bool(row.returned),
        ])
    }

    private static func balances(_ facts: NightFacts) -> [JSONText] {
        facts.carried.sorted {
            $0.host == $1.host ? $0.currency < $1.currency : $0.host.utf8.lexicographicallyPrecedes($1.host.utf8)
        }.map(carried)
    }

    static func carried(_ row: CarriedRow) -> JSONText {
        .object([
            "host": .string(row.host), "currency": .string(row.currency.code), "available": .integer(row.available),
            "pending": .integer(row.pending), "blocked": .bool(row.reason == .blocked),
            "reason": .string(row.reason.rawValue), "next_on": .string(row.nextOn?.description),
            "tier_used": .array(row.bracketUse.map { .integer($0) }),
        ])
    }

    private static func orders(_ facts: NightFacts) -> [JSONText] {
        facts.orders.sorted { $0.order.utf8.lexicographicallyPrecedes($1.order.utf8) }.map(order)
    }

    static func order(_ row: OrderRow) -> JSONText {
        .object([
            "order": .string(row.order), "room": .string(row.room), "owner": .string(row.owner),
            "currency": .string(row.currency.code), "gross": .integer(row.gross), "vat": .integer(row.vat),
            "fee": .integer(row.fee), "fee_refundable": .bool(row.feeRefundable), "base": .integer(row.base),
            "parts": .array(row.parts.map { .integer($0) }), "host_share": .integer(row.hostShare),
            "platform": .integer(row.platform), "shares": .object(row.shares.mapValues { .integer($0) }),
            "reversed": .integer(row.reversed), "tier_reversed": .integer(row.tierReversed),
            "released": .bool(row.released),
        ])
    }

    static func ledger(_ row: BalanceRow) -> JSONText {
        .object([
            "account": .string(row.account), "currency": .string(row.currency.code), "balance": .integer(row.balance),
        ])
    }
}

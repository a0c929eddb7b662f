import BoxOffice
import Ledger
import Payouts
import Values

/// Plays a worked case through the house model: one event after the other, one night a day.
///
/// The events come from a provider and not from wallets, so each purchase tops its buyer up first, and the wallets count
/// as part of `assets:psp` when balances are compared. Events are facts that happened, so no sale is refused for being late.
struct CaseReplay {
    private(set) var house: HouseModel
    private(set) var rejected: [WorkedCase.Expected.Rejection] = []
    private(set) var duplicates = 0
    private var contents: [String: String] = [:]
    private var names: [String: String] = [:]

    init(_ play: WorkedCase) throws {
        house = HouseModel(policy: play.policy)
        var rest = play.events[...]
        var day = play.config.first_day
        while day <= play.config.last_day {
            let cutoff = play.policy.calendar.cutoff(of: day)
            while let next = rest.first, (next.event.posted_at ?? next.event.at) < cutoff {
                rest.removeFirst()
                try take(next.event, content: next.text)
            }
            try house.runNight(day, at: cutoff)
            day = day.advanced(byDays: 1)
        }
    }

    /// A typed id for a name; ids of names sort as the names do, as long as these are short.
    private mutating func id<Kind>(_ name: String) -> Identifier<Kind> {
        let time =
            name.utf8.prefix(5).reduce(Int64(0)) { $0 << 8 | Int64($1) } << (8 * Int64(5 - min(5, name.utf8.count)))
        let id = Identifier<Kind>.derived(at: Instant(microseconds: time * 1_000), from: name)
        names[id.text] = name
        return id
    }

    private mutating func take(_ event: WorkedCase.Event, content: String) throws {
        if let earlier = contents[event.id] {
            if earlier == content { duplicates += 1 } else { reject(event, "id_conflict") }
            return
        }
        contents[event.id] = content
        switch event.type {
        case "room": room(event)
        case "purchase": purchase(event)
        case "refund": refund(event)
        default: reject(event, "unknown_type")
        }
    }

    private mutating func reject(_ event: WorkedCase.Event, _ reason: String) {
        rejected.append(.init(id: event.id, reason: reason))
    }

    private mutating func room(_ event: WorkedCase.Event) {
        guard let name = event.room, let host = event.host, let starts = event.starts_at, let ends = event.ends_at
        else { return reject(event, "bad_time") }
        let draft = RoomDraft(
            title: name, language: "en", doorsOpenAt: starts, startsAt: starts, endsAt: ends, capacity: 100,
            cohosts: (event.cohosts ?? []).map { CohostShare(host: id($0.host), share: BasisPoints($0.bp)) })
        let room = Room(id: id(name), host: id(host), draft: draft, policy: house.policy.id, state: .scheduled)
        house.rooms[room.id] = room
    }

    private mutating func purchase(_ event: WorkedCase.Event) {
        guard let name = event.order, let roomName = event.room, let room = house.rooms[id(roomName)],
            let currency = event.currency, let gross = event.gross, let buyer = event.buyer,
            let order = Order(
                id: id(name), room: room.id, owner: room.host, cohosts: room.cohosts, holder: id(buyer),
                ticket: id(name), priceVersion: 1, gross: Money(gross, currency), vat: event.vat ?? 0,
                fee: event.fee ?? 0, feeIsRefundable: event.fee_refundable ?? false, policy: house.policy.id,
                soldAt: event.at)
        else { return reject(event, "bad_amount") }
        let at = event.posted_at ?? event.at
        let topup = JournalEntry(
            house.stamp("topup|\(event.id)", at: at), kind: .topup,
            legs: PostingRecipe.topup(of: order.holder, order.gross))
        let sale = JournalEntry(house.stamp("sale|\(event.id)", at: at), kind: .sale, legs: PostingRecipe.sale(order))
        guard let topup, let sale else { return reject(event, "bad_amount") }
        house.post(topup)
        house.record(order, sale)
    }

    private mutating func refund(_ event: WorkedCase.Event) {
        let order: OrderID = id(event.order ?? "")
        let request = RefundRequest(
            id: id(event.id), amount: event.amount.map { Money($0, .eur) }, authority: .platform)
        do { try house.refund(request, of: order, at: event.posted_at ?? event.at) } catch {
            switch error {
            case .ticketUnknown: reject(event, "no_order")
            case .alreadyRefunded, .exceedsOrder: reject(event, "exceeds_order")
            case .refundClosed, .replaced, .never, .used, .nothingDue, .offerChanged: reject(event, error.code)
            }
        }
    }
}

extension CaseReplay {
    /// The end of the case in the words of its expected file.
    func result(lastDay: LocalDay) -> WorkedCase.Expected {
        WorkedCase.Expected(
            balances: balances(lastDay), batches: batches, ledger: ledger, orders: orders, rejected: rejected,
            duplicates: duplicates)
    }

    /// `payouts.csv`, as the rules write it.
    var csv: String {
        let rows = batches.flatMap { batch in
            batch.items.map { "\(batch.day),\($0.host),\($0.currency),\($0.gross),\($0.withheld),\($0.net)" }
        }
        return (["batch_day,host,currency,gross,withheld,net"] + rows).map { $0 + "\r\n" }.joined()
    }

    private func name(_ id: some CustomStringConvertible) -> String { names[id.description] ?? id.description }

    private var batches: [WorkedCase.Expected.Batch] {
        house.batches.filter { !$0.items.isEmpty }.map { batch in
            .init(
                day: batch.day, cutoff: house.policy.calendar.cutoff(of: batch.day),
                items: batch.items.map {
                    .init(
                        host: name($0.host), currency: $0.gross.currency.code, gross: $0.gross.minorUnits,
                        withheld: $0.withheld.minorUnits, net: $0.net.minorUnits)
                })
        }
    }

    private func balances(_ lastDay: LocalDay) -> [WorkedCase.Expected.Balance] {
        let keys = Set(house.accruals.map { TierKey(host: $0.host, currency: $0.amount.currency) })
            .union(house.tierUse.keys)
        return keys.sorted().map { key in
            let mine = house.accruals.filter {
                $0.host == key.host && $0.amount.currency == key.currency && !house.paid.contains($0.id)
            }
            func sum(_ accruals: [Accrual]) -> Int64 { accruals.reduce(0) { $0 + $1.amount.minorUnits } }
            return .init(
                host: name(key.host), currency: key.currency.code,
                available: sum(mine.filter { $0.availableOn <= lastDay }),
                pending: sum(mine.filter { $0.availableOn > lastDay }), tier_used: house.tierUse[key]?.used ?? [])
        }
    }

    /// Wallets and escrows are ours alone: wallets count as money at the provider, an escrow that is empty as nothing.
    private var ledger: [WorkedCase.Expected.Row] {
        var sums: [String: Int64] = [:]
        for row in house.balances.rows {
            let text = row.account.text
            if text.hasPrefix("liabilities:wallet:") {
                sums["assets:psp", default: 0] += row.amount.minorUnits
            } else if text.hasPrefix("liabilities:escrow:") {
                if row.amount.minorUnits != 0 { sums[text] = row.amount.minorUnits }
            } else if let host = names[text.replacing("liabilities:host:", with: "")] {
                sums["liabilities:host:\(host)"] = row.amount.minorUnits
            } else {
                sums[text, default: 0] += row.amount.minorUnits
            }
        }
        return sums.sorted { $0.key < $1.key }.map { .init(account: $0.key, currency: "EUR", balance: $0.value) }
    }

    private var orders: [WorkedCase.Expected.Split] {
        house.orders.values.sorted { $0.sequence < $1.sequence }.map { row in
            let order = row.order
            let shares = (row.split?.shares ?? []).map { (name($0.host), $0.amount.minorUnits) }
            return .init(
                order: name(order.id), room: name(order.room), owner: name(order.owner),
                gross: order.gross.minorUnits, vat: order.vat, fee: order.fee, fee_refundable: order.feeIsRefundable,
                base: order.base, parts: row.split?.parts ?? [], host_share: row.split?.hostShare ?? -1,
                platform: row.split?.platform ?? -1, shares: Dictionary(uniqueKeysWithValues: shares),
                // Nothing is left to release of an order that was wholly given back.
                released: row.releasedOn != nil || row.reversed == order.gross.minorUnits, reversed: row.reversed)
        }
    }
}

import Ledger
import Reporting
import Simulation
import Values

/// A small history of a platform, played through the real ledger with a seed, and the facts of its last night.
///
/// It stands in for the service: rooms sell, some buyers get their money back, delivered rooms are released, hosts
/// are paid. Everything is drawn from the seed, so a failure repeats.
struct Story {
    struct Room {
        let id: RoomID
        let title: String
        let host: Int
        let currency: Currency
        let price: Int64
        let endsOn: Int
    }

    struct Sale {
        let id: OrderID
        let room: Int
        let day: Int
        let gross: Int64
        let vat: Int64
        let fee: Int64
        let share: Int64
        var refunded = false
        var releasedOn: Int?
        var base: Int64 { gross - vat - fee }
    }

    static let titles = [
        "How to listen to a city", "La nuit des radios libres", "Ask a cave rescuer", "Économie du son, en clair",
        "Forty years of night trains", "Bedtime stories for adults", "What the tide tables know", "Le jardin en hiver",
    ]
    static let names = ["Ana Morel", "Bea Lindqvist", "Cyd Okafor", "Dédé Marchand", "Esin Yılmaz"]
    static let rate: Int64 = 9_000
    static let minimum: Int64 = 2_000

    private var generator: SeededGenerator
    private let first = LocalDay(year: 2026, month: 1, day: 1) ?? LocalDay(daysSince1970: 0)
    private var head = ChainHead.genesis
    private var entries: [ChainedEntry] = []
    private var hosts: [HostID] = []
    private var rooms: [Room] = []
    private var sales: [Sale] = []
    private var payouts: [PayoutRow] = []
    private var batches: [BatchRow] = []
    private var clock: Instant

    /// Plays `days` business days.
    init(
        seed: UInt64, days: Int = 12, hosts hostCount: Int = 4, rooms roomCount: Int = 7,
        currencies: [Currency] = [.eur]
    ) {
        generator = SeededGenerator(seed: seed)
        clock = Instant("2026-01-01T08:00:00Z") ?? Instant(seconds: 0)
        for _ in 0..<hostCount { hosts.append(HostID.make(at: clock, using: &generator)) }
        for index in 0..<roomCount {
            rooms.append(
                Room(
                    id: RoomID.make(at: clock, using: &generator), title: Self.titles[index % Self.titles.count],
                    host: index % hostCount, currency: currencies[index % currencies.count],
                    price: Int64.random(in: 3...30, using: &generator) * 50 + 99,
                    endsOn: Int.random(in: 2..<(days + 4), using: &generator)))
        }
        for day in 0..<days { play(day) }
    }

    private mutating func play(_ day: Int) {
        clock = Instant("\(first.advanced(byDays: day))T09:00:00Z") ?? clock
        for (index, room) in rooms.enumerated() where day <= room.endsOn {
            for _ in 0..<Int.random(in: 0...6, using: &generator) { sell(index, on: day) }
        }
        for index in sales.indices where !sales[index].refunded && Int.random(in: 0..<14, using: &generator) == 0 {
            refund(index, on: day)
        }
        for index in sales.indices
        where !sales[index].refunded && sales[index].releasedOn == nil && rooms[sales[index].room].endsOn < day {
            release(index, on: day)
        }
        pay(on: day)
    }

    private mutating func post(_ kind: EntryKind, _ legs: [Leg?], on day: Int) {
        clock = clock.advanced(bySeconds: 61)
        let stamp = EntryStamp(
            id: EntryID.make(at: clock, using: &generator), postedAt: clock, effectiveOn: first.advanced(byDays: day))
        guard let entry = JournalEntry(stamp, kind: kind, legs: legs.compactMap(\.self)) else { return }
        let chained = ChainedEntry(entry, after: head)
        entries.append(chained)
        head = chained.head
    }

    private mutating func sell(_ index: Int, on day: Int) {
        let room = rooms[index]
        let wallet = Account.wallet(HolderID.make(at: clock, using: &generator))
        let vat = quotientHalfUp(room.price, 2_000, 12_000)
        let fee = room.price / 40
        let base = room.price - vat - fee
        let sale = Sale(
            id: OrderID.make(at: clock, using: &generator), room: index, day: day, gross: room.price, vat: vat,
            fee: fee,
            share: quotientHalfUp(base, Self.rate, 10_000))
        func leg(_ debit: Account, _ credit: Account, _ amount: Int64) -> Leg? {
            Leg(debit: debit, credit: credit, amount: Money(amount, room.currency))
        }
        post(.topup, [leg(.provider, wallet, room.price)], on: day)
        post(
            .sale, [leg(wallet, .vat, vat), leg(wallet, .provider, fee), leg(wallet, .escrow(room.id), base)], on: day)
        sales.append(sale)
    }

    private mutating func refund(_ index: Int, on day: Int) {
        let sale = sales[index]
        let room = rooms[sale.room]
        let wallet = Account.wallet(HolderID.make(at: clock, using: &generator))
        func leg(_ debit: Account, _ amount: Int64) -> Leg? {
            Leg(debit: debit, credit: wallet, amount: Money(amount, room.currency))
        }
        var legs = [leg(.vat, sale.vat), leg(.provider, sale.fee)]
        if sale.releasedOn == nil {
            legs.append(leg(.escrow(room.id), sale.base))
        } else {
            legs += [leg(.host(hosts[room.host]), sale.share), leg(.commission, sale.base - sale.share)]
        }
        post(.refund, legs, on: day)
        sales[index].refunded = true
    }

    private mutating func release(_ index: Int, on day: Int) {
        let sale = sales[index]
        let room = rooms[sale.room]
        let share = Money(sale.share, room.currency)
        let rest = Money(sale.base - sale.share, room.currency)
        post(
            .release,
            [
                Leg(debit: .escrow(room.id), credit: .host(hosts[room.host]), amount: share),
                Leg(debit: .escrow(room.id), credit: .commission, amount: rest),
            ], on: day)
        sales[index].releasedOn = day
    }

    private mutating func pay(on day: Int) {
        let local = first.advanced(byDays: day)
        let balances = Balances(of: entries.map(\.entry))
        for host in hosts {
            for currency in Set(rooms.map(\.currency)).sorted() {
                let owed = -balances.balance(of: .host(host), in: currency).minorUnits
                guard owed >= Self.minimum else { continue }
                let withheld = owed / 10
                post(
                    .payout,
                    [
                        Leg(debit: .host(host), credit: .bank, amount: Money(owed - withheld, currency)),
                        Leg(debit: .host(host), credit: .withholding, amount: Money(withheld, currency)),
                    ], on: day)
                payouts.append(
                    PayoutRow(
                        batchDay: local, host: host.text, currency: currency, gross: owed, withheld: withheld,
                        net: owed - withheld))
            }
        }
        let digest = SHA256Digest(of: "\(local) \(payouts.count)").hex
        batches.append(
            BatchRow(
                day: local, cutoff: Instant("\(local)T23:00:00Z") ?? clock, digest: digest))
    }

    /// The facts of the last night played.
    var facts: NightFacts {
        let last = batches.last?.day ?? first
        let balances = Balances(of: entries.map(\.entry)).rows.map {
            BalanceRow(account: $0.account.text, currency: $0.amount.currency, balance: $0.amount.minorUnits)
        }
        return NightFacts(
            platform: "Guichet Demo", day: last, cutoff: batches.last?.cutoff ?? clock,
            cutSequence: head.sequence, headSequence: head.sequence, headHash: head.hash.hex,
            policy: "guichet-standard", policyVersion: 1, timeZone: "Europe/Paris", batches: batches,
            journal: entries.flatMap(JournalPostingRow.rows), balances: balances, sales: salesRows,
            escrow: escrowRows(balances), payouts: payouts, carried: hostFacts(balances).map(\.carried),
            orders: orderRows,
            hosts: hostFacts(balances))
    }

    private var salesRows: [SalesRow] {
        var rows: [SalesRow] = []
        for (index, room) in rooms.enumerated() {
            for day in Set(sales.filter { $0.room == index }.map(\.day)).sorted() {
                let sold = sales.filter { $0.room == index && $0.day == day }
                func sum(_ amount: (Sale) -> Int64) -> Int64 { sold.reduce(0) { $0 + amount($1) } }
                rows.append(
                    SalesRow(
                        day: first.advanced(byDays: day), room: room.id.text, title: room.title,
                        host: hosts[room.host].text, currency: room.currency, tickets: Int64(sold.count),
                        gross: sum(\.gross), vat: sum(\.vat), fee: sum(\.fee), base: sum(\.base),
                        refundedTickets: sum { $0.refunded ? 1 : 0 }, refunded: sum { $0.refunded ? $0.gross : 0 }))
            }
        }
        return rows
    }

    private func escrowRows(_ balances: [BalanceRow]) -> [EscrowRow] {
        rooms.compactMap { room in
            let held = balances.first { $0.account == "liabilities:escrow:\(room.id)" }.map { -$0.balance } ?? 0
            guard held != 0 else { return nil }
            return EscrowRow(
                room: room.id.text, title: room.title, host: hosts[room.host].text, currency: room.currency,
                held: held, state: "scheduled", releaseOn: first.advanced(byDays: room.endsOn + 1))
        }
    }

    private var orderRows: [OrderRow] {
        sales.map { sale in
            let room = rooms[sale.room]
            let host = hosts[room.host].text
            return OrderRow(
                order: sale.id.text, room: room.id.text, owner: host, currency: room.currency, gross: sale.gross,
                vat: sale.vat, fee: sale.fee, feeRefundable: true, base: sale.base, parts: [sale.base],
                hostShare: sale.share, platform: sale.base - sale.share, shares: [host: sale.share],
                reversed: sale.refunded ? sale.gross : 0, tierReversed: sale.refunded ? sale.gross : 0,
                released: sale.releasedOn != nil)
        }
    }

    private func hostFacts(_ balances: [BalanceRow]) -> [HostFacts] {
        hosts.enumerated().flatMap { index, host in
            Set(rooms.filter { $0.host == index }.map(\.currency)).sorted().map { currency in
                hostFacts(host, index, currency, balances)
            }
        }
    }

    private func hostFacts(_ host: HostID, _ index: Int, _ currency: Currency, _ balances: [BalanceRow]) -> HostFacts {
        let account = "liabilities:host:\(host)"
        let available = balances.first { $0.account == account && $0.currency == currency }.map { -$0.balance } ?? 0
        let mine = sales.filter { rooms[$0.room].host == index && rooms[$0.room].currency == currency }
        let lines = mine.map { sale in
            let room = rooms[sale.room]
            let credited = sale.releasedOn != nil && !sale.refunded ? sale.share : 0
            let state: StatementLine.State = sale.refunded ? .refunded : sale.releasedOn == nil ? .escrow : .paid
            return StatementLine(
                day: first.advanced(byDays: sale.day), room: room.id.text, title: room.title, order: sale.id.text,
                gross: sale.gross, vat: sale.vat, fee: sale.fee, base: sale.base,
                parts: [.init(base: sale.base, rate: BasisPoints(Self.rate))], share: sale.share,
                shareReversed: sale.refunded ? sale.share : 0, reversed: sale.refunded ? sale.gross : 0,
                credited: credited, releaseOn: first.advanced(byDays: room.endsOn + 1), state: state)
        }
        let pending = lines.filter { $0.state == .escrow }
        let reason: CarriedRow.Reason =
            available < 0 ? .negative : available > 0 ? .belowMinimum : pending.isEmpty ? .nothing : .onHold
        return HostFacts(
            host: host.text, name: Self.names[index % Self.names.count], currency: currency, from: first,
            through: batches.last?.day ?? first, opening: 0, lines: lines, movements: [],
            payouts: payouts.filter { $0.host == host.text && $0.currency == currency },
            carried: CarriedRow(
                host: host.text, currency: currency, available: available,
                pending: pending.reduce(0) { $0 + $1.share }, reason: reason,
                nextOn: pending.compactMap(\.releaseOn).min(), bracketUse: [mine.reduce(0) { $0 + $1.base }]),
            minimumPayout: Self.minimum, terms: terms(index, currency))
    }

    /// One host with an account and a payout that arrived, one with the first payout refused, one of whom nothing is known.
    private func terms(_ index: Int, _ currency: Currency) -> HostTerms {
        let last = batches.last?.day ?? first
        guard index < 2 else {
            return HostTerms(bracketRate: BasisPoints(Self.rate), nextPayoutOn: last.advanced(byDays: 1))
        }
        return HostTerms(
            account: index == 0 ? "FR76…0189" : "stripe …4b2c", withholding: BasisPoints(index == 0 ? 1_000 : 0),
            bracketRate: BasisPoints(Self.rate), bracketLeft: 123_456, nextPayoutOn: last.advanced(byDays: 1),
            transfers: [
                HostTerms.Transfer(
                    batchDay: first, day: last, endToEndID: "payout-01kdw94700ery824rf6qygy6c7",
                    account: index == 0 ? "FR76…0189" : "stripe …4b2c", net: 5_267,
                    state: index == 0 ? "paid" : "refused")
            ])
    }
}

import Engines
import Foundation
import LedgerService
import Store
import Values

/// Wallet sales on PostgreSQL with `fsync` on, against `pgbench` on the same server: the statements of one sale, one
/// transaction and one commit each, from eight clients.
///
/// Sellers are processes of their own, as API processes are; two of them share the database and queue on its head row.
struct PostgreSQLBenchmark {
    private static let clients = 8

    let seconds: Double

    func run() async throws -> MeasurementTable {
        let seconds = max(2, min(seconds, SalesHouse.maximumSeconds))
        Progress.say("starting a PostgreSQL server and filling a ledger")
        let fresh = try await FreshDatabase(.postgreSQL)
        let house = try await SalesHouse.open(try fresh.ledger())
        let pgbench = PgbenchSales(house, conninfo: try fresh.conninfo())
        // Opens the accounts of tax and escrow, which the script takes for granted.
        try await house.sell(0)
        try pgbench.prepare(fresh)
        let job = ClusterSeller.Job(
            conninfo: try fresh.conninfo(), room: house.room.room, holders: house.wallets.map(\.holder), seller: "",
            callers: 64, seconds: seconds)
        await house.close()
        let names = ["pgbench, \(Self.clients) clients", "one process, 64 callers", "two processes, 64 callers each"]
        var rates: [[Double]] = [[], [], []]
        for round in 1...3 {
            Progress.say("round \(round) of 3")
            rates[0].append(try pgbench.rate(clients: Self.clients, seconds: seconds))
            rates[1].append(try await ClusterSeller.rate([job.given(to: "one\(round)", callers: 64)]))
            let pair = ["first", "second"].map { job.given(to: $0 + "\(round)", callers: 64) }
            rates[2].append(try await ClusterSeller.rate(pair))
        }
        // The middle one of three: a noisy moment decides nothing.
        let medians = rates.map { $0.sorted()[1] }
        var rows = zip(names, medians).map { Measurement(what: $0, perSecond: $1) }
        rows[1].ratio = String(format: "%.1f x pgbench", medians[1] / medians[0])
        rows[1].target = "4 x pgbench"
        rows[2].ratio = String(format: "%.2f x one process", medians[2] / medians[1])
        rows[2].target = "1 x one process"
        return MeasurementTable(
            title:
                "Wallet sales on PostgreSQL, fsync on; baseline: pgbench with the same statements, one sale a commit",
            rows: rows, notes: ["Median of three rounds. Server, sellers and pgbench share the machine."])
    }
}

/// The statements of a wallet sale as a script of pgbench. It reads no idempotency key that exists, signs nothing and
/// takes any text for a hash; everything else is what a sale asks of the database.
private struct PgbenchSales {
    private let conninfo: String
    private let script: String

    init(_ house: SalesHouse, conninfo: String) {
        self.conninfo = conninfo
        let policy = house.room.policy
        let room = house.room.room.text
        // pgbench takes a colon and a letter for a variable, in texts too.
        func text(_ text: String) -> String { "E'" + text.replacing(":", with: "\\x3a") + "'" }
        let (scope, wallet) = (text("order:holder_"), text("liabilities:wallet:holder_"))
        let owner = "\(wallet) || lpad(:buyer::text, 26, '0')"
        let (taxes, escrow) = (text("liabilities:vat"), text("liabilities:escrow:" + room))
        let provider = text("assets:psp")
        let host = house.room.host.text
        // As long as the real one.
        let body = text(
            """
            {"amount":{"amount":500,"currency":"EUR"},"fee":{"amount":0,"currency":"EUR"},"order":"\(room)",\
            "room":"\(room)","seat":1,"ticket":"\(room)","vat":{"amount":83,"currency":"EUR"}}
            """)
        script = """
            \\set buyer random(0, 999)
            \\set number random(1, 1000000000000)
            BEGIN;
            SELECT sequence + 1 AS seq, sequence AS prev, hash AS last FROM heads WHERE shard = '0' FOR UPDATE \\gset
            SELECT request_hash, outcome FROM idempotency_keys WHERE shard = '0'
              AND scope = \(scope) || lpad(:buyer::text, 26, '0') AND idem_key = 'p' || :number::text;
            SELECT r.room, r.host, r.title, r.starts_us, r.ends_us, r.doors_us, r.capacity, r.language,
              r.sale_opens_us, r.cohosts, r.policy, f.state, f.at_us
              FROM rooms r LEFT JOIN room_facts f ON f.shard = r.shard AND f.room = r.room
                AND f.n = (SELECT max(n) FROM room_facts WHERE shard = r.shard AND room = r.room)
              WHERE r.shard = '0' AND r.room = '\(room)';
            SELECT room, version, tier, kind, most, amount, currency, from_us, until_us, places, since_us
              FROM price_versions WHERE shard = '0' AND room = '\(room)' AND version IN (
                SELECT max(version) FROM price_versions WHERE shard = '0' AND room = '\(room)'
                  AND tier NOT LIKE E'tips\\x3a%' AND tier NOT LIKE E'pass\\x3a%'
                  AND tier NOT LIKE E'overtime\\x3a%'
                GROUP BY tier);
            SELECT terms FROM room_terms WHERE shard = '0' AND room = '\(room)';
            SELECT 1 FROM open_waits WHERE shard = '0' AND room = '\(room)' AND purchase IS NULL LIMIT 1;
            SELECT (SELECT coalesce(max(seat), 0) FROM seats WHERE shard = '0' AND room = '\(room)') + 1 AS seat,
              (SELECT count(*) FROM seats WHERE shard = '0' AND room = '\(room)'
                AND ticket IS NULL AND purchase IS NULL) AS free,
              (SELECT min(seat) FROM seats WHERE shard = '0' AND room = '\(room)'
                AND ticket IS NULL AND purchase IS NULL) AS lowest \\gset
            SELECT coalesce((SELECT balance FROM balance_marks WHERE shard = '0' AND account = \(owner)
                AND currency = 'EUR' ORDER BY seq DESC LIMIT 1), 0), d.total, c.total, d.postings + c.postings
              FROM (SELECT coalesce(sum(amount), 0) AS total, count(*) AS postings FROM legs
                  WHERE shard = '0' AND debit = \(owner) AND currency = 'EUR' AND seq > coalesce((
                    SELECT max(seq) FROM balance_marks
                    WHERE shard = '0' AND account = \(owner) AND currency = 'EUR'), 0)) d,
                (SELECT coalesce(sum(amount), 0) AS total, count(*) AS postings FROM legs
                  WHERE shard = '0' AND credit = \(owner) AND currency = 'EUR' AND seq > coalesce((
                    SELECT max(seq) FROM balance_marks
                    WHERE shard = '0' AND account = \(owner) AND currency = 'EUR'), 0)) c;
            SELECT coalesce(max(sequence), 0) + 1 AS event FROM outbox WHERE shard = '0' \\gset
            INSERT INTO entries (shard, seq, prev_seq, entry, posted_us, effective_on, kind, reverses, is_reversal,
              target_is_reversal, prev_hash, hash)
              VALUES ('0', :seq, :prev, 'entry_' || lpad(:number::text, 26, '0'), 1800000000000000, '2026-01-01',
              'sale', NULL, 0, NULL, :last, md5(:number::text) || md5(:seq::text));
            INSERT INTO legs (shard, seq, leg, debit, credit, currency, amount) VALUES ('0', :seq, 1,
              \(wallet) || lpad(:buyer::text, 26, '0'), \(taxes), 'EUR', 83);
            INSERT INTO legs (shard, seq, leg, debit, credit, currency, amount) VALUES ('0', :seq, 2,
              \(wallet) || lpad(:buyer::text, 26, '0'), \(escrow), 'EUR', 417);
            INSERT INTO orders (shard, order_id, purchase, room, holder, price_version, price_kind, currency, price,
              extra, discount, gross, vat, fee, base, fee_refundable, vat_account, fee_account, policy, channel,
              country, country_source, voucher, ticket, sold_us, sold_seq, sold_on)
              VALUES ('0', 'order_' || lpad(:number::text, 26, '0'), NULL, '\(room)',
              'holder_' || lpad(:buyer::text, 26, '0'), 1, 'fixed', 'EUR', 500, 0, 0, 500, 83, 0, 417, 0,
              \(taxes), \(provider), '\(policy)', 'wallet', NULL, NULL, NULL,
              'ticket_' || lpad(:number::text, 26, '0'), 1800000000000000, :seq, '2026-01-01');
            INSERT INTO tickets (shard, ticket, order_id, room, capacity, seat, subject, role, name, policy, issued_us,
              not_before_us, not_after_us)
              VALUES ('0', 'ticket_' || lpad(:number::text, 26, '0'), 'order_' || lpad(:number::text, 26, '0'),
              '\(room)', \(SalesHouse.capacity), :seat, 'holder_' || lpad(:buyer::text, 26, '0'), 'listener', NULL,
              '\(policy)', 1800000000000000, 1800000000000000, 1800000000000001);
            INSERT INTO seats (shard, room, seat, ticket) VALUES ('0', '\(room)', :seat,
              'ticket_' || lpad(:number::text, 26, '0'));
            INSERT INTO outbox (shard, sequence, kind, subject, host, endpoint, body, at_us)
              VALUES ('0', :event, 'order.sold', 'order_' || lpad(:number::text, 26, '0'), '\(host)', NULL,
              \(body), 1800000000000000);
            INSERT INTO idempotency_keys (shard, scope, idem_key, request_hash, outcome, created_us)
              VALUES ('0', \(scope) || lpad(:buyer::text, 26, '0'), 'p' || :number::text,
              md5(:number::text) || md5(:seq::text), 'order_' || lpad(:number::text, 26, '0'), 1800000000000000);
            UPDATE heads SET sequence = :seq, hash = md5(:number::text) || md5(:seq::text) WHERE shard = '0';
            COMMIT;
            """
    }

    /// Wallets that a script can name.
    func prepare(_ fresh: FreshDatabase) throws {
        try fresh.administer(
            """
            INSERT INTO wallets (shard, holder, created_us)
            SELECT '0', 'holder_' || lpad(n::text, 26, '0'), 0 FROM generate_series(0, 999) n
            """,
            """
            INSERT INTO accounts (shard, account, currency, class)
            SELECT '0', 'liabilities:wallet:holder_' || lpad(n::text, 26, '0'), 'EUR', 'liability'
            FROM generate_series(0, 999) n
            """)
    }

    /// Sales a second.
    func rate(clients: Int, seconds: Double) throws -> Double {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("guichet-\(UUID().uuidString).sql")
        try Data((script + "\n").utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "pgbench", "-n", "-M", "prepared", "-c", "\(clients)", "-j", "2", "-T", "\(Int(seconds.rounded(.up)))",
            "-f",
            file.path, conninfo,
        ]
        // The settings under which the ledger's own connections plan.
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["PGOPTIONS": "-c enable_seqscan=off -c jit=off"]) { $1 }
        // One pipe for both: two that are read one after the other can fill up.
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        letAlarmThrough()
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        // "tps = 812.345678 (without initial connection time)"
        let line = text.split(separator: "\n").first { $0.hasPrefix("tps = ") }
        guard process.terminationStatus == 0, let rate = line?.split(separator: " ").dropFirst(2).first,
            let perSecond = Double(rate)
        else { throw BaselineMissing(text: text) }
        return perSecond
    }
}

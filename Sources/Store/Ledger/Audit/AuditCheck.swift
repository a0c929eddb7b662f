/// A rule that SQL can say: how many rows it looks at, and the queries that find the keys of rows that break it.
///
/// `$1` is the shard; each query gives one column of text. SQL is a literal here as everywhere.
struct AuditCheck: Sendable {
    struct Search: Sendable {
        let table: String
        let problem: String
        let breaks: StaticString

        init(_ table: String, _ problem: String, _ breaks: StaticString) {
            self.table = table
            self.problem = problem
            self.breaks = breaks
        }
    }

    let name: String
    let rule: String
    let counted: StaticString
    let searches: [Search]

    init(_ name: String, _ rule: String, counted: StaticString, _ searches: [Search]) {
        self.name = name
        self.rule = rule
        self.counted = counted
        self.searches = searches
    }

    static var all: [AuditCheck] {
        [
            journal, sales, seats, waiting, resales, afterSales, successions, cancellations, tips, series, moves,
            overtimes, extensions, nights, payouts, payoutTransfers, payoutApprovals, banks, numbered,
            books, reserves,
            payments, outbox, funds, cohorts, doors, holderKeys, bans, acts, deliveries, open,
        ].flatMap(\.self)
    }
}

extension AuditCheck {
    /// The journal's own tables.
    static let journal: [AuditCheck] = [
        AuditCheck(
            "J3", "entry ids are unique, and every leg has its entry",
            counted: "SELECT count(*) FROM entries WHERE shard = $1",
            [
                Search(
                    "entries", "the id stands twice",
                    "SELECT entry FROM entries WHERE shard = $1 GROUP BY entry HAVING count(*) > 1"),
                Search(
                    "legs", "has no entry",
                    """
                    SELECT CAST(seq AS TEXT) || '/' || CAST(leg AS TEXT) FROM legs l WHERE shard = $1
                      AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.shard = l.shard AND e.seq = l.seq)
                    """),
            ]),
        AuditCheck(
            "accounts", "the list of accounts is that of the legs, each in its class and of somebody known",
            counted: "SELECT count(*) FROM accounts WHERE shard = $1",
            [
                Search(
                    "accounts", "is missing",
                    """
                    SELECT DISTINCT debit || ' ' || currency FROM legs l WHERE shard = $1 AND NOT EXISTS (SELECT 1
                      FROM accounts a WHERE a.shard = l.shard AND a.account = l.debit AND a.currency = l.currency)
                    """),
                Search(
                    "accounts", "is missing",
                    """
                    SELECT DISTINCT credit || ' ' || currency FROM legs l WHERE shard = $1 AND NOT EXISTS (SELECT 1
                      FROM accounts a WHERE a.shard = l.shard AND a.account = l.credit AND a.currency = l.currency)
                    """),
                Search(
                    "accounts", "was never posted to",
                    """
                    SELECT account || ' ' || currency FROM accounts a WHERE shard = $1
                      AND NOT EXISTS (SELECT 1 FROM legs l WHERE l.shard = a.shard AND l.debit = a.account
                        AND l.currency = a.currency)
                      AND NOT EXISTS (SELECT 1 FROM legs l WHERE l.shard = a.shard AND l.credit = a.account
                        AND l.currency = a.currency)
                    """),
                Search(
                    "accounts", "is in another class than its name says",
                    """
                    SELECT account || ' ' || currency FROM accounts WHERE shard = $1 AND class <> CASE
                      WHEN account LIKE 'assets:%' OR account = 'suspense' THEN 'asset'
                      WHEN account LIKE 'liabilities:%' THEN 'liability' WHEN account LIKE 'income:%' THEN 'income'
                      WHEN account LIKE 'expenses:%' THEN 'expense' ELSE 'equity' END
                    """),
                Search(
                    "accounts", "belongs to no wallet",
                    """
                    SELECT account FROM accounts a WHERE shard = $1 AND account LIKE 'liabilities:wallet:%'
                      AND NOT EXISTS (SELECT 1 FROM wallets w WHERE w.shard = a.shard
                        AND a.account = 'liabilities:wallet:' || w.holder)
                    """),
                Search(
                    "accounts", "belongs to no host",
                    """
                    SELECT account FROM accounts a WHERE shard = $1 AND account LIKE 'liabilities:host:%'
                      AND NOT EXISTS (SELECT 1 FROM hosts h WHERE h.shard = a.shard
                        AND a.account = 'liabilities:host:' || h.host)
                    """),
                Search(
                    "accounts", "belongs to no host",
                    """
                    SELECT account FROM accounts a WHERE shard = $1 AND account LIKE 'liabilities:reserve:%'
                      AND NOT EXISTS (SELECT 1 FROM hosts h WHERE h.shard = a.shard
                        AND a.account = 'liabilities:reserve:' || h.host)
                    """),
                Search(
                    "accounts", "belongs to no room",
                    """
                    SELECT account FROM accounts a WHERE shard = $1 AND account LIKE 'liabilities:escrow:%'
                      AND NOT EXISTS (SELECT 1 FROM rooms r WHERE r.shard = a.shard
                        AND a.account = 'liabilities:escrow:' || r.room)
                    """),
            ]),
        AuditCheck(
            "late", "an entry that happened earlier than its day is dated on an open one",
            counted: "SELECT count(*) FROM occurrences WHERE shard = $1",
            [
                Search(
                    "occurrences", "is not earlier than the entry's day",
                    """
                    SELECT CAST(o.seq AS TEXT) FROM occurrences o LEFT JOIN entries e
                      ON e.shard = o.shard AND e.seq = o.seq
                    WHERE o.shard = $1 AND (e.seq IS NULL OR o.occurred_on >= e.effective_on)
                    """)
            ]),
    ]

    /// Orders and tickets against the entries of their sales.
    static let sales: [AuditCheck] = [
        AuditCheck(
            "orders", "orders and sale entries say the same",
            counted: "SELECT count(*) FROM orders WHERE shard = $1",
            [
                Search(
                    "orders", "has no sale entry",
                    """
                    SELECT order_id FROM orders o WHERE shard = $1 AND gross > 0 AND NOT EXISTS (SELECT 1 FROM entries e
                      WHERE e.shard = o.shard AND e.seq = o.sold_seq AND e.kind IN ('sale', 'tip', 'overtime'))
                    """),
                Search(
                    "orders", "VAT, fee and base do not make the gross",
                    "SELECT order_id FROM orders WHERE shard = $1 AND gross <> vat + fee + base"),
                Search(
                    "orders", "is dated on another day than its entry",
                    """
                    SELECT o.order_id FROM orders o JOIN entries e ON e.shard = o.shard AND e.seq = o.sold_seq
                    WHERE o.shard = $1 AND o.gross > 0 AND o.sold_on <> e.effective_on
                    """),
                Search(
                    "orders", "another wallet paid",
                    """
                    SELECT DISTINCT o.order_id FROM orders o JOIN legs l ON l.shard = o.shard AND l.seq = o.sold_seq
                    WHERE o.shard = $1 AND l.debit LIKE 'liabilities:wallet:%'
                      AND l.debit <> 'liabilities:wallet:' || o.holder
                    """),
                Search(
                    "entries", "the sale moved another sum than its orders cost",
                    // A fee that the payer itself keeps never moves.
                    """
                    SELECT CAST(e.seq AS TEXT) FROM entries e WHERE e.shard = $1 AND e.kind IN ('sale', 'tip', 'overtime')
                      AND (SELECT coalesce(sum(l.amount), 0) FROM legs l WHERE l.shard = e.shard AND l.seq = e.seq)
                        NOT IN ((SELECT coalesce(sum(o.gross), 0) FROM orders o
                            WHERE o.shard = e.shard AND o.sold_seq = e.seq),
                          (SELECT coalesce(sum(o.gross - o.fee), 0) FROM orders o
                            WHERE o.shard = e.shard AND o.sold_seq = e.seq))
                    """),
                Search(
                    "entries", "the sale booked another VAT than its orders have",
                    """
                    SELECT CAST(e.seq AS TEXT) FROM entries e WHERE e.shard = $1 AND e.kind IN ('sale', 'tip', 'overtime')
                      AND (SELECT coalesce(sum(o.vat), 0) FROM orders o WHERE o.shard = e.shard AND o.sold_seq = e.seq)
                        <> (SELECT coalesce(sum(l.amount), 0) FROM legs l
                            WHERE l.shard = e.shard AND l.seq = e.seq AND l.credit LIKE 'liabilities:vat%')
                    """),
                Search(
                    "entries", "the sale put another base into escrow than its orders have",
                    """
                    SELECT CAST(e.seq AS TEXT) FROM entries e WHERE e.shard = $1 AND e.kind IN ('sale', 'tip', 'overtime')
                      AND (SELECT coalesce(sum(o.base), 0) FROM orders o WHERE o.shard = e.shard AND o.sold_seq = e.seq)
                        <> (SELECT coalesce(sum(l.amount), 0) FROM legs l
                            WHERE l.shard = e.shard AND l.seq = e.seq AND l.credit LIKE 'liabilities:escrow:%')
                    """),
            ]),
        AuditCheck(
            "tickets", "every order has its ticket, of its room and holder",
            counted: "SELECT count(*) FROM tickets WHERE shard = $1",
            [
                Search(
                    "orders", "has no ticket of its room and holder",
                    """
                    SELECT order_id FROM orders o WHERE shard = $1 AND NOT EXISTS (SELECT 1 FROM tickets t
                      WHERE t.shard = o.shard AND t.ticket = o.ticket AND t.order_id = o.order_id
                        AND t.room = o.room AND t.subject = o.holder)
                      AND NOT EXISTS (SELECT 1 FROM tips p WHERE p.shard = o.shard AND p.order_id = o.order_id)
                      AND NOT EXISTS (SELECT 1 FROM extensions x WHERE x.shard = o.shard AND x.order_id = o.order_id)
                    """),
                Search(
                    "tickets", "belongs to an order of another room",
                    """
                    SELECT t.ticket FROM tickets t LEFT JOIN orders o ON o.shard = t.shard AND o.order_id = t.order_id
                    WHERE t.shard = $1 AND t.order_id IS NOT NULL AND (o.order_id IS NULL OR o.room <> t.room)
                    """),
                Search(
                    "tickets", "two tickets of one order are in force",
                    """
                    SELECT max(t.ticket) FROM tickets t WHERE t.shard = $1 AND t.order_id IS NOT NULL
                      AND NOT EXISTS (SELECT 1 FROM revocations v WHERE v.shard = t.shard AND v.ticket = t.ticket)
                    GROUP BY t.order_id HAVING count(*) > 1
                    """),
            ]),
    ]

    static let seats: [AuditCheck] = [
        AuditCheck(
            "seats", "seats are those of tickets in force and of open holds",
            counted: "SELECT count(*) FROM seats WHERE shard = $1",
            [
                Search(
                    "seats", "is taken by no ticket in force",
                    """
                    SELECT room || '/' || CAST(seat AS TEXT) FROM seats s WHERE shard = $1 AND ticket IS NOT NULL
                      AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.shard = s.shard AND t.ticket = s.ticket
                        AND t.room = s.room AND t.seat = s.seat AND NOT EXISTS (SELECT 1 FROM revocations v
                          WHERE v.shard = t.shard AND v.ticket = t.ticket))
                    """),
                Search(
                    "seats", "is kept for no open hold",
                    """
                    SELECT room || '/' || CAST(seat AS TEXT) FROM seats s WHERE shard = $1 AND purchase IS NOT NULL
                      AND NOT EXISTS (SELECT 1 FROM open_holds h WHERE h.shard = s.shard AND h.purchase = s.purchase
                        AND h.room = s.room)
                    """),
                Search(
                    "open_holds", "keeps another number of seats than it was given",
                    """
                    SELECT h.purchase FROM open_holds h WHERE h.shard = $1 AND h.count <> (SELECT count(*) FROM seats s
                      WHERE s.shard = h.shard AND s.room = h.room AND s.purchase = h.purchase)
                    """),
                Search(
                    "tickets", "is in force without its seat",
                    """
                    SELECT ticket FROM tickets t WHERE shard = $1 AND seat IS NOT NULL
                      AND NOT EXISTS (SELECT 1 FROM revocations v WHERE v.shard = t.shard AND v.ticket = t.ticket)
                      AND NOT EXISTS (SELECT 1 FROM seats s WHERE s.shard = t.shard AND s.room = t.room
                        AND s.seat = t.seat AND s.ticket = t.ticket)
                      AND NOT EXISTS (SELECT 1 FROM seat_loans l JOIN seats s ON s.shard = l.shard AND s.room = l.room
                        AND s.seat = l.seat AND s.purchase = l.purchase
                        WHERE l.shard = t.shard AND l.ticket = t.ticket AND l.room = t.room AND l.seat = t.seat)
                    """),
            ]),
        AuditCheck(
            "capacity", "sold and held seats of a room are no more than it has",
            counted: "SELECT count(*) FROM rooms WHERE shard = $1",
            [
                Search(
                    "rooms", "has sold more seats than it has",
                    """
                    SELECT r.room FROM rooms r WHERE r.shard = $1 AND r.capacity < (SELECT count(*) FROM seats s
                      WHERE s.shard = r.shard AND s.room = r.room
                        AND (s.ticket IS NOT NULL OR s.purchase IS NOT NULL))
                    """),
                Search(
                    "open_holds", "is not the hold's last state",
                    """
                    SELECT h.purchase FROM open_holds h WHERE h.shard = $1 AND 'held' <> coalesce((SELECT f.state
                      FROM hold_facts f WHERE f.shard = h.shard AND f.purchase = h.purchase
                      ORDER BY f.n DESC LIMIT 1), '')
                    """),
                Search(
                    "holds", "is held and not among the open ones",
                    """
                    SELECT h.purchase FROM holds h WHERE h.shard = $1 AND 'held' = (SELECT f.state FROM hold_facts f
                        WHERE f.shard = h.shard AND f.purchase = h.purchase ORDER BY f.n DESC LIMIT 1)
                      AND NOT EXISTS (SELECT 1 FROM open_holds o WHERE o.shard = h.shard AND o.purchase = h.purchase)
                    """),
                Search(
                    "seats", "is beyond the room",
                    """
                    SELECT s.room || '/' || CAST(s.seat AS TEXT) FROM seats s
                    LEFT JOIN rooms r ON r.shard = s.shard AND r.room = s.room
                    WHERE s.shard = $1 AND (r.room IS NULL OR s.seat > r.capacity OR s.seat < 1)
                    """),
            ]),
    ]
}

-- The ledger's database. `shard` leads every key, so that the same tables can be spread over many databases.
-- Facts are appended; whatever can be derived from them is not stored. Times are microseconds since 1970 UTC, days
-- are text. Composite foreign keys carry a fact along (a leg's currency is its account's); rows of the form
-- (n, before, delta, after) are chained by a foreign key to (n - 1, after), so that a lost update cannot be stored.
-- A CHECK passes on NULL, so a column that must be there is asked for by name.

CREATE TABLE accounts (
  shard TEXT NOT NULL, account TEXT NOT NULL, currency TEXT NOT NULL CHECK (length(currency) = 3),
  class TEXT NOT NULL CHECK (class IN ('asset', 'liability', 'income', 'expense', 'equity')),
  PRIMARY KEY (shard, account, currency)) STRICT;

-- Each entry stands on the one before it, number and hash, so a fork or a gap cannot be stored.
CREATE TABLE entries (
  shard TEXT NOT NULL, seq INTEGER NOT NULL CHECK (seq > 0), prev_seq INTEGER, entry TEXT NOT NULL,
  posted_us INTEGER NOT NULL, effective_on TEXT NOT NULL CHECK (length(effective_on) = 10), kind TEXT NOT NULL,
  reverses TEXT, is_reversal INTEGER NOT NULL CHECK (is_reversal IN (0, 1)),
  target_is_reversal INTEGER CHECK (target_is_reversal = 0),
  prev_hash TEXT NOT NULL CHECK (length(prev_hash) = 64), hash TEXT NOT NULL CHECK (length(hash) = 64),
  PRIMARY KEY (shard, seq), UNIQUE (shard, seq, hash), UNIQUE (shard, entry, is_reversal),
  CHECK ((seq = 1 AND prev_seq IS NULL) OR (seq > 1 AND prev_seq IS NOT NULL AND prev_seq = seq - 1)),
  CHECK ((reverses IS NULL) = (is_reversal = 0)), CHECK ((reverses IS NULL) = (target_is_reversal IS NULL)),
  FOREIGN KEY (shard, prev_seq, prev_hash) REFERENCES entries (shard, seq, hash),
  FOREIGN KEY (shard, reverses, target_is_reversal) REFERENCES entries (shard, entry, is_reversal)) STRICT;
CREATE UNIQUE INDEX entries_reversed_once ON entries (shard, reverses) WHERE reverses IS NOT NULL;

CREATE TABLE legs (
  shard TEXT NOT NULL, seq INTEGER NOT NULL, leg INTEGER NOT NULL CHECK (leg > 0),
  debit TEXT NOT NULL, credit TEXT NOT NULL, currency TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0 AND amount <= 1000000000000000),
  PRIMARY KEY (shard, seq, leg), CHECK (debit <> credit),
  FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq),
  FOREIGN KEY (shard, debit, currency) REFERENCES accounts (shard, account, currency),
  FOREIGN KEY (shard, credit, currency) REFERENCES accounts (shard, account, currency)) STRICT, WITHOUT ROWID;
-- Balances of one account are sums over these two, from its last mark on.
CREATE INDEX legs_debit ON legs (shard, debit, currency, seq, amount);
CREATE INDEX legs_credit ON legs (shard, credit, currency, seq, amount);

-- What the balance of an account was after an entry; debit positive. Derived from legs; written for accounts that are
-- asked for often, so that no balance is a sum over a long history.
CREATE TABLE balance_marks (
  shard TEXT NOT NULL, account TEXT NOT NULL, currency TEXT NOT NULL, seq INTEGER NOT NULL,
  balance INTEGER NOT NULL, PRIMARY KEY (shard, account, currency, seq),
  FOREIGN KEY (shard, account, currency) REFERENCES accounts (shard, account, currency),
  FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq)) STRICT, WITHOUT ROWID;

-- The one mutable row of a shard: its lock, the end of its chain and the last cursor of its feed.
CREATE TABLE heads (
  shard TEXT NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL CHECK (sequence >= 0),
  hash TEXT NOT NULL CHECK (length(hash) = 64), posted_us INTEGER NOT NULL,
  feed INTEGER NOT NULL CHECK (feed >= 0)) STRICT;

CREATE TABLE hosts (
  shard TEXT NOT NULL, host TEXT NOT NULL, name TEXT NOT NULL, created_us INTEGER NOT NULL,
  PRIMARY KEY (shard, host)) STRICT;

-- What holds for the payouts of a host; the last row up to a night's `payee_cut` holds for that night. Numbered over
-- the shard and chained, so that a number says which facts a night knew.
CREATE TABLE payee_facts (
  shard TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, host TEXT NOT NULL,
  withholding_bp INTEGER NOT NULL CHECK (withholding_bp BETWEEN 0 AND 10000),
  blocked INTEGER NOT NULL CHECK (blocked IN (0, 1)), reason TEXT NOT NULL, actor TEXT NOT NULL,
  at_us INTEGER NOT NULL, PRIMARY KEY (shard, n),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  FOREIGN KEY (shard, host) REFERENCES hosts (shard, host),
  FOREIGN KEY (shard, prev_n) REFERENCES payee_facts (shard, n)) STRICT;
CREATE INDEX payee_facts_by_host ON payee_facts (shard, host, n);

CREATE TABLE rooms (
  shard TEXT NOT NULL, room TEXT NOT NULL, host TEXT NOT NULL, title TEXT NOT NULL, starts_us INTEGER NOT NULL,
  ends_us INTEGER NOT NULL, doors_us INTEGER NOT NULL, capacity INTEGER NOT NULL CHECK (capacity > 0),
  language TEXT NOT NULL, sale_opens_us INTEGER, cohosts TEXT NOT NULL, policy TEXT NOT NULL,
  created_us INTEGER NOT NULL, PRIMARY KEY (shard, room), UNIQUE (shard, room, capacity),
  CHECK (starts_us < ends_us), CHECK (doors_us <= starts_us),
  FOREIGN KEY (shard, host) REFERENCES hosts (shard, host)) STRICT;
CREATE INDEX rooms_by_host ON rooms (shard, host, room);

-- The state of a room is its last fact; before the first one it is scheduled.
CREATE TABLE room_facts (
  shard TEXT NOT NULL, room TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'cancelled')), at_us INTEGER NOT NULL,
  head_sequence INTEGER NOT NULL,
  PRIMARY KEY (shard, room, n), UNIQUE (shard, room, state),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  FOREIGN KEY (shard, room) REFERENCES rooms (shard, room),
  FOREIGN KEY (shard, room, prev_n) REFERENCES room_facts (shard, room, n)) STRICT;

-- A room's price list: the last version of each tier is the tier. A floor is the least of what a buyer may choose, up
-- to `most`; `places` bounds how many tickets are sold at it; a tier that is withdrawn is not sold from then on.
CREATE TABLE price_versions (
  shard TEXT NOT NULL, room TEXT NOT NULL, version INTEGER NOT NULL CHECK (version > 0), tier TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('fixed', 'floor', 'withdrawn')), currency TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount >= 0), most INTEGER, from_us INTEGER, until_us INTEGER,
  places INTEGER CHECK (places > 0), since_us INTEGER NOT NULL,
  PRIMARY KEY (shard, room, version), UNIQUE (shard, room, version, currency, amount, kind),
  UNIQUE (shard, room, tier, version), UNIQUE (shard, room, tier, version, places),
  CHECK ((kind = 'floor') = (most IS NOT NULL)), CHECK (most IS NULL OR most >= amount),
  CHECK (from_us IS NULL OR until_us IS NULL OR from_us < until_us),
  FOREIGN KEY (shard, room) REFERENCES rooms (shard, room)) STRICT;

-- How many places of a limited tier are taken; the last row holds. Chained, so that two buyers cannot take one place.
CREATE TABLE tier_places (
  shard TEXT NOT NULL, room TEXT NOT NULL, tier TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  version INTEGER NOT NULL, places INTEGER NOT NULL, before INTEGER NOT NULL, delta INTEGER NOT NULL,
  after INTEGER NOT NULL, purchase TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, room, tier, n), UNIQUE (shard, room, tier, n, after),
  CHECK ((n = 1 AND prev_n IS NULL AND before = 0) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK (after = before + delta), CHECK (delta <> 0), CHECK (after >= 0), CHECK (delta < 0 OR after <= places),
  FOREIGN KEY (shard, room, tier, version, places)
    REFERENCES price_versions (shard, room, tier, version, places),
  FOREIGN KEY (shard, room, tier, prev_n, before) REFERENCES tier_places (shard, room, tier, n, after)) STRICT;

CREATE TABLE wallets (
  shard TEXT NOT NULL, holder TEXT NOT NULL, created_us INTEGER NOT NULL, PRIMARY KEY (shard, holder)) STRICT;

-- Codes that make a ticket cheaper or free: only their hash is here. One of a host counts for all of the host's rooms.
CREATE TABLE vouchers (
  shard TEXT NOT NULL, voucher TEXT NOT NULL, code_hash TEXT NOT NULL CHECK (length(code_hash) = 64),
  hint TEXT NOT NULL, host TEXT NOT NULL, room TEXT, kind TEXT NOT NULL CHECK (kind IN ('percent', 'amount', 'free')),
  value INTEGER NOT NULL CHECK (value >= 0), currency TEXT, uses INTEGER NOT NULL CHECK (uses > 0),
  from_us INTEGER, until_us INTEGER, created_us INTEGER NOT NULL,
  PRIMARY KEY (shard, voucher), UNIQUE (shard, code_hash), UNIQUE (shard, voucher, uses),
  CHECK ((kind = 'amount') = (currency IS NOT NULL)), CHECK (kind <> 'percent' OR value BETWEEN 1 AND 10000),
  CHECK (from_us IS NULL OR until_us IS NULL OR from_us < until_us),
  FOREIGN KEY (shard, host) REFERENCES hosts (shard, host),
  FOREIGN KEY (shard, room) REFERENCES rooms (shard, room)) STRICT;
CREATE INDEX vouchers_by_host ON vouchers (shard, host, voucher);

CREATE TABLE voucher_revocations (
  shard TEXT NOT NULL, voucher TEXT NOT NULL, at_us INTEGER NOT NULL, actor TEXT NOT NULL,
  PRIMARY KEY (shard, voucher), FOREIGN KEY (shard, voucher) REFERENCES vouchers (shard, voucher)) STRICT;

-- How many tickets a voucher has made; the last row holds. Chained like the places of a tier.
CREATE TABLE voucher_uses (
  shard TEXT NOT NULL, voucher TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  uses INTEGER NOT NULL, before INTEGER NOT NULL, delta INTEGER NOT NULL, after INTEGER NOT NULL,
  purchase TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, voucher, n), UNIQUE (shard, voucher, n, after),
  CHECK ((n = 1 AND prev_n IS NULL AND before = 0) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK (after = before + delta), CHECK (delta <> 0), CHECK (after BETWEEN 0 AND uses),
  FOREIGN KEY (shard, voucher, uses) REFERENCES vouchers (shard, voucher, uses),
  FOREIGN KEY (shard, voucher, prev_n, before) REFERENCES voucher_uses (shard, voucher, n, after)) STRICT;

-- A purchase whose seats wait for its money until a time. A purchase that is paid at once has no row here. The terms
-- are those of each of its tickets.
CREATE TABLE holds (
  shard TEXT NOT NULL, purchase TEXT NOT NULL, room TEXT NOT NULL, holder TEXT NOT NULL,
  count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 20), price_version INTEGER NOT NULL,
  price_kind TEXT NOT NULL CHECK (price_kind IN ('fixed', 'floor')), currency TEXT NOT NULL, price INTEGER NOT NULL,
  extra INTEGER NOT NULL CHECK (extra >= 0), discount INTEGER NOT NULL CHECK (discount >= 0),
  gross INTEGER NOT NULL CHECK (gross >= 0), vat INTEGER NOT NULL CHECK (vat >= 0),
  fee INTEGER NOT NULL CHECK (fee >= 0), fee_refundable INTEGER NOT NULL CHECK (fee_refundable IN (0, 1)),
  vat_account TEXT NOT NULL, fee_account TEXT NOT NULL, policy TEXT NOT NULL, channel TEXT NOT NULL, country TEXT,
  country_source TEXT, voucher TEXT, created_us INTEGER NOT NULL, expires_us INTEGER NOT NULL,
  PRIMARY KEY (shard, purchase), CHECK (created_us < expires_us), CHECK (gross = price + extra - discount),
  CHECK (extra = 0 OR price_kind = 'floor'), CHECK ((country IS NULL) = (country_source IS NULL)),
  FOREIGN KEY (shard, holder) REFERENCES wallets (shard, holder),
  FOREIGN KEY (shard, voucher) REFERENCES vouchers (shard, voucher),
  FOREIGN KEY (shard, room, price_version, currency, price, price_kind)
    REFERENCES price_versions (shard, room, version, currency, amount, kind)) STRICT;

-- The states that a held purchase went through; the last row holds. Each row names the state before it, so that only
-- the moves of the diagram can be stored.
CREATE TABLE hold_facts (
  shard TEXT NOT NULL, purchase TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, prev_state TEXT,
  state TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, purchase, n), UNIQUE (shard, purchase, n, state),
  CHECK ((n = 1 AND prev_n IS NULL AND prev_state IS NULL AND state = 'held')
    OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1 AND prev_state IS NOT NULL
      AND ((prev_state = 'held' AND state IN ('paid', 'expired', 'cancelled'))
        OR (prev_state = 'expired' AND state IN ('paid', 'suspended'))
        OR (prev_state = 'cancelled' AND state = 'suspended') OR (prev_state = 'paid' AND state = 'ticketed')
        OR (prev_state = 'suspended' AND state = 'refunded')))),
  FOREIGN KEY (shard, purchase) REFERENCES holds (shard, purchase),
  FOREIGN KEY (shard, purchase, prev_n, prev_state) REFERENCES hold_facts (shard, purchase, n, state)) STRICT;

-- The seats that a hold was given; they lie within the room's capacity like those of tickets.
CREATE TABLE hold_seats (
  shard TEXT NOT NULL, purchase TEXT NOT NULL, room TEXT NOT NULL, capacity INTEGER NOT NULL,
  seat INTEGER NOT NULL CHECK (seat > 0), PRIMARY KEY (shard, purchase, seat), CHECK (seat <= capacity),
  UNIQUE (shard, purchase, room, seat), FOREIGN KEY (shard, purchase) REFERENCES holds (shard, purchase),
  FOREIGN KEY (shard, room, capacity) REFERENCES rooms (shard, room, capacity)) STRICT;

-- Holds whose seats are kept. Derived: those whose last fact is `held`.
CREATE TABLE open_holds (
  shard TEXT NOT NULL, room TEXT NOT NULL, expires_us INTEGER NOT NULL, purchase TEXT NOT NULL,
  count INTEGER NOT NULL, PRIMARY KEY (shard, room, expires_us, purchase),
  FOREIGN KEY (shard, purchase) REFERENCES holds (shard, purchase)) STRICT, WITHOUT ROWID;

-- Money from outside for a hold: once by the provider's reference, with the entry that booked it.
CREATE TABLE hold_payments (
  shard TEXT NOT NULL, provider TEXT NOT NULL, reference TEXT NOT NULL, purchase TEXT NOT NULL,
  currency TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0), seq INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('tickets', 'suspense')), reason TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, reference), FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq),
  FOREIGN KEY (shard, purchase) REFERENCES holds (shard, purchase)) STRICT;
CREATE INDEX hold_payments_by_purchase ON hold_payments (shard, purchase);

-- One order a ticket. Orders that were bought together share a purchase. An order of nothing has no journal entry.
CREATE TABLE orders (
  shard TEXT NOT NULL, order_id TEXT NOT NULL, purchase TEXT, room TEXT NOT NULL, holder TEXT NOT NULL,
  price_version INTEGER NOT NULL, price_kind TEXT NOT NULL CHECK (price_kind IN ('fixed', 'floor')),
  currency TEXT NOT NULL, price INTEGER NOT NULL, extra INTEGER NOT NULL CHECK (extra >= 0),
  discount INTEGER NOT NULL CHECK (discount >= 0), gross INTEGER NOT NULL CHECK (gross >= 0),
  vat INTEGER NOT NULL CHECK (vat >= 0), fee INTEGER NOT NULL CHECK (fee >= 0),
  base INTEGER NOT NULL CHECK (base >= 0), fee_refundable INTEGER NOT NULL CHECK (fee_refundable IN (0, 1)),
  vat_account TEXT NOT NULL, fee_account TEXT NOT NULL, policy TEXT NOT NULL, channel TEXT NOT NULL, country TEXT,
  country_source TEXT, voucher TEXT, ticket TEXT NOT NULL, sold_us INTEGER NOT NULL, sold_seq INTEGER,
  sold_on TEXT NOT NULL,
  PRIMARY KEY (shard, order_id), UNIQUE (shard, order_id, gross),
  CHECK (gross = vat + fee + base), CHECK (gross = price + extra - discount),
  CHECK (extra = 0 OR price_kind = 'floor'), CHECK ((gross = 0) = (sold_seq IS NULL)),
  CHECK ((country IS NULL) = (country_source IS NULL)),
  FOREIGN KEY (shard, holder) REFERENCES wallets (shard, holder),
  FOREIGN KEY (shard, voucher) REFERENCES vouchers (shard, voucher),
  FOREIGN KEY (shard, room, price_version, currency, price, price_kind)
    REFERENCES price_versions (shard, room, version, currency, amount, kind)) STRICT;
CREATE INDEX orders_by_purchase ON orders (shard, purchase, order_id) WHERE purchase IS NOT NULL;
CREATE INDEX orders_by_room ON orders (shard, room, order_id);
CREATE INDEX orders_by_sequence ON orders (shard, sold_seq, order_id);

-- A ticket of a sale has an order and a seat; a stage pass has neither.
CREATE TABLE tickets (
  shard TEXT NOT NULL, ticket TEXT NOT NULL, order_id TEXT, room TEXT NOT NULL, capacity INTEGER NOT NULL,
  seat INTEGER, subject TEXT NOT NULL, role TEXT NOT NULL CHECK (role IN ('host', 'cohost', 'speaker', 'listener')),
  name TEXT, policy TEXT NOT NULL, issued_us INTEGER NOT NULL, not_before_us INTEGER NOT NULL,
  not_after_us INTEGER NOT NULL,
  PRIMARY KEY (shard, ticket), UNIQUE (shard, ticket, room),
  CHECK (seat IS NULL OR seat BETWEEN 1 AND capacity), CHECK (not_before_us < not_after_us),
  CHECK ((order_id IS NULL) = (seat IS NULL)), CHECK ((role = 'listener') = (order_id IS NOT NULL)),
  FOREIGN KEY (shard, room, capacity) REFERENCES rooms (shard, room, capacity),
  FOREIGN KEY (shard, order_id) REFERENCES orders (shard, order_id)) STRICT;
CREATE INDEX tickets_by_subject ON tickets (shard, subject, ticket);
CREATE INDEX tickets_by_room ON tickets (shard, room, ticket);
-- An order has one ticket in force; transfer and rescheduling put another one in the place of the first.
CREATE INDEX tickets_by_order ON tickets (shard, order_id, ticket);

-- Who has which seat now: a ticket or a hold; a seat with neither was given back. Derived: rebuilt from tickets,
-- revocations and open holds.
CREATE TABLE seats (
  shard TEXT NOT NULL, room TEXT NOT NULL, seat INTEGER NOT NULL CHECK (seat > 0), ticket TEXT, purchase TEXT,
  PRIMARY KEY (shard, room, seat), UNIQUE (shard, ticket), CHECK (ticket IS NULL OR purchase IS NULL),
  FOREIGN KEY (shard, purchase, room, seat) REFERENCES hold_seats (shard, purchase, room, seat),
  FOREIGN KEY (shard, ticket, room) REFERENCES tickets (shard, ticket, room)) STRICT, WITHOUT ROWID;
CREATE INDEX seats_given_back ON seats (shard, room, seat) WHERE ticket IS NULL AND purchase IS NULL;

CREATE TABLE order_reversals (
  shard TEXT NOT NULL, order_id TEXT NOT NULL, gross INTEGER NOT NULL, n INTEGER NOT NULL CHECK (n > 0),
  prev_n INTEGER, before INTEGER NOT NULL, delta INTEGER NOT NULL, after INTEGER NOT NULL,
  refund TEXT NOT NULL, seq INTEGER NOT NULL, at_us INTEGER NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (shard, order_id, n), UNIQUE (shard, order_id, n, after), UNIQUE (shard, refund),
  CHECK ((n = 1 AND prev_n IS NULL AND before = 0) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK (after = before + delta),
  CHECK (after >= 0 AND after <= gross),
  FOREIGN KEY (shard, order_id, gross) REFERENCES orders (shard, order_id, gross),
  FOREIGN KEY (shard, order_id, prev_n, before) REFERENCES order_reversals (shard, order_id, n, after)) STRICT;
CREATE INDEX order_reversals_by_sequence ON order_reversals (shard, seq);

CREATE TABLE revocations (
  shard TEXT NOT NULL, ticket TEXT NOT NULL, room TEXT NOT NULL, at_us INTEGER NOT NULL,
  reason TEXT NOT NULL, not_after_us INTEGER NOT NULL,
  PRIMARY KEY (shard, ticket), FOREIGN KEY (shard, ticket, room) REFERENCES tickets (shard, ticket, room)) STRICT;

-- What gateways must hear, in order; `sequence` is their cursor.
CREATE TABLE feed (
  shard TEXT NOT NULL, sequence INTEGER NOT NULL CHECK (sequence > 0), kind TEXT NOT NULL, body TEXT NOT NULL,
  at_us INTEGER NOT NULL, PRIMARY KEY (shard, sequence)) STRICT;

CREATE TABLE idempotency_keys (
  shard TEXT NOT NULL, scope TEXT NOT NULL, idem_key TEXT NOT NULL CHECK (length(idem_key) BETWEEN 1 AND 64),
  request_hash TEXT NOT NULL CHECK (length(request_hash) = 64), outcome TEXT NOT NULL, created_us INTEGER NOT NULL,
  PRIMARY KEY (shard, scope, idem_key)) STRICT, WITHOUT ROWID;

-- A key is stored as its SHA-256 only. `used_us` is coarse: it moves at most once in some minutes.
CREATE TABLE api_keys (
  shard TEXT NOT NULL, hash TEXT NOT NULL CHECK (length(hash) = 64), key_id TEXT NOT NULL,
  scope TEXT NOT NULL CHECK (
    scope IN ('operator', 'host', 'moderator', 'finance', 'auditor', 'gateway', 'wallet')),
  subject TEXT NOT NULL, name TEXT NOT NULL, created_by TEXT NOT NULL, created_us INTEGER NOT NULL,
  expires_us INTEGER, revoked_us INTEGER, used_us INTEGER,
  PRIMARY KEY (shard, hash), UNIQUE (shard, key_id), CHECK (expires_us IS NULL OR expires_us > created_us)) STRICT;
CREATE INDEX api_keys_by_subject ON api_keys (shard, subject, key_id);
-- Lists leave wallets out: there is a key for each, and nobody reads through them.
CREATE INDEX api_keys_listed ON api_keys (shard, key_id) WHERE scope <> 'wallet';

-- The unique triple is "exactly once"; the reference to the receipt before is "in order, without gap". The number is
-- the place in the order in which the ledger took them: the cursor of whoever reads them.
CREATE TABLE receipts (
  shard TEXT NOT NULL, number INTEGER NOT NULL CHECK (number > 0), gateway TEXT NOT NULL, seq INTEGER NOT NULL CHECK (seq > 0), prev_seq INTEGER,
  kind TEXT NOT NULL, body TEXT NOT NULL, received_us INTEGER NOT NULL,
  PRIMARY KEY (shard, number), UNIQUE (shard, gateway, seq),
  CHECK ((seq = 1 AND prev_seq IS NULL) OR (seq > 1 AND prev_seq IS NOT NULL AND prev_seq = seq - 1)),
  FOREIGN KEY (shard, gateway, prev_seq) REFERENCES receipts (shard, gateway, seq)) STRICT;

-- How far an owner has filled the brackets of a currency after a step of a night; the last row holds.
CREATE TABLE tier_use (
  shard TEXT NOT NULL, host TEXT NOT NULL, currency TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0),
  prev_n INTEGER, used TEXT NOT NULL, day TEXT NOT NULL, through_seq INTEGER NOT NULL,
  PRIMARY KEY (shard, host, currency, n),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  FOREIGN KEY (shard, host, currency, prev_n) REFERENCES tier_use (shard, host, currency, n)) STRICT;
CREATE INDEX tier_use_by_day ON tier_use (shard, day);

-- The split of an order, fixed when it is rated.
CREATE TABLE order_splits (
  shard TEXT NOT NULL, order_id TEXT NOT NULL, host TEXT NOT NULL, currency TEXT NOT NULL,
  base INTEGER NOT NULL CHECK (base >= 0), parts TEXT NOT NULL, shares TEXT NOT NULL,
  host_share INTEGER NOT NULL CHECK (host_share >= 0), platform INTEGER NOT NULL CHECK (platform >= 0),
  rated_on TEXT NOT NULL, PRIMARY KEY (shard, order_id), CHECK (base = host_share + platform),
  FOREIGN KEY (shard, order_id) REFERENCES orders (shard, order_id)) STRICT;

-- Which night moved an order's escrow to its hosts, with which entry, and from when their shares are available.
CREATE TABLE releases (
  shard TEXT NOT NULL, order_id TEXT NOT NULL, day TEXT NOT NULL, available_on TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (shard, order_id), FOREIGN KEY (shard, order_id) REFERENCES order_splits (shard, order_id)) STRICT;

-- Rated orders whose money is still in escrow: what nights look through. Derived from splits and releases.
CREATE TABLE escrowed (
  shard TEXT NOT NULL, room TEXT NOT NULL, order_id TEXT NOT NULL, PRIMARY KEY (shard, room, order_id),
  FOREIGN KEY (shard, order_id) REFERENCES order_splits (shard, order_id)) STRICT, WITHOUT ROWID;

CREATE TABLE accruals (
  shard TEXT NOT NULL, accrual TEXT NOT NULL, host TEXT NOT NULL, currency TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount <> 0), available_on TEXT NOT NULL, accrued_on TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('share', 'reversal')), room TEXT NOT NULL, order_id TEXT NOT NULL,
  PRIMARY KEY (shard, accrual), UNIQUE (shard, accrual, host, currency, amount),
  FOREIGN KEY (shard, order_id) REFERENCES orders (shard, order_id)) STRICT;
CREATE INDEX accruals_by_order ON accruals (shard, order_id);

-- Accruals that no batch has paid. Derived from accruals and payout lines.
CREATE TABLE unpaid (
  shard TEXT NOT NULL, accrual TEXT NOT NULL, PRIMARY KEY (shard, accrual),
  FOREIGN KEY (shard, accrual) REFERENCES accruals (shard, accrual)) STRICT, WITHOUT ROWID;

CREATE TABLE nights (
  shard TEXT NOT NULL, day TEXT NOT NULL CHECK (length(day) = 10), cut_sequence INTEGER NOT NULL,
  payee_cut INTEGER NOT NULL CHECK (payee_cut >= 0), cutoff_us INTEGER NOT NULL, policy TEXT NOT NULL, begun_us INTEGER NOT NULL, PRIMARY KEY (shard, day)) STRICT;

-- How far a night has come: the one row of it that moves, so that a night that was interrupted goes on.
CREATE TABLE night_progress (
  shard TEXT NOT NULL, day TEXT NOT NULL, rated_seq INTEGER NOT NULL, rated INTEGER NOT NULL,
  released INTEGER NOT NULL, PRIMARY KEY (shard, day), FOREIGN KEY (shard, day) REFERENCES nights (shard, day)) STRICT;

-- The end of a night: what it published. A night without this row is under way.
CREATE TABLE night_results (
  shard TEXT NOT NULL, day TEXT NOT NULL, head_sequence INTEGER NOT NULL, head_hash TEXT NOT NULL,
  digest TEXT NOT NULL CHECK (length(digest) = 64), rated INTEGER NOT NULL, released INTEGER NOT NULL,
  ended_us INTEGER NOT NULL, PRIMARY KEY (shard, day), FOREIGN KEY (shard, day) REFERENCES nights (shard, day)) STRICT;

CREATE TABLE payout_batches (
  shard TEXT NOT NULL, batch TEXT NOT NULL, day TEXT NOT NULL, digest TEXT NOT NULL CHECK (length(digest) = 64),
  created_by TEXT NOT NULL, PRIMARY KEY (shard, batch), UNIQUE (shard, day),
  FOREIGN KEY (shard, day) REFERENCES nights (shard, day)) STRICT;

CREATE TABLE payout_items (
  shard TEXT NOT NULL, batch TEXT NOT NULL, host TEXT NOT NULL, currency TEXT NOT NULL,
  gross INTEGER NOT NULL CHECK (gross > 0), withheld INTEGER NOT NULL CHECK (withheld >= 0), net INTEGER NOT NULL,
  seq INTEGER NOT NULL, PRIMARY KEY (shard, batch, host, currency), CHECK (net = gross - withheld),
  FOREIGN KEY (shard, batch) REFERENCES payout_batches (shard, batch)) STRICT;

-- An accrual is paid whole and once.
CREATE TABLE payout_lines (
  shard TEXT NOT NULL, accrual TEXT NOT NULL, host TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL,
  batch TEXT NOT NULL, PRIMARY KEY (shard, accrual),
  FOREIGN KEY (shard, accrual, host, currency, amount) REFERENCES accruals (shard, accrual, host, currency, amount),
  FOREIGN KEY (shard, batch, host, currency) REFERENCES payout_items (shard, batch, host, currency)) STRICT;

-- One row per host and currency and night: what was left and why.
CREATE TABLE carried (
  shard TEXT NOT NULL, day TEXT NOT NULL, host TEXT NOT NULL, currency TEXT NOT NULL, available INTEGER NOT NULL,
  pending INTEGER NOT NULL, reason TEXT NOT NULL, next_on TEXT, bracket_use TEXT NOT NULL,
  PRIMARY KEY (shard, day, host, currency), FOREIGN KEY (shard, day) REFERENCES nights (shard, day)) STRICT;

CREATE TABLE audit_log (
  shard TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), at_us INTEGER NOT NULL, actor TEXT NOT NULL,
  act TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (shard, n)) STRICT;

-- A second fence behind the writer's own rule: facts are neither changed nor removed.
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are facts'); END;
CREATE TRIGGER entries_last BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are facts'); END;
CREATE TRIGGER legs_stay BEFORE UPDATE ON legs BEGIN SELECT RAISE(ABORT, 'legs are facts'); END;
CREATE TRIGGER legs_last BEFORE DELETE ON legs BEGIN SELECT RAISE(ABORT, 'legs are facts'); END;
CREATE TRIGGER orders_stay BEFORE UPDATE ON orders BEGIN SELECT RAISE(ABORT, 'orders are facts'); END;
CREATE TRIGGER orders_last BEFORE DELETE ON orders BEGIN SELECT RAISE(ABORT, 'orders are facts'); END;
CREATE TRIGGER accruals_stay BEFORE UPDATE ON accruals BEGIN SELECT RAISE(ABORT, 'accruals are facts'); END;
CREATE TRIGGER accruals_last BEFORE DELETE ON accruals BEGIN SELECT RAISE(ABORT, 'accruals are facts'); END;
CREATE TRIGGER receipts_stay BEFORE UPDATE ON receipts BEGIN SELECT RAISE(ABORT, 'receipts are facts'); END;
CREATE TRIGGER receipts_last BEFORE DELETE ON receipts BEGIN SELECT RAISE(ABORT, 'receipts are facts'); END;
CREATE TRIGGER payout_lines_stay BEFORE UPDATE ON payout_lines BEGIN SELECT RAISE(ABORT, 'lines are facts'); END;
CREATE TRIGGER payout_lines_last BEFORE DELETE ON payout_lines BEGIN SELECT RAISE(ABORT, 'lines are facts'); END;
CREATE TRIGGER audit_log_stay BEFORE UPDATE ON audit_log BEGIN SELECT RAISE(ABORT, 'the audit log is kept'); END;
CREATE TRIGGER audit_log_last BEFORE DELETE ON audit_log BEGIN SELECT RAISE(ABORT, 'the audit log is kept'); END;
CREATE TRIGGER payee_facts_stay BEFORE UPDATE ON payee_facts BEGIN SELECT RAISE(ABORT, 'payee facts are facts'); END;
CREATE TRIGGER payee_facts_last BEFORE DELETE ON payee_facts BEGIN SELECT RAISE(ABORT, 'payee facts are facts'); END;
CREATE TRIGGER price_versions_stay BEFORE UPDATE ON price_versions BEGIN SELECT RAISE(ABORT, 'price versions are facts'); END;
CREATE TRIGGER price_versions_last BEFORE DELETE ON price_versions BEGIN SELECT RAISE(ABORT, 'price versions are facts'); END;
CREATE TRIGGER hold_facts_stay BEFORE UPDATE ON hold_facts BEGIN SELECT RAISE(ABORT, 'facts of a hold are facts'); END;
CREATE TRIGGER hold_facts_last BEFORE DELETE ON hold_facts BEGIN SELECT RAISE(ABORT, 'facts of a hold are facts'); END;
CREATE TRIGGER hold_payments_stay BEFORE UPDATE ON hold_payments BEGIN SELECT RAISE(ABORT, 'payments are facts'); END;
CREATE TRIGGER hold_payments_last BEFORE DELETE ON hold_payments BEGIN SELECT RAISE(ABORT, 'payments are facts'); END;
CREATE TRIGGER voucher_uses_stay BEFORE UPDATE ON voucher_uses BEGIN SELECT RAISE(ABORT, 'uses of a voucher are facts'); END;
CREATE TRIGGER voucher_uses_last BEFORE DELETE ON voucher_uses BEGIN SELECT RAISE(ABORT, 'uses of a voucher are facts'); END;
CREATE TRIGGER tier_places_stay BEFORE UPDATE ON tier_places BEGIN SELECT RAISE(ABORT, 'places of a tier are facts'); END;
CREATE TRIGGER tier_places_last BEFORE DELETE ON tier_places BEGIN SELECT RAISE(ABORT, 'places of a tier are facts'); END;

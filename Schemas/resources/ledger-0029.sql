-- What is open, so that gates and nights look at that alone and not at all that ever was. The rules of ledger-0001 hold
-- here too: `shard` leads every key. All of it is derived, and the audit derives it again.

-- What explains money on accounts of passage: repayments on their way, disputes that were taken and have no end, items in
-- suspense. A dispute stands on two accounts, and on the second one with what orders and wallets gave for it.
CREATE TABLE open_passages (
  shard TEXT NOT NULL, account TEXT NOT NULL, item TEXT NOT NULL, currency TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0), at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, account, item)) STRICT, WITHOUT ROWID;

INSERT INTO open_passages (shard, account, item, currency, amount, at_us)
SELECT i.shard, 'liabilities:suspense', i.item, i.currency, i.amount, i.at_us FROM suspense_items i
WHERE NOT EXISTS (SELECT 1 FROM suspense_ends x WHERE x.shard = i.shard AND x.item = i.item);

INSERT INTO open_passages (shard, account, item, currency, amount, at_us)
SELECT r.shard, 'liabilities:repayments', r.repayment, r.currency, r.amount, r.created_us FROM repayments r
WHERE NOT EXISTS (SELECT 1 FROM repayment_facts f WHERE f.shard = r.shard AND f.repayment = r.repayment
  AND f.state IN ('succeeded', 'failed'));

INSERT INTO open_passages (shard, account, item, currency, amount, at_us)
SELECT d.shard, 'assets:contested', d.provider || '/' || d.dispute, d.currency, d.amount, s.at_us
FROM dispute_steps s JOIN disputes d ON d.shard = s.shard AND d.provider = s.provider AND d.dispute = s.dispute
WHERE s.place = 1 AND NOT EXISTS (SELECT 1 FROM dispute_steps x WHERE x.shard = s.shard AND x.provider = s.provider
  AND x.dispute = s.dispute AND x.place = 2);

INSERT INTO open_passages (shard, account, item, currency, amount, at_us)
SELECT d.shard, 'liabilities:contested', d.provider || '/' || d.dispute, d.currency, d.amount - s.platform, s.at_us
FROM dispute_steps s JOIN disputes d ON d.shard = s.shard AND d.provider = s.provider AND d.dispute = s.dispute
WHERE s.place = 1 AND d.amount > s.platform AND NOT EXISTS (SELECT 1 FROM dispute_steps x WHERE x.shard = s.shard
  AND x.provider = s.provider AND x.dispute = s.dispute AND x.place = 2);

-- Places of funds that were given, and neither given up nor through; `n` is the row of the fund's book that gave it.
CREATE TABLE fund_held_places (
  shard TEXT NOT NULL, program TEXT NOT NULL, place INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (shard, program, place),
  FOREIGN KEY (shard, program, n) REFERENCES fund_book (shard, program, n)) STRICT, WITHOUT ROWID;

INSERT INTO fund_held_places (shard, program, place, n)
SELECT a.shard, a.program, a.place, a.n FROM fund_book a WHERE a.kind = 'admitted' AND NOT EXISTS (SELECT 1
  FROM fund_book e WHERE e.shard = a.shard AND e.program = a.program AND e.place = a.place
    AND e.kind IN ('ended', 'completed'));

-- What places have reserved now: the sums of their reservations that are not zero.
CREATE TABLE fund_reserved (
  shard TEXT NOT NULL, program TEXT NOT NULL, month TEXT NOT NULL, place INTEGER NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0), PRIMARY KEY (shard, program, month, place)) STRICT, WITHOUT ROWID;

INSERT INTO fund_reserved (shard, program, month, place, amount)
SELECT shard, program, month, place, CAST(sum(delta) AS BIGINT) FROM fund_reservations
GROUP BY shard, program, month, place HAVING sum(delta) > 0;

-- A month that closes asks who was in a program from some day on.
CREATE INDEX enrolments_by_end ON enrolments (shard, program, to_day);

-- Funds, adjustments and imported facts. The rules of ledger-0001 hold here too: `shard` leads every key, facts are
-- appended, what is limited is chained.

-- Accruals of no order: corrections, and what funds give. The tables change places with their old selves, children first.
DROP INDEX accruals_by_order;
ALTER TABLE payout_return_lines RENAME TO old_payout_return_lines;
ALTER TABLE payout_lines RENAME TO old_payout_lines;
ALTER TABLE unpaid RENAME TO old_unpaid;
ALTER TABLE accruals RENAME TO old_accruals;

CREATE TABLE accruals (
  shard TEXT NOT NULL, accrual TEXT NOT NULL, host TEXT NOT NULL, currency TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount <> 0), available_on TEXT NOT NULL, accrued_on TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('share', 'reversal', 'adjustment', 'fund')), room TEXT, order_id TEXT,
  PRIMARY KEY (shard, accrual), UNIQUE (shard, accrual, host, currency, amount),
  UNIQUE (shard, accrual, host, currency, amount, kind),
  CHECK ((kind IN ('share', 'reversal')) = (order_id IS NOT NULL)), CHECK ((order_id IS NULL) = (room IS NULL)),
  CHECK (kind <> 'fund' OR amount > 0),
  FOREIGN KEY (shard, host) REFERENCES hosts (shard, host),
  FOREIGN KEY (shard, order_id) REFERENCES orders (shard, order_id)) STRICT;
CREATE INDEX accruals_by_order ON accruals (shard, order_id);
INSERT INTO accruals (shard, accrual, host, currency, amount, available_on, accrued_on, kind, room, order_id)
  SELECT shard, accrual, host, currency, amount, available_on, accrued_on, kind, room, order_id FROM old_accruals;

CREATE TABLE unpaid (
  shard TEXT NOT NULL, accrual TEXT NOT NULL, PRIMARY KEY (shard, accrual),
  FOREIGN KEY (shard, accrual) REFERENCES accruals (shard, accrual)) STRICT, WITHOUT ROWID;
INSERT INTO unpaid (shard, accrual) SELECT shard, accrual FROM old_unpaid;

CREATE TABLE payout_lines (
  shard TEXT NOT NULL, accrual TEXT NOT NULL, host TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL,
  batch TEXT NOT NULL, PRIMARY KEY (shard, accrual),
  FOREIGN KEY (shard, accrual, host, currency, amount) REFERENCES accruals (shard, accrual, host, currency, amount),
  FOREIGN KEY (shard, batch, host, currency) REFERENCES payout_items (shard, batch, host, currency)) STRICT;
INSERT INTO payout_lines (shard, accrual, host, currency, amount, batch)
  SELECT shard, accrual, host, currency, amount, batch FROM old_payout_lines;

CREATE TABLE payout_return_lines (
  shard TEXT NOT NULL, accrual TEXT NOT NULL, returned TEXT NOT NULL, payout TEXT NOT NULL,
  PRIMARY KEY (shard, accrual), UNIQUE (shard, returned), CHECK (accrual <> returned),
  FOREIGN KEY (shard, accrual) REFERENCES accruals (shard, accrual),
  FOREIGN KEY (shard, returned) REFERENCES payout_lines (shard, accrual),
  FOREIGN KEY (shard, payout) REFERENCES payout_transfers (shard, payout)) STRICT;
INSERT INTO payout_return_lines (shard, accrual, returned, payout)
  SELECT shard, accrual, returned, payout FROM old_payout_return_lines;

DROP TABLE old_payout_return_lines;
DROP TABLE old_payout_lines;
DROP TABLE old_unpaid;
DROP TABLE old_accruals;

CREATE TRIGGER accruals_stay BEFORE UPDATE ON accruals BEGIN SELECT RAISE(ABORT, 'accruals are facts'); END;
CREATE TRIGGER accruals_last BEFORE DELETE ON accruals BEGIN SELECT RAISE(ABORT, 'accruals are facts'); END;
CREATE TRIGGER payout_lines_stay BEFORE UPDATE ON payout_lines BEGIN SELECT RAISE(ABORT, 'lines are facts'); END;
CREATE TRIGGER payout_lines_last BEFORE DELETE ON payout_lines BEGIN SELECT RAISE(ABORT, 'lines are facts'); END;
CREATE TRIGGER payout_return_lines_stay BEFORE UPDATE ON payout_return_lines BEGIN SELECT RAISE(ABORT, 'returned lines are facts'); END;
CREATE TRIGGER payout_return_lines_last BEFORE DELETE ON payout_return_lines BEGIN SELECT RAISE(ABORT, 'returned lines are facts'); END;

-- A correction of what a host is owed, with the entry that booked it; of its own accrual, so once.
CREATE TABLE adjustments (
  shard TEXT NOT NULL, accrual TEXT NOT NULL, host TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind = 'adjustment'),
  source TEXT NOT NULL CHECK (source IN ('finance', 'dispute_fee')), reason TEXT NOT NULL CHECK (length(reason) > 0),
  seq INTEGER NOT NULL, actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, accrual), UNIQUE (shard, seq),
  FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq),
  FOREIGN KEY (shard, accrual, host, currency, amount, kind)
    REFERENCES accruals (shard, accrual, host, currency, amount, kind)) STRICT;
CREATE INDEX adjustments_by_host ON adjustments (shard, host, accrual);

-- Accounts that are a host's own: what they hear never counts for the host's rooms.
CREATE TABLE account_links (
  shard TEXT NOT NULL, host TEXT NOT NULL, account TEXT NOT NULL, reason TEXT NOT NULL, actor TEXT NOT NULL,
  at_us INTEGER NOT NULL, PRIMARY KEY (shard, host, account),
  FOREIGN KEY (shard, host) REFERENCES hosts (shard, host)) STRICT;

-- Who heard which room from when to when: one connection, told by a receipt of a gateway or by an import.
CREATE TABLE listening (
  shard TEXT NOT NULL, room TEXT NOT NULL, source TEXT NOT NULL, listener TEXT NOT NULL, from_us INTEGER NOT NULL,
  to_us INTEGER NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, room, source), CHECK (from_us < to_us),
  FOREIGN KEY (shard, room) REFERENCES rooms (shard, room)) STRICT, WITHOUT ROWID;

-- Rooms that count for no fund, and why.
CREATE TABLE room_exclusions (
  shard TEXT NOT NULL, room TEXT NOT NULL, reason TEXT NOT NULL CHECK (length(reason) > 0), actor TEXT NOT NULL,
  at_us INTEGER NOT NULL, PRIMARY KEY (shard, room), FOREIGN KEY (shard, room) REFERENCES rooms (shard, room)) STRICT;
CREATE INDEX rooms_by_start ON rooms (shard, starts_us, room);

-- Funds: the last version holds for months that close from then on. `place` is the order in which pots are shared.
CREATE TABLE fund_programs (
  shard TEXT NOT NULL, program TEXT NOT NULL, version INTEGER NOT NULL CHECK (version > 0), prev_version INTEGER,
  place INTEGER NOT NULL CHECK (place >= 0), kind TEXT NOT NULL CHECK (kind IN ('stipend', 'pot', 'rate_card', 'user_centric')),
  currency TEXT NOT NULL CHECK (length(currency) = 3), terms TEXT NOT NULL, actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, program, version), UNIQUE (shard, program, version, currency),
  CHECK ((version = 1 AND prev_version IS NULL)
    OR (version > 1 AND prev_version IS NOT NULL AND prev_version = version - 1)),
  FOREIGN KEY (shard, program, prev_version) REFERENCES fund_programs (shard, program, version)) STRICT;

-- Days, both included, on which a host is in a program.
CREATE TABLE enrolments (
  shard TEXT NOT NULL, program TEXT NOT NULL, first_version INTEGER NOT NULL CHECK (first_version = 1),
  host TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, from_day TEXT NOT NULL CHECK (length(from_day) = 10),
  to_day TEXT NOT NULL CHECK (length(to_day) = 10), actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, program, host, n), CHECK (from_day <= to_day),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  FOREIGN KEY (shard, program, host, prev_n) REFERENCES enrolments (shard, program, host, n),
  FOREIGN KEY (shard, program, first_version) REFERENCES fund_programs (shard, program, version),
  FOREIGN KEY (shard, host) REFERENCES hosts (shard, host)) STRICT;

-- A month of a program that has closed, once; what it gave and what stayed.
CREATE TABLE fund_months (
  shard TEXT NOT NULL, program TEXT NOT NULL, month TEXT NOT NULL CHECK (length(month) = 7),
  version INTEGER NOT NULL, currency TEXT NOT NULL, closed_on TEXT NOT NULL CHECK (length(closed_on) = 10),
  night TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount >= 0), cap INTEGER NOT NULL CHECK (cap >= 0),
  given INTEGER NOT NULL CHECK (given >= 0), at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, program, month), UNIQUE (shard, program, month, currency), CHECK (given <= amount),
  FOREIGN KEY (shard, program, version, currency) REFERENCES fund_programs (shard, program, version, currency),
  FOREIGN KEY (shard, night) REFERENCES nights (shard, day)) STRICT;
CREATE INDEX fund_months_by_night ON fund_months (shard, night);

-- What it gave each host, and by which figures. Who got nothing has neither entry nor accrual.
CREATE TABLE fund_results (
  shard TEXT NOT NULL, program TEXT NOT NULL, month TEXT NOT NULL, host TEXT NOT NULL, currency TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount >= 0), eligible INTEGER NOT NULL CHECK (eligible IN (0, 1)),
  weeks INTEGER, weeks_enrolled INTEGER, weeks_met INTEGER, minutes INTEGER, listeners INTEGER,
  accrual TEXT, kind TEXT CHECK (kind = 'fund'), seq INTEGER,
  PRIMARY KEY (shard, program, month, host), UNIQUE (shard, seq), UNIQUE (shard, accrual),
  CHECK ((amount = 0) = (accrual IS NULL)), CHECK ((amount = 0) = (seq IS NULL)), CHECK ((amount = 0) = (kind IS NULL)),
  CHECK (amount = 0 OR eligible = 1),
  CHECK ((weeks IS NULL) = (minutes IS NOT NULL)), CHECK ((minutes IS NULL) = (listeners IS NULL)),
  CHECK (weeks IS NULL OR (weeks_enrolled IS NOT NULL AND weeks_met IS NOT NULL AND weeks_met <= weeks_enrolled
    AND weeks_enrolled <= weeks)),
  FOREIGN KEY (shard, program, month, currency) REFERENCES fund_months (shard, program, month, currency),
  FOREIGN KEY (shard, host) REFERENCES hosts (shard, host),
  FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq),
  FOREIGN KEY (shard, accrual, host, currency, amount, kind)
    REFERENCES accruals (shard, accrual, host, currency, amount, kind)) STRICT;

-- Facts that came from another system in a list, once by their id; `refused` says why a fact changed nothing.
CREATE TABLE imported_facts (
  shard TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), fact TEXT NOT NULL,
  digest TEXT NOT NULL CHECK (length(digest) = 64), kind TEXT NOT NULL, refused TEXT NOT NULL, warning TEXT NOT NULL,
  at_us INTEGER NOT NULL, PRIMARY KEY (shard, n)) STRICT;
CREATE INDEX imported_facts_by_id ON imported_facts (shard, fact, n);

-- What it calls things, and what they are here.
CREATE TABLE imported_names (
  shard TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('host', 'room', 'order')), name TEXT NOT NULL,
  target TEXT NOT NULL, PRIMARY KEY (shard, kind, name), UNIQUE (shard, target)) STRICT, WITHOUT ROWID;

CREATE TRIGGER adjustments_stay BEFORE UPDATE ON adjustments BEGIN SELECT RAISE(ABORT, 'adjustments are facts'); END;
CREATE TRIGGER adjustments_last BEFORE DELETE ON adjustments BEGIN SELECT RAISE(ABORT, 'adjustments are facts'); END;
CREATE TRIGGER account_links_stay BEFORE UPDATE ON account_links BEGIN SELECT RAISE(ABORT, 'links of accounts are facts'); END;
CREATE TRIGGER account_links_last BEFORE DELETE ON account_links BEGIN SELECT RAISE(ABORT, 'links of accounts are facts'); END;
CREATE TRIGGER listening_stay BEFORE UPDATE ON listening BEGIN SELECT RAISE(ABORT, 'listening is a fact'); END;
CREATE TRIGGER listening_last BEFORE DELETE ON listening BEGIN SELECT RAISE(ABORT, 'listening is a fact'); END;
CREATE TRIGGER room_exclusions_stay BEFORE UPDATE ON room_exclusions BEGIN SELECT RAISE(ABORT, 'exclusions are facts'); END;
CREATE TRIGGER room_exclusions_last BEFORE DELETE ON room_exclusions BEGIN SELECT RAISE(ABORT, 'exclusions are facts'); END;
CREATE TRIGGER fund_programs_stay BEFORE UPDATE ON fund_programs BEGIN SELECT RAISE(ABORT, 'versions of a fund are facts'); END;
CREATE TRIGGER fund_programs_last BEFORE DELETE ON fund_programs BEGIN SELECT RAISE(ABORT, 'versions of a fund are facts'); END;
CREATE TRIGGER enrolments_stay BEFORE UPDATE ON enrolments BEGIN SELECT RAISE(ABORT, 'enrolments are facts'); END;
CREATE TRIGGER enrolments_last BEFORE DELETE ON enrolments BEGIN SELECT RAISE(ABORT, 'enrolments are facts'); END;
CREATE TRIGGER fund_months_stay BEFORE UPDATE ON fund_months BEGIN SELECT RAISE(ABORT, 'closed months are facts'); END;
CREATE TRIGGER fund_months_last BEFORE DELETE ON fund_months BEGIN SELECT RAISE(ABORT, 'closed months are facts'); END;
CREATE TRIGGER fund_results_stay BEFORE UPDATE ON fund_results BEGIN SELECT RAISE(ABORT, 'results of a fund are facts'); END;
CREATE TRIGGER fund_results_last BEFORE DELETE ON fund_results BEGIN SELECT RAISE(ABORT, 'results of a fund are facts'); END;
CREATE TRIGGER imported_facts_stay BEFORE UPDATE ON imported_facts BEGIN SELECT RAISE(ABORT, 'imported facts are facts'); END;
CREATE TRIGGER imported_facts_last BEFORE DELETE ON imported_facts BEGIN SELECT RAISE(ABORT, 'imported facts are facts'); END;
CREATE TRIGGER imported_names_stay BEFORE UPDATE ON imported_names BEGIN SELECT RAISE(ABORT, 'imported names are facts'); END;
CREATE TRIGGER imported_names_last BEFORE DELETE ON imported_names BEGIN SELECT RAISE(ABORT, 'imported names are facts'); END;

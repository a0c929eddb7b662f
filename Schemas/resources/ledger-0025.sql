-- Funds with a cohort: who applies, who is chosen, and what is promised. The rules of ledger-0001 hold here too: `shard`
-- leads every key, facts are appended, what is limited is chained.

-- A host wants a place. What it declares of itself stands here; what the house knows is counted whenever it is asked for.
CREATE TABLE fund_applications (
  shard TEXT NOT NULL, program TEXT NOT NULL, first_version INTEGER NOT NULL CHECK (first_version = 1),
  host TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  age_declared INTEGER NOT NULL CHECK (age_declared IN (0, 1)), followers INTEGER CHECK (followers >= 0),
  note TEXT NOT NULL CHECK (length(note) <= 500), actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, program, host, n),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  FOREIGN KEY (shard, program, host, prev_n) REFERENCES fund_applications (shard, program, host, n),
  FOREIGN KEY (shard, program, first_version) REFERENCES fund_programs (shard, program, version),
  FOREIGN KEY (shard, host) REFERENCES hosts (shard, host)) STRICT;
CREATE INDEX fund_applications_by_time ON fund_applications (shard, program, at_us, host);

-- The book of a fund: its account, its places and the log of its selection in one chain, so that two who decide at once
-- never give the same place or the same money. What is promised never exceeds what is there.
CREATE TABLE fund_book (
  shard TEXT NOT NULL, program TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  kind TEXT NOT NULL CHECK (kind IN ('endowed', 'admitted', 'declined', 'withdrawn', 'ended', 'completed', 'month_closed')),
  version INTEGER NOT NULL, host TEXT, application INTEGER, place INTEGER, enrolment INTEGER, from_day TEXT, to_day TEXT,
  cap INTEGER, followers INTEGER CHECK (followers >= 0), criteria TEXT, month TEXT, seq INTEGER,
  places_before INTEGER NOT NULL, places INTEGER NOT NULL CHECK (places >= 0),
  admitted_before INTEGER NOT NULL, admitted INTEGER NOT NULL,
  committed_before INTEGER NOT NULL, committed INTEGER NOT NULL CHECK (committed >= 0),
  balance_before INTEGER NOT NULL, balance INTEGER NOT NULL,
  reason TEXT NOT NULL CHECK (length(reason) > 0), actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, program, n), UNIQUE (shard, program, n, places, admitted, committed, balance),
  UNIQUE (shard, program, host, application), UNIQUE (shard, program, place, kind), UNIQUE (shard, program, month),
  UNIQUE (shard, seq),
  CHECK ((n = 1 AND prev_n IS NULL AND places_before = 0 AND admitted_before = 0 AND committed_before = 0
      AND balance_before = 0)
    OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK (committed <= balance), CHECK (places <= admitted),
  CHECK ((kind = 'admitted' AND places = places_before + 1 AND admitted = admitted_before + 1 AND place = admitted
      AND cap IS NOT NULL AND places <= cap AND committed >= committed_before AND from_day IS NOT NULL
      AND to_day IS NOT NULL AND from_day <= to_day AND enrolment IS NOT NULL)
    OR (kind IN ('ended', 'completed') AND places = places_before - 1 AND admitted = admitted_before
      AND committed <= committed_before AND place IS NOT NULL AND to_day IS NOT NULL)
    OR (kind IN ('endowed', 'declined', 'withdrawn', 'month_closed') AND places = places_before
      AND admitted = admitted_before AND place IS NULL AND (kind = 'month_closed' OR committed = committed_before))),
  CHECK ((kind = 'endowed' AND balance <> balance_before)
    OR (kind = 'month_closed' AND balance <= balance_before
      AND committed_before - committed >= balance_before - balance)
    OR (kind NOT IN ('endowed', 'month_closed') AND balance = balance_before)),
  CHECK ((kind = 'endowed') = (seq IS NOT NULL)), CHECK ((kind = 'month_closed') = (month IS NOT NULL)),
  CHECK ((kind IN ('endowed', 'month_closed')) = (host IS NULL)),
  CHECK (kind NOT IN ('declined', 'withdrawn') OR application IS NOT NULL),
  FOREIGN KEY (shard, program, prev_n, places_before, admitted_before, committed_before, balance_before)
    REFERENCES fund_book (shard, program, n, places, admitted, committed, balance),
  FOREIGN KEY (shard, program, version) REFERENCES fund_programs (shard, program, version),
  FOREIGN KEY (shard, program, host, application) REFERENCES fund_applications (shard, program, host, n),
  FOREIGN KEY (shard, program, host, enrolment) REFERENCES enrolments (shard, program, host, n),
  FOREIGN KEY (shard, seq) REFERENCES entries (shard, seq)) STRICT;
CREATE INDEX fund_book_by_host ON fund_book (shard, program, host, n);

-- What places have reserved, month by month: given at admission, taken back when the place ends or the month closes.
CREATE TABLE fund_reservations (
  shard TEXT NOT NULL, program TEXT NOT NULL, place INTEGER NOT NULL CHECK (place > 0),
  month TEXT NOT NULL CHECK (length(month) = 7), n INTEGER NOT NULL, before INTEGER NOT NULL,
  delta INTEGER NOT NULL CHECK (delta <> 0), after INTEGER NOT NULL CHECK (after >= 0),
  PRIMARY KEY (shard, program, place, month, n), CHECK (after = before + delta),
  FOREIGN KEY (shard, program, n) REFERENCES fund_book (shard, program, n)) STRICT;
CREATE INDEX fund_reservations_by_month ON fund_reservations (shard, program, month, place, n);
CREATE INDEX fund_reservations_by_row ON fund_reservations (shard, program, n);

CREATE TRIGGER fund_applications_stay BEFORE UPDATE ON fund_applications BEGIN SELECT RAISE(ABORT, 'applications are facts'); END;
CREATE TRIGGER fund_applications_last BEFORE DELETE ON fund_applications BEGIN SELECT RAISE(ABORT, 'applications are facts'); END;
CREATE TRIGGER fund_book_stay BEFORE UPDATE ON fund_book BEGIN SELECT RAISE(ABORT, 'the book of a fund is a fact'); END;
CREATE TRIGGER fund_book_last BEFORE DELETE ON fund_book BEGIN SELECT RAISE(ABORT, 'the book of a fund is a fact'); END;
CREATE TRIGGER fund_reservations_stay BEFORE UPDATE ON fund_reservations BEGIN SELECT RAISE(ABORT, 'reservations are facts'); END;
CREATE TRIGGER fund_reservations_last BEFORE DELETE ON fund_reservations BEGIN SELECT RAISE(ABORT, 'reservations are facts'); END;

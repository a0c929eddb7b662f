-- Banks: where payees have their accounts, the files that ask a bank to pay, and what banks say of them. The rules of
-- ledger-0001 hold here too: `shard` leads every key, facts are appended, what is limited is chained.

-- The account behind a destination that is paid through a bank's file. Of nobody's business but the payee's and
-- finance's: it is shown masked, and never logged.
CREATE TABLE bank_accounts (
  shard TEXT NOT NULL, host TEXT NOT NULL, n INTEGER NOT NULL, provider TEXT NOT NULL CHECK (provider = 'manual'),
  family TEXT NOT NULL CHECK (family IN ('sepa', 'nacha')),
  legal_name TEXT NOT NULL CHECK (length(legal_name) BETWEEN 1 AND 70),
  iban TEXT CHECK (length(iban) BETWEEN 15 AND 34), bic TEXT CHECK (length(bic) IN (8, 11)),
  routing TEXT CHECK (length(routing) = 9), account TEXT CHECK (length(account) BETWEEN 4 AND 17),
  account_kind TEXT CHECK (account_kind IN ('checking', 'savings')),
  holder TEXT CHECK (holder IN ('person', 'company')), street TEXT, building TEXT, postcode TEXT, town TEXT NOT NULL,
  country TEXT NOT NULL CHECK (length(country) = 2),
  PRIMARY KEY (shard, host, n), UNIQUE (shard, host, n, family),
  CHECK ((family = 'sepa') = (iban IS NOT NULL)), CHECK (family = 'sepa' OR bic IS NULL),
  CHECK ((family = 'nacha') = (routing IS NOT NULL)), CHECK ((routing IS NULL) = (account IS NULL)),
  CHECK ((routing IS NULL) = (account_kind IS NULL)), CHECK ((routing IS NULL) = (holder IS NULL)),
  FOREIGN KEY (shard, host, n, provider) REFERENCES payout_destinations (shard, host, n, provider)) STRICT;

CREATE UNIQUE INDEX payout_transfers_banked
  ON payout_transfers (shard, payout, batch, host, destination, currency, net);

-- A file that asks a bank to pay transfers of a batch. Its bytes follow from this row and its lines, so that it can be
-- made again; its name is unique for ever. The lines add up in a chain to its sum.
CREATE TABLE bank_files (
  shard TEXT NOT NULL, batch TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  family TEXT NOT NULL CHECK (family IN ('sepa', 'nacha')), currency TEXT NOT NULL,
  message_id TEXT NOT NULL CHECK (length(message_id) BETWEEN 1 AND 35), debtor TEXT NOT NULL,
  remittance TEXT NOT NULL, execution_on TEXT NOT NULL CHECK (length(execution_on) = 10),
  transfers INTEGER NOT NULL CHECK (transfers > 0), total INTEGER NOT NULL CHECK (total > 0), made_by TEXT NOT NULL,
  made_us INTEGER NOT NULL,
  PRIMARY KEY (shard, batch, n), UNIQUE (shard, message_id), UNIQUE (shard, batch, n, family, currency),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK ((family = 'sepa' AND currency = 'EUR') OR (family = 'nacha' AND currency = 'USD')),
  FOREIGN KEY (shard, batch) REFERENCES payout_submissions (shard, batch),
  FOREIGN KEY (shard, batch, prev_n) REFERENCES bank_files (shard, batch, n)) STRICT;

-- A transfer stands in one file at most. `trace` numbers ACH entries for ever.
CREATE TABLE bank_file_lines (
  shard TEXT NOT NULL, payout TEXT NOT NULL, batch TEXT NOT NULL, n INTEGER NOT NULL,
  line INTEGER NOT NULL CHECK (line > 0), prev_line INTEGER, family TEXT NOT NULL, currency TEXT NOT NULL,
  host TEXT NOT NULL, destination INTEGER NOT NULL, before INTEGER NOT NULL, net INTEGER NOT NULL CHECK (net > 0),
  after INTEGER NOT NULL, trace INTEGER CHECK (trace > 0),
  PRIMARY KEY (shard, payout), UNIQUE (shard, batch, n, line), UNIQUE (shard, batch, n, line, after),
  UNIQUE (shard, trace), CHECK ((family = 'nacha') = (trace IS NOT NULL)), CHECK (after = before + net),
  CHECK ((line = 1 AND prev_line IS NULL AND before = 0)
    OR (line > 1 AND prev_line IS NOT NULL AND prev_line = line - 1)),
  FOREIGN KEY (shard, batch, n, family, currency) REFERENCES bank_files (shard, batch, n, family, currency),
  FOREIGN KEY (shard, host, destination, family) REFERENCES bank_accounts (shard, host, n, family),
  FOREIGN KEY (shard, payout, batch, host, destination, currency, net)
    REFERENCES payout_transfers (shard, payout, batch, host, destination, currency, net),
  FOREIGN KEY (shard, batch, n, prev_line, before) REFERENCES bank_file_lines (shard, batch, n, line, after)) STRICT;

-- A bank's report that was taken in, by the digest of its bytes.
CREATE TABLE bank_reports (
  shard TEXT NOT NULL, report TEXT NOT NULL CHECK (length(report) = 64),
  kind TEXT NOT NULL CHECK (kind IN ('pain002', 'camt053', 'camt054', 'nacha')), message_id TEXT NOT NULL,
  lines INTEGER NOT NULL CHECK (lines >= 0), actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, report)) STRICT;

-- Line by line: what it says, of which transfer, and what became of it. An exception is for a person to look at.
CREATE TABLE bank_report_lines (
  shard TEXT NOT NULL, report TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0),
  said TEXT NOT NULL CHECK (said IN ('paid', 'returned', 'refused', 'accepted', 'notice')), reference TEXT NOT NULL,
  currency TEXT, amount INTEGER, code TEXT NOT NULL, payout TEXT,
  outcome TEXT NOT NULL CHECK (outcome IN ('booked', 'known', 'noted', 'exception')), reason TEXT NOT NULL,
  PRIMARY KEY (shard, report, n), CHECK ((currency IS NULL) = (amount IS NULL)),
  CHECK ((outcome = 'exception') = (reason <> '')), CHECK (outcome NOT IN ('booked', 'known') OR payout IS NOT NULL),
  CHECK (outcome <> 'booked' OR said IN ('paid', 'returned', 'refused')),
  FOREIGN KEY (shard, report) REFERENCES bank_reports (shard, report),
  FOREIGN KEY (shard, payout) REFERENCES payout_transfers (shard, payout)) STRICT;

CREATE TRIGGER bank_accounts_stay BEFORE UPDATE ON bank_accounts BEGIN SELECT RAISE(ABORT, 'accounts of payees are facts'); END;
CREATE TRIGGER bank_accounts_last BEFORE DELETE ON bank_accounts BEGIN SELECT RAISE(ABORT, 'accounts of payees are facts'); END;
CREATE TRIGGER bank_files_stay BEFORE UPDATE ON bank_files BEGIN SELECT RAISE(ABORT, 'files are facts'); END;
CREATE TRIGGER bank_files_last BEFORE DELETE ON bank_files BEGIN SELECT RAISE(ABORT, 'files are facts'); END;
CREATE TRIGGER bank_file_lines_stay BEFORE UPDATE ON bank_file_lines BEGIN SELECT RAISE(ABORT, 'lines of a file are facts'); END;
CREATE TRIGGER bank_file_lines_last BEFORE DELETE ON bank_file_lines BEGIN SELECT RAISE(ABORT, 'lines of a file are facts'); END;
CREATE TRIGGER bank_reports_stay BEFORE UPDATE ON bank_reports BEGIN SELECT RAISE(ABORT, 'reports are facts'); END;
CREATE TRIGGER bank_reports_last BEFORE DELETE ON bank_reports BEGIN SELECT RAISE(ABORT, 'reports are facts'); END;
CREATE TRIGGER bank_report_lines_stay BEFORE UPDATE ON bank_report_lines BEGIN SELECT RAISE(ABORT, 'lines of a report are facts'); END;
CREATE TRIGGER bank_report_lines_last BEFORE DELETE ON bank_report_lines BEGIN SELECT RAISE(ABORT, 'lines of a report are facts'); END;

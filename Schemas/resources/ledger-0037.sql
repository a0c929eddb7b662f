-- Lines of providers' statements that can't be taken as they are: those that nobody can read, and what another reading says
-- under the name of a line that is known. Each stands beside the lines that were read until somebody has looked, or the line
-- could be read after all. The rules of ledger-0001 hold here too.

-- Our own name of what a line moved, where the provider keeps it.
ALTER TABLE provider_movements ADD COLUMN ours TEXT;

CREATE TABLE provider_odd_lines (
  shard TEXT NOT NULL, provider TEXT NOT NULL, movement TEXT NOT NULL CHECK (length(movement) BETWEEN 1 AND 255),
  digest TEXT NOT NULL CHECK (length(digest) = 64), problem TEXT NOT NULL CHECK (problem IN ('unreadable', 'conflict')),
  detail TEXT NOT NULL CHECK (length(detail) BETWEEN 1 AND 500), at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, movement, digest)) STRICT;

CREATE TABLE provider_odd_line_ends (
  shard TEXT NOT NULL, provider TEXT NOT NULL, movement TEXT NOT NULL, digest TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (length(reason) > 0), actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, provider, movement, digest),
  FOREIGN KEY (shard, provider, movement, digest)
    REFERENCES provider_odd_lines (shard, provider, movement, digest)) STRICT;

CREATE TRIGGER provider_odd_lines_stay BEFORE UPDATE ON provider_odd_lines BEGIN SELECT RAISE(ABORT, 'what statements said is a fact'); END;
CREATE TRIGGER provider_odd_lines_last BEFORE DELETE ON provider_odd_lines BEGIN SELECT RAISE(ABORT, 'what statements said is a fact'); END;
CREATE TRIGGER provider_odd_line_ends_stay BEFORE UPDATE ON provider_odd_line_ends BEGIN SELECT RAISE(ABORT, 'explanations are facts'); END;
CREATE TRIGGER provider_odd_line_ends_last BEFORE DELETE ON provider_odd_line_ends BEGIN SELECT RAISE(ABORT, 'explanations are facts'); END;

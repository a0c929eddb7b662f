-- Acts on stages, as their gateways logged them: who did what to whom, why and when, or by which code it was refused.
-- Of a gateway they come once and in order, without a gap; `n` is the place in the log of the room.
CREATE TABLE stage_acts (
  shard TEXT NOT NULL, gateway TEXT NOT NULL, seq INTEGER NOT NULL CHECK (seq > 0), prev_seq INTEGER,
  room TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  kind TEXT NOT NULL CHECK (length(kind) > 0), refused TEXT NOT NULL, body TEXT NOT NULL, received_us INTEGER NOT NULL,
  PRIMARY KEY (shard, gateway, seq), UNIQUE (shard, room, n),
  CHECK ((seq = 1 AND prev_seq IS NULL) OR (seq > 1 AND prev_seq IS NOT NULL AND prev_seq = seq - 1)),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  FOREIGN KEY (shard, gateway, prev_seq) REFERENCES stage_acts (shard, gateway, seq),
  FOREIGN KEY (shard, room, prev_n) REFERENCES stage_acts (shard, room, n),
  FOREIGN KEY (shard, room) REFERENCES rooms (shard, room)) STRICT;

CREATE TRIGGER stage_acts_stay BEFORE UPDATE ON stage_acts BEGIN SELECT RAISE(ABORT, 'acts are facts'); END;
CREATE TRIGGER stage_acts_last BEFORE DELETE ON stage_acts BEGIN SELECT RAISE(ABORT, 'acts are facts'); END;

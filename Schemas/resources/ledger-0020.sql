-- The door: on how many devices a ticket may be used at one time. The rules of ledger-0001 hold here too: `shard` leads
-- every key, facts are appended.

-- What a host said of a room; a room without a row lets the newest entry win. The rows are chained by what was said
-- before, and each names the event by which gateways heard of it.
CREATE TABLE room_sharing (
  shard TEXT NOT NULL, room TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, before TEXT NOT NULL,
  sharing TEXT NOT NULL CHECK (sharing IN ('newest', 'first', 'devices-2', 'devices-3', 'devices-4', 'devices-5',
    'devices-6', 'devices-7', 'devices-8', 'devices-9', 'devices-10')),
  feed INTEGER NOT NULL, actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, room, n), UNIQUE (shard, room, n, sharing),
  CHECK ((n = 1 AND prev_n IS NULL AND before = 'newest') OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK (before <> sharing),
  FOREIGN KEY (shard, room) REFERENCES rooms (shard, room),
  FOREIGN KEY (shard, room, prev_n, before) REFERENCES room_sharing (shard, room, n, sharing),
  FOREIGN KEY (shard, feed) REFERENCES feed (shard, sequence)) STRICT;

CREATE TRIGGER room_sharing_stay BEFORE UPDATE ON room_sharing BEGIN SELECT RAISE(ABORT, 'what was said of a door is a fact'); END;
CREATE TRIGGER room_sharing_last BEFORE DELETE ON room_sharing BEGIN SELECT RAISE(ABORT, 'what was said of a door is a fact'); END;

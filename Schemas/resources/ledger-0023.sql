-- Holder keys: rooms whose tickets are bound to a key of their holder (RFC 7800), and to which key. The rules of
-- ledger-0001 hold here too: `shard` leads every key, facts are appended.

-- What a host said of a room; a room without a row asks for no key. The rows are chained by what was said before, and each
-- names the event by which gateways heard of it.
CREATE TABLE room_holder_keys (
  shard TEXT NOT NULL, room TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, before TEXT NOT NULL,
  holder_key TEXT NOT NULL CHECK (holder_key IN ('none', 'required')),
  feed INTEGER NOT NULL, actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, room, n), UNIQUE (shard, room, n, holder_key),
  CHECK ((n = 1 AND prev_n IS NULL AND before = 'none') OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  CHECK (before <> holder_key),
  FOREIGN KEY (shard, room) REFERENCES rooms (shard, room),
  FOREIGN KEY (shard, room, prev_n, before) REFERENCES room_holder_keys (shard, room, n, holder_key),
  FOREIGN KEY (shard, feed) REFERENCES feed (shard, sequence)) STRICT;

-- The key of a ticket, by its thumbprint (RFC 7638): once, by the first who claims it. Another ticket in its place that the
-- same person holds has the same key, and says from which ticket it has it.
CREATE TABLE ticket_bindings (
  shard TEXT NOT NULL, ticket TEXT NOT NULL, jkt TEXT NOT NULL CHECK (length(jkt) = 43), inherited_from TEXT,
  actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, ticket), UNIQUE (shard, ticket, jkt),
  CHECK (inherited_from IS NULL OR inherited_from <> ticket),
  FOREIGN KEY (shard, ticket) REFERENCES tickets (shard, ticket),
  FOREIGN KEY (shard, inherited_from, jkt) REFERENCES ticket_bindings (shard, ticket, jkt)) STRICT;

CREATE TRIGGER room_holder_keys_stay BEFORE UPDATE ON room_holder_keys BEGIN SELECT RAISE(ABORT, 'what was said of a door is a fact'); END;
CREATE TRIGGER room_holder_keys_last BEFORE DELETE ON room_holder_keys BEGIN SELECT RAISE(ABORT, 'what was said of a door is a fact'); END;
CREATE TRIGGER ticket_bindings_stay BEFORE UPDATE ON ticket_bindings BEGIN SELECT RAISE(ABORT, 'the key of a ticket is a fact'); END;
CREATE TRIGGER ticket_bindings_last BEFORE DELETE ON ticket_bindings BEGIN SELECT RAISE(ABORT, 'the key of a ticket is a fact'); END;

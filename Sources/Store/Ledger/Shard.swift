/// The shard of every row. A SQLite file is one shard; the column leads every key, so that the same tables and the
/// same statements serve many shards of a distributed database.
let shard = "0"

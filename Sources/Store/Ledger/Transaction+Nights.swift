public import Values

/// A night as it was begun: the day, and what belongs to it.
public struct NightRow: Sendable, Hashable {
    public let day: LocalDay
    /// The last entry that belongs to the night.
    public let cut: Int64
    /// The last payee fact that the night knows.
    public let payeeCut: Int64
    /// The end of the day, exclusive; earlier if the night was cut before it.
    public let cutoff: Instant
    /// Id of the policy of the house.
    public let policy: String
    public let begunAt: Instant

    public init(day: LocalDay, cut: Int64, payeeCut: Int64, cutoff: Instant, policy: String, begunAt: Instant) {
        self.day = day
        self.cut = cut
        self.payeeCut = payeeCut
        self.cutoff = cutoff
        self.policy = policy
        self.begunAt = begunAt
    }
}

/// How far a night has come.
public struct NightProgress: Sendable, Hashable {
    /// Facts up to here are rated.
    public var ratedThrough: Int64
    public var rated: Int
    public var released: Int
}

/// The end of a night: what it publishes.
public struct NightEnd: Sendable, Hashable {
    public let headSequence: Int64
    public let headHash: String
    public let digest: String

    public init(headSequence: Int64, headHash: String, digest: String) {
        self.headSequence = headSequence
        self.headHash = headHash
        self.digest = digest
    }
}

extension Transaction {
    /// The last entry that was posted before an instant; 0 if there is none.
    public borrowing func lastSequence(before instant: Instant) throws(StoreFault) -> Int64 {
        // `posted_at` never falls, so the first row from the end that fits is the last one that does.
        try row(
            "SELECT seq FROM entries WHERE shard = $1 AND posted_us < $2 ORDER BY seq DESC LIMIT 1", shard, instant
        ) { row throws(StoreFault) in try row.integer(0) } ?? 0
    }

    public borrowing func insertNight(_ night: NightRow, ratedThrough: Int64) throws(StoreFault) {
        try execute(
            """
            INSERT INTO nights (shard, day, cut_sequence, payee_cut, cutoff_us, policy, begun_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, shard, night.day, night.cut, night.payeeCut, night.cutoff, night.policy, night.begunAt)
        try execute(
            """
            INSERT INTO night_progress (shard, day, rated_seq, rated, released) VALUES ($1, $2, $3, 0, 0)
            """, shard, night.day, ratedThrough)
    }

    public borrowing func night(_ day: LocalDay) throws(StoreFault) -> NightRow? {
        try row(
            "SELECT day, cut_sequence, payee_cut, cutoff_us, policy, begun_us FROM nights WHERE shard = $1 AND day = $2",
            shard,
            day, read: readNight)
    }

    /// Every night, the last one first.
    /// The same before a day, `9999-12-31` for all.
    public borrowing func nights(before day: String, limit: Int) throws(StoreFault) -> [NightRow] {
        try rows(
            """
            SELECT day, cut_sequence, payee_cut, cutoff_us, policy, begun_us FROM nights WHERE shard = $1 AND day < $2
            ORDER BY day DESC LIMIT $3
            """, shard, day, limit, read: readNight)
    }

    public borrowing func nights(limit: Int) throws(StoreFault) -> [NightRow] {
        try rows(
            """
            SELECT day, cut_sequence, payee_cut, cutoff_us, policy, begun_us FROM nights WHERE shard = $1
            ORDER BY day DESC LIMIT $2
            """, shard, limit, read: readNight)
    }

    /// The first day, from a day on, of which no night was begun: what is owed from then on changes no batch.
    public borrowing func unbegunDay(from day: LocalDay) throws(StoreFault) -> LocalDay {
        guard let begun = try nights(limit: 1).first?.day else { return day }
        return max(day, begun.advanced(byDays: 1))
    }

    /// The night before a day.
    public borrowing func night(before day: LocalDay) throws(StoreFault) -> NightRow? {
        try row(
            """
            SELECT day, cut_sequence, payee_cut, cutoff_us, policy, begun_us FROM nights WHERE shard = $1 AND day < $2
            ORDER BY day DESC LIMIT 1
            """, shard, day, read: readNight)
    }

    public borrowing func progress(of day: LocalDay) throws(StoreFault) -> NightProgress {
        try row(
            "SELECT rated_seq, rated, released FROM night_progress WHERE shard = $1 AND day = $2", shard, day
        ) { row throws(StoreFault) in
            NightProgress(ratedThrough: try row.integer(0), rated: try row.int(1), released: try row.int(2))
        } ?? NightProgress(ratedThrough: 0, rated: 0, released: 0)
    }

    public borrowing func setProgress(_ progress: NightProgress, of day: LocalDay) throws(StoreFault) {
        try execute(
            "UPDATE night_progress SET rated_seq = $3, rated = $4, released = $5 WHERE shard = $1 AND day = $2",
            shard, day, progress.ratedThrough, progress.rated, progress.released)
    }

    public borrowing func end(_ end: NightEnd, of day: LocalDay, at instant: Instant) throws(StoreFault) {
        let progress = try progress(of: day)
        try execute(
            """
            INSERT INTO night_results (shard, day, head_sequence, head_hash, digest, rated, released, ended_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, day, end.headSequence, end.headHash, end.digest, progress.rated, progress.released, instant)
    }

    /// `nil` while the night is under way.
    public borrowing func nightEnd(_ day: LocalDay) throws(StoreFault) -> NightEnd? {
        try row(
            "SELECT head_sequence, head_hash, digest FROM night_results WHERE shard = $1 AND day = $2", shard, day
        ) { row throws(StoreFault) in
            NightEnd(headSequence: try row.integer(0), headHash: try row.text(1), digest: try row.text(2))
        }
    }
}

private func readNight(_ row: borrowing Row) throws(StoreFault) -> NightRow {
    NightRow(
        day: try row.day(0), cut: try row.integer(1), payeeCut: try row.integer(2), cutoff: try row.instant(3),
        policy: try row.text(4), begunAt: try row.instant(5))
}

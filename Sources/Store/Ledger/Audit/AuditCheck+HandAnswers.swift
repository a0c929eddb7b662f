extension AuditCheck {
    /// Calls that people answered in a provider's place.
    static let handAnswers = AuditCheck(
        "calls answered by hand", "what people said of calls was carried out, and was told",
        counted: "SELECT count(*) FROM provider_hand_answers WHERE shard = $1",
        [
            Search(
                "provider_hand_answers", "its call is still open, or ended otherwise",
                """
                SELECT a.call FROM provider_hand_answers a WHERE a.shard = $1
                  AND NOT EXISTS (SELECT 1 FROM provider_call_ends x WHERE x.shard = a.shard AND x.call = a.call
                    AND x.at_us = a.at_us)
                  AND NOT EXISTS (SELECT 1 FROM payout_transfer_facts f WHERE f.shard = a.shard
                    AND 'transfer-' || f.payout = a.call AND f.at_us = a.at_us
                    AND f.state = CASE a.outcome WHEN 'made' THEN 'paid' ELSE 'refused' END)
                """),
            Search(
                "provider_hand_answers", "the repayment did not become what was said",
                """
                SELECT a.call FROM provider_hand_answers a JOIN provider_calls c ON c.shard = a.shard AND c.call = a.call
                WHERE a.shard = $1 AND a.kind = 'refund' AND NOT EXISTS (SELECT 1 FROM repayment_facts f
                  WHERE f.shard = c.shard AND f.repayment = c.repayment AND f.at_us <= a.at_us
                    AND f.state = CASE a.outcome WHEN 'made' THEN 'succeeded' ELSE 'failed' END)
                """),
            Search(
                "provider_hand_answers", "is not the last that was said, or was not told of exactly once",
                """
                SELECT a.call FROM provider_hand_answers a WHERE a.shard = $1
                  AND (a.n <> (SELECT max(p.n) FROM provider_hand_proposals p WHERE p.shard = a.shard AND p.call = a.call)
                    OR 1 <> (SELECT count(*) FROM outbox e WHERE e.shard = a.shard AND e.kind = 'provider.answered'
                      AND e.subject = a.call AND e.body LIKE '%"state":"' || a.outcome || '"%'))
                """),
            Search(
                "outbox", "tells of no such answer",
                """
                SELECT CAST(e.sequence AS TEXT) FROM outbox e WHERE e.shard = $1 AND e.kind = 'provider.answered'
                  AND NOT EXISTS (SELECT 1 FROM provider_hand_answers a WHERE a.shard = e.shard AND a.call = e.subject)
                """),
        ])
}

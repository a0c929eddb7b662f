extension AuditCheck {
    /// The log of acts on stages.
    static let acts: [AuditCheck] = [
        AuditCheck(
            "acts", "acts of each gateway and of each room have no gap, and say what their text says",
            counted: "SELECT count(*) FROM stage_acts WHERE shard = $1",
            [
                Search(
                    "stage_acts", "has a gap",
                    """
                    SELECT gateway FROM stage_acts WHERE shard = $1 GROUP BY gateway
                    HAVING min(seq) <> 1 OR max(seq) <> count(*)
                    """),
                Search(
                    "stage_acts", "has a gap in the log of the room",
                    """
                    SELECT room FROM stage_acts WHERE shard = $1 GROUP BY room
                    HAVING min(n) <> 1 OR max(n) <> count(*)
                    """),
                Search(
                    "stage_acts", "is of another number, room or kind than its text says",
                    """
                    SELECT gateway || '/' || CAST(seq AS TEXT) FROM stage_acts WHERE shard = $1
                      AND (body NOT LIKE '%"kind":"' || kind || '"%' OR body NOT LIKE '%"room":"' || room || '"%'
                        OR (body NOT LIKE '%"sequence":' || CAST(seq AS TEXT) || ',%'
                          AND body NOT LIKE '%"sequence":' || CAST(seq AS TEXT) || '}%'))
                    """),
                Search(
                    "stage_acts", "is refused, or not, as its text does not say",
                    """
                    SELECT gateway || '/' || CAST(seq AS TEXT) FROM stage_acts WHERE shard = $1
                      AND ((refused = '' AND body LIKE '%"refused":"%')
                        OR (refused <> '' AND body NOT LIKE '%"refused":"' || refused || '"%'))
                    """),
                Search(
                    "stage_acts", "is of a room that is not there",
                    """
                    SELECT a.gateway || '/' || CAST(a.seq AS TEXT) FROM stage_acts a WHERE a.shard = $1
                      AND NOT EXISTS (SELECT 1 FROM rooms r WHERE r.shard = a.shard AND r.room = a.room)
                    """),
            ])
    ]
}

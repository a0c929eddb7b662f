/// The rules of the log of acts on stages, for ``WrongInsertTests``.
extension WrongInsertTests {
    /// One act of one gateway in the room of the world.
    static let actWorld = """
        INSERT INTO stage_acts (shard, gateway, seq, room, n, kind, refused, body, received_us)
          SELECT '0', 'g', 1, min(room), 1, 'locked', '', '{}', 0 FROM rooms;
        """

    static let actCases: [Case] = [
        Case(
            "acts come in the order of their gateway and of their room, each once", "stage_acts",
            """
            gateway = 'g'; seq = 2; prev_seq = 1; room = (SELECT min(room) FROM rooms); n = 2; prev_n = 1; \
            kind = 'unlocked'; refused = ''; body = '{}'; received_us = 0
            """,
            wrong: "seq = 1; prev_seq = NULL", "seq = 3; prev_seq = 2", "prev_seq = NULL", "gateway = 'other'",
            "n = 1; prev_n = NULL", "n = 3; prev_n = 2", "prev_n = NULL", "room = 'nowhere'", "kind = ''")
    ]
}

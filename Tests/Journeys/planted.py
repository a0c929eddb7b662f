"""What somebody with the file and an editor may do to the books, and whether the audit finds it."""

import json
import shutil
import sqlite3

from house import cli


def check_planted(path, folder, corruptions):
    """Each of `(sql, check)` is planted in a copy of the file; the audit must name the check."""
    for number, (sql, check) in enumerate(corruptions):
        copy = folder / f"planted-{number}.sqlite"
        shutil.copy(path, copy)
        connection = sqlite3.connect(copy)
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        with connection:
            assert connection.execute(sql).rowcount > 0, f"nothing was planted: {sql}"
        connection.close()
        report = json.loads(cli("audit", "--database", str(copy), "--json", check=1).stdout)
        assert check in {line["check"] for line in report["lines"] if line["broken"]}, sql
        copy.unlink()

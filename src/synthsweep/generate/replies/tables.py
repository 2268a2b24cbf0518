"""The tables of mlruns/replies.db, and the statements that are used more than once."""

# Raise it when the tables change. The schema is that of version 1 and what each later one changed in it.
SCHEMA_VERSION = 2
FIRST_SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (
    request TEXT NOT NULL, sample INTEGER NOT NULL, llm TEXT NOT NULL, settings TEXT NOT NULL,
    prompt TEXT NOT NULL, label TEXT NOT NULL, messages TEXT, reply TEXT NOT NULL, finish TEXT NOT NULL,
    answered_as TEXT NOT NULL, prompt_tokens INTEGER, completion_tokens INTEGER, cached_tokens INTEGER,
    usd REAL, latency_s REAL, answered_at TEXT NOT NULL,
    PRIMARY KEY (request, sample, llm, settings)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claims (
    request TEXT NOT NULL, sample INTEGER NOT NULL, llm TEXT NOT NULL, settings TEXT NOT NULL,
    host TEXT NOT NULL, pid TEXT NOT NULL, started TEXT NOT NULL, until REAL NOT NULL,
    PRIMARY KEY (request, sample, llm, settings)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger (
    id INTEGER PRIMARY KEY, budget TEXT NOT NULL, usd REAL NOT NULL, state TEXT NOT NULL, at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS ledger_budget ON ledger (budget);
CREATE TABLE IF NOT EXISTS batches (
    token TEXT PRIMARY KEY, endpoint TEXT NOT NULL, batch TEXT, asked TEXT NOT NULL
);
"""
SECOND_SCHEMA = """
ALTER TABLE replies ADD COLUMN stated_usd REAL;
ALTER TABLE ledger ADD COLUMN ratio REAL;
ALTER TABLE ledger ADD COLUMN markup REAL;
ALTER TABLE batches ADD COLUMN host TEXT NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN pid TEXT NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN started TEXT NOT NULL DEFAULT '';
CREATE TABLE store (token TEXT NOT NULL);
INSERT INTO store VALUES (lower(hex(randomblob(8))));
"""
SCHEMA = FIRST_SCHEMA + SECOND_SCHEMA
ADD_REPLY = "INSERT OR IGNORE INTO replies VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
SAME = "request=? AND sample=? AND llm=? AND settings=?"
REPLIED = f"SELECT 1 FROM replies WHERE {SAME}"  # noqa: S608
CLAIM = f"SELECT host, pid, started, until FROM claims WHERE {SAME}"  # noqa: S608
END_CLAIM = f"DELETE FROM claims WHERE {SAME}"  # noqa: S608
END_OWN_CLAIM = f"{END_CLAIM} AND host=? AND pid=? AND started=?"
# Made when the first reading is noted: a store of an earlier version has none, and its replies count as read by that one.
READINGS = """
CREATE TABLE IF NOT EXISTS readings (
    request TEXT NOT NULL, sample INTEGER NOT NULL, llm TEXT NOT NULL, settings TEXT NOT NULL,
    reader INTEGER NOT NULL, texts INTEGER,
    PRIMARY KEY (request, sample, llm, settings)
) WITHOUT ROWID
"""
FORMER_READINGS = "INSERT INTO readings SELECT request, sample, llm, settings, 1, NULL FROM replies"
ADD_READING = "INSERT OR REPLACE INTO readings VALUES (?,?,?,?,?,?)"

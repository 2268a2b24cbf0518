"""The tables of mlruns/replies.db, and the statements that are used more than once."""

# Raise it when the tables change. The schema is that of version 1, and what each later one changed in it.
SCHEMA_VERSION = 4
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
# `most_tokens` is the limit that the reply was asked with. `totals` sums what each budget's ended entries took, so that holding
# dollars for a request takes as long in a ledger of many thousands as in an empty one; triggers keep it.
_ADD_TO_TOTALS = """
    INSERT INTO totals VALUES (NEW.budget, NEW.usd, NEW.state = 'paid', NEW.ratio, NEW.markup)
    ON CONFLICT (budget) DO UPDATE SET usd = usd + excluded.usd, answers = answers + excluded.answers,
        ratio = max(coalesce(ratio, 0), coalesce(excluded.ratio, 0)),
        markup = max(coalesce(markup, 1), coalesce(excluded.markup, 1));
"""
_TAKE_FROM_TOTALS = "UPDATE totals SET usd = usd - OLD.usd, answers = answers - (OLD.state = 'paid') WHERE budget = OLD.budget;"
THIRD_SCHEMA = f"""
ALTER TABLE replies ADD COLUMN most_tokens INTEGER;
CREATE TABLE totals (budget TEXT PRIMARY KEY, usd REAL NOT NULL, answers INTEGER NOT NULL, ratio REAL, markup REAL);
INSERT INTO totals SELECT budget, SUM(usd), SUM(state = 'paid'), MAX(ratio), MAX(markup) FROM ledger
    WHERE state <> 'held' GROUP BY budget;
CREATE INDEX ledger_held ON ledger (budget, usd) WHERE state = 'held';
CREATE TRIGGER ledger_added AFTER INSERT ON ledger WHEN NEW.state <> 'held' BEGIN {_ADD_TO_TOTALS} END;
CREATE TRIGGER ledger_ended AFTER UPDATE ON ledger WHEN OLD.state = 'held' AND NEW.state <> 'held' BEGIN {_ADD_TO_TOTALS} END;
CREATE TRIGGER ledger_changed AFTER UPDATE ON ledger WHEN OLD.state <> 'held' BEGIN {_TAKE_FROM_TOTALS} {_ADD_TO_TOTALS} END;
CREATE TRIGGER ledger_removed AFTER DELETE ON ledger WHEN OLD.state <> 'held' BEGIN {_TAKE_FROM_TOTALS} END;
"""  # noqa: S608
# What is kept of the tokens' log-probabilities, where they were asked for.
FOURTH_SCHEMA = "ALTER TABLE replies ADD COLUMN tokens TEXT;"
# Each leads from one version to the next.
SCHEMAS = (FIRST_SCHEMA, SECOND_SCHEMA, THIRD_SCHEMA, FOURTH_SCHEMA)
SCHEMA = "".join(SCHEMAS)
# That a prompt was too long gives way to a reply, and to what was found out later.
_REPLACED = (
    "messages reply finish answered_as prompt_tokens completion_tokens cached_tokens usd latency_s answered_at stated_usd "
    "most_tokens tokens"
)
ADD_REPLY = (
    f"INSERT INTO replies VALUES ({','.join('?' * 19)}) ON CONFLICT (request, sample, llm, settings) DO UPDATE SET "  # noqa: S608
    + ", ".join(f"{column} = excluded.{column}" for column in _REPLACED.split())
    + " WHERE replies.finish = 'too_long' AND (excluded.finish <> 'too_long' OR excluded.answered_at > replies.answered_at)"
)
FIND = "WITH asked (request, sample) AS (VALUES {}) SELECT replies.* FROM asked JOIN replies USING (request, sample)"
SAME = "request=? AND sample=? AND llm=? AND settings=?"
REPLIED = f"SELECT 1 FROM replies WHERE {SAME} AND finish <> 'too_long'"  # noqa: S608
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

"""`synthsweep audit`, `audit export`, `audit import`, in this process, on the demo corpus and the recorded replies."""

import http.client
import json
import shlex
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from support import audits
from support.builders import Answer as Said
from support.builders import run_config
from support.filled_sheets import answers_to, fill_csv, fill_xlsx, label_studio_export
from support.patience import LIMIT_S
from support.ports import free_port
from synthsweep.audit.folder import audit_folder, open_answers, read_audit, write_audit
from synthsweep.audit.items import Answer, Audit
from synthsweep.loopback import HOST
from synthsweep.run.prepare import prepare

FOLDER = Path("mlruns/audit/default")
NONE = "mlruns/audit; there is none yet; synthsweep audit export makes one"
Cli = Callable[..., Said]


def exported(cli: Cli, *words: str, n: int = 14) -> Audit:
    answer = cli("audit", "export", f"audit.n={n}", *words)
    assert answer.status == 0, answer.err
    return read_audit(FOLDER)


def mistaken(audit: Audit, *wrong: int, rater: str = "anna") -> dict[str, Answer]:
    """Every label is right but those of some items."""
    answers = answers_to(audit, rater=rater)
    return answers | {audit.items[place].id: Answer(audit.items[place].id, rater, "wrong") for place in wrong}


def test_an_export_says_what_is_asked_of_whom_and_what_is_next(cli: Cli) -> None:
    """How many texts, how sure one will be, where the sheet is, who must not read what."""
    answer = cli("audit", "export")

    assert answer.status == 0
    assert answer.out == (
        "140 of 770 texts, 20 of each of 7 LLM x prompt x criterion cells.\n"
        "95 % intervals, if 50% are right: ±0.08 for all, ±0.20 for a criterion.\n"
        f"Sheet: {FOLDER}/sheet.xlsx\n"
        f"Which LLM wrote what stands in {FOLDER}/key.json: whoever judges must not read it.\n"
        "Next: synthsweep audit review, or once the sheet is filled: synthsweep audit import audit.path=FILE\n"
    )
    assert sorted(file.name for file in FOLDER.iterdir()) == ["key.json", "sheet.xlsx"]
    assert FOLDER.stat().st_mode & 0o777 == 0o700


@pytest.mark.slow
def test_the_same_export_again_leaves_all_as_it_is(cli: Cli) -> None:
    """The sheet may hold answers by now, and another sample would make them worthless."""
    exported(cli)
    fill_xlsx(FOLDER / "sheet.xlsx", {}, "Anna")
    before = {file: file.read_bytes() for file in FOLDER.iterdir()}

    again, other = cli("audit", "export", "audit.n=14"), cli("audit", "export", "audit.n=14", "seed=2")

    assert again.status == 0
    assert "This sample was drawn before" in again.out
    assert "it was there before and may hold answers: left as it is" in again.out
    line = (
        f"synthsweep: audit.name=default is another sample already (14 items in {FOLDER}): audit.name=OTHER begins a second one"
    )
    assert (other.status, other.err[-1]) == (2, line)
    assert {file: file.read_bytes() for file in FOLDER.iterdir()} == before


@pytest.mark.slow
def test_several_pools_are_one_sample(cli: Cli) -> None:
    """Two prompts of one LLM, and a file of the user's own; sized for each prompt, with controls among them."""
    Path("mine's.jsonl").write_text("".join(f'{{"label": "A1", "text": "My own text, number {i}."}}\n' for i in range(9)))
    prompts = cli("audit", "export", "audit.prompts=[plain,attributed]", "audit.half_width=0.2", "audit.of=prompt",
                  "audit.planted=3", "audit.real=2", "prompt=persona")  # fmt: skip
    files = cli("audit", "export", "audit.name=own", 'audit.paths=["mine\'s.jsonl"]', "llm.model=me", "audit.n=5")

    assert (prompts.status, files.status) == (0, 0), (prompts.err, files.err)
    assert "42 of 1,540 texts, 3 of each of 14 LLM x prompt x criterion cells; " in prompts.out
    assert "beside them 2 real texts and 3 planted wrong labels." in prompts.out
    assert "±0.20 for a prompt" in prompts.out
    assert "5 of 9 texts, 5 of each of 1 LLM x prompt x criterion cell." in files.out
    assert {item.llm for item in read_audit(audit_folder("mlruns", "own")).items} == {"me"}


@pytest.mark.parametrize(("words", "file"), [
    (["audit.format=csv"], FOLDER / "sheet.csv"),
    (["audit.format=label_studio"], FOLDER / "tasks.json"),
    (["audit.path=out/mine.csv"], Path("out/mine.csv")),
])  # fmt: skip
def test_the_sheet_is_written_as_it_is_wanted(cli: Cli, words: list[str], file: Path) -> None:
    """By its format, or by the name of its file; Label Studio's has its interface beside it."""
    exported(cli, *words)

    assert file.is_file()
    assert (file.suffix == ".json") == file.with_name("interface.xml").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["export", "-m", "prompt=plain,attributed"], "-m: an audit is one sample of all its pools: name its pools with "),
        (["export", "audit.n=0"], "audit.n must be in [1, 100000], got 0"),
        (["export", "audit.n=3", "audit.half_width=0.1"], "audit.n and audit.half_width both say how many"),
        (["export", "audit.name=a/b"], "audit.name must be a name of letters, digits, '-', '_' and '.', got 'a/b'"),
        (["export", "audit.path=sheet.ods"], "audit.path must end in .xlsx or .csv or .json, got sheet.ods"),
        (["export", "audit.path=sheet.csv", "audit.format=xlsx"], "audit.path must end in .xlsx, got sheet.csv"),
        (["export", "audit.planted=9999"], "audit.planted=9999: the pools have 630 further texts that lack a label"),
        (["export", "llm=gpt-4"], "llm=gpt-4 prompt=plain has 0 of 700 texts, and generate.on_demand=false"),
        (["import"], f"audit.name=default: no such audit below {NONE}"),
        (["review", "audit.name=other"], f"audit.name=other: no such audit below {NONE}"),
        (["import", "audit.path=[a,b]", "audit.rater=c"], "audit.rater must name a rater for each sheet, got 1 for 2 in "),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(cli: Cli, words: list[str], said: str) -> None:
    """Status 2, and no audit is begun."""
    answer = cli("audit", *words)

    assert (answer.status, answer.out) == (2, "")
    assert answer.err[-1].startswith(f"synthsweep: {said}")
    assert not FOLDER.exists()


@pytest.mark.slow
def test_a_filled_workbook_gives_sentences_a_table_a_report_and_a_run(cli: Cli) -> None:
    """Twelve of fourteen are right; the run has the numbers, the figures and feedback on each example."""
    audit = exported(cli)
    fill_xlsx(FOLDER / "sheet.xlsx", mistaken(audit, 0, 1), "Anna")

    answer = cli("audit", "import", f"audit.path={FOLDER}/sheet.xlsx")

    assert answer.status == 0, answer.err
    assert answer.out.startswith(
        "14 new answers taken.\n"
        "An estimated 85.7 % of 770 example-label pairs are right [60.1 %, 96.0 %]: 1 rater judged 14 of them."
    )
    assert "no clinical finding" in answer.out
    assert answer.out.splitlines()[-1].endswith("; synthsweep run curation=audited")
    assert "<h1" in (FOLDER / "report.html").read_text(encoding="utf-8")
    with sqlite3.connect("mlruns/mlflow.db") as store:
        metrics = dict(store.execute("SELECT key, value FROM latest_metrics"))
        values = [value for (value,) in store.execute("SELECT value FROM assessments WHERE name = 'verdict'")]
    assert metrics["audit/correctness/all"] == pytest.approx(12 / 14)
    assert sorted(values) == ['"right"'] * 12 + ['"wrong"'] * 2


@pytest.mark.slow
def test_the_same_answers_make_no_second_run(cli: Cli) -> None:
    """An import that takes nothing new says what is there; one more answer is one more run."""
    audit = exported(cli)
    fill_xlsx(FOLDER / "sheet.xlsx", answers_to(audit), "Anna")
    words = ("audit", "import", f"audit.path={FOLDER}/sheet.xlsx")

    first, second = cli(*words), cli(*words)
    open_answers(FOLDER).save(Answer(audit.items[0].id, "Bo", "wrong"))
    third = cli("audit", "import")

    runs = [next(line for line in one.out.splitlines() if line.startswith("Run ")) for one in (first, second, third)]
    assert runs[0] == runs[1] != runs[2]
    assert ("14 new answers" in first.out, "new answer" in second.out) == (True, False)
    assert "2 raters" in third.out


@pytest.mark.slow
def test_sheets_of_any_format_are_taken_together(cli: Cli) -> None:
    """Each with its own rater; ANNA is Anna, who answered on the page before."""
    audit = exported(cli, "audit.format=csv")
    cli("audit", "export", "audit.n=14", "audit.format=label_studio")
    open_answers(FOLDER).save(Answer(audit.items[0].id, "Anna", "right"))
    fill_csv(FOLDER / "sheet.csv", answers_to(audit))
    export = label_studio_export(FOLDER / "tasks.json", mistaken(audit, 3), "bo@example.org")

    csv = cli("audit", "import", f"audit.path={FOLDER}/sheet.csv", "audit.rater=ANNA")
    both = cli("audit", "import", f"audit.path=[{export}]", "tracking=none")

    assert (csv.status, both.status) == (0, 0), (csv.err, both.err)
    assert {(rater, sum(one.rater == rater for one in open_answers(FOLDER).all())) for rater in ("Anna", "bo@example.org")} == {
        ("Anna", 14),
        ("bo@example.org", 14),
    }
    assert "Run " not in both.out


def test_nothing_is_kept_of_two_sheets_if_one_is_bad(cli: Cli) -> None:
    """The good one comes first; the line names the other one's file and row."""
    audit = exported(cli, "audit.format=csv")
    bad = Path("bad.csv")
    bad.write_bytes((FOLDER / "sheet.csv").read_bytes())
    fill_csv(FOLDER / "sheet.csv", answers_to(audit))
    fill_csv(bad, {ident: replace(one, verdict="maybe") for ident, one in answers_to(audit).items()})

    answer = cli("audit", "import", f"audit.path=[{FOLDER}/sheet.csv,bad.csv]", "audit.rater=[Anna,Bo]")

    assert (answer.status, answer.out) == (2, "")
    assert answer.err[-1:] == ["synthsweep: bad.csv: row 2: verdict must be right, wrong, unsure, got 'maybe'"]
    assert open_answers(FOLDER).all() == []
    assert not (FOLDER / "report.html").exists()


@pytest.mark.slow
def test_a_rater_who_answers_otherwise_is_asked_what_holds(cli: Cli) -> None:
    """Nothing of the sheet is kept until audit.replace=true says so."""
    audit = exported(cli, "audit.format=csv")
    kept = Answer(audit.items[0].id, "Anna", "wrong")
    open_answers(FOLDER).save(kept)
    fill_csv(FOLDER / "sheet.csv", answers_to(audit))
    words = ("audit", "import", f"audit.path={FOLDER}/sheet.csv", "audit.rater=anna")

    refused = cli(*words)
    left = open_answers(FOLDER).all()
    taken = cli(*words, "audit.replace=true", "tracking=none")

    assert (refused.status, left) == (2, [kept])
    message = f"Anna has answered {kept.item} before, and differently: audit.replace=true takes the new answers"
    assert refused.err[-1] == f"synthsweep: {message}"
    assert taken.status == 0
    assert {one.verdict for one in open_answers(FOLDER).all()} == {"right"}


@pytest.mark.slow
def test_half_a_sheet_is_taken_where_that_is_meant(cli: Cli) -> None:
    """The order is shuffled, so that the first rows are a sample themselves."""
    audit = exported(cli, "audit.format=csv")
    fill_csv(FOLDER / "sheet.csv", {item.id: Answer(item.id, "Anna", "right") for item in audit.items[:5]})
    words = ("audit", "import", f"audit.path={FOLDER}/sheet.csv", "audit.rater=Anna", "tracking=none")

    whole, half = cli(*words), cli(*words, "audit.partial=true")

    open_rows = "rows 7, 8, 9 and 6 more without a verdict (right, wrong, unsure)"
    line = f"synthsweep: sheet.csv: {open_rows}; audit.partial=true takes the others"
    assert (whole.status, whole.err[-1]) == (2, line)
    assert half.status == 0
    assert "1 rater judged 5 of the 14 drawn (9 open)" in half.out


@pytest.mark.slow
def test_the_audits_are_listed_with_how_far_each_rater_got(cli: Cli) -> None:
    """And what can be done with one; none is said, too."""
    none = cli("audit")
    audit = exported(cli)
    nobody = cli("audit", "import")
    open_answers(FOLDER).save(Answer(audit.items[0].id, "Anna", "right"))

    assert none.out == "There is no audit yet. Next: synthsweep audit export\n"
    assert "Anna 1 of 14" in cli("audit").out
    assert nobody.err[-1].startswith("synthsweep: audit.name=default: nobody has answered yet; synthsweep audit review ")


@pytest.mark.slow
def test_texts_and_notes_of_a_corpus_that_is_not_public_reach_no_tracker(cli: Cli) -> None:
    """Neither the database nor an artifact has them; the example's id is there."""
    audit = exported(cli, "data.public=false", n=7)
    noted = {ident: replace(one, note="a note about Zebedee") for ident, one in mistaken(audit, 1).items()}
    fill_xlsx(FOLDER / "sheet.xlsx", noted, "Anna")

    answer = cli("audit", "import", f"audit.path={FOLDER}/sheet.xlsx")

    assert answer.status == 0, answer.err
    kept = [
        file.read_bytes()
        for file in [*Path("mlruns").glob("mlflow.db*"), *Path("mlruns/artifacts").rglob("*")]
        if file.is_file()
    ]
    assert any(audit.items[0].example.encode() in content for content in kept)
    assert not any(b"Zebedee" in content or item.text.encode() in content for content in kept for item in audit.items)


def test_the_page_says_that_its_port_is_taken(cli: Cli) -> None:
    """One line with another port."""
    exported(cli)
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = cli("audit", "review", f"audit.port={port}")

    assert answer.status == 2
    assert answer.err[-1].startswith(f"synthsweep: audit.port={port} is taken (")


def test_an_audit_that_cannot_be_read_hides_no_other(cli: Cli) -> None:
    """It is named, with the way out; the others are listed."""
    write_audit(audits.small(3), FOLDER)
    broken = audit_folder("mlruns", "broken")
    broken.mkdir()
    (broken / "key.json").write_text("{")

    answer = cli("audit")

    assert answer.status == 0
    assert f"{broken}/key.json is not an audit: move it away, then export the audit again\n" in answer.out
    assert "nobody yet" in answer.out


@pytest.mark.slow
def test_what_is_private_at_the_import_reaches_no_tracker(cli: Cli) -> None:
    """Though the corpus was public when the sample was drawn."""
    audit = exported(cli, n=7)
    open_answers(FOLDER).add([*answers_to(audit).values()])

    answer = cli("audit", "import", "data.public=false")

    assert answer.status == 0, answer.err
    kept = [file.read_bytes() for file in Path("mlruns").glob("mlflow.db*")]
    assert not any(item.text.encode() in content for content in kept for item in audit.items)


@pytest.mark.slow
def test_commands_can_be_pasted_whatever_the_audit_is_called(cli: Cli) -> None:
    """In quotes for the shell and for Hydra, where the name needs them."""
    answer = cli("audit", "export", "audit.name='Prüfung eins'", "audit.n=7")
    again = shlex.split(answer.out.splitlines()[-1].partition("Next: synthsweep ")[2].partition(", or")[0])

    assert again == ["audit", "review", "audit.name='Prüfung eins'"]
    assert cli("audit", "export", again[2], "audit.n=7").status == 0


@pytest.mark.slow
def test_what_cannot_be_meant_is_one_line(cli: Cli) -> None:
    """A slip in the second word, a word for a list, a choice that there is not, a pool that ends."""
    assert cli("audit", "exprt").err[-1] == "synthsweep: audit exprt: no such verb; did you mean export?"
    assert (
        cli("audit", "export", "audit.prompts=x").err[-1]
        == "synthsweep: audit.prompts must be a list, as in audit.prompts=[A,B]"
    )
    unknown = cli("audit", "export", "audit.prompts=[plain,atributed]")
    assert [line.partition(" there are")[0] for line in unknown.err] == [
        "synthsweep: prompt=atributed: no such choice; did you mean attributed?"
    ]
    assert "These are all that there are: 9,999 were asked for.\n" in cli("audit", "export", "audit.n=9999").out


@pytest.mark.slow
def test_an_audit_of_other_texts_is_reported_to_change_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Else nobody would see that the run was not curated."""
    audit = audits.small(3)
    write_audit(audit, FOLDER)
    open_answers(FOLDER).add([*answers_to(audit, "wrong").values()])

    prepare(run_config("curation=audited", "llm=simulator", "generate.n=9", "mix.ratio=0.05", "characteristics.kind=none"))

    assert "curation.audit=default has judged none of these texts: it changes nothing" in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize(("action", "left"), [("drop", 761), ("replace", 770)])
def test_curation_takes_the_clinicians_word(cli: Cli, action: str, left: int) -> None:
    """Of fourteen texts nine were denied their label: these are dropped, or get the one that was seen instead."""
    audit = exported(cli)
    wrong = mistaken(audit, *range(9))
    seen = {item.id: next(label for label in audit.labels.ids if label != item.criterion) for item in audit.items}
    open_answers(FOLDER).add([replace(one, shows=frozenset({seen[one.item]})) if one.verdict == "wrong" else one
                              for one in wrong.values()])  # fmt: skip

    data = prepare(run_config("curation=audited", f"curation.label_action={action}", "mix.ratio=0.1",
                                  "curation.drop_duplicates=false", "characteristics.kind=none"))  # fmt: skip

    kept = {example.id: example.labels for example in data.curated.kept}
    denied = audit.items[:9]
    assert left == len(kept)
    assert data.curated.unjudged == 756
    labels = {item.example: frozenset({seen[item.id]}) for item in denied} if action == "replace" else {}
    assert labels == {item.example: kept[item.example] for item in denied if item.example in kept}
    assert data.audited is not None
    assert len(data.audited.answers) == 14


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ending_the_page_prints_the_next_command(cli: Cli, how: signal.Signals) -> None:
    """That is no failure; what was answered is kept by then."""
    audit = exported(cli)
    port = free_port()
    command = [sys.executable, "-c", "import synthsweep.cli.main, sys; sys.exit(synthsweep.cli.main.main())"]
    process = subprocess.Popen([*command, "audit", "review", f"audit.port={port}"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = process.stdout.readline()
    body = json.dumps({"rater": "Anna", "item": audit.items[0].id, "verdict": "right", "shows": [], "note": ""})

    status = answered(port, body)
    process.send_signal(how)
    rest = process.communicate(timeout=LIMIT_S)[0]

    assert first == f"Review: http://{HOST}:{port}/  (Ctrl-C ends it; every answer is kept at once)\n"
    assert status == 200
    assert (process.returncode, rest) == (0, "Answered: Anna 1 of 14.\nNext: synthsweep audit import\n")


def answered(port: int, body: str) -> int:
    """The status of an answer, once there is a server."""
    for _ in range(300):
        try:
            with closing(http.client.HTTPConnection(HOST, port, timeout=LIMIT_S)) as connection:
                connection.request("PUT", "/answers", body, {"Content-Type": "application/json"})
                return connection.getresponse().status
        except ConnectionRefusedError:
            time.sleep(0.1)
    return 0

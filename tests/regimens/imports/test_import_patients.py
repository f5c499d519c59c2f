"""`manage.py import_patients`: a report a manager can act on, an exit code a script can, and nothing lost."""

import re
from datetime import date, time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from patients.models import Clinic, Patient
from regimens.imports.columns import COLUMNS
from regimens.models import Course
from regimens.services import outlook
from tests.regimens.imports.files import a_file, a_line, raw_file

pytestmark = pytest.mark.django_db

DOCS = Path(settings.BASE_DIR) / "docs"


@pytest.fixture(autouse=True)
def _riverside_on_a_day(today_is):
    today_is(date(2026, 6, 1))
    Clinic.objects.create(name="Riverside", slug="riverside")


def run(path, capsys, *options):
    """Run the command; give its exit code and what it printed."""
    code = 0
    try:
        call_command("import_patients", path, "--clinic", "riverside", *options)
    except SystemExit as stop:
        code = stop.code
    return code, capsys.readouterr().out


def test_the_sample_lands_whole_and_a_second_time_not_at_all(capsys):
    code, said = run(DOCS / "patients-sample.csv", capsys)
    assert (code, said.splitlines()[-1]) == (0, "8 landed, 0 known already, 0 refused")
    code, said = run(DOCS / "patients-sample.csv", capsys)
    assert (code, said.splitlines()[-1]) == (0, "0 landed, 8 known already, 0 refused")
    assert Patient.objects.count() == 8
    assert Course.objects.count() == 7
    assert list(outlook.differences()) == []


def test_the_sample_and_the_documentation_have_every_column_and_no_other():
    titles = (DOCS / "patients-sample.csv").read_text().splitlines()[0].split(",")
    assert sorted(titles) == sorted(COLUMNS)
    explained = re.findall(r"^\| `(\w+)`", (DOCS / "import.md").read_text(), re.MULTILINE)
    assert explained == list(dict.fromkeys(explained))
    assert sorted(explained) == sorted(COLUMNS)


def test_a_refused_line_makes_the_exit_code_one_and_the_good_ones_land(capsys, tmp_path):
    path = a_file(tmp_path, a_line(), a_line(record_number="A-2", born_on="31/02/2026"))
    code, said = run(path, capsys)
    assert code == 1
    assert "line 3, born_on: “31/02/2026” is not in the calendar" in said
    assert said.splitlines()[-1] == "1 landed, 0 known already, 1 refused"
    assert Patient.objects.count() == 1


def test_a_dry_run_reports_the_same_and_writes_nothing(capsys, tmp_path):
    path = a_file(tmp_path, a_line(), a_line(record_number="A-2", born_on=""))
    dry, said_dry = run(path, capsys, "--dry-run")
    assert Patient.objects.count() == 0
    wet, said = run(path, capsys)
    assert dry == wet == 1
    assert said_dry.replace("dry run, nothing was written: ", "") == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty"),
        ("record_number,family_name,stage\n", "born_on must be there"),
        ("record_number,family_name,born_on,stage\n", "not one patient"),
        (
            "record_number,family_name,born_on,stage\nA-1,Müller,1960-01-01,\n".encode("latin-1"),
            "--encoding cp1252",
        ),
    ],
)
def test_a_file_that_cannot_be_used_writes_nothing_and_says_what_to_do(capsys, tmp_path, content, said):
    with pytest.raises(CommandError, match=said):
        run(raw_file(tmp_path, content), capsys)
    assert Patient.objects.count() == 0


def test_an_unknown_clinic_is_answered_with_the_known_ones(tmp_path):
    with pytest.raises(CommandError, match="There is no clinic nowhere. Clinics: riverside"):
        call_command("import_patients", a_file(tmp_path, a_line()), "--clinic", "nowhere")


def test_unknown_and_absent_columns_are_told_before_the_first_line(capsys, tmp_path):
    _code, said = run(a_file(tmp_path, a_line(shoe_size="38")), capsys)
    assert "no such column: “shoe_size”" in said
    assert re.search(r"not known of anybody: .*anticoagulant", said)


def test_days_before_months_only_when_told_so(capsys, tmp_path):
    path = a_file(tmp_path, a_line(born_on="03/04/1960", doses="05/01/2026 07/04/2026"))
    code, said = run(path, capsys)
    assert (code, Patient.objects.count()) == (1, 0)
    assert "could be read in two ways" in said
    code, _said = run(path, capsys, "--day-first")
    assert (code, Patient.objects.get().born_on) == (0, date(1960, 4, 3))


def test_the_clinics_own_day_decides_what_has_not_come_yet(capsys, tmp_path, today_is):
    Clinic.objects.update(time_zone="Pacific/Auckland")
    today_is(date(2026, 6, 1), time(20))  # the second of June there
    code, _said = run(a_file(tmp_path, a_line(doses="2026-06-02")), capsys)
    assert code == 0

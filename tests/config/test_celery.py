"""The beat table: intervals, real tasks, nothing carried."""

import inspect

import pytest
from celery.beat import Scheduler

from config.celery import app
from config.parts import beat, worker
from monitoring.messages.deliver import BUDGET

ENTRIES = list(app.conf.beat_schedule.values())


def test_the_beat_table_names_real_tasks():
    app.loader.import_default_modules()
    assert ENTRIES
    assert {entry["task"] for entry in ENTRIES} <= set(app.tasks)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["task"])
def test_an_entry_is_an_interval_and_dies_before_a_backlog_grows(entry):
    assert isinstance(entry["schedule"], float)
    assert entry["options"]["expires"] <= 3 * entry["schedule"]


def test_everything_is_due_at_every_start_and_then_by_its_interval():
    clock = Scheduler(app)
    assert {entry.name for entry in clock.schedule.values()} == set(app.conf.beat_schedule)
    assert [entry.name for entry in clock.schedule.values() if not entry.is_due().is_due] == []
    for entry in list(clock.schedule.values()):
        clock.reserve(entry)
    assert [entry.name for entry in clock.schedule.values() if entry.is_due().is_due] == []


def test_the_clock_keeps_no_file_that_a_power_cut_could_spoil():
    command = beat().command
    assert command[command.index("--scheduler") + 1] == "celery.beat:Scheduler"
    assert "--schedule" not in command


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["task"])
def test_a_task_takes_no_arguments_and_keeps_no_result(entry):
    app.loader.import_default_modules()
    task = app.tasks[entry["task"]]
    assert not inspect.signature(task.run).parameters
    assert not {"args", "kwargs"} & set(entry)
    assert task.ignore_result


def test_redis_keeps_nothing_but_ticks_and_a_worker_takes_one_at_a_time():
    assert app.conf.result_backend is None
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.task_acks_late is False
    assert app.conf.timezone == "UTC"
    assert app.conf.broker_transport_options["visibility_timeout"] == 120


def test_a_worker_that_is_asked_to_stop_ends_its_letter_within_its_grace():
    assert BUDGET.total_seconds() < worker().grace  # no letter is begun after the budget

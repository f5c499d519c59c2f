"""The protocol speaks in values: nothing it says can be changed afterwards, or given a field nobody knows."""

import inspect
from dataclasses import is_dataclass
from functools import cached_property
from importlib import import_module
from pkgutil import walk_packages

import pytest

from regimens import protocol

MODULES = [import_module(found.name) for found in walk_packages(protocol.__path__, "regimens.protocol.")]
VALUES = sorted(
    {
        value
        for module in MODULES
        for _, value in inspect.getmembers(module, inspect.isclass)
        if is_dataclass(value) and value.__module__.startswith("regimens.protocol")
    },
    key=lambda value: value.__qualname__,
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.__name__)
def test_a_value_is_frozen_and_has_no_room_for_more(value):
    assert value.__dataclass_params__.frozen
    remembers = any(isinstance(member, cached_property) for member in vars(value).values())
    assert remembers or "__slots__" in vars(value)


def test_there_are_values_to_look_at():
    assert {"Facts", "Finding", "Recommendation", "Converted"} <= {value.__name__ for value in VALUES}

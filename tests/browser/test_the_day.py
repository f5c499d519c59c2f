"""The day that everything stands on: registered, asked, planned, signed, injected, reminded."""

import re
import time
from email import message_from_bytes, policy

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

PATIENCE = 120  # seconds: the promise is “within two minutes”
FORBIDDEN = ("b12", "cobalamin", "injection", "deficien", "vitamin", "dose", "blood", "anaem", "mcg")


def choose(page, name: str, value: str) -> None:
    """Choose one of the radio buttons of a question."""
    page.locator(f'input[type=radio][name="{name}"][value="{value}"]').check()


def fill_day(page, name: str, day: str) -> None:
    """Type a date as people do, into its three boxes: “4-5-1970”."""
    for part, text in zip(("day", "month", "year"), day.split("-"), strict=True):
        page.locator(f'input[name="{name}_{part}"]').fill(text)


def answer_every_question(page) -> None:
    """Answer the clinical questions as an ordinary patient does; “not known” where nobody asks."""
    answers = {
        "neuro": "none",
        "deficiency": "confirmed",
        "allergies": "none",
        "bariatric": "none",
        "folic_acid": "none",
    }
    for name in page.evaluate(
        "[...new Set([...document.querySelectorAll('main input[type=radio]')].map(e => e.name))]"
    ):
        values = page.evaluate(
            "name => [...document.querySelectorAll(`input[name='${name}']`)].map(e => e.value)", name
        )
        wanted = answers.get(name) or next(v for v in ("no", "none", "not-known") if v in values)
        choose(page, name, wanted)


def test_a_patient_goes_through_the_day(sign_in, demo_clinic):
    reception = sign_in("reception")
    reception.get_by_role("link", name="Register a patient").click()
    reception.get_by_label("Family name").fill("Östlund-Ferraro")
    reception.get_by_label("Given names").fill("Ingeborg")
    fill_day(reception, "born_on", "4-5-1970")
    choose(reception, "sex", "female")
    reception.get_by_label("Record number").fill("DAY-1")
    reception.get_by_role("button", name="Register").click()
    expect(reception.get_by_role("link", name="ÖSTLUND-FERRARO, Ingeborg")).to_be_visible()
    expect(reception.locator("body")).not_to_contain_text("Clinical facts")
    address = re.search(r"/patients/\d+/", reception.url).group()

    nurse = sign_in("nurse")
    nurse.keyboard.press("/")
    nurse.keyboard.type("ferr inge")
    nurse.keyboard.press("Enter")
    nurse.wait_for_url(f"**{address}**")
    nurse.goto(f"{address}facts/")
    answer_every_question(nurse)
    nurse.get_by_role("main").locator("form").get_by_role("button").last.click()

    physician = sign_in("physician")
    physician.goto(f"{address}plan/new/")
    physician.locator('button[name="act"][value="propose"]').click()
    physician.goto(f"{address}plan/sign/")
    choose(physician, "interval", "P3M")
    physician.get_by_role("button", name=re.compile("^Sign")).click()
    expect(physician.locator("main")).to_contain_text("Signed")

    nurse.goto(f"{address}injections/new/")
    nurse.get_by_label("Name and date of birth").check()
    nurse.get_by_label("Nothing has changed").check()
    nurse.get_by_label("The anaphylaxis kit is here").check()
    nurse.get_by_text("Another vial: read it from the glass").click()
    nurse.locator('input[name="lot"]').fill("H2701")  # typing it chooses “another vial”
    fill_day(nurse, "expires_on", "31-12-2035")
    choose(nurse, "site", "DELTOID_R")
    save = nurse.get_by_role("button", name="Record the injection")
    save.dblclick()
    expect(nurse.locator("main")).to_contain_text("Next")
    nurse.goto(address)
    expect(nurse.get_by_text(re.compile("Dose 1: "))).to_have_count(1)
    nurse.goto(f"{address}injections/new/")
    expect(nurse.locator("main")).to_contain_text("already given on this day")

    manager = sign_in("manager")
    manager.goto("/dashboard/")
    expect(manager.get_by_role("heading", level=1)).to_be_visible()
    assert manager.goto(f"{address}injections/new/").status == 403
    auditor = sign_in("auditor")
    auditor.goto("/audit/")
    expect(auditor.locator("main")).to_contain_text(re.compile("recorded injection", re.IGNORECASE))


def test_letters_leave_within_two_minutes_and_say_nothing_clinical(demo_clinic):
    folder, end = demo_clinic.folder / "var" / "mail", time.monotonic() + PATIENCE
    while not (folder.is_dir() and any(folder.iterdir())):
        assert time.monotonic() < end, demo_clinic.text()
        time.sleep(1)
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.iterdir()]
    for letter in letters:
        assert letter["To"].count("@") == 1
        words = " ".join(
            [letter["Subject"], letter["From"], letter.get_body(("plain",)).get_content()]
        ).lower()
        assert not [word for word in FORBIDDEN if word in words]


def test_the_day_needs_no_script(sign_in):
    page = sign_in("nurse", java_script_enabled=False)
    page.locator("main a[href^='/patients/']").first.click()
    expect(page.locator("h1")).to_have_count(1)
    page.locator("#find").fill("a")
    page.locator("form.find button").click()
    expect(page.locator("h1")).to_have_count(1)


def test_pictures_for_the_readme(sign_in, screens, demo_clinic):
    mail = demo_clinic.folder / "var" / "mail"
    demo_clinic.waits_for(lambda: any(mail.glob("*")))  # until then it may say that no letter has left yet
    page = sign_in("nurse")
    picture = page.screenshot()
    assert picture.startswith(b"\x89PNG")
    if screens.is_dir():
        (screens / "today.png").write_bytes(picture)

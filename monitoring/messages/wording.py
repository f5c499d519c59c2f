"""What each letter says: a subject line and one paragraph, in words that give nothing away."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from monitoring.message_rules import Purpose, Subject

DOSE, LAB = Subject
COMING, SOON, DUE, MISSED, STILL_MISSED, CARD = Purpose


@dataclass(frozen=True)
class Wording:
    """Variables: %(day)s with its weekday, %(short_day)s without, %(time)s where one is booked."""

    subject: str
    sentence: str


# A dose is “your visit” and a blood test “your check”: neither word says what is done there.
# fmt: off
WORDINGS = {
    #  about purpose       booked
    (DOSE, COMING,       False): Wording(
        _("Your next visit"),
        _("Your next visit to us is due on %(day)s. Please get in touch to arrange a time.")),
    (DOSE, SOON,         False): Wording(
        _("Your visit is due on %(short_day)s"),
        _("Your visit to us is due on %(day)s. If you have not arranged a time yet, please get in touch.")),
    (DOSE, MISSED,       False): Wording(
        _("Please arrange your visit"),
        _("Your visit to us was due on %(day)s and we have not seen you. Please get in touch to arrange a time.")),
    (DOSE, STILL_MISSED, False): Wording(
        _("Please arrange your visit soon"),
        _("Your visit to us was due on %(day)s and we have still not seen you. It matters that you come, however "
          "late it is. Please get in touch to arrange a time.")),
    (DOSE, COMING,       True): Wording(
        _("Your appointment on %(short_day)s"),
        _("You have an appointment with us on %(day)s at %(time)s.")),
    (DOSE, SOON,         True): Wording(
        _("Reminder: your appointment on %(short_day)s"),
        _("This is a reminder of your appointment with us on %(day)s at %(time)s.")),
    (DOSE, MISSED,       True): Wording(
        _("Please arrange a new appointment"),
        _("You had an appointment with us on %(day)s at %(time)s and we did not see you. Please get in touch to "
          "arrange another time.")),
    (DOSE, STILL_MISSED, True): Wording(
        _("Please arrange a new appointment soon"),
        _("You had an appointment with us on %(day)s at %(time)s and we have still not seen you. It matters that "
          "you come, however late it is. Please get in touch to arrange another time.")),
    (LAB,  COMING,       False): Wording(
        _("Your next check"),
        _("Your next routine check is due on %(day)s. Please get in touch to arrange a time.")),
    (LAB,  DUE,          False): Wording(
        _("Your check is due"),
        _("Your routine check is due from %(day)s. If you have not arranged a time yet, please get in touch.")),
    (LAB,  MISSED,       False): Wording(
        _("Please arrange your check"),
        _("Your routine check was due on %(day)s and has not been done. Please get in touch to arrange a time.")),
    (LAB,  COMING,       True): Wording(
        _("Your appointment on %(short_day)s"),
        _("You have an appointment for a routine check on %(day)s at %(time)s.")),
    (LAB,  SOON,         True): Wording(
        _("Reminder: your appointment on %(short_day)s"),
        _("This is a reminder of your appointment for a routine check on %(day)s at %(time)s.")),
    (LAB,  MISSED,       True): Wording(
        _("Please arrange a new appointment"),
        _("You had an appointment for a routine check on %(day)s at %(time)s and it has not been done. Please get "
          "in touch to arrange another time.")),
}
# The card says what the letter two weeks before says: when it is, or that a time is to be arranged.
WORDINGS |= {(about, CARD, booked): WORDINGS[about, COMING, booked] for about in Subject for booked in (True, False)}
# fmt: on
SEVERAL = _("Your appointments and checks")


def wording_for(subject: str, purpose: str, booked: bool) -> Wording:
    """Give the words for a letter; the table has a row for every rule."""
    return WORDINGS[Subject(subject), Purpose(purpose), booked]

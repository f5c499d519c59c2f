"""The rows of monitoring: letters to patients, phone calls to them, and signs of life."""

from monitoring.models.call import CONCLUDING, FOR_A_PHYSICIAN, WITH_A_DAY, About, AskedCall, Call, Outcome
from monitoring.models.message import UNREACHABLE, Channel, Heartbeat, Message

__all__ = [
    "CONCLUDING",
    "FOR_A_PHYSICIAN",
    "UNREACHABLE",
    "WITH_A_DAY",
    "About",
    "AskedCall",
    "Call",
    "Channel",
    "Heartbeat",
    "Message",
    "Outcome",
]

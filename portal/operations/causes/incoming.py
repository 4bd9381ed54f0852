"""The catalogue of causes, second part: why something of Buildium's couldn't be brought here."""

from __future__ import annotations

from collections.abc import Mapping

from portal.operations.causes.cause import Cause

IN: Mapping[str, Cause] = {
    "event failed": Cause(
        "A change in Buildium couldn’t be fetched",
        "Press “Handle again”. If it fails again, look at the call.",
        "Buildium told by a webhook that a record was changed. When the portal asked for the record, it got no usable"
        " answer.",
        "Buildium had a fault at that moment, or the API key may not read this kind of record.",
        (
            "Open one of the events, and the call that it made. Its answer says what was wrong.",
            "If a permission is missing, give it to the key in Buildium.",
            "Press “Handle again” for the group: one is tried before the others follow.",
        ),
        "It is tried again after 2 seconds, 10 seconds, 1, 5 and 15 minutes; then it is given up and stays here. The"
        " nightly comparison finds the change as well.",
    ),
    "event not kept": Cause(
        "A change in Buildium doesn’t fit here",
        "Correct the value in Buildium, or the other record here that has it; then press “Handle again”.",
        "The record was fetched, and a value of it can’t be kept here.",
        "It is longer than the portal can keep, or another record here has the same number.",
        (
            "Open the event. The log of the portal names the value.",
            "Correct it in Buildium, or correct the other record here.",
            "Press “Handle again”.",
        ),
        "It is tried again a few times, then it is given up and stays here.",
    ),
    "event waits": Cause(
        "A change in Buildium waits for one of ours",
        "Open the record: while it is being sent, or its outcome is unknown, Buildium’s change can’t be taken over.",
        "Buildium told of a change of a record that the portal was just sending, again and again.",
        "The record of ours hasn’t come to rest: it is sent, looked for, or waits for a decision.",
        (
            "Open the record that the event names, and see what it waits for.",
            "Then press “Handle again”.",
        ),
        "It is tried again a few times. The nightly comparison finds the change as well.",
    ),
    "run failed": Cause(
        "An import or a comparison stopped",
        "Look at the message. When Buildium answers again, start it again: it goes on where it stopped.",
        "The portal was reading a whole list from Buildium and couldn’t go on.",
        "Buildium had a fault, the connection was lost, or the API key may not read this list.",
        (
            "Look at the overview: do the lamps say that Buildium answers and the key works?",
            "If a permission is missing, give it to the key in Buildium.",
            "Press “Start again”.",
        ),
        "The next run by the schedule ends this issue when it goes well: every hour for changes, every night for all.",
    ),
    "run incomplete": Cause(
        "A comparison ended with doubts",
        "Look at the message, then press “Start again”.",
        "The list was read to its end, but something in it wasn’t believed or couldn’t be kept.",
        "So many records were missing at once that a wrong key is likelier than a busy day, or values didn’t fit here.",
        (
            "Read the message of the run.",
            "If records are said to be missing, look in Buildium whether they really are gone.",
            "Check that the API key belongs to the right account, then press “Start again”.",
        ),
        "Nothing was taken for deleted. The next run by the schedule looks again.",
    ),
}

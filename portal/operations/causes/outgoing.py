"""The catalogue of causes, first part: why a record couldn't be brought to Buildium."""

from __future__ import annotations

from collections.abc import Mapping

from portal.operations.causes.cause import Cause

CORRECT = "Correct what is named here; the record is then sent by itself."
EDITED = "As soon as you save a correction, the record is sent again. Nothing that was typed here is lost meanwhile."
KEPT = "Everything stays as it is here. Nothing is sent again before somebody decides."

REFUSED: Mapping[str, Cause] = {
    "missing data": Cause(
        "Data that Buildium needs is missing",
        CORRECT,
        "The portal looked at the record before sending it and found something that Buildium would refuse. It made no"
        " call.",
        "Buildium requires some fields that the portal lets you leave empty for a while, and knows fewer values for"
        " some of them.",
        (
            "Open the record. The field is named at its top, with a link that leads to it.",
            "Fill it in, or choose one of the values on offer.",
            "Save. The badge changes to “Matches Buildium” within seconds.",
        ),
        EDITED,
        again=False,
    ),
    "refused 400": Cause(
        "Buildium refused the values",
        CORRECT,
        "The record was sent, and Buildium answered that it can’t take it in this form (400).",
        "A value has a form that Buildium doesn’t know, or two values don’t go together.",
        (
            "Open the record and read what Buildium says about the field.",
            "Correct the value and save.",
            "If it still is refused, open the call below the record, and hand it to whoever runs the portal.",
        ),
        EDITED,
        again=False,
    ),
    "refused 422": Cause(
        "Buildium refused the values",
        CORRECT,
        "The record was sent, and Buildium answered that a value breaks one of its rules (422).",
        "Buildium checks rules of your account that the portal can’t see, such as locked periods, numbers that must be"
        " unique, or accounts that are inactive there.",
        (
            "Open the record and read what Buildium says about the field.",
            "Correct the value here, or change the rule in Buildium.",
            "Save. If you changed something in Buildium only, press “Send again”.",
        ),
        EDITED,
        again=False,
    ),
    "refused 404": Cause(
        "Something the record refers to isn’t in Buildium",
        "Open the record and choose another one.",
        "Buildium couldn’t find a record that this one names: a property, a vendor, an account (404).",
        "It was removed in Buildium, or your API key may not see it.",
        (
            "Open the record, and look which related records it names.",
            "Look for them in Buildium.",
            "Choose others here and save, or restore them in Buildium and press “Send again”.",
        ),
        EDITED,
    ),
    "refused 409": Cause(
        "Buildium was changing the same record",
        "Press “Send again”.",
        "Two changes of one record met in Buildium, and ours was turned away (409).",
        "Somebody saved the same record in Buildium at that very moment, or Buildium was still working on an earlier"
        " change.",
        ("Press “Send again”. The portal looks at Buildium’s version first, so nothing of it is overwritten.",),
        "Where both sides have changed the same field, it becomes a conflict that you decide field by field.",
    ),
    "refused": Cause(
        "Buildium refused it",
        "Read what Buildium says below, correct the record, or press “Send again”.",
        "The record was sent, and Buildium refused it with an answer that is rare.",
        "What Buildium says, and the status of its answer, stand with the call below the record.",
        (
            "Open the record and read Buildium’s answer.",
            "Correct what it names, and save.",
            "If it names nothing, press “Send again” once, then ask whoever runs the portal.",
        ),
        EDITED,
    ),
    "permission": Cause(
        "The API key lacks a permission",
        "In Buildium, give the key the permission named here (Settings › Developer tools), then press “Send again”.",
        "Buildium answered that the portal’s API key may not do this (403).",
        "Each API key has permissions per area. This one lacks the area that is named in the message.",
        (
            "In Buildium, open Settings › Developer tools › API keys, as an administrator of your account.",
            "Edit the portal’s key, and tick the area that is named in the message, for viewing and editing.",
            "Come back and press “Send again” for the whole group: the first record is tried before the others follow.",
        ),
        "Nothing: a refused permission doesn’t come back by itself.",
    ),
    "answer not kept": Cause(
        "Buildium has it, but its answer doesn’t fit here",
        "Look at the message: a value of Buildium’s is already used here, or too long. Correct it there or here, then"
        " press “Send again”.",
        "The record is in Buildium. When the portal wanted to note what Buildium answered, a value didn’t fit.",
        "Another record here has the same number, or Buildium returned a longer text than the portal can keep.",
        (
            "Open the record and read which value it is.",
            "Find the other record that has it, and correct one of the two.",
            "Press “Send again”. The record isn’t created a second time.",
        ),
        KEPT,
    ),
    "deleted here": Cause(
        "The record no longer exists here",
        "Nothing can be sent. Check in Buildium whether it should go too.",
        "A change was waiting to be sent, and meanwhile the record was removed here.",
        "It was taken away together with the record that it belonged to.",
        ("Look in Buildium whether the record should go there, too.", "Resolve this issue; nothing is left to send."),
        "Nothing. The portal never deletes in Buildium.",
        again=False,
    ),
    "unreadable secret": Cause(
        "An encrypted value can’t be read",
        "Whoever runs the portal must add the missing key to PORTAL_ENCRYPTION_KEYS.",
        "A tax id or an account number of the record is encrypted with a key that the portal no longer has.",
        "The encryption keys were changed, and the old one was taken out too early.",
        (
            "Tell whoever runs the portal, with the name of this page.",
            "They add the old key behind the new one in PORTAL_ENCRYPTION_KEYS, and start the portal again.",
            "Press “Send again” for the whole group.",
        ),
        "Nothing is sent with an empty value instead: what Buildium has stays.",
        again=False,
    ),
}

PASSING: Mapping[str, Cause] = {
    "awaiting import": Cause(
        "It is compared with Buildium before it is created there",
        "Nothing: the import does that. Start it under “Imports” where none is running.",
        "The record was here before the portal was connected to Buildium, and may be there already.",
        "To create it at once could make a double.",
        ("Look at “Imports”. Where the import of this kind isn’t done, start it.",),
        "The import compares it with everything of its kind in Buildium. What looks like it is shown to you.",
        again=False,
    ),
    "awaiting review": Cause(
        "It may be in Buildium already",
        "Say whether it is one of the records that look like it, or none of them.",
        "The import found a record in Buildium that looks like this one.",
        "Names and addresses alone don’t say whether two records are one, and a double can’t be removed from here.",
        (
            "Open the record. What looks like it in Buildium is listed beside it.",
            "Choose the one that it is, or say that it is a new one.",
        ),
        KEPT,
        again=False,
    ),
    "waiting for parent": Cause(
        "Another record has to arrive in Buildium first",
        "Nothing, unless that record needs help: this one follows by itself.",
        "This record belongs to another one that Buildium doesn’t have yet.",
        "A unit needs its property, a lease its unit: Buildium wants them in this order.",
        ("Open the record that it waits for. If it is refused, correct it.",),
        "When the other one has arrived, this one is sent within seconds.",
    ),
    "shadow": Cause(
        "Not sent: shadow mode",
        "Look at what would be sent. It is sent when shadow mode ends.",
        "The portal works out what it would send, and sends nothing.",
        "An administrator has put this kind of record, or everything, into shadow mode, to look first.",
        (
            "Open “Shadow mode” and look at what would be sent.",
            "When it is right, leave shadow mode there. Then it is sent.",
        ),
        "Every change is kept and worked out anew. Nothing reaches Buildium meanwhile.",
        again=False,
    ),
    "connection": Cause(
        "The connection to Buildium was refused",
        "Nothing here: it goes out by itself once Buildium answers again.",
        "Buildium refuses everything of this account at the moment, not only this record.",
        "The API key was changed or switched off, or Buildium is closed for maintenance.",
        (
            "Look at the lamp “Credentials” on the overview.",
            "If it says that the key was refused, whoever runs the portal enters a new one.",
        ),
        "One call in every few seconds asks whether Buildium is back; then everything that waits is sent.",
    ),
    "retrying": Cause(
        "Buildium or the network had a fault",
        "Nothing: it is tried again by itself. “Send now” doesn’t wait for that.",
        "Buildium didn’t answer, or answered with a fault of its own.",
        "Such faults pass: a restart at Buildium, a break in the network.",
        ("Wait. The next attempt is shown with the record.",),
        "It is tried again after 5 seconds, 30 seconds, 2 minutes, 10 minutes, 1 hour and 6 hours.",
    ),
    "retries used up": Cause(
        "Every try failed",
        "Look at the calls below. If Buildium works again, press “Send again”.",
        "The record was tried again and again for more than seven hours, and each time Buildium had a fault.",
        "Either Buildium was down for long, or this one record makes it fail.",
        (
            "Look whether other records arrive: then Buildium works, and it is this record.",
            "Press “Send again” for the group. The first one shows whether it works now.",
            "If it fails again, make a support bundle from the failed call and send it to Buildium’s support.",
        ),
        "Nothing more: the tries are used up.",
    ),
    "lost answer": Cause(
        "Sent, but no answer came",
        "Nothing: the portal looks in Buildium whether the record is there before it sends it again.",
        "A new record was sent, and the connection broke before Buildium had answered.",
        "It may have been created or not. To send it again at once could make a double.",
        ("Wait a few minutes.",),
        "The portal looks for the record in Buildium. It takes it over if it is there, and sends it again if it isn’t.",
    ),
    "several candidates": Cause(
        "More than one record in Buildium could be this one",
        "Choose which one it is, or have it created anew.",
        "After a lost answer the portal looked for the record, and found several that are alike.",
        "Buildium has records with the same name and address.",
        (
            "Open the record. The candidates are listed with what tells them apart.",
            "Press “It is this one”, or “Create it anew” where it is none of them.",
        ),
        KEPT,
        again=False,
    ),
    "not found after a lost answer": Cause(
        "Sent, but Buildium has nothing like it",
        "Look for it in Buildium. Money is moved only once, so it is sent again only when you say that it isn’t there.",
        "A bill or a payment was sent, no answer came, and nothing like it was found, however often it was looked for.",
        "Most likely it never arrived. But to pay twice is worse than to wait.",
        (
            "Look in Buildium: at the bill, at the vendor’s transactions, at the bank account.",
            "If it is there, press “It is there: look again”.",
            "If it isn’t, press “It isn’t there: send it”.",
        ),
        KEPT,
    ),
    "conflict": Cause(
        "Changed here and in Buildium",
        "Choose, field by field, which value stays.",
        "Somebody changed a field here, and somebody else changed the same field in Buildium.",
        "Neither of the two is newer for certain, and neither may be lost.",
        (
            "Open the record. Each field shows the value before, yours, and Buildium’s.",
            "Choose one for each field, or one side for all, and press “Keep what is chosen”.",
        ),
        "Fields that only one side has changed are taken over already.",
        again=False,
    ),
    "missing": Cause(
        "The record is gone in Buildium",
        "If it was removed there by mistake, restore it there and press “Send again”, or press “Create it anew” below."
        " If it was meant, make it inactive here.",
        "Buildium says that it has no record with this number any more (404).",
        "Somebody deleted it in Buildium, or merged it with another one.",
        (
            "Ask who removed it in Buildium, and whether on purpose.",
            "On purpose: make the record inactive here, and resolve the issue.",
            "By mistake: restore it there and press “Send again”, or press “Create it anew” on the record.",
        ),
        "Everything stays here. Nothing is deleted, and nothing is created again by itself.",
    ),
}

OUT: Mapping[str, Cause] = {**REFUSED, **PASSING}

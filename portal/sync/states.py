"""The states of an outbox row, and the one place that says which leads to which (SYNC.md, "The outbox is a row")."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    PENDING = "pending"
    BLOCKED = "blocked"
    SYNCING = "syncing"
    SYNCED = "synced"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CONFLICT = "conflict"
    MISSING = "missing"
    HELD = "held"


class Event(StrEnum):
    """What can happen to a row."""

    SAVED = "saved"
    CLAIMED = "claimed"
    AGREED = "agreed"
    LATER = "later"
    REFUSED = "refused"
    BLOCKED = "blocked"
    LOST_ANSWER = "lost answer"
    DIVERGED = "diverged"
    GONE = "gone"
    BACK = "back there"
    RETRIED = "retried"
    LINKED = "linked"
    ANEW = "created anew"
    RELEASED = "released"
    PAUSED = "paused"
    RESUMED = "resumed"


WORK = frozenset({State.PENDING, State.UNCERTAIN})
NEEDS_A_PERSON = frozenset({State.FAILED, State.CONFLICT, State.MISSING})

# A save never takes a row out of a state in which something else has to be settled first: the worker that holds the
# lease sees the newer version when it is done; an unknown outcome is for a look-up, a conflict or a loss for a person.
AFTER: dict[Event, dict[State, State]] = {
    Event.SAVED: dict.fromkeys((State.PENDING, State.BLOCKED, State.SYNCED, State.FAILED), State.PENDING)
    | {State.HELD: State.HELD},
    Event.CLAIMED: dict.fromkeys(WORK, State.SYNCING),
    Event.AGREED: {State.SYNCING: State.SYNCED},
    Event.LATER: {State.SYNCING: State.PENDING},
    Event.REFUSED: {State.SYNCING: State.FAILED},
    Event.BLOCKED: {State.SYNCING: State.BLOCKED},
    Event.LOST_ANSWER: {State.SYNCING: State.UNCERTAIN},
    Event.DIVERGED: dict.fromkeys(set(State) - {State.MISSING}, State.CONFLICT),
    Event.GONE: dict.fromkeys(State, State.MISSING),
    Event.BACK: {State.MISSING: State.PENDING},
    Event.RETRIED: dict.fromkeys((State.FAILED, State.BLOCKED, State.PENDING, State.MISSING), State.PENDING)
    | {State.UNCERTAIN: State.UNCERTAIN, State.CONFLICT: State.PENDING},
    # Also of rows that were here before the first import: these wait, or are held.
    Event.LINKED: dict.fromkeys((State.UNCERTAIN, State.BLOCKED, State.PENDING, State.FAILED), State.PENDING)
    | {State.HELD: State.HELD},
    Event.ANEW: dict.fromkeys((State.UNCERTAIN, State.MISSING), State.PENDING),
    Event.RELEASED: {State.BLOCKED: State.PENDING},
    Event.PAUSED: dict.fromkeys((State.PENDING, State.BLOCKED), State.HELD),
    Event.RESUMED: {State.HELD: State.PENDING},
}


class TransitionError(Exception):
    """The row is in a state that this event can't happen in."""


def after(event: Event, state: State) -> State:
    """The state that follows. Raises TransitionError; a save leaves the states it may not change as they are."""
    following = AFTER[event].get(state)
    if following is not None:
        return following
    if event is Event.SAVED:
        return state
    raise TransitionError(f"{event.value} can't follow {state.value}")


def before(event: Event) -> list[str]:
    """The states in which `event` may happen, for the WHERE of an update."""
    return sorted(state.value for state in AFTER[event])


WORDS: dict[State, str] = {
    State.PENDING: "Waiting to send",
    State.BLOCKED: "Can't be sent yet",
    State.SYNCING: "Sending now",
    State.SYNCED: "Matches Buildium",
    State.FAILED: "Buildium refused",
    State.UNCERTAIN: "Outcome unknown",
    State.CONFLICT: "Changed on both sides",
    State.MISSING: "Gone in Buildium",
    State.HELD: "Sync is paused",
}

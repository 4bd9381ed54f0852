"""The files of an entry of a task's history (MAPPING top section, §4.16)."""

from __future__ import annotations

from portal.sandbox.resources.files import attached_files
from portal.sandbox.resources.task_categories import AREA

TASK_FILES = attached_files(
    "/v1/tasks/{TaskId}/history/{TaskHistoryId}/files", AREA, {"TaskId": "tasks", "TaskHistoryId": "task_history"}
)

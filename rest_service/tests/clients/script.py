"""What a program does with the client that openapi-python-client makes of the OpenAPI document."""

import datetime
import os

from smart_assistant import AuthenticatedClient
from smart_assistant.api.configuration import configuration_export, configuration_import
from smart_assistant.api.scheduled_tasks import (
    scheduled_tasks_cancel,
    scheduled_tasks_create,
    scheduled_tasks_get,
    scheduled_tasks_list,
)
from smart_assistant.api.users import users_create, users_erase, users_get, users_list, users_update
from smart_assistant.models import (
    Address,
    Channel,
    ChangeAction,
    NewScheduledTask,
    NewUser,
    Once,
    Problem,
    ProblemKind,
    TaskAction,
    TaskSort,
    TaskStatus,
    UserPatch,
    UserState,
    Weekly,
)

client = AuthenticatedClient(base_url=os.environ["REST_URL"], token=os.environ["SERVICE_KEY"])

created = users_create.sync_detailed(client=client, body=NewUser(name="Python"))
assert created.status_code == 201, created
user = created.parsed
assert user.state is UserState.PENDING, user
assert created.headers["location"] == f"/users/{user.id}"

tag = created.headers["etag"]
let_in = UserPatch(state=UserState.ACTIVE)
changed = users_update.sync(user.id, client=client, body=let_in, if_match=tag)
assert changed.state is UserState.ACTIVE and changed.version == 2, changed
stale = users_update.sync(user.id, client=client, body=UserPatch(name="Late"), if_match=tag)
assert isinstance(stale, Problem) and stale.type_ is ProblemKind.PRECONDITION_FAILED, stale
assert stale.current_version == 2, stale

refused = users_create.sync(client=client, body=NewUser(name=" "))
assert isinstance(refused, Problem) and refused.status == 422, refused
assert [error.field for error in refused.errors] == ["name"], refused

found = users_list.sync(client=client, state=UserState.ACTIVE, name="Pyth")
assert [each.id for each in found.items] == [user.id], found

to = Address(channel=Channel.TELEGRAM, chat="42")
weekly = Weekly.from_dict({"kind": "weekly", "days": ["Mon", "Fri"], "times": ["09:00:00"]})
for text in ["first", "second"]:
    task = scheduled_tasks_create.sync(
        user.id,
        client=client,
        body=NewScheduledTask(action=TaskAction.REMIND, text=text, schedule=weekly, to=to),
    )
again = scheduled_tasks_get.sync(user.id, task.id, client=client)
assert isinstance(again.schedule, Weekly) and again.schedule.to_dict() == weekly.to_dict(), again
past = Once.from_dict({"kind": "once", "at": "2001-01-01T00:00:00Z"})
late = scheduled_tasks_create.sync(
    user.id,
    client=client,
    body=NewScheduledTask(action=TaskAction.REMIND, text="late", schedule=past, to=to),
)
assert isinstance(late, Problem) and late.errors[0].field == "schedule", late

texts, cursor = [], None
while True:
    more = {"cursor": cursor} if cursor else {}
    page = scheduled_tasks_list.sync(
        user.id, client=client, status=TaskStatus.ACTIVE, sort=TaskSort.NEXT_RUN_AT_DESCENDING, limit=1, **more
    )
    texts += [each.text for each in page.items]
    cursor = page.next_cursor
    if not cursor:
        break
assert sorted(texts) == ["first", "second"], texts
assert scheduled_tasks_cancel.sync(user.id, task.id, client=client).status is TaskStatus.CANCELLED

document = configuration_export.sync(client=client)
report = configuration_import.sync(client=client, body=document, dry_run=True)
assert report.changes and all(each.action is ChangeAction.UNCHANGED for each in report.changes), report

assert users_erase.sync(user.id, client=client).found
gone = users_get.sync(user.id, client=client)
assert isinstance(gone, Problem) and gone.status == 404, gone
assert isinstance(user.created_at, datetime.datetime)
print("python: all well")

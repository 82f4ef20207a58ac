// What a program does with the client that @hey-api/openapi-ts makes of the OpenAPI document.

import assert from "node:assert/strict";
import { client } from "./hey/client.gen";
import {
  configurationExport,
  configurationImport,
  scheduledTasksCreate,
  scheduledTasksList,
  usersCreate,
  usersErase,
  usersGet,
  usersList,
  usersUpdate,
} from "./hey/sdk.gen";
import type { NewScheduledTask, Schedule } from "./hey/types.gen";

client.setConfig({ baseUrl: process.env.REST_URL!, auth: () => process.env.SERVICE_KEY! });

async function main(): Promise<void> {
  const created = await usersCreate({ body: { name: "Hey" } });
  assert.equal(created.response!.status, 201);
  const user = created.data!;
  assert.equal(user.state, "pending");

  const path = { user: user.id };
  const headers = { "If-Match": created.response!.headers.get("etag")! };
  const changed = await usersUpdate({ path, headers, body: { state: "active" } });
  assert.equal(changed.data!.version, 2);
  const stale = await usersUpdate({ path, headers, body: { name: "Late" } });
  assert.equal(stale.error!.type, "/problems/precondition-failed");
  const refused = await usersCreate({ body: { name: " " } });
  assert.deepEqual(refused.error!.errors!.map((error) => error.field), ["name"]);

  const found = await usersList({ query: { state: "active", name: "Hey" } });
  assert.deepEqual(found.data!.items.map((each) => each.id), [user.id]);

  const schedule: Schedule = { kind: "monthly", days: [31], times: ["18:00:00"] };
  for (const text of ["first", "second"]) {
    const to = { channel: "telegram" as const, chat: "42" };
    const body: NewScheduledTask = { action: "remind", text, schedule, to };
    const made = await scheduledTasksCreate({ path, body });
    const stored: Schedule = made.data!.schedule;
    assert.deepEqual(stored.kind === "monthly" && stored.days, [31]);
  }
  const texts: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await scheduledTasksList({ path, query: { status: "active", limit: 1, cursor } });
    texts.push(...page.data!.items.map((each) => each.text));
    cursor = page.data!.next_cursor ?? undefined;
  } while (cursor);
  assert.deepEqual(texts.sort(), ["first", "second"]);

  const document = await configurationExport();
  const report = await configurationImport({ query: { dry_run: true }, body: document.data! });
  assert(report.data!.changes.every((change) => change.action === "unchanged"));

  assert((await usersErase({ path })).data!.found);
  const gone = await usersGet({ path });
  assert.equal(gone.error!.status, 404);
  console.log("hey-api: all well");
}

void main();

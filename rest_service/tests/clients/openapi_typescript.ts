// What a program does with the types that openapi-typescript makes of the OpenAPI document, by openapi-fetch.

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

const client = createClient<paths, "application/json" | "application/problem+json">({
  baseUrl: process.env.REST_URL!,
  headers: { authorization: `Bearer ${process.env.SERVICE_KEY}` },
});

async function main(): Promise<void> {
  const created = await client.POST("/users", { body: { name: "TypeScript" } });
  assert.equal(created.response.status, 201);
  const user = created.data!;
  const pending: components["schemas"]["UserState"] = "pending";
  assert.equal(user.state, pending);
  assert.equal(created.response.headers.get("location"), `/users/${user.id}`);

  const path = { user: user.id };
  const tag = created.response.headers.get("etag")!;
  const header = { "If-Match": tag };
  const changed = await client.PATCH("/users/{user}", { params: { path, header }, body: { state: "active" } });
  assert.equal(changed.data!.version, 2);
  const stale = await client.PATCH("/users/{user}", { params: { path, header }, body: { name: "Late" } });
  assert.equal(stale.error!.type, "/problems/precondition-failed");
  assert.equal(stale.error!.current_version, 2);
  const refused = await client.POST("/users", { body: { name: " " } });
  assert.deepEqual(refused.error!.errors!.map((error) => error.field), ["name"]);

  const found = await client.GET("/users", { params: { query: { state: "active", name: "Type" } } });
  assert.deepEqual(found.data!.items.map((each) => each.id), [user.id]);

  const schedule: components["schemas"]["Schedule"] = { kind: "weekly", days: ["Mon"], times: ["09:00:00"] };
  for (const text of ["first", "second"]) {
    const to = { channel: "telegram" as const, chat: "42" };
    const body: components["schemas"]["NewScheduledTask"] = { action: "remind", text, schedule, to };
    const made = await client.POST("/users/{user}/scheduled_tasks", { params: { path }, body });
    const stored: components["schemas"]["Schedule"] = made.data!.schedule;
    assert.deepEqual(stored.kind === "weekly" && stored.days, ["Mon"]);
  }
  const texts: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { sort: "-created_at" as const, limit: 1, cursor };
    const page = await client.GET("/users/{user}/scheduled_tasks", { params: { path, query } });
    texts.push(...page.data!.items.map((each) => each.text));
    cursor = page.data!.next_cursor ?? undefined;
  } while (cursor);
  assert.deepEqual(texts.sort(), ["first", "second"]);

  const document = await client.GET("/export", {});
  const report = await client.POST("/import", { params: { query: { dry_run: true } }, body: document.data! });
  assert(report.data!.changes.every((change) => change.action === "unchanged"));

  assert((await client.DELETE("/users/{user}", { params: { path } })).data!.found);
  const gone = await client.GET("/users/{user}", { params: { path } });
  assert.equal(gone.error!.status, 404);
  console.log("openapi-typescript: all well");
}

void main();

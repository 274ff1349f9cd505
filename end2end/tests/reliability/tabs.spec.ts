// Several tabs in one browser, killed tabs, and a change of user: one socket, no message lost,
// duplicated or sent as the wrong
// user.
import type { Page } from "@playwright/test";
import { expect, PASSWORD, type TestUser, test, type TestServer } from "../harness/test-server";

type Tab = Page & { sockets: number };

/** Another tab of a person's browser, which counts the sockets it opens. */
async function tab(user: TestUser, server: TestServer, where = "/"): Promise<Tab> {
  const page = (await user.context.newPage()) as Tab;
  page.sockets = 0;
  page.on("websocket", () => {
    page.sockets += 1;
  });
  await page.goto(server.url + where);
  await expect(page.locator("body")).toHaveAttribute("data-connection", "live");
  return page;
}

const shown = (page: Page) =>
  page.getByRole("log", { name: "Messages" }).locator("article .text").allInnerTexts();

async function write(page: Page, text: string): Promise<void> {
  const field = page.getByRole("textbox", { name: "Message" });
  await field.fill(text);
  await field.press("Enter");
  await expect(field).toHaveValue("");
}

/** The tab becomes this person's by itself: the test must not navigate into that. */
async function turnsTo(page: Page, name: string): Promise<void> {
  await expect(page.getByRole("button", { name: "Account" })).toHaveAccessibleDescription(
    new RegExp(name),
  );
  await expect(page.locator("body")).toHaveAttribute("data-connection", "live");
}

/** Blocks `post_message` from this browser. */
const cut = (user: TestUser) => user.context.route("**/api/post_message", (route) => route.abort());
const mend = (user: TestUser) => user.context.unroute("**/api/post_message");

test("several tabs share one socket, and another tab takes over when the leader closes", async ({
  server,
  user,
}) => {
  const grace = await user("grace", "Grace Hopper");
  const ada = await user("ada", "Ada Lovelace", null);
  const tabs = [await tab(ada, server), await tab(ada, server), await tab(ada, server)];
  expect(tabs.map((page) => page.sockets)).toEqual([1, 0, 0]);
  await grace.send("to all tabs");
  for (const page of tabs)
    await expect(page.getByRole("log").getByText("to all tabs", { exact: true })).toBeVisible();
  await tabs[0].close();
  await expect.poll(() => tabs[1].sockets + tabs[2].sockets).toBe(1);
  await grace.send("to those that are left");
  for (const page of tabs.slice(1))
    await expect(page.locator(".text", { hasText: "to those that are left" })).toBeVisible();
  await write(tabs[1], "from one");
  await write(tabs[2], "from the other");
  await expect(grace.message("from the other")).toBeVisible();
  for (const page of tabs.slice(1)) {
    await expect(page.locator(".text", { hasText: "from the other" })).toBeVisible();
    expect(await shown(page)).toEqual(await grace.messageTexts());
  }
  expect(tabs[1].sockets + tabs[2].sockets).toBe(1);
});

test("a hung leader loses leadership to the visible tab", async ({ server, user }) => {
  const grace = await user("grace", "Grace Hopper");
  const ada = await user("ada", "Ada Lovelace", null);
  const [first, second] = [await tab(ada, server), await tab(ada, server)];
  await second.bringToFront();
  // Its page hangs and holds its lock and its socket.
  const hung = first.evaluate(() => {
    const until = Date.now() + 9_000;
    while (Date.now() < until);
  });
  await expect.poll(() => second.sockets).toBe(1);
  await grace.send("while it hangs");
  await expect(second.getByRole("log").getByText("while it hangs", { exact: true })).toBeVisible();
  await hung;
  await expect(first.locator(".text", { hasText: "while it hangs" })).toBeVisible();
  await grace.send("and after");
  for (const page of [first, second])
    await expect(page.locator(".text", { hasText: "and after" })).toBeVisible();
  expect(await shown(first)).toEqual(["while it hangs", "and after"]);
});

test("a following tab repeats a request for missed events that failed", async ({ server, user }) => {
  const grace = await user("grace", "Grace Hopper");
  const ada = await user("ada", "Ada Lovelace", null);
  const leader = await tab(ada, server);
  // What the leader forwards of this message does not reach tabs opened from now on.
  await ada.context.addInitScript(() => {
    const Channel = BroadcastChannel;
    window.BroadcastChannel = class extends Channel {
      set onmessage(handle: (event: MessageEvent) => void) {
        super.onmessage = (event) => {
          if (!String(event.data).includes("missed")) handle.call(this, event);
        };
      }
    };
  });
  const follower = await tab(ada, server);
  expect([leader.sockets, follower.sockets]).toEqual([1, 0]);
  await ada.context.route("**/api/changes_after", (route) => route.abort(), { times: 1 });
  const failed = follower.waitForEvent("requestfailed", {
    predicate: (request) => request.url().endsWith("/api/changes_after"),
  });
  await grace.send("the missed one");
  await grace.send("the one after");
  await failed;
  for (const page of [leader, follower])
    await expect.poll(() => shown(page)).toEqual(["the missed one", "the one after"]);
  expect(follower.sockets).toBe(0);
});

test("unsent messages survive a reload and a killed tab and are sent once, in order", async ({
  server,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await cut(ada);
  for (const n of [1, 2, 3]) await ada.send(`kept ${n}`);
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(ada.message("kept 3").getByRole("status")).toHaveText("Waiting");
  await ada.page.close({ runBeforeUnload: false });
  const again = await tab(ada, server);
  await expect(again.locator(".text", { hasText: "kept 1" })).toBeVisible();
  await mend(ada);
  await expect(grace.message("kept 3")).toBeVisible({ timeout: 40_000 });
  expect(await grace.messageTexts()).toEqual(["kept 1", "kept 2", "kept 3"]);
  await expect.poll(() => shown(again)).toEqual(["kept 1", "kept 2", "kept 3"]);
});

test("when fifty tabs are killed while sending, each message arrives exactly once or is visibly unsent", async ({
  server,
  user,
}) => {
  test.setTimeout(180_000);
  const ada = await user("ada", "Ada Lovelace", null);
  const grace = await user("grace", "Grace Hopper", null);
  const places: string[] = [];
  for (let n = 0; n < 5; n += 1)
    places.push(
      (
        await ada.callApi<{ conversation: { id: string } }>("create_group", {
          name: `Group ${n}`,
          members: [grace.id],
        })
      ).body.conversation.id,
    );
  // Every second message arrives without the sender hearing of it, every third not at all.
  let sent = 0;
  await ada.context.route("**/api/post_message", async (route) => {
    sent += 1;
    if (sent % 3 === 0) return route.abort();
    if (sent % 2 === 0) await route.fetch().catch(() => undefined);
    return (sent % 2 === 0 ? route.abort() : route.continue()).catch(() => undefined);
  });
  for (let round = 1; round <= 10; round += 1) {
    const pages = await Promise.all(places.map((place) => tab(ada, server, `/c/${place}`)));
    await Promise.all(pages.map((page) => write(page, `round ${round}`)));
    await Promise.all(pages.map((page) => page.close({ runBeforeUnload: false })));
  }
  await ada.context.unroute("**/api/post_message");
  for (const place of places) {
    const last = await tab(ada, server, `/c/${place}`);
    // A tab may be killed before the disk has it: then the field still holds it.
    const draft = await last.getByRole("textbox", { name: "Message" }).inputValue();
    await write(last, "the end");
    await expect(last.locator("article", { hasText: "the end" }).getByRole("status")).toHaveText(
      "Sent",
      { timeout: 60_000 },
    );
    const history = await grace.callApi<{ entries: { change: { kind: string; body?: string } }[] }>(
      "history",
      { conversation: place, limit: 100 },
    );
    const kept = history.body.entries
      .filter((entry) => entry.change.kind === "posted")
      .map((entry) => entry.change.body ?? "");
    for (let round = 1; round <= 10; round += 1) {
      const times = kept.filter((body) => body === `round ${round}`).length;
      expect(
        times === 1 || (times === 0 && draft.includes(`round ${round}`)),
        `round ${round}: ${times} of ${kept.join()}; ${draft}`,
      ).toBe(true);
    }
    await last.close();
  }
});

test("a rejected message keeps its reason over a reload and can be edited", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.page.route("**/api/post_message", (route) =>
    route.fulfill({
      status: 422,
      contentType: "application/json",
      body: JSON.stringify({ code: "invalid", message: "Not like this.", field: "body" }),
    }),
  );
  await ada.send("a word too many");
  await expect(ada.message("a word too many").getByRole("status")).toHaveText("Not sent");
  await ada.page.unroute("**/api/post_message");
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(ada.message("a word too many")).toContainText("Not like this.");
  await ada.message("a word too many").getByRole("button", { name: "Edit" }).click();
  const field = ada.page.getByRole("textbox", { name: "Message" });
  await expect(field).toHaveValue("a word too many");
  await expect(ada.messages.getByRole("article")).toHaveCount(0);
  await ada.send("a word");
  await expect(ada.message("a word").getByRole("status")).toHaveText("Sent");
  await ada.page.reload();
  await ada.waitUntilReady();
  expect(await ada.messageTexts()).toEqual(["a word"]);
});

test("a draft survives a reload and a killed tab", async ({ server, user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.page.getByRole("textbox", { name: "Message" }).fill("half a thought");
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(ada.page.getByRole("textbox", { name: "Message" })).toHaveValue("half a thought");
  await ada.page
    .getByRole("textbox", { name: "Message" })
    .fill("half a thought\nand the other half");
  await ada.page.close({ runBeforeUnload: false });
  const again = await tab(ada, server);
  await expect(again.getByRole("textbox", { name: "Message" })).toHaveValue(/^half a thought/);
  await write(again, "the whole");
  await again.reload();
  await expect(again.locator("body")).toHaveAttribute("data-connection", "live");
  await expect(again.getByRole("textbox", { name: "Message" })).toHaveValue("");
});

test("after another user signs in, nothing of the first user is shown or sent in their name", async ({
  server,
  user,
}) => {
  await user("grace", "Grace Hopper", null);
  const ada = await user("ada", "Ada Lovelace");
  await cut(ada);
  await ada.send("from ada alone");
  await ada.page.getByRole("textbox", { name: "Message" }).fill("ada's draft");
  const other = await tab(ada, server);
  // Signed in as somebody else, without signing out first.
  await other.request.post(`${server.url}/api/sign_in`, {
    data: { username: "grace", password: PASSWORD },
  });
  await turnsTo(ada.page, "Grace Hopper");
  await turnsTo(other, "Grace Hopper");
  await mend(ada);
  await write(other, "from grace");
  await expect(other.locator(".text", { hasText: "from grace" })).toBeVisible();
  expect(await shown(other)).toEqual(["from grace"]);
  await expect(other.getByRole("textbox", { name: "Message" })).toHaveValue("");
  await other.request.post(`${server.url}/api/sign_in`, {
    data: { username: "ada", password: PASSWORD },
  });
  await turnsTo(other, "Ada Lovelace");
  await expect(other.locator(".text", { hasText: "from ada alone" })).toBeVisible();
  await expect(other.getByText("Waiting", { exact: true })).toHaveCount(0);
  await expect(other.getByRole("textbox", { name: "Message" })).toHaveValue("ada's draft");
  const authors = await other
    .getByRole("article")
    .evaluateAll((rows) =>
      rows.map(
        (row) =>
          `${row.getAttribute("aria-label")?.split(",")[0]}: ${row.querySelector(".text")?.textContent}`,
      ),
    );
  expect(authors).toEqual(["Grace Hopper: from grace", "Ada Lovelace: from ada alone"]);
});

test("signing in in one tab signs in all tabs waiting at sign-in", async ({ server, user }) => {
  const ada = await user("ada", "Ada Lovelace", null);
  await ada.context.clearCookies();
  const [first, second, third] = [
    await ada.context.newPage(),
    await ada.context.newPage(),
    await ada.context.newPage(),
  ];
  for (const [page, where] of [
    [first, "/sign-in"],
    [second, "/sign-in?next=/settings"],
    [third, "/sign-up"],
  ] as const) {
    await page.goto(server.url + where);
    await expect(page.locator("body")).toHaveAttribute("data-hydrated", "");
  }
  await first.getByLabel("Username").fill("ada");
  await first.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await first.getByRole("button", { name: "Sign in" }).click();
  for (const page of [first, second, third]) await turnsTo(page, "Ada Lovelace");
  expect(new URL(second.url()).pathname).toBe("/settings");
});

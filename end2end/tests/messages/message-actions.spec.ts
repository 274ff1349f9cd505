// Edits, deletions, replies, reactions, pins and links: two users see the same, live, after
// reconnecting and after a reload.
import { expect, type Locator, type TestUser, test } from "../harness/test-server";

/** Does something to a message by its buttons. */
async function act(message: Locator, ...buttons: string[]): Promise<void> {
  await message.hover();
  for (const name of buttons) {
    const item = message.page().getByRole("menuitem", { name, exact: true });
    await (
      buttons.indexOf(name) > 0 ? item : message.getByRole("button", { name, exact: true })
    ).click();
  }
}

const field = (user: TestUser) => user.page.getByRole("textbox", { name: "Message" });

test("arrow up edits a message, and both users see the new text and the history", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.send("The lesson is on Tusday");
  await expect(grace.message("Tusday")).toBeVisible();
  await field(ada).press("ArrowUp");
  await expect(field(ada)).toHaveValue("The lesson is on Tusday");
  await expect(ada.page.getByRole("group", { name: "Reply or edit" })).toContainText(
    "Editing your message",
  );
  await field(ada).fill("The lesson is on **Tuesday**");
  await field(ada).press("Enter");
  await expect(field(ada)).toHaveValue("");
  await expect(ada.page.getByRole("group", { name: "Reply or edit" })).toHaveCount(0);
  for (const reader of [ada, grace]) {
    await expect(
      reader.message("on Tuesday").locator("strong", { hasText: "Tuesday" }),
    ).toBeVisible();
    await expect(reader.message("Tusday")).toHaveCount(0);
  }
  await grace.page.reload();
  await grace.message("on Tuesday").getByRole("button", { name: "(edited)" }).click();
  await expect(grace.page.getByRole("dialog", { name: "Earlier versions" })).toContainText(
    "The lesson is on Tusday",
  );
});

test("a draft returns after an edit, and a failed edit keeps its text", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.send("first");
  await field(ada).fill("a draft");
  await act(ada.message("first"), "More", "Edit");
  await expect(field(ada)).toHaveValue("first");
  await field(ada).press("Escape");
  await expect(field(ada)).toHaveValue("a draft");
  await act(ada.message("first"), "More", "Edit");
  await ada.page.route("**/api/edit_message", (route) => route.abort());
  await field(ada).fill("second");
  await field(ada).press("Enter");
  await expect(ada.page.getByRole("alert").filter({ hasText: "cannot be reached" })).toBeVisible();
  await expect(field(ada)).toHaveValue("second");
  await ada.page.unroute("**/api/edit_message");
  await field(ada).press("Enter");
  await expect(field(ada)).toHaveValue("a draft");
  await expect(ada.message("second")).toBeVisible();
});

test("a deleted message disappears for both users and returns on undo", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.send("not for here");
  await expect(grace.message("not for here")).toBeVisible();
  await grace.page.context().setOffline(true);
  await act(ada.message("not for here"), "More", "Delete");
  await expect(ada.message("not for here")).toHaveCount(0);
  await expect(ada.messages.getByText("Message deleted")).toBeVisible();
  await grace.page.context().setOffline(false);
  await expect(grace.messages.getByText("Message deleted")).toBeVisible({ timeout: 30_000 });
  await expect(grace.page.getByText("not for here")).toHaveCount(0);
  await ada.page.getByRole("button", { name: "Undo" }).click();
  for (const reader of [ada, grace]) await expect(reader.message("not for here")).toBeVisible();
  await grace.message("not for here").hover();
  await grace.message("not for here").getByRole("button", { name: "More" }).click();
  await expect(
    grace.page
      .getByRole("menuitem", { name: "Reply" })
      .or(grace.page.getByRole("menuitem", { name: "Copy text" })),
  ).toBeVisible();
  await expect(grace.page.getByRole("menuitem", { name: "Delete" })).toHaveCount(0);
});

test("a moderator deletes a message of another person", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await grace.send("an insult");
  await act(ada.message("an insult"), "More", "Delete");
  await expect(grace.messages.getByText("Message deleted")).toBeVisible();
  await grace.messages.getByText("Message deleted").hover();
  await expect(grace.page.getByRole("button", { name: "Restore" })).toHaveCount(0);
  await ada.page.getByRole("button", { name: "Undo" }).click();
  await expect(grace.message("an insult")).toBeVisible();
  await act(ada.message("an insult"), "More", "Delete");
  await ada.goto("/admin/audit-log");
  const row = ada.page.getByRole("row").filter({ hasText: "Deleted a message" }).first();
  await expect(row).toContainText("Grace Hopper");
  await expect(row).toContainText("Everyone");
});

test("a reply quotes its message and links to it, also far back in the history", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.send("Who has the slides?");
  await act(grace.message("Who has the slides?"), "Reply");
  await expect(grace.page.getByRole("group", { name: "Reply or edit" })).toContainText(
    "Replying to Ada Lovelace",
  );
  await grace.send("I have");
  const answer = ada.message("I have");
  await expect(answer.locator(".quoted")).toContainText("Who has the slides?");
  await act(
    ada.message("Who has the slides?").filter({ hasNot: ada.page.locator(".quoted") }),
    "More",
    "Mark as answered",
  );
  await expect(grace.messages.getByText("Answered")).toBeVisible();
  const { conversation } = await here(grace);
  for (let n = 0; n < 150; n++) {
    await ada.callApi("post_message", {
      conversation,
      client_id: crypto.randomUUID(),
      body: `filler ${n}`,
    });
  }
  await ada.callApi("post_message", {
    conversation,
    client_id: crypto.randomUUID(),
    body: "at last",
    answers: await seqOf(ada, "Who has the slides?"),
  });
  await grace.page.reload();
  await grace.waitUntilReady();
  const last = grace.message("at last");
  await last.scrollIntoViewIfNeeded();
  await last.locator(".quoted").click();
  const original = grace
    .message("Who has the slides?")
    .filter({ hasNot: grace.page.locator(".quoted") });
  await expect(original).toBeInViewport();
  await expect(original).toBeFocused();
});

test("reactions show who reacted to both users and can be removed", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.send("Done!");
  await act(grace.message("Done!"), "React", "🎉");
  const chip = ada.message("Done!").getByRole("button", { name: "🎉 Grace Hopper" });
  await expect(chip).toHaveAttribute("aria-pressed", "false");
  await chip.click();
  await expect(
    grace.message("Done!").getByRole("button", { name: "🎉 You, Ada Lovelace" }),
  ).toHaveAttribute("aria-pressed", "true");
  await ada.page.reload();
  const both = ada.message("Done!").getByRole("button", { name: "🎉 You, Grace Hopper" });
  // Also before the page is awake: it is done then, and the focus stays.
  await both.focus();
  await ada.page.keyboard.press("Enter");
  await expect(ada.message("Done!").getByRole("button", { name: "🎉 Grace Hopper" })).toBeFocused();
  await act(grace.message("Done!"), "React", "🎉");
  await expect(ada.message("Done!").locator(".chip")).toHaveCount(0);
});

test("a message is found by its link and can be marked unread from there", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const { conversation } = await here(ada);
  for (let n = 0; n < 200; n++)
    await ada.callApi("post_message", {
      conversation,
      client_id: crypto.randomUUID(),
      body: `message ${n}`,
    });
  await grace.page.goto("about:blank");
  const seq = await seqOf(ada, "message 40");
  await grace.goto(`/c/${conversation}?at=${seq}`);
  await expect(grace.message(/^message 40$/)).toBeInViewport();
  await grace.page.getByRole("button", { name: /new|Latest/ }).click();
  await expect(grace.message("message 199")).toBeInViewport();
  await expect(grace.page).toHaveTitle(/^Everyone/);
  // Letters are commands only where the keyboard led.
  await grace.message("message 191").focus();
  await grace.page.keyboard.press("ArrowUp");
  await expect(grace.message("message 190")).toBeFocused();
  await grace.page.keyboard.press("u");
  await expect(grace.page).toHaveTitle(/^\(10\)/);
  await expect(grace.conversations.getByRole("link", { name: /^Everyone/ })).toContainText("10");
  await grace.goto(`/c/${conversation}`);
  await expect(grace.messages.locator(".new-line + article")).toContainText("message 190");
  await expect(grace.page).toHaveTitle(/^Everyone/);
});

test("a conversation with many unread messages opens at the first of them and is read as far as it is scrolled", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const { conversation } = await here(ada);
  await grace.page.goto("about:blank");
  for (let n = 0; n < 150; n++)
    await ada.callApi("post_message", {
      conversation,
      client_id: crypto.randomUUID(),
      body: `message ${n}`,
    });
  await grace.goto(`/c/${conversation}`);
  await expect(grace.messages.locator(".new-line")).toBeInViewport();
  await expect(grace.message(/^message 0$/)).toBeInViewport();
  await expect(grace.message("message 149")).not.toBeInViewport();
  const unread = async () => Number(/^\((\d+)\)/.exec(await grace.page.title())?.[1] ?? 0);
  await expect.poll(unread).toBe(99);
  await grace.messages.hover();
  await expect(async () => {
    await grace.page.mouse.wheel(0, 500);
    await expect(grace.message("message 100")).toBeInViewport({ timeout: 300 });
  }).toPass();
  await expect.poll(unread).toBeLessThan(60);
  expect(await unread()).toBeGreaterThan(30);
  await grace.page.getByRole("button", { name: /new|Latest/ }).click();
  await expect.poll(unread).toBe(0);
});

async function here(user: TestUser): Promise<{ conversation: string }> {
  const { body } = await user.callApi<{
    conversations: { conversation: { id: string; kind: string } }[];
  }>("snapshot", {});
  return {
    conversation: body.conversations.find((it) => it.conversation.kind === "everyone")!.conversation
      .id,
  };
}

async function seqOf(user: TestUser, text: string): Promise<number> {
  const { conversation } = await here(user);
  type Page = { entries: { seq: number; change: { body?: string } }[]; more_before: boolean };
  let before: number | undefined;
  for (;;) {
    const { body: page } = await user.callApi<Page>("history", {
      conversation,
      limit: 100,
      before,
    });
    const found = page.entries.find((entry) => entry.change.body === text);
    if (found) return found.seq;
    if (!page.more_before) throw new Error(`nobody wrote ${text}`);
    before = page.entries[0].seq;
  }
}

test("pins and open questions are listed in the details while they apply and link to the message", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.createGroup("Engines", [grace]);
  await ada.send("Who has the key?");
  await ada.send("It is in the drawer");
  await grace.open("Engines");
  await grace.details();
  const [pinned, open] = ["Pinned", "Open questions"].map((name) =>
    grace.page.getByRole("region", { name }),
  );
  await expect(open.getByRole("link")).toHaveText([/Ada Lovelace.*Who has the key\?/]);
  await expect(pinned).toHaveCount(0);
  const choose = async (text: string, item: string) => {
    await ada.message(text).hover();
    await ada.message(text).getByRole("button", { name: "More" }).click();
    // Its picture is a part of it.
    await ada.page.getByRole("menuitem", { name: item, exact: true }).locator("svg").click();
    await expect(ada.page.getByRole("menu")).toHaveCount(0);
  };
  await choose("It is in the drawer", "Pin");
  await expect(pinned.getByRole("link")).toHaveText([/It is in the drawer/]);
  await choose("Who has the key?", "Mark as answered");
  await expect(open).toHaveCount(0);
  await grace.page.reload();
  await grace.waitUntilReady();
  await expect(pinned.getByRole("link")).toHaveText([/It is in the drawer/]);
  await pinned.getByRole("link").click();
  await expect(grace.page).toHaveURL(/\/c\/[^/]+\?at=\d+$/);
  await expect(grace.message("It is in the drawer")).toBeInViewport();
});

test("a message's menu stays with its message while others write", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  for (let n = 1; n <= 12; n++) await ada.send(`line ${n}`);
  const line = ada.message(/^line 9$/);
  await line.hover();
  await line.getByRole("button", { name: "More" }).click();
  const menu = ada.page.getByRole("menu", { name: "More" });
  const apart = async () =>
    Math.round(((await menu.boundingBox())?.y ?? 0) - ((await line.boundingBox())?.y ?? 0));
  const [before, top] = [await apart(), (await line.boundingBox())?.y ?? 0];
  for (let n = 1; n <= 3; n++) await grace.send(`from elsewhere ${n}`);
  await expect(ada.message("from elsewhere 3")).toBeVisible();
  await expect.poll(async () => (await line.boundingBox())?.y ?? top).toBeLessThan(top);
  await expect.poll(apart).toBe(before);
  await menu.getByRole("menuitem", { name: "Delete" }).click();
  await expect(line).toHaveCount(0);
  await expect(grace.messages.getByText("Message deleted")).toHaveCount(1);
});

test("emptying an edited message shows an error, and a reply forgets a message that was deleted meanwhile", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.send("a secret");
  const field = ada.page.getByRole("textbox", { name: "Message" });
  await field.press("ArrowUp");
  await expect(field).toHaveValue("a secret");
  await field.fill("");
  await field.press("Enter");
  await expect(ada.page.getByRole("alert").filter({ hasText: /./ })).toContainText(
    "A message cannot be empty.",
  );
  await field.press("Escape");
  await expect(field).toHaveValue("");
  await grace.message("a secret").hover();
  await grace.message("a secret").getByRole("button", { name: "Reply" }).click();
  const purpose = grace.page.getByRole("group", { name: "Reply or edit" });
  await expect(purpose).toContainText("a secret");
  await ada.message("a secret").focus();
  await ada.page.keyboard.press("Delete");
  await expect(purpose).toContainText("Message deleted");
  await expect(purpose).not.toContainText("a secret");
});

test("linking to a message taller than the window shows its beginning", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  for (let n = 1; n <= 5; n++) await ada.send(`before ${n}`);
  await ada.send(`The whole chapter. ${"Lorem ipsum dolor sit amet. ".repeat(300)}`);
  for (let n = 1; n <= 5; n++) await ada.send(`after ${n}`);
  const chapter = ada.message("The whole chapter");
  await expect(ada.message("after 5").getByRole("status")).toHaveText("Sent");
  const seq = (await chapter.getAttribute("id"))?.slice(1);
  const { body } = await ada.callApi<{ conversations: { conversation: { id: string } }[] }>(
    "snapshot",
    {},
  );
  await ada.goto(`/c/${body.conversations[0].conversation.id}?at=${seq}`);
  await expect(chapter).toBeFocused();
  const [log, there] = [await ada.messages.boundingBox(), await chapter.boundingBox()];
  expect(there?.height).toBeGreaterThan(log?.height ?? 0);
  expect(Math.abs((there?.y ?? 0) - (log?.y ?? 0))).toBeLessThanOrEqual(1);
});

test("arrow up right after sending edits that message, never the one before, also before the server has it", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.send("the first");
  await expect(ada.message("the first").getByRole("status")).toHaveText("Sent");
  const held: (() => void)[] = [];
  await ada.page.route("**/api/post_message", async (route) => {
    await new Promise<void>((resolve) => held.push(resolve));
    await route.continue();
  });
  await ada.send("the second");
  await expect.poll(() => held.length).toBe(1);
  const field = ada.page.getByRole("textbox", { name: "Message" });
  await field.press("ArrowUp");
  await expect(field).toHaveValue("");
  held.forEach((go) => go());
  await expect(field).toHaveValue("the second");
  await field.press("Escape");
  // Whoever writes on meanwhile is not interrupted.
  await ada.send("the third");
  await expect.poll(() => held.length).toBe(2);
  await field.press("ArrowUp");
  await field.pressSequentially("the fourth");
  held.forEach((go) => go());
  await expect(ada.message("the third").getByRole("status")).toHaveText("Sent");
  await expect(field).toHaveValue("the fourth");
  // One that was not sent comes back into the field.
  await field.fill("");
  await ada.page.unroute("**/api/post_message");
  await ada.page.route("**/api/post_message", (route) =>
    route.fulfill({ status: 409, json: { code: "conflict", message: "Not this one." } }),
  );
  await ada.send("the fifth");
  await expect(ada.message("the fifth").getByRole("status")).toContainText("Not sent");
  await field.press("ArrowUp");
  await expect(field).toHaveValue("the fifth");
  await expect(ada.message("the fifth")).toHaveCount(0);
});

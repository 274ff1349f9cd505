// A whole working day by keyboard: each step can be done without a pointer and leaves the focus
// where work continues.
import type { Locator, Page } from "@playwright/test";
import { expect, PASSWORD, test } from "../harness/test-server";

/** Presses a key until this has the focus, as a screen reader user would. */
async function reach(page: Page, target: Locator, key = "Tab"): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if (
      (await target.count()) > 0 &&
      (await target.first().evaluate((element) => element === document.activeElement))
    )
      return;
    await page.keyboard.press(key);
  }
  await expect(target, `not reached by ${key}`).toBeFocused({ timeout: 1 });
}

test("a whole working day can be done by keyboard alone", async ({ server, browser, user }) => {
  test.setTimeout(120_000);
  const grace = await user("grace", "Grace Hopper");
  await user("kofi", "Kofi Mensah", null);
  await (await user("ada", "Ada Lovelace", null)).context.close();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const { keyboard } = page;
  const press = async (...keys: string[]) => {
    for (const key of keys) await keyboard.press(key);
  };
  const field = page.getByRole("textbox", { name: "Message" });
  const log = page.getByRole("log", { name: "Messages" });
  const message = (text: string | RegExp) =>
    log.getByRole("article").filter({ has: page.locator(".text", { hasText: text }) });
  const item = (name: string) => page.getByRole("menuitem", { name, exact: true });
  const heading = (name: string) => page.getByRole("heading", { level: 1, name, exact: true });
  /** By its menu, from the message. */
  const choose = async (text: string, name: string) => {
    await expect(message(text)).toBeFocused();
    await reach(page, message(text).getByRole("button", { name: "More" }));
    await press("Enter");
    await expect(page.getByRole("menu", { name: "More" })).toBeVisible();
    await reach(page, item(name), "ArrowDown");
    await press("Enter");
    await expect(page.getByRole("menu")).toHaveCount(0);
  };

  await test.step("sign in", async () => {
    await page.goto(`${server.url}/sign-in`);
    await keyboard.type("ada");
    await press("Tab");
    await keyboard.type(PASSWORD);
    await press("Enter");
    await expect(page.locator("body")).toHaveAttribute("data-connection", "live");
  });

  await test.step("go to a person and write", async () => {
    await press("Control+k");
    await expect(page.getByRole("dialog", { name: "Go to" })).toBeVisible();
    await keyboard.type("grace");
    await press("Enter");
    await expect(heading("Grace Hopper")).toBeVisible();
    await expect(field).toBeFocused();
    await keyboard.type("good morning");
    await press("Enter");
    await expect(
      grace.conversations.getByRole("link", { name: /^Ada Lovelace.*good morning/ }),
    ).toBeVisible();
  });

  await test.step("create a group", async () => {
    await reach(page, page.getByRole("button", { name: "New group" }), "Shift+Tab");
    await press("Enter");
    const dialog = page.getByRole("dialog", { name: "New group" });
    await expect(dialog.getByRole("textbox", { name: "Group name" })).toBeFocused();
    await keyboard.type("Engines");
    for (const name of ["Grace Hopper", "Kofi Mensah"]) {
      await reach(page, dialog.getByRole("checkbox", { name }));
      await press("Space");
      await expect(dialog.getByRole("checkbox", { name })).toBeChecked();
    }
    await press("Enter");
    await expect(heading("Engines")).toBeVisible();
    await expect(dialog).toBeHidden();
    await expect(field).toBeFocused();
  });

  await test.step("mention somebody, add an emoji, make a word strong, and send", async () => {
    await keyboard.type("@gra");
    await expect(page.getByRole("option", { name: /Grace Hopper/ })).toBeVisible();
    await press("Enter");
    await expect(field).toHaveValue("@grace ");
    await keyboard.type("is it ");
    await press("Control+b");
    await keyboard.type("done");
    await expect(field).toHaveValue("@grace is it **done**");
    await press("ArrowRight", "ArrowRight");
    await keyboard.type("? :tad");
    await expect(page.getByRole("option", { name: /:tada:/ })).toBeVisible();
    await press("Enter");
    await expect(field).toHaveValue(/^@grace is it \*\*done\*\*\? 🎉 ?$/);
    await press("Enter");
    await expect(message("is it done").locator("strong", { hasText: /^done$/ })).toBeVisible();
    await expect(message("is it done").locator(".mention")).toHaveText("@Grace Hopper");
    await expect(field).toBeFocused();
  });

  await test.step("walk to an answer, react to it, and answer it", async () => {
    await grace.open("Engines");
    await grace.send("nearly, who asks");
    await expect(message("nearly")).toBeVisible();
    await press("Shift+F6");
    await expect(log).toBeFocused();
    await press("ArrowUp", "ArrowUp", "ArrowDown");
    await expect(message("nearly")).toBeFocused();
    await reach(page, message("nearly").getByRole("button", { name: "React" }));
    await press("Enter");
    await reach(page, item("🎉"), "ArrowRight");
    await press("Enter");
    await expect(
      grace.message("nearly").getByRole("button", { name: "🎉 Ada Lovelace" }),
    ).toBeVisible();
    await expect(message("nearly").getByRole("button", { name: "React" })).toBeFocused();
    // The reaction is on the way.
    await reach(page, message("nearly"), "Shift+Tab");
    await press("r");
    await expect(page.getByRole("group", { name: "Reply or edit" })).toContainText(
      "Replying to Grace Hopper",
    );
    await expect(field).toBeFocused();
    await keyboard.type("I do, of corse");
    await press("Enter");
    await expect(grace.message("I do, of corse").locator(".quoted")).toContainText(
      "nearly, who asks",
    );
  });

  await test.step("edit the last message", async () => {
    await expect(
      message("I do")
        .getByRole("status")
        .filter({ hasText: /Waiting/ }),
    ).toHaveCount(0);
    await press("ArrowUp");
    await expect(field).toHaveValue("I do, of corse");
    for (let n = 0; n < 5; n += 1) await press("Backspace");
    await keyboard.type("course");
    await press("Enter");
    await expect(grace.message("I do, of course")).toBeVisible();
    await expect(field).toHaveValue("");
  });

  await test.step("delete a message, and undo it", async () => {
    await press("Shift+F6", "ArrowUp");
    await expect(message("of course")).toBeFocused();
    await press("Delete");
    await expect(grace.messages.getByText("Message deleted")).toBeVisible();
    await reach(page, page.getByRole("button", { name: "Undo" }));
    await press("Enter");
    await expect(grace.message("of course")).toBeVisible();
  });

  await test.step("mark as unread from a message on", async () => {
    await reach(page, log, "F6");
    await press("ArrowUp", "ArrowUp");
    await expect(message("nearly")).toBeFocused();
    await press("u");
    await expect(page).toHaveTitle(/^\(1\) /);
  });

  await test.step("save it, and pin it", async () => {
    await reach(page, log, "F6");
    await press("ArrowUp", "ArrowUp");
    await choose("nearly", "Save");
    await reach(page, log, "F6");
    await press("ArrowUp", "ArrowUp");
    await choose("nearly", "Pin");
    await expect(message("nearly")).toContainText("Pinned");
    await reach(page, page.getByRole("button", { name: "Details" }));
    await press("Enter");
    await expect(page.getByRole("region", { name: "Pinned" }).getByRole("link")).toHaveText([
      /nearly, who asks/,
    ]);
    await reach(page, page.getByRole("button", { name: "Close details" }));
    await press("Enter");
    await expect(page.getByRole("region", { name: "Pinned" })).toHaveCount(0);
  });

  await test.step("find it again among what is saved", async () => {
    await reach(page, page.getByRole("link", { name: "Saved", exact: true }));
    await press("Enter");
    await expect(heading("Saved")).toBeVisible();
    await reach(
      page,
      page.getByRole("region", { name: "Saved" }).getByRole("link", { name: /nearly, who asks/ }),
    );
    await press("Enter");
    await expect(message("nearly")).toBeInViewport();
    await expect(message("nearly")).toBeFocused();
  });

  await test.step("open the thread", async () => {
    await choose("nearly", "Show thread");
    const thread = page.getByRole("region", { name: "Thread" });
    await expect(thread.getByRole("listitem").locator(".text")).toHaveText([
      "nearly, who asks",
      "I do, of course",
    ]);
    await reach(page, thread, "F6");
    await reach(page, thread.getByRole("button", { name: "Reply in thread" }));
    await press("Enter");
    await expect(thread).toHaveCount(0);
    await expect(page.getByRole("group", { name: "Reply or edit" })).toContainText(
      "Replying to Grace Hopper",
    );
    await expect(field).toBeFocused();
    await press("Escape");
    await expect(page.getByRole("group", { name: "Reply or edit" })).toHaveCount(0);
  });

  await test.step("close the thread from the message list", async () => {
    await reach(page, log, "F6");
    await press("ArrowUp", "ArrowUp");
    await choose("nearly", "Show thread");
    const thread = page.getByRole("region", { name: "Thread" });
    await expect(thread).toBeVisible();
    await reach(page, log, "F6");
    await press("Escape");
    await expect(thread).toHaveCount(0);
  });

  await test.step("search, and go to what was found", async () => {
    await press("Control+Shift+F");
    await expect(page.getByRole("searchbox", { name: "Search messages" })).toBeFocused();
    await keyboard.type("morning");
    await press("Enter");
    // Not the one in the list of conversations, which is there before.
    const hit = page
      .getByRole("region", { name: "Search" })
      .getByRole("link", { name: /good morning/ });
    await expect(hit).toBeVisible();
    await press("ArrowDown");
    await expect(hit).toBeFocused();
    await press("Enter");
    await expect(heading("Grace Hopper")).toBeVisible();
    await expect(message("good morning")).toBeFocused();
  });

  await test.step("go from conversation to conversation", async () => {
    await press("Alt+ArrowUp");
    await expect(heading("Engines")).toBeVisible();
    await press("Alt+ArrowDown");
    await expect(heading("Grace Hopper")).toBeVisible();
  });

  await test.step("look at the list of keys", async () => {
    await reach(page, log, "F6");
    await press("?");
    const keys = page.getByRole("dialog", { name: "Keyboard" });
    await expect(keys).toBeVisible();
    await press("Escape");
    await expect(keys).toBeHidden();
    await expect(log).toBeFocused();
  });

  await test.step("choose what others see, and sign out", async () => {
    await reach(page, page.getByRole("button", { name: "Account" }), "Shift+Tab");
    await press("Enter");
    await expect(item("Settings")).toBeFocused();
    await press("Enter");
    await expect(heading("Settings")).toBeVisible();
    const typing = page.getByRole("checkbox", { name: "Share typing indicators" });
    await reach(page, typing);
    await press("Space");
    await expect(typing).not.toBeChecked();
    await expect(async () => {
      const { privacy } = (await (
        await context.request.post(`${server.url}/api/snapshot`, { data: {} })
      ).json()) as { privacy: { shows_typing: boolean } };
      expect(privacy.shows_typing).toBe(false);
    }).toPass();
    await reach(page, page.getByRole("button", { name: "Sign out of this browser" }));
    await press("Enter");
    await expect(page).toHaveURL(/\/sign-in/);
  });
  await context.close();
});

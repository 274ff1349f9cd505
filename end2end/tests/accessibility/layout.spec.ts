// Layout on a phone, a tablet and a laptop, at high zoom, with large text, and in forced colours.
import type { Locator, Page } from "@playwright/test";
import {
  expect,
  expectNoAxeViolations,
  type TestUser,
  signUp,
  test,
  TestServer,
} from "../harness/test-server";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const field = (user: TestUser) => user.page.getByRole("textbox", { name: "Message" });
const actions = (user: TestUser) => user.page.getByRole("group", { name: "Actions" });

async function box(of: Locator) {
  const place = await of.boundingBox();
  if (!place) throw new Error("it is not on the screen");
  return { ...place, right: place.x + place.width, bottom: place.y + place.height };
}

/**
 * What of the log and the composer goes beyond its sides and does not scroll in a box of its own.
 */
async function beyond(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wrong: string[] = [];
    for (const pane of document.querySelectorAll(".log, .composer, .tray")) {
      const { left, right } = pane.getBoundingClientRect();
      if (pane.className !== "tray" && pane.scrollWidth > pane.clientWidth + 1)
        wrong.push(`${pane.className}: ${pane.scrollWidth} in ${pane.clientWidth}`);
      if (pane.className === "tray") continue;
      for (const element of pane.querySelectorAll("*")) {
        const scrolls = (of: Element | null): boolean =>
          !!of &&
          of !== pane &&
          (getComputedStyle(of).overflowX !== "visible" || scrolls(of.parentElement));
        const place = element.getBoundingClientRect();
        const isOut = place.width > 1 && (place.right > right + 1 || place.left < left - 1);
        if (isOut && !scrolls(element.parentElement))
          wrong.push(`${place.left} to ${place.right}: ${element.outerHTML.slice(0, 120)}`);
      }
    }
    if (document.documentElement.scrollWidth > innerWidth)
      wrong.push(`the page: ${document.documentElement.scrollWidth} in ${innerWidth}`);
    return wrong;
  });
}

test("nothing in a message, and no upload, widens the log or the composer beyond the screen", async ({
  server,
  browser,
}) => {
  const ada = await signUp(server, browser, "ada", "Ada Lovelace", { viewport: PHONE.viewport });
  await ada.goto();
  await ada.open("Everyone");
  const wide = "Ｗ".repeat(120);
  const texts = [
    "W".repeat(4_000),
    wide,
    `\`\`\`rust\n${"let x = 1; ".repeat(300)}\n\`\`\``,
    `\`${"code".repeat(300)}\``,
    `| ${Array.from({ length: 30 }, (_, n) => `column${n}`).join(" | ")} |\n|${"---|".repeat(30)}\n| ${"cell | ".repeat(30)}`,
    `$$${"x_1 + ".repeat(80)}y$$`,
    `$${"x_1 + ".repeat(80)}y$`,
    `> ${wide}\n- ${wide}\n1. ${wide}`,
    `https://example.org/${"path".repeat(200)}`,
    `[${wide}](https://example.org/)`,
    `# ${wide}`,
    "👩‍👩‍👧‍👦".repeat(200),
    "שלום".repeat(400),
  ];
  for (const text of texts) await ada.send(text);
  const files = [
    {
      name: "one-line.json",
      mimeType: "application/json",
      buffer: Buffer.from(`{"a":"${"x".repeat(3_000)}"}`),
    },
    {
      name: `${"Ｗ".repeat(60)}.txt`,
      mimeType: "text/plain",
      buffer: Buffer.from("字".repeat(900)),
    },
    {
      name: `${"𝕎👩‍👩‍👧‍👦".repeat(8)}.bin`,
      mimeType: "application/octet-stream",
      buffer: Buffer.from("x"),
    },
    {
      name: `${"ﷺ".repeat(40)}.md`,
      mimeType: "text/markdown",
      buffer: Buffer.from(`| ${"wide | ".repeat(60)}`),
    },
  ];
  await ada.page.locator("input[type=file]").first().setInputFiles(files);
  const tray = ada.page.getByRole("list", { name: "Files to send" });
  await expect(tray.getByRole("listitem")).toHaveCount(4);
  expect(await beyond(ada.page)).toEqual([]);
  for (const row of await tray.getByRole("listitem").all())
    expect((await box(row)).width).toBeLessThanOrEqual(300);
  await field(ada).fill("all of these");
  await field(ada).press("Enter");
  await expect(ada.message("all of these").locator(".file")).toHaveCount(4);
  await expect(
    ada.messages.locator("article").last().getByText("Sent", { exact: true }),
  ).toBeVisible();
  for (const viewport of [
    PHONE.viewport,
    { width: 320, height: 640 },
    { width: 820, height: 1180 },
    { width: 1440, height: 900 },
  ]) {
    await ada.page.setViewportSize(viewport);
    expect(await beyond(ada.page), `${viewport.width} wide`).toEqual([]);
  }
  // What is wide is read sideways in its own box.
  for (const scrolls of [
    ada.messages.locator(".text-code pre").first(),
    ada.messages.locator(".text-table").first(),
    ada.message("all of these").locator("pre").first(),
  ]) {
    await ada.page.setViewportSize(PHONE.viewport);
    expect(
      await scrolls.evaluate(
        (of) => of.scrollWidth > of.clientWidth && getComputedStyle(of).overflowX === "auto",
      ),
    ).toBe(true);
  }
  await ada.context.close();
});

test("on a phone the field has its own row and every button below it is large enough to tap", async ({
  server,
  browser,
}) => {
  const ada = await signUp(server, browser, "ada", "Ada Lovelace", PHONE);
  await ada.goto();
  await ada.open("Everyone");
  await field(ada).fill("**ready**");
  const composer = ada.page.locator(".composer-box");
  const [inside, place] = [await box(composer), await box(field(ada))];
  expect(place.width).toBeGreaterThanOrEqual(inside.width - 16);
  expect(place.height).toBeGreaterThanOrEqual(44);
  const names = ["Attach files", "Formatting", "Emoji", "Preview", "Send"];
  for (const name of names) {
    const button = await box(composer.getByRole("button", { name, exact: true }));
    expect([name, button.y >= place.bottom - 1, button.width >= 44, button.height >= 44]).toEqual([
      name,
      true,
      true,
      true,
    ]);
    expect(button.bottom, name).toBeLessThanOrEqual(844);
  }
  const send = await box(composer.getByRole("button", { name: "Send", exact: true }));
  expect(inside.right - send.right).toBeLessThanOrEqual(8);
  await composer.getByRole("button", { name: "Formatting" }).tap();
  await expect(composer.getByRole("toolbar", { name: "Formatting tools" })).toBeVisible();
  expect((await box(field(ada))).width).toBeGreaterThanOrEqual(inside.width - 16);
  await expectNoAxeViolations(ada.page);
  await composer.getByRole("button", { name: "Send", exact: true }).tap();
  await expect(ada.message("ready")).toBeVisible();
  await ada.context.close();
});

test("message actions do not cover the message on a phone and follow its text on a laptop", async ({
  server,
  browser,
  user,
}) => {
  const grace = await user("grace", "Grace Hopper");
  for (let n = 0; n < 12; n++) await grace.send(`Message ${n}`);
  await grace.send(
    "A line that is long enough to fill all of the column, so that nothing is left beside it, and goes on below it for a while as well",
  );
  const ada = await signUp(server, browser, "ada", "Ada Lovelace", PHONE);
  await ada.goto();
  await ada.open("Everyone");
  for (const text of ["Message 3", "Message 11", "A line that is long"]) {
    const message = ada.message(text);
    await message.locator(".text").tap();
    await expect(actions(ada)).toHaveCount(1);
    const apart = async () => {
      const [bar, its, composer] = [
        await box(actions(ada)),
        await box(message),
        await box(ada.page.locator(".composer-box")),
      ];
      return [
        bar.y >= its.bottom - 1 || bar.bottom <= its.y + 1,
        its.y > 0,
        bar.bottom <= composer.y,
      ];
    };
    await expect.poll(apart, text).toEqual([true, true, true]);
    for (const button of await actions(ada).getByRole("button").all())
      expect((await box(button)).height).toBeGreaterThanOrEqual(44);
  }
  await actions(ada).getByRole("button", { name: "Reply" }).tap();
  await expect(ada.page.getByRole("group", { name: "Reply or edit" })).toBeVisible();
  await ada.context.close();

  for (const width of [1280, 1440]) {
    await grace.page.setViewportSize({ width, height: 800 });
    for (const text of ["Message 3", "Message 11"]) {
      const message = grace.message(text);
      await message.locator("p").last().hover();
      await expect(actions(grace)).toHaveCount(1);
      const end = await message.locator(".message-main").evaluate((main) => {
        const range = document.createRange();
        const ends = [...main.querySelectorAll(".text p, .message-head time")].map((part) => {
          range.selectNodeContents(part);
          return range.getBoundingClientRect().right;
        });
        return Math.max(...ends);
      });
      const bar = await box(actions(grace));
      expect(bar.x - end, text).toBeGreaterThanOrEqual(0);
      expect(bar.x - end, text).toBeLessThanOrEqual(24);
    }
    await grace.message("A line that is long").hover();
    const bar = await box(actions(grace));
    expect(bar.right).toBeLessThanOrEqual(width);
  }
});

test("adding fifty people is one row that expands to all names", async ({ browser }) => {
  test.setTimeout(120_000);
  const server = await TestServer.open(undefined, ["--limits", "false"]);
  const ada = await signUp(server, browser, "ada", "Ada Lovelace");
  const people: string[] = [];
  for (let n = 1; n <= 50; n++) {
    const body = {
      username: `pupil${n}`,
      display_name: n === 2 ? "מיכל כהן" : `Pupil ${n}`,
      password: "tree-lamp-41",
    };
    const context = await browser.newContext();
    const answer = await context.request.post(`${server.url}/api/sign_up`, { data: body });
    expect(answer.status()).toBe(200);
    people.push((await answer.json()).id);
    await context.close();
  }
  const { body } = await ada.callApi<{ conversation: { id: string } }>("create_group", {
    name: "Class",
    members: people.slice(0, 1),
  });
  await ada.goto(`/c/${body.conversation.id}`);
  const added = await ada.callApi("add_members", {
    conversation: body.conversation.id,
    people: people.slice(1),
  });
  expect(added.status).toBe(200);
  const notices = ada.messages.locator(".notice");
  await expect(notices.filter({ hasText: "added" })).toHaveCount(1);
  const notice = notices.filter({ hasText: "added 50 people" });
  await expect(notice).toHaveText("You added 50 people: Pupil 1, מיכל כהן, Pupil 3 and 47 more");
  const more = notice.getByRole("button", { name: "and 47 more" });
  await expect(more).toHaveAttribute("aria-expanded", "false");
  await more.click();
  await expect(notice).toContainText("Pupil 49 and Pupil 50");
  await expectNoAxeViolations(ada.page);
  await notice.getByRole("button", { name: "Show less" }).click();
  await expect(notice).not.toContainText("Pupil 50");
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(ada.messages.locator(".notice").filter({ hasText: "added" })).toHaveCount(1);
  await ada.context.close();
  await server.close();
});

test("at 400 % zoom the list shows whole rows and the composer is usable", async ({
  server,
  browser,
  user,
}) => {
  await user("grace", "Grace Hopper", null);
  const ada = await signUp(server, browser, "ada", "Ada Lovelace", {
    viewport: { width: 320, height: 256 },
  });
  await ada.goto();
  const list = await box(ada.page.locator(".sidebar > .rows"));
  const row = await box(ada.conversations.getByRole("link").first());
  expect(row.y >= list.y && row.bottom <= list.bottom, JSON.stringify([row, list])).toBe(true);
  await expectNoAxeViolations(ada.page);
  await ada.page.getByRole("button", { name: "New group" }).click();
  const dialog = ada.page.getByRole("dialog", { name: "New group" });
  await dialog.getByRole("textbox", { name: "Group name" }).fill("Small");
  await dialog.getByRole("button", { name: "Create group" }).scrollIntoViewIfNeeded();
  await expect(dialog.getByRole("button", { name: "Create group" })).toBeInViewport({ ratio: 1 });
  await ada.page.keyboard.press("Escape");
  await ada.open("Everyone");
  await field(ada).fill("zoomed");
  for (const part of [field(ada), ada.page.getByRole("button", { name: "Send", exact: true })]) {
    const place = await box(part);
    expect(place.y >= 0 && place.bottom <= 256 && place.right <= 320, JSON.stringify(place)).toBe(
      true,
    );
  }
  await ada.page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(ada.message("zoomed")).toBeInViewport({ ratio: 0.9 });
  expect((await box(ada.messages)).height).toBeGreaterThanOrEqual(60);
  await ada.context.close();
});

test("at twice the text size every name and initial fits", async ({ user }) => {
  const grace = await user("grace", "Grace Hopper");
  const ada = await user("ada", "Wendy Williams");
  await grace.createGroup("Physics", [ada]);
  await grace.send("Hello");
  await ada.open("Physics");
  await ada.details();
  await ada.page.evaluate(() => {
    document.documentElement.style.setProperty("font-size", "30px");
    // The widest time of a day, whatever the hour of the test.
    for (const time of document.querySelectorAll(".message time")) time.textContent = "12:44 PM";
  });
  const clipped = await ada.page.evaluate(() => {
    const range = document.createRange();
    const cut: string[] = [];
    for (const avatar of document.querySelectorAll(".avatar, .composed > span, .badge")) {
      // The letters; the sign of presence beside them lies on the edge.
      const letters = [...avatar.childNodes].find(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
      );
      const place = avatar.getBoundingClientRect();
      if (place.width === 0 || !letters) continue;
      range.selectNodeContents(letters);
      const text = range.getBoundingClientRect();
      if (
        text.right > place.right + 1 ||
        text.left < place.left - 1 ||
        text.bottom > place.bottom + 2 ||
        text.top < place.top - 2
      )
        cut.push(
          `${avatar.outerHTML.slice(0, 120)} ${text.width} by ${text.height} in ${place.width} by ${place.height}`,
        );
    }
    return cut;
  });
  expect(clipped).toEqual([]);
  expect(await beyond(ada.page)).toEqual([]);
});

test("forced colours show the current row, the focus, unread state and pressed buttons", async ({
  user,
}) => {
  const grace = await user("grace", "Grace Hopper");
  const ada = await user("ada", "Ada Lovelace");
  await grace.createGroup("Physics", [ada]);
  await grace.send("Hello");
  await expect(ada.conversations.getByRole("link", { name: /^Physics/ })).toContainText("Hello");
  await ada.page.emulateMedia({ forcedColors: "active" });
  const line = (of: Locator) =>
    of.evaluate((element) =>
      getComputedStyle(element).outlineStyle === "none"
        ? 0
        : parseFloat(getComputedStyle(element).outlineWidth),
    );
  const current = ada.conversations.locator("[aria-current=page]");
  const other = ada.conversations.getByRole("link", { name: /^Physics/ });
  expect([await line(current), await line(other)]).toEqual([2, 0]);
  await expect(other.locator(".row-title")).toHaveCSS("text-decoration-line", "underline");
  await expect(other.locator(".badge")).toHaveCSS("border-top-style", "solid");
  await other.focus();
  await ada.page.keyboard.press("ArrowDown");
  await ada.page.keyboard.press("ArrowUp");
  expect(await line(ada.page.locator(":focus"))).toBeGreaterThanOrEqual(2);
  await field(ada).fill("**on**");
  await ada.page.getByRole("button", { name: "Preview" }).click();
  expect(await line(ada.page.getByRole("button", { name: "Preview" }))).toBeGreaterThanOrEqual(2);
});

// Formatted messages: rendering, shortcuts, lists, tables, direction, and input methods.
import { expect, type TestUser, signUp, test } from "../harness/test-server";

async function say(user: TestUser, body: string): Promise<void> {
  const { body: snapshot } = await user.callApi<{
    conversations: { conversation: { id: string } }[];
  }>("snapshot", {});
  const { status } = await user.callApi("post_message", {
    conversation: snapshot.conversations[0].conversation.id,
    client_id: crypto.randomUUID(),
    body,
  });
  expect(status).toBe(200);
}

const LESSON = [
  "# Week 3",
  "Please read **chapter 4** and _do not_ skip the ~~boring~~ proofs.",
  "",
  "- first `cargo test`",
  "- then [the notes](https://example.org/notes)",
  "  1. part one",
  "",
  "> Who has the slides?",
  "",
  "```rust",
  "fn main() {",
  '    println!("<hello> & **not bold**");',
  "}",
  "```",
  "",
  "| Name | Points |",
  "|------|-------:|",
  "| Ada  | 12     |",
  "",
  "![a picture](https://example.org/p.png) <img src=x onerror=alert(1)>",
].join("\n");

test("formatted messages render as intended, live and loaded, without requests to other servers", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const requests: string[] = [];
  grace.page.on("request", (request) => requests.push(request.url()));
  await say(ada, LESSON);
  const message = grace.messages.getByRole("article").last();
  const looks = async () => {
    await expect(message.locator(".text-heading")).toHaveText("Week 3");
    await expect(message.locator("strong").filter({ hasText: "chapter 4" })).toBeVisible();
    await expect(message.locator("em")).toHaveText("do not");
    await expect(message.locator("s")).toHaveText("boring");
    await expect(message.locator("ul > li")).toHaveCount(2);
    await expect(message.locator("ul ol > li")).toHaveText("1. part one");
    await expect(message.locator("blockquote")).toHaveText("Who has the slides?");
    await expect(message.locator("pre")).toHaveText(
      'fn main() {\n    println!("<hello> & **not bold**");\n}',
    );
    await expect(message.locator(".text-code-head span")).toHaveText("rust");
    await expect(message.locator(".code-keyword").first()).toHaveText("fn");
    await expect(message.getByRole("cell", { name: "12" })).toHaveCSS("text-align", "end");
    await expect(message.getByRole("link", { name: "the notes" })).toHaveAttribute(
      "href",
      "https://example.org/notes",
    );
    await expect(message.getByRole("link", { name: "a picture" })).toHaveAttribute(
      "rel",
      /noopener noreferrer/,
    );
    await expect(message).toContainText("<img src=x onerror=alert(1)>");
    await expect(message.locator("img")).toHaveCount(0);
    // The headings of the page are the app's.
    await expect(grace.messages.getByRole("heading")).toHaveCount(0);
    // What is there and what it says; in which order attributes stand does not matter.
    return message
      .locator(".text")
      .evaluate((text) => [
        text.textContent,
        ...[...text.querySelectorAll("*")].map((part) => part.tagName),
      ]);
  };
  const live = await looks();
  await grace.page.reload();
  await grace.waitUntilReady();
  expect(await looks()).toEqual(live);
  await expect(grace.conversations.getByRole("link").first()).toContainText(
    "Week 3 Please read chapter 4 and do not skip",
  );
  expect(requests.filter((url) => url.includes("example.org"))).toEqual([]);
});

test("code is copied unchanged, also without clipboard permission", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.send("```\nlet x = 1;\n\tlet y = 2;\n```");
  await expect(ada.message("let y").getByRole("status")).toHaveText("Sent");
  await ada.messages.getByRole("button", { name: "Copy" }).click();
  await expect(ada.messages.getByRole("button", { name: "Copied" })).toBeVisible();
  const field = ada.page.getByRole("textbox", { name: "Message" });
  await field.focus();
  await ada.page.keyboard.press("Control+V");
  await expect(field).toHaveValue("let x = 1;\n\tlet y = 2;");
});

test("formatting shortcuts toggle, can be undone, and are visible in the preview", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const field = ada.page.getByRole("textbox", { name: "Message" });
  const preview = ada.page.getByRole("group", { name: "Preview" });
  await field.pressSequentially("read 字 chapter four");
  await expect(ada.page.getByRole("button", { name: "Preview" })).toHaveCount(0);
  for (let n = 0; n < 4; n += 1) await ada.page.keyboard.press("Shift+ArrowLeft");
  await ada.page.keyboard.press("Control+B");
  await expect(field).toHaveValue("read 字 chapter **four**");
  await ada.page.keyboard.press("Control+I");
  await expect(field).toHaveValue("read 字 chapter **_four_**");
  await ada.page.keyboard.press("Control+I");
  await expect(field).toHaveValue("read 字 chapter **four**");
  await ada.page.getByRole("button", { name: "Preview" }).click();
  await expect(preview.locator("strong")).toHaveText("four");
  await field.focus();
  await ada.page.keyboard.press("Control+B");
  await expect(field).toHaveValue("read 字 chapter four");
  await expect(preview).toHaveCount(0);
  await ada.page.keyboard.press("Control+Z");
  await expect(field).toHaveValue("read 字 chapter **four**");
  await ada.page.keyboard.press("Enter");
  await expect(ada.messages.locator("strong").filter({ hasText: /^four$/ })).toBeVisible();
});

test("right-to-left messages have their list markers and quotes on the right", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await say(ada, "Translated:\n\nمرحبا\n- واحد\n- two\n\n> اقتباس\n\n- one");
  const message = ada.messages.getByRole("article").last();
  for (const [part, direction] of [
    [".text > p >> nth=0", "ltr"],
    [".text > p >> nth=1", "rtl"],
    ["ul >> nth=0", "rtl"],
    ["blockquote", "rtl"],
    ["ul >> nth=1", "ltr"],
  ]) {
    await expect(message.locator(part)).toHaveCSS("direction", direction);
  }
});

test("Enter inserts a line break inside an open code block", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const field = ada.page.getByRole("textbox", { name: "Message" });
  await field.pressSequentially("```js");
  await field.press("Enter");
  await field.pressSequentially("let a = 1;");
  await field.press("Enter");
  await field.pressSequentially("```");
  await expect(field).toHaveValue("```js\nlet a = 1;\n```");
  await field.press("Enter");
  await expect(ada.messages.locator("pre code")).toHaveText("let a = 1;");
  await expect(field).toHaveValue("");
  // On one line it is none that is open.
  await ada.send("```f()```");
  await expect(ada.message("f()")).toBeVisible();
});

test("on a phone the formatting tools cover neither files nor the reply banner", async ({
  server,
  browser,
  user,
}) => {
  await user("grace", "Grace Hopper", null);
  const ada = await signUp(server, browser, "ada", "Ada Lovelace", {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await ada.goto();
  await ada.open("Everyone");
  const choosing = ada.page.waitForEvent("filechooser");
  await ada.page.getByRole("button", { name: "Attach files" }).click();
  await (
    await choosing
  ).setFiles({ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a") });
  await ada.page.getByRole("button", { name: "Formatting" }).click();
  const marks = await ada.page.getByRole("toolbar", { name: "Formatting tools" }).boundingBox();
  const row = await ada.page.getByRole("listitem").filter({ hasText: "a.txt" }).boundingBox();
  expect((row?.y ?? 0) + (row?.height ?? 0)).toBeLessThanOrEqual(marks?.y ?? 0);
  expect(marks?.x).toBeGreaterThanOrEqual(0);
  expect((marks?.x ?? 0) + (marks?.width ?? 0)).toBeLessThanOrEqual(390);
  await ada.page.getByRole("button", { name: "Remove a.txt" }).click();
  await expect(ada.page.getByRole("list", { name: "Files to send" })).toHaveCount(0);
  const field = await ada.page.getByRole("textbox", { name: "Message" }).boundingBox();
  expect(field?.width).toBeGreaterThan(120);
  await ada.context.close();
});

/** What a part of the page is as a selected text, which is what a copy puts on the clipboard. */
const selected = (user: TestUser, selector: string) =>
  user.page.evaluate((selector) => {
    const range = document.createRange();
    range.selectNodeContents(document.querySelector(selector)!);
    const selection = getSelection()!;
    selection.removeAllRanges();
    selection.addRange(range);
    return selection.toString();
  }, selector);

test("lists keep their numbers and markers in the log, the sidebar, quotes and when copied", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const row = ada.conversations.getByRole("link").first();
  for (const [typed, shown, excerpt] of [
    [
      "12. März\n3. April\n24. Mai",
      ["12. März", "3. April", "24. Mai"],
      "12. März 3. April 24. Mai",
    ],
    [
      "2026. a year\n123456789. a number",
      ["2026. a year", "123456789. a number"],
      "2026. a year 123456789. a number",
    ],
    ["- [ ] milk\n- [x] tea", ["☐ milk", "☑ tea"], "☐ milk ☑ tea"],
  ] as const) {
    await say(ada, typed);
    const items = ada.messages.getByRole("article").last().getByRole("listitem");
    await expect(items).toHaveText([...shown]);
    await expect(row).toContainText(excerpt);
    const cut = await items.evaluateAll((items) =>
      items.some((item) => {
        const marker = item.querySelector(".text-marker")!.getBoundingClientRect();
        return marker.left < item.closest(".text")!.getBoundingClientRect().left - 0.5;
      }),
    );
    expect(cut, "no marker is cut off").toBe(false);
  }
  for (const signs of ["+ Ada is coming\n- Kofi is not", "- old\n- older\n+ new\n+ newer"]) {
    await say(ada, signs);
    const text = ada.messages.getByRole("article").last().locator(".text");
    await expect(text).toHaveText(signs);
    await expect(row).toContainText(signs.replaceAll("\n", " "));
  }
  await say(ada, "3. three\n7. seven\n\n- one\n- two\n\n```js\nlet x = 1;\n```");
  await expect(ada.message("three").locator("pre")).toBeVisible();
  expect((await selected(ada, ".log article:has(pre) .text")).replace(/\n+/g, "\n").trim()).toBe(
    "3. three\n7. seven\n- one\n- two\nlet x = 1;",
  );
});

test("a pasted spreadsheet becomes a table", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const field = ada.page.getByRole("textbox", { name: "Message" });
  await field.evaluate((field: HTMLTextAreaElement) => {
    field.value = "Name\tPoints\nAda\t12\nKofi\t7.5";
    field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertFromPaste" }));
  });
  await field.press("Enter");
  const table = ada.messages.getByRole("table");
  await expect(table.getByRole("columnheader")).toHaveText(["Name", "Points"]);
  await expect(table.getByRole("cell")).toHaveText(["Ada", "12", "Kofi", "7.5"]);
  await expect(table.getByRole("cell", { name: "7.5" })).toHaveCSS("text-align", "end");
});

test("@all and @here explain that @everyone notifies everyone", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.createGroup("Engine room", [grace]);
  const field = (who: TestUser) => who.page.getByRole("textbox", { name: "Message" });
  for (const name of ["all", "here", "channel"]) {
    await field(ada).fill(`@${name}, come`);
    await expect(
      ada.page.getByText(
        `@${name} notifies nobody. Use @everyone to notify everyone in this group.`,
      ),
    ).toBeVisible();
  }
  await field(ada).fill("`@here` and @everyone");
  await expect(ada.page.getByText("notifies nobody")).toHaveCount(0);
  await grace.open("Engine room");
  await field(grace).fill("@here");
  await expect(
    grace.page.getByText("@here notifies nobody. Only the creator of the group can"),
  ).toBeVisible();
});

test("keys of an input method are left to it, also when the browser ends the composition first", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.send("before");
  await expect(ada.message("before").getByRole("status")).toHaveText("Sent");
  const field = ada.page.getByRole("textbox", { name: "Message" });
  await field.pressSequentially("にほん");
  // Safari: compositionend, then the keydown of the key that confirmed, with isComposing false.
  // Others: the keydown first.
  for (const init of [
    { keyCode: 229, isComposing: false },
    { keyCode: 229, isComposing: true },
    { keyCode: 13, isComposing: true },
  ]) {
    await field.dispatchEvent("keydown", {
      key: "Enter",
      bubbles: true,
      cancelable: true,
      ...init,
    });
    await field.dispatchEvent("keydown", {
      key: "Escape",
      bubbles: true,
      cancelable: true,
      ...init,
    });
  }
  await expect(field).toHaveValue("にほん");
  await field.press("Enter");
  await expect(field).toHaveValue("");
  await expect(ada.messages.getByRole("article").filter({ hasText: "にほん" })).toHaveCount(1);
  const finder = ada.page.getByRole("searchbox", { name: "Find a conversation or person" });
  await finder.fill("Every");
  const url = ada.page.url();
  await finder.dispatchEvent("keydown", {
    key: "Enter",
    keyCode: 229,
    bubbles: true,
    cancelable: true,
  });
  await expect(finder).toHaveValue("Every");
  expect(ada.page.url()).toBe(url);
});

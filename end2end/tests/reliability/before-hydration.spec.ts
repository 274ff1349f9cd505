// Input before hydration: clicks and keys are queued, shown as pending, and replayed once the page
// is interactive.
import type { Page } from "@playwright/test";
import {
  expect,
  expectNoAxeViolations,
  PASSWORD,
  type TestUser,
  signUp,
  test,
} from "../harness/test-server";

const field = (user: TestUser) => user.page.getByRole("textbox", { name: "Message" });
const loading = (user: TestUser) => user.page.locator("#early").getByText("Loading…");

/** Comes to a page whose code is on its way until the answer is called. */
async function loadWithoutHydrating(
  { page, server }: TestUser,
  where = "/",
  code = "**/chatbox.wasm",
): Promise<() => void> {
  let free = () => {};
  const freed = new Promise<void>((done) => (free = done));
  await page.route(code, async (route) => {
    await freed;
    await route.continue();
  });
  await page.goto(server.url + where, { waitUntil: "domcontentloaded" });
  await expect(page.locator("body")).not.toHaveAttribute("data-hydrated");
  return free;
}

test("a message sent before hydration is sent once after it, alone, and later typing stays", async ({
  user,
}) => {
  const grace = await user("grace", "Grace Hopper");
  const ada = await user("ada", "Ada Lovelace");
  const free = await loadWithoutHydrating(ada);
  await field(ada).pressSequentially("one");
  await field(ada).press("Enter");
  await expect(field(ada)).toHaveValue("one");
  await expect(loading(ada)).toBeVisible();
  await expect(ada.page.getByRole("button", { name: "Send" })).toHaveAttribute("aria-busy", "true");
  await expectNoAxeViolations(ada.page, "waiting");
  // Pressed again it is the same wish.
  await ada.page.getByRole("button", { name: "Send" }).click();
  await field(ada).pressSequentially(", two");
  await ada.page.getByRole("button", { name: "Send" }).click();
  await field(ada).pressSequentially(" and three");
  await ada.page.getByRole("button", { name: "Details" }).click();
  free();
  await ada.waitUntilReady();
  await expect(grace.message("two")).toBeVisible();
  await expect(ada.page.getByRole("region", { name: "Members" })).toBeVisible();
  await expect(field(ada)).toHaveValue(" and three");
  expect(await grace.messageTexts()).toEqual(["one", ", two"]);
  await expect(loading(ada)).toHaveCount(0);
  await expect(ada.page.locator("[aria-busy=true]")).toHaveCount(0);
});

test("Enter before hydration breaks lines in code, is left to input methods, and does not send later changes", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const free = await loadWithoutHydrating(ada);
  await field(ada).pressSequentially("```");
  await field(ada).press("Enter");
  await expect(field(ada)).toHaveValue("```\n");
  await field(ada).fill("にほん");
  for (const init of [{ isComposing: true }, { isComposing: false, keyCode: 229 }]) {
    await field(ada).dispatchEvent("keydown", {
      key: "Enter",
      bubbles: true,
      cancelable: true,
      ...init,
    });
  }
  await expect(loading(ada)).toHaveCount(0);
  await field(ada).fill("hello all");
  await field(ada).press("Enter");
  await field(ada).fill("hello Grace");
  free();
  await ada.waitUntilReady();
  await ada.details();
  await expect(field(ada)).toHaveValue("hello Grace");
  expect(await ada.messageTexts()).toEqual([]);
});

test("clicks, input and keys are queued once each before hydration, and Escape cancels them", async ({
  user,
}) => {
  await user("grace", "Grace Hopper", null);
  const ada = await user("ada", "Ada Lovelace");
  const button = ada.page.getByRole("button", { name: "New group" });
  const dialog = ada.page.getByRole("dialog", { name: "New group" });
  let free = await loadWithoutHydrating(ada);
  await button.click();
  await ada.page.keyboard.press("Escape");
  await expect(button).not.toHaveAttribute("aria-busy");
  await ada.page.getByRole("searchbox", { name: /^Find a conversation/ }).fill("gra");
  free();
  await ada.waitUntilReady();
  await expect(ada.people.getByRole("button", { name: /^Grace Hopper/ })).toBeVisible();
  await expect(ada.conversations.getByRole("link")).toHaveCount(0);
  await expect(dialog).toHaveCount(0);

  free = await loadWithoutHydrating(ada);
  await button.click();
  await button.click();
  await expect(button).toHaveAttribute("aria-busy", "true");
  free();
  await ada.waitUntilReady();
  await expect(dialog.getByRole("textbox", { name: "Group name" })).toBeFocused();

  // Who looks for somebody writes that name nowhere else.
  free = await loadWithoutHydrating(ada);
  await field(ada).click();
  await ada.page.keyboard.press("Control+k");
  await ada.page.keyboard.type("grx");
  await ada.page.keyboard.press("Backspace");
  await ada.page.keyboard.type("a");
  await expect(field(ada)).toHaveValue("");
  await expect(loading(ada)).toBeVisible();
  free();
  await ada.waitUntilReady();
  const finder = ada.page.getByRole("dialog", { name: "Go to" }).getByRole("textbox");
  await expect(finder).toHaveValue("gra");
  await ada.page.keyboard.press("Enter");
  await expect(ada.page.getByRole("heading", { level: 1, name: "Grace Hopper" })).toBeVisible();
  await expect(field(ada)).toHaveValue("");

  // What is typed with nothing focused is a message.
  free = await loadWithoutHydrating(ada);
  await ada.page.keyboard.type("typed at once");
  await expect(field(ada)).toHaveValue("typed at once");
  free();
  await ada.waitUntilReady();
  await ada.page.keyboard.press("Enter");
  await expect(ada.message("typed at once")).toBeVisible();
});

test("a link works before hydration and does not lose the draft", async ({ user }) => {
  const grace = await user("grace", "Grace Hopper");
  const ada = await user("ada", "Ada Lovelace");
  await ada.createGroup("Looms", [grace]);
  const looms = ada.conversations.getByRole("link", { name: /^Looms/ });
  const everyone =
    (await ada.conversations.getByRole("link", { name: /^Everyone/ }).getAttribute("href")) ?? "";
  let free = await loadWithoutHydrating(ada, everyone);
  await looms.click();
  await expect(ada.page.getByRole("heading", { level: 1, name: "Looms" })).toBeVisible();
  await expect(ada.page.locator("body")).not.toHaveAttribute("data-hydrated");
  free();

  free = await loadWithoutHydrating(ada, everyone);
  await field(ada).fill("sent before");
  await field(ada).press("Enter");
  await field(ada).pressSequentially(" a draft");
  await looms.click();
  await expect(looms).toHaveAttribute("aria-busy", "true");
  await expect(ada.page.getByRole("heading", { level: 1, name: "Everyone" })).toBeVisible();
  free();
  await ada.waitUntilReady();
  await expect(ada.page.getByRole("heading", { level: 1, name: "Looms" })).toBeVisible();
  await expect(field(ada)).toHaveValue("");
  await ada.open("Everyone");
  await expect(field(ada)).toHaveValue(" a draft");
  await expect(grace.message("sent before")).toBeVisible();
});

test("files can be chosen before hydration", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const free = await loadWithoutHydrating(ada);
  const choosing = ada.page.waitForEvent("filechooser");
  await ada.page.getByRole("button", { name: "Attach files" }).click();
  await (
    await choosing
  ).setFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("notes") });
  free();
  await ada.waitUntilReady();
  await expect(
    ada.page.getByRole("list", { name: "Files to send" }).getByText("notes.txt", { exact: true }),
  ).toBeVisible();
});

test("a page that waits for lazy code queues input, too", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const free = await loadWithoutHydrating(ada, "/settings", "**/split_later.wasm");
  const box = ada.page.getByRole("checkbox", { name: "Share typing indicators" });
  const before = await box.isChecked();
  await box.click();
  const told = ada.page.waitForRequest("**/api/set_privacy");
  await ada.page.getByRole("textbox", { name: "Status" }).fill("Back at noon");
  free();
  await ada.waitUntilReady();
  expect((await told).postDataJSON()).toMatchObject({ shows_typing: !before });
  await expect(ada.page.getByRole("textbox", { name: "Status" })).toHaveValue("Back at noon");
});

test("a click on a lazy view that is loading is shown as pending", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.send("a message");
  let free = () => {};
  const freed = new Promise<void>((done) => (free = done));
  await ada.page.route("**/split_later.wasm", async (route) => {
    await freed;
    await route.continue();
  });
  await ada.goto();
  await ada.page.getByRole("button", { name: "Details" }).click();
  await expect(
    ada.page.locator("section.details[aria-busy=true]").getByText("Loading…"),
  ).toBeAttached();
  await ada.message("a message").hover();
  await expect(ada.message("a message").getByText("Loading…")).toBeVisible();
  free();
  await expect(ada.page.getByRole("region", { name: "Members" })).toBeVisible();
  await expect(ada.message("a message").getByRole("button", { name: "Reply" })).toBeVisible();
});

test("a page whose code fails to load says so", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.page.route("**/chatbox.wasm", (route) => route.abort());
  await ada.page.goto(ada.server.url, { waitUntil: "domcontentloaded" });
  await expect(ada.page.getByText("ChatBox could not be loaded.")).toBeVisible();
  await expectNoAxeViolations(ada.page, "not loaded");
  await ada.page.unroute("**/chatbox.wasm");
  await ada.page.getByRole("link", { name: "Reload" }).click();
  await ada.waitUntilReady();
});

test("without JavaScript the page says what it needs, and sign-up and sign-in work", async ({
  server,
  browser,
  user,
}) => {
  const grace = await user("grace", "Grace Hopper");
  await grace.send("hello");
  const context = await browser.newContext({
    javaScriptEnabled: false,
    viewport: { width: 390, height: 844 },
  });
  const page = await context.newPage();
  // Text inside of <noscript> is found by its element only.
  const needs = (page: Page) => page.locator(".no-script");
  await page.goto(`${server.url}/sign-up`);
  await expect(needs(page)).toBeInViewport();
  await expect(needs(page)).toContainText("ChatBox needs JavaScript");
  await page.getByRole("textbox", { name: "Username" }).fill("ada");
  await page.getByRole("textbox", { name: "Display name" }).fill("Ada Lovelace");
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("navigation", { name: "Conversations" })).toBeVisible();
  await page.context().clearCookies();
  await page.goto(`${server.url}/sign-in`);
  await page.getByRole("textbox", { name: "Username" }).fill("ada");
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: /^Everyone/ }).click();
  await expect(page.getByText("hello", { exact: true }).first()).toBeVisible();
  await expect(needs(page)).toBeInViewport();
  await context.close();
  // With it nothing of that is there.
  await expect(needs(grace.page)).toHaveCount(0);
});

test("on a phone Enter breaks the line before hydration, and the button sends", async ({
  server,
  browser,
}) => {
  const ada = await signUp(server, browser, "ada", "Ada Lovelace", {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await ada.goto();
  await ada.open("Everyone");
  const free = await loadWithoutHydrating(ada, new URL(ada.page.url()).pathname);
  await field(ada).fill("one");
  await field(ada).press("Enter");
  await field(ada).pressSequentially("two");
  await expect(loading(ada)).toHaveCount(0);
  await ada.page.getByRole("button", { name: "Send" }).tap();
  await expect(loading(ada)).toBeVisible();
  free();
  await ada.waitUntilReady();
  await expect(ada.message("one")).toContainText("two");
  await expect(field(ada)).toHaveValue("");
  await ada.context.close();
});

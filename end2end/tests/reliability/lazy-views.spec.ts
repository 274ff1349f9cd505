// Lazily loaded views: they are preloaded, a page that shows one first waits for it, and a failed
// load is reported.
import type { Page } from "@playwright/test";
import { expect, expectNoAxeViolations, test } from "../harness/test-server";

const LAZY_WASM = "**/split_later.wasm";

test("lazy views are preloaded, so that they open offline", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.goto();
  // Of this page: the one before may have been left while it loaded the code.
  const loaded = () =>
    ada.page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .some((entry) => entry.name.endsWith("/split_later.wasm")),
    );
  await expect.poll(loaded).toBe(true);
  await ada.context.setOffline(true);
  await ada.details();
  await ada.page.keyboard.press("Control+k");
  await expect(ada.page.getByRole("dialog", { name: "Go to" }).getByRole("textbox")).toBeFocused();
  await ada.page.keyboard.press("Escape");
  await ada.page.getByRole("button", { name: "Account" }).click();
  await ada.page.getByRole("menuitem", { name: "Settings" }).click();
  await expect(ada.page.getByRole("heading", { level: 1, name: "Settings" })).toBeVisible();
});

test("a page whose first frame contains a lazy view hydrates with it", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const errors: string[] = [];
  ada.page.on("pageerror", (error) => errors.push(error.message));
  ada.page.on("console", (line) => line.type() === "error" && errors.push(line.text()));
  for (const [address, name] of [
    ["/settings", "Settings"],
    ["/saved", "Saved"],
    ["/search?q=anything", "Search"],
    ["/?details=1", "Details"],
  ]) {
    await ada.goto(address);
    await expect(ada.page.getByRole("region", { name, exact: true })).toBeVisible();
  }
  expect(errors).toEqual([]);
});

test("a page whose lazy code is delayed keeps its server-rendered frame and hydrates when the code arrives", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.page.route(LAZY_WASM, (route) => route.abort());
  const failed = ada.page.waitForEvent("requestfailed", (request) =>
    request.url().endsWith("split_later.wasm"),
  );
  await ada.page.goto(`${new URL(ada.page.url()).origin}/settings`);
  await failed;
  await expect(ada.page.getByRole("heading", { level: 1, name: "Settings" })).toBeVisible();
  await expect(ada.page.locator("body")).not.toHaveAttribute("data-hydrated");
  await ada.page.unroute(LAZY_WASM);
  await ada.waitUntilReady();
});

test("a pane whose code fails to load shows an error and retries", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.page.route(/split_later\.wasm|healthz/, (route) => route.abort());
  await ada.goto();
  await ada.page.getByRole("button", { name: "Details" }).click();
  await expect(ada.page.getByRole("alert")).toContainText(["This could not be loaded."]);
  await ada.page.getByRole("button", { name: "Try again" }).click();
  await expect(ada.page.getByRole("alert")).toContainText(["This could not be loaded."]);
  await ada.page.unrouteAll();
  await ada.page.getByRole("button", { name: "Try again" }).click();
  await expect(ada.page.getByRole("region", { name: "Members" })).toBeVisible();
});

test("an overlay whose code fails to load shows an error, and the next click retries", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.page.route(/split_later\.wasm|healthz/, (route) => route.abort());
  await ada.goto();
  const button = ada.page.getByRole("button", { name: "New group" });
  const dialog = ada.page.getByRole("dialog", { name: "New group" });
  await button.click();
  await expect(ada.page.getByRole("alert")).toContainText(["This could not be loaded."]);
  await expect(dialog).toHaveCount(0);
  await ada.page.unrouteAll();
  await button.click();
  await expect(dialog.getByRole("textbox", { name: "Group name" })).toBeFocused();
  await ada.page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(button).toBeFocused();
});

test("a page of an older build asks to reload when its code is gone", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.page.route(LAZY_WASM, (route) => route.fulfill({ status: 404 }));
  await ada.goto();
  await ada.page.getByRole("button", { name: "Details" }).click();
  await expect(ada.page.getByText("ChatBox was updated. Reload to continue.")).toBeVisible();
  await ada.page.unroute(LAZY_WASM);
  await ada.page.getByRole("button", { name: "Reload" }).click();
  await ada.waitUntilReady();
  await expect(ada.page.getByRole("region", { name: "Members" })).toBeVisible();
});

test("build files are cached forever, and files of other builds are not served", async ({
  user,
  server,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const script =
    (await ada.page.locator("link[rel=modulepreload]").first().getAttribute("href")) ?? "";
  expect(script).toMatch(/^\/pkg\/[0-9a-f]{24}\/chatbox\.js$/);
  const get = (path: string) => ada.context.request.get(server.url + path);
  for (const file of ["chatbox.js", "chatbox.wasm", "chatbox.css", "split_later.wasm"]) {
    const here = await get(script.replace("chatbox.js", file));
    expect(here.status(), file).toBe(200);
    expect(here.headers()["cache-control"], file).toBe("public, max-age=31536000, immutable");
    expect((await get(`/pkg/${"0".repeat(24)}/${file}`)).status(), file).toBe(404);
    expect((await get(`/pkg/${file}`)).status(), file).toBe(404);
  }
});

test("type-ahead for the switcher goes to the switcher and the conversation it opens, and nowhere else", async ({
  user,
}) => {
  const grace = await user("grace", "Grace Hopper");
  const ada = await user("ada", "Ada Lovelace");
  const [code, asked] = [
    await delayRequests(ada.page, LAZY_WASM),
    await delayRequests(ada.page, "**/api/open_direct"),
  ];
  await ada.goto();
  const field = ada.page.getByRole("textbox", { name: "Message" });
  await field.fill("what was begun");
  const type = async (...keys: string[]) => {
    for (const key of keys)
      await (key.startsWith("=")
        ? ada.page.keyboard.insertText(key.slice(1))
        : ada.page.keyboard.press(key));
  };
  await type(
    "Control+k",
    "a",
    "c",
    "x",
    "Backspace",
    "Home",
    "=gr",
    "End",
    "e",
    "Enter",
    "=```js",
    "Enter",
    "=f(",
  );
  await expect(ada.page.getByRole("status").getByText("Please wait…")).toBeVisible();
  await expect(field).toHaveValue("what was begun");
  await expectNoAxeViolations(ada.page);
  code.free();
  await asked.came;
  await type("=)", "Enter", "=```", "Enter", "=is it done?", "Shift+Enter", "=Yes.", "Enter");
  asked.free();
  await expect(ada.page.getByRole("heading", { level: 1, name: "Grace Hopper" })).toBeVisible();
  await expect(ada.message("is it done?")).toContainText("Yes.");
  await expect(ada.messages.locator("pre code")).toHaveText("f()");
  await grace.open("Ada Lovelace");
  await expect(grace.message("is it done?")).toContainText("Yes.");
  await ada.open("Everyone");
  await expect(field).toHaveValue("what was begun");
  await expect(ada.messages.getByRole("article")).toHaveCount(0);
});

test("cancelling a pending view keeps typing in the current field", async ({ user }) => {
  await user("grace", "Grace Hopper", null);
  const ada = await user("ada", "Ada Lovelace");
  const field = ada.page.getByRole("textbox", { name: "Message" });
  const waits = ada.page.getByText("Please wait…");
  const [code, asked] = [
    await delayRequests(ada.page, LAZY_WASM),
    await delayRequests(ada.page, "**/api/open_direct"),
  ];
  await ada.goto();
  const press = (key: string) => () => ada.page.keyboard.press(key);
  for (const leave of [press("Escape"), press("Control+k"), () => field.click()]) {
    await ada.page.keyboard.press("Control+k");
    await ada.page.keyboard.type("gra");
    await expect(waits).toBeVisible();
    await leave();
    await expect(waits).toHaveCount(0);
    await ada.page.keyboard.type("hello ");
  }
  // What was written for one thing is not for the next.
  await ada.people.getByRole("button", { name: /^Grace Hopper/ }).click();
  await ada.page.keyboard.type("for Grace");
  await ada.page.keyboard.press("Control+k");
  await ada.page.keyboard.type("gra");
  code.free();
  const finder = ada.page.getByRole("dialog", { name: "Go to" }).getByRole("textbox");
  await expect(finder).toHaveValue("gra");
  await ada.page.keyboard.press("Escape");
  await expect(ada.people.getByRole("button", { name: /^Grace Hopper/ })).toBeFocused();
  await expect(field).toHaveValue("hello hello hello ");
  // Nor is one led away in the middle of a sentence.
  await ada.people.getByRole("button", { name: /^Grace Hopper/ }).click();
  await asked.came;
  await field.click();
  await ada.page.keyboard.type("and ");
  const answer = ada.page.waitForResponse("**/api/open_direct");
  asked.free();
  await (await answer).finished();
  await ada.page.keyboard.type("good bye");
  await ada.page.keyboard.press("Enter");
  await expect(ada.message("hello hello hello and good bye")).toBeVisible();
  await expect(ada.page.getByRole("heading", { level: 1, name: "Everyone" })).toBeVisible();
});

test("type-ahead for a view that fails to load is discarded", async ({ user }) => {
  await user("grace", "Grace Hopper", null);
  const ada = await user("ada", "Ada Lovelace");
  const field = ada.page.getByRole("textbox", { name: "Message" });
  const said = ada.page.getByRole("alert").filter({ hasText: /./ });
  const code = await delayRequests(ada.page, /split_later\.wasm|healthz/, "abort");
  const asked = await delayRequests(ada.page, "**/api/open_direct", "abort");
  await ada.goto();
  for (const [begin, coming] of [
    [() => ada.page.keyboard.press("Control+k"), code],
    [() => ada.people.getByRole("button", { name: /^Grace Hopper/ }).click(), asked],
  ] as const) {
    await field.click();
    await begin();
    await coming.came;
    await ada.page.keyboard.type("hello");
    await ada.page.keyboard.press("Enter");
    coming.free();
    await expect(said).toBeVisible();
    await expect(ada.page.getByText("Please wait…")).toHaveCount(0);
    await ada.page.getByRole("button", { name: "Dismiss" }).click();
  }
  await ada.page.unrouteAll();
  await field.click();
  await ada.page.keyboard.press("Control+k");
  const finder = ada.page.getByRole("dialog", { name: "Go to" }).getByRole("textbox");
  await expect(finder).toBeFocused();
  await ada.page.keyboard.type("gra");
  await expect(finder).toHaveValue("gra");
  await ada.page.keyboard.press("Escape");
  await ada.page.keyboard.type("I am here");
  await expect(field).toHaveValue("I am here");
  await expect(ada.messages.getByRole("article")).toHaveCount(0);
});

/** Requests to an address wait until they are set free. */
async function delayRequests(
  page: Page,
  address: string | RegExp,
  then: "continue" | "abort" = "continue",
): Promise<{ came: Promise<void>; free: () => void }> {
  let [came, free] = [() => {}, () => {}];
  const [arrived, freed] = [
    new Promise<void>((done) => (came = done)),
    new Promise<void>((done) => (free = done)),
  ];
  await page.route(address, async (route) => {
    came();
    await freed;
    await route[then]();
  });
  return { came: arrived, free };
}

// The code that comes later: it is here before anybody asks, a page that shows it first waits for it, and without it a person is
// told so and goes on.
import { expect, test } from "./town";

const LATER = "**/split_later.wasm";

test("what comes later is here before it is asked for, also without a network", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const coming = ada.page.waitForResponse(LATER);
  await ada.arrive();
  await (await coming).finished();
  await ada.context.setOffline(true);
  await ada.details();
  await ada.page.keyboard.press("Control+k");
  await expect(ada.page.getByRole("dialog", { name: "Go to" }).getByRole("textbox")).toBeFocused();
  await ada.page.keyboard.press("Escape");
  await ada.page.getByRole("button", { name: "Account" }).click();
  await ada.page.getByRole("menuitem", { name: "Settings" }).click();
  await expect(ada.page.getByRole("heading", { level: 1, name: "Settings" })).toBeVisible();
});

test("a page that shows it in its first frame wakes up with it", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const errors: string[] = [];
  ada.page.on("pageerror", (error) => errors.push(error.message));
  ada.page.on("console", (line) => line.type() === "error" && errors.push(line.text()));
  for (const [address, name] of [
    ["/settings", "Settings"],
    ["/saved", "Saved"],
    ["/search?q=anything", "Search"],
    ["/?details=1", "Details"],
  ]) {
    await ada.arrive(address);
    await expect(ada.page.getByRole("region", { name, exact: true })).toBeVisible();
  }
  expect(errors).toEqual([]);
});

test("a page that cannot have it yet stands as the server made it, and wakes up when it comes", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  await ada.page.route(LATER, (route) => route.abort());
  const failed = ada.page.waitForEvent("requestfailed", (request) => request.url().endsWith("split_later.wasm"));
  await ada.page.goto(`${new URL(ada.page.url()).origin}/settings`);
  await failed;
  await expect(ada.page.getByRole("heading", { level: 1, name: "Settings" })).toBeVisible();
  await expect(ada.page.locator("body")).not.toHaveAttribute("data-hydrated");
  await ada.page.unroute(LATER);
  await ada.ready();
});

test("without it a place says so, and tries again", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  await ada.page.route(/split_later\.wasm|healthz/, (route) => route.abort());
  await ada.arrive();
  await ada.page.getByRole("button", { name: "Details" }).click();
  await expect(ada.page.getByRole("alert")).toContainText(["This could not be loaded."]);
  await ada.page.getByRole("button", { name: "Try again" }).click();
  await expect(ada.page.getByRole("alert")).toContainText(["This could not be loaded."]);
  await ada.page.unrouteAll();
  await ada.page.getByRole("button", { name: "Try again" }).click();
  await expect(ada.page.getByRole("region", { name: "Members" })).toBeVisible();
});

test("without it what floats says so, and the next press tries again", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  await ada.page.route(/split_later\.wasm|healthz/, (route) => route.abort());
  await ada.arrive();
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

test("a page of an earlier build finds nothing of this one, and says what to do", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  await ada.page.route(LATER, (route) => route.fulfill({ status: 404 }));
  await ada.arrive();
  await ada.page.getByRole("button", { name: "Details" }).click();
  await expect(ada.page.getByText("ChatBox was renewed. Load this page again to go on.")).toBeVisible();
  await ada.page.unroute(LATER);
  await ada.page.getByRole("button", { name: "Load again" }).click();
  await ada.ready();
  await expect(ada.page.getByRole("region", { name: "Members" })).toBeVisible();
});

test("the files of a build are kept for ever, and those of another are not here", async ({ person, town }) => {
  const ada = await person("ada", "Ada Lovelace");
  const script = (await ada.page.locator("link[rel=modulepreload]").first().getAttribute("href")) ?? "";
  expect(script).toMatch(/^\/pkg\/[0-9a-f]{24}\/chatbox\.js$/);
  const get = (path: string) => ada.context.request.get(town.url + path);
  for (const file of ["chatbox.js", "chatbox.wasm", "chatbox.css", "split_later.wasm"]) {
    const here = await get(script.replace("chatbox.js", file));
    expect(here.status(), file).toBe(200);
    expect(here.headers()["cache-control"], file).toBe("public, max-age=31536000, immutable");
    expect((await get(`/pkg/${"0".repeat(24)}/${file}`)).status(), file).toBe(404);
    expect((await get(`/pkg/${file}`)).status(), file).toBe(404);
  }
});

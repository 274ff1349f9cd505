// Presence, idle state, hidden presence, and statuses.
import AxeBuilder from "@axe-core/playwright";
import { expect, type TestUser, test } from "../harness/test-server";

const MINUTES = 60_000;

/** How somebody stands in another one's list of people. */
const listed = (viewer: TestUser, other: TestUser) =>
  viewer.people.getByRole("button", { name: new RegExp(`^${other.name}`) });

const subtitle = (viewer: TestUser) => viewer.page.locator(".pane-title p");

test("a user without activity in any tab for five minutes is idle until they act again", async ({
  user,
  server,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper", null);
  await grace.context.clock.install();
  await grace.goto();
  const second = await grace.context.newPage();
  await second.goto(server.url);
  await expect(second.locator("body")).toHaveAttribute("data-connection", "live");
  await ada.openDirect(grace);
  await expect(listed(ada, grace)).toHaveAccessibleName(/^Grace Hopper ?, online$/);
  // A touch in the tab that does not keep the socket counts for both.
  await grace.context.clock.fastForward(4 * MINUTES);
  await second.mouse.move(200, 200);
  await grace.context.clock.fastForward(4 * MINUTES);
  await expect(grace.page.locator("body")).toHaveAttribute("data-connection", "live");
  await expect(listed(ada, grace)).toHaveAccessibleName(/^Grace Hopper ?, online$/);
  await grace.context.clock.fastForward(2 * MINUTES);
  await expect(listed(ada, grace)).toHaveAccessibleName(/^Grace Hopper ?, online, idle$/);
  await expect(subtitle(ada)).toHaveText("online, idle");
  await expect(listed(ada, grace).locator(".dot")).toHaveClass("dot on idle");
  await ada.page.reload();
  await expect(listed(ada, grace)).toHaveAccessibleName(/^Grace Hopper ?, online, idle$/);
  await second.mouse.move(100, 100);
  await grace.context.clock.runFor(2_000);
  await expect(listed(ada, grace)).toHaveAccessibleName(/^Grace Hopper ?, online$/);
  await expect(subtitle(ada)).toHaveText("online");
});

test("hiding presence shows the user as offline at once, and showing it again takes effect at once", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.openDirect(grace);
  await expect(subtitle(ada)).toHaveText("online");
  await grace.page.goto(new URL("/settings", grace.page.url()).href);
  await grace.waitUntilReady();
  const choice = grace.page.getByRole("checkbox", { name: "Share online status and last seen" });
  await choice.uncheck();
  await expect(listed(ada, grace)).toHaveAccessibleName(/^Grace Hopper ?, offline$/);
  await expect(subtitle(ada)).toHaveText("offline");
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(listed(ada, grace)).toHaveAccessibleName(/^Grace Hopper ?, offline$/);
  await grace.page.reload();
  await grace.waitUntilReady();
  await expect(choice).not.toBeChecked();
  await choice.check();
  await expect(listed(ada, grace)).toHaveAccessibleName(/^Grace Hopper ?, online$/);
  await grace.leave();
  await expect(subtitle(ada)).toHaveText("offline · last seen just now");
});

test("a status is shown beside the name until it is cleared and is not a message", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const rows = await ada.messages.locator(":scope *").count();
  await grace.page.goto(new URL("/settings", grace.page.url()).href);
  await grace.waitUntilReady();
  const form = grace.page.locator(".status-form");
  await form.getByRole("button", { name: "Emoji" }).click();
  await grace.page.getByRole("textbox", { name: "Search emoji" }).fill("beach umbrella");
  await expect(grace.page.getByRole("option", { name: /beach/ }).first()).toBeVisible();
  await grace.page.getByRole("textbox", { name: "Search emoji" }).press("Enter");
  await expect(grace.page.getByRole("textbox", { name: "Search emoji" })).toBeHidden();
  await form.getByRole("textbox", { name: "Status" }).fill("On holiday");
  await form.getByRole("textbox", { name: "Status" }).press("Enter");
  await expect(form.getByRole("status")).toHaveText("Saved.");
  await expect(listed(ada, grace)).toHaveAccessibleName(/^Grace Hopper ?, online .*On holiday$/);
  expect(await ada.messages.locator(":scope *").count()).toBe(rows);
  await expect(ada.page).toHaveTitle(/^Everyone/);
  await expect(
    (await ada.details()).locator(".member").filter({ hasText: "Grace" }).locator(".status"),
  ).toHaveText(/On holiday/);
  await ada.openDirect(grace);
  await expect(subtitle(ada)).toHaveText(/^online.*On holiday$/);
  expect((await new AxeBuilder({ page: grace.page }).analyze()).violations).toEqual([]);
  await grace.page.reload();
  await grace.waitUntilReady();
  await expect(form.getByRole("textbox", { name: "Status" })).toHaveValue("On holiday");
  await form.getByRole("textbox", { name: "Status" }).fill("x".repeat(81));
  await form.getByRole("button", { name: "Save" }).click();
  await expect(form.getByRole("alert")).toHaveText(/A status can have up to 80 characters/);
  await form.getByRole("button", { name: "Clear" }).click();
  await expect(listed(ada, grace)).toHaveAccessibleName(/^Grace Hopper ?, online$/);
  await expect(form.getByRole("textbox", { name: "Status" })).toHaveValue("");
});

// Who is there, who is only online, who would rather not tell, and what people say of themselves.
import AxeBuilder from "@axe-core/playwright";
import { expect, type Person, test } from "./town";

const MINUTES = 60_000;

/** How somebody stands in another one's list of people. */
const listed = (viewer: Person, other: Person) => viewer.people.getByRole("button", { name: new RegExp(`^${other.name}`) });

const subtitle = (viewer: Person) => viewer.page.locator(".pane-title p");

test("who has not touched any tab for five minutes is idle, until they do", async ({ person, town }) => {
  const ada = await person("ada", "Ada Lovelace");
  const grace = await person("grace", "Grace Hopper", null);
  await grace.context.clock.install();
  await grace.arrive();
  const second = await grace.context.newPage();
  await second.goto(town.url);
  await expect(second.locator("body")).toHaveAttribute("data-connection", "live");
  await ada.meet(grace);
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

test("who hides is offline for others at once, and is shown again when they like", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const grace = await person("grace", "Grace Hopper");
  await ada.meet(grace);
  await expect(subtitle(ada)).toHaveText("online");
  await grace.page.goto(new URL("/settings", grace.page.url()).href);
  await grace.ready();
  const choice = grace.page.getByRole("checkbox", { name: "Share online status and last seen" });
  await choice.uncheck();
  await expect(listed(ada, grace)).toHaveAccessibleName(/^Grace Hopper ?, offline$/);
  await expect(subtitle(ada)).toHaveText("offline");
  await ada.page.reload();
  await ada.ready();
  await expect(listed(ada, grace)).toHaveAccessibleName(/^Grace Hopper ?, offline$/);
  await grace.page.reload();
  await grace.ready();
  await expect(choice).not.toBeChecked();
  await choice.check();
  await expect(listed(ada, grace)).toHaveAccessibleName(/^Grace Hopper ?, online$/);
  await grace.leave();
  await expect(subtitle(ada)).toHaveText("offline · last seen just now");
});

test("a status stands beside the name until it is cleared, and is no message", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const grace = await person("grace", "Grace Hopper");
  const rows = await ada.messages.locator(":scope *").count();
  await grace.page.goto(new URL("/settings", grace.page.url()).href);
  await grace.ready();
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
  await expect((await ada.details()).locator(".member").filter({ hasText: "Grace" }).locator(".status")).toHaveText(/On holiday/);
  await ada.meet(grace);
  await expect(subtitle(ada)).toHaveText(/^online.*On holiday$/);
  expect((await new AxeBuilder({ page: grace.page }).analyze()).violations).toEqual([]);
  await grace.page.reload();
  await grace.ready();
  await expect(form.getByRole("textbox", { name: "Status" })).toHaveValue("On holiday");
  await form.getByRole("textbox", { name: "Status" }).fill("x".repeat(81));
  await form.getByRole("button", { name: "Save" }).click();
  await expect(form.getByRole("alert")).toHaveText(/A status can have up to 80 characters/);
  await form.getByRole("button", { name: "Clear" }).click();
  await expect(listed(ada, grace)).toHaveAccessibleName(/^Grace Hopper ?, online$/);
  await expect(form.getByRole("textbox", { name: "Status" })).toHaveValue("");
});

// What people know of each other while they write and read, and what they would rather not tell.
import { anotherDevice, expect, isSound, test } from "./town";

test("one sees that the other is typing, until the message is there", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const grace = await person("grace", "Grace Hopper");
  await ada.meet(grace);
  await grace.meet(ada);
  const field = grace.page.getByRole("textbox", { name: "Message" });
  await field.pressSequentially("I am thi");
  await expect(ada.page.getByText("Grace Hopper is typing…")).toBeVisible();
  await field.pressSequentially("nking");
  await field.press("Enter");
  await expect(ada.message("I am thinking")).toBeVisible();
  await expect(ada.page.getByText("is typing…")).toHaveCount(0);
  expect(grace.heard.join()).not.toContain('"typing"');
});

test("a message says by whom it was seen, only when it was, and not of who would rather not tell", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const grace = await person("grace", "Grace Hopper");
  const kofi = await person("kofi", "Kofi Mensah");
  await ada.createGroup("Physics", [grace, kofi]);
  await kofi.page.goto(new URL("/settings", kofi.page.url()).href);
  await kofi.ready();
  await kofi.page.getByRole("checkbox", { name: "Share read receipts" }).uncheck();
  await expect.poll(async () => (await kofi.ask<{ privacy: { shows_reading: boolean } }>("snapshot", {})).body.privacy.shows_reading).toBe(false);
  await ada.write("Who reads this?");
  await expect(ada.page.getByRole("status").getByText("Sent", { exact: true }).or(ada.page.getByText("Sent", { exact: true })).first()).toBeVisible();
  await kofi.open("Physics");
  await expect(kofi.page).toHaveTitle(/^Physics/);
  await grace.open("Physics");
  const seen = ada.page.getByRole("button", { name: "Seen by 1" });
  await expect(seen).toBeVisible();
  await seen.click();
  await expect(ada.page.getByRole("dialog", { name: "Seen by" })).toHaveText(/Grace Hopper/);
  await ada.page.reload();
  await expect(seen).toBeVisible();
  await expect(ada.page.getByRole("dialog", { name: "Seen by" })).toHaveCount(0);
});

test("a message to one other is delivered once their browser has it, seen once they read it, and neither before", async ({ town, browser, person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const grace = await person("grace", "Grace Hopper", null);
  await ada.meet(grace);
  await ada.write("Are you there?");
  const state = ada.messages.locator(".state");
  await expect(state).toHaveText("Sent");
  await ada.page.reload();
  await ada.ready();
  await expect(state).toHaveText("Sent");
  // In another conversation: her browser has it, and she has not looked.
  await grace.arrive();
  await expect(state).toHaveText("Delivered");
  await ada.write("Hello?");
  await expect(state).toHaveText(["Delivered"]);
  await expect(state).toHaveCount(1);
  await ada.page.reload();
  await ada.ready();
  await expect(state).toHaveText("Delivered");
  const phone = await anotherDevice(town, browser, ada, { viewport: { width: 390, height: 844 } });
  await phone.arrive(new URL(ada.page.url()).pathname);
  await expect(phone.messages.locator(".state")).toHaveText("Delivered");
  await isSound(phone.page);
  await phone.context.close();
  await grace.open("Ada Lovelace");
  await expect(state.getByRole("button", { name: "Seen by 1" })).toBeVisible();
});

test("what is open of one's own message stays open while one writes from elsewhere", async ({ town, browser, person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const phone = await anotherDevice(town, browser, ada, { viewport: { width: 390, height: 844 } });
  await ada.write("The first");
  await phone.arrive(`/c/${(await ada.ask<{ conversations: { conversation: { id: string } }[] }>("snapshot", {})).body.conversations[0].conversation.id}`);
  await ada.message("The first").hover();
  await ada.message("The first").getByRole("button", { name: "More" }).click();
  const item = ada.page.getByRole("menuitem", { name: "Copy text" });
  await expect(item).toBeVisible();
  await phone.write("The second");
  await expect(ada.message("The second").locator(".state")).toHaveText("Sent");
  await expect(ada.messages.locator(".state")).toHaveCount(1);
  await expect(item).toBeVisible();
  await phone.context.close();
});

// Everyone can use it: no screen has what axe finds, and a day's work goes by keyboard alone.
import { expect, isSound, PASSWORD, register, test } from "./town";

for (const colorScheme of ["light", "dark"] as const) {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    test(`axe finds nothing: ${colorScheme}, ${viewport.width} wide`, async ({ town, browser, person }) => {
      test.setTimeout(180_000);
      const grace = await person("grace", "Grace Hopper", null);
      const outside = await browser.newContext({ viewport, colorScheme });
      const page = await outside.newPage();
      await page.goto(`${town.url}/sign-up`);
      await isSound(page, "sign-up");
      await page.goto(`${town.url}/sign-in`);
      await page.getByRole("textbox", { name: "Username" }).fill("ada");
      await page.getByRole("textbox", { name: "Password" }).fill("not-the-lamp-1");
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect(page.getByRole("alert")).toBeVisible();
      await isSound(page, "sign-in, refused");
      await outside.close();

      const ada = await register(town, browser, "ada", "Ada Lovelace", { viewport, colorScheme });
      await ada.arrive();
      await isSound(ada.page, "first screen");
      await ada.page.getByRole("button", { name: "Account" }).click();
      await expect(ada.page.getByRole("menuitem", { name: "Settings" })).toBeVisible();
      await isSound(ada.page, "account menu");
      await ada.page.keyboard.press("Escape");
      await ada.page.getByRole("button", { name: "New group" }).click();
      await isSound(ada.page, "new group");
      const dialog = ada.page.getByRole("dialog", { name: "New group" });
      await dialog.getByRole("button", { name: "Create group" }).click();
      await expect(dialog.getByRole("alert")).toBeVisible();
      await isSound(ada.page, "new group, refused");
      await dialog.getByRole("textbox", { name: "Group name" }).fill("Engines");
      await dialog.getByRole("checkbox", { name: "Grace Hopper" }).check();
      await dialog.getByRole("button", { name: "Create group" }).click();
      await expect(ada.page.getByRole("heading", { level: 1, name: "Engines" })).toBeVisible();
      await isSound(ada.page, "empty group");
      await ada.write("first");
      await ada.write("see https://example.org");
      await expect(ada.message("example.org").getByRole("status")).toHaveText("Sent");
      await isSound(ada.page, "conversation");
      await ada.details();
      await isSound(ada.page, "details");
      await ada.page.getByRole("button", { name: "Close details" }).click();
      await ada.context.setOffline(true);
      await ada.write("waits");
      await expect(ada.message("waits").getByRole("status")).toHaveText("Waiting");
      await expect(ada.page.getByText("Offline. Your messages")).toBeVisible({ timeout: 30_000 });
      await isSound(ada.page, "offline");
      await ada.context.setOffline(false);
      await ada.page.goto(`${town.url}/settings`);
      await isSound(ada.page, "settings");
      await ada.page.goto(`${town.url}/c/nothing`);
      await isSound(ada.page, "not found");
      await ada.context.close();
      expect(grace.name).toBe("Grace Hopper");
    });
  }
}

test("a day's work by keyboard alone", async ({ town, person, page }) => {
  const grace = await person("grace", "Grace Hopper");
  await page.goto(`${town.url}/sign-up`);
  // The page begins in the first field.
  await page.keyboard.type("ada");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Ada Lovelace");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page.locator("body")).toHaveAttribute("data-connection", "live");
  await expect(page.getByRole("textbox", { name: "Message" })).toBeFocused();
  await page.keyboard.type("good morning");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("everybody");
  await page.keyboard.press("Enter");
  await expect(grace.message("good morning")).toContainText("everybody");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("grace");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Grace Hopper" })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Message" })).toBeFocused();
  await page.keyboard.type("coffee?");
  await page.keyboard.press("Enter");
  await expect(grace.conversations.getByRole("link", { name: /^Ada Lovelace.*coffee/ })).toBeVisible();
  await page.keyboard.press("Alt+ArrowDown");
  await expect(page.getByRole("heading", { level: 1, name: "Everyone" })).toBeVisible();
  await page.keyboard.press("Alt+ArrowUp");
  await expect(page.getByRole("heading", { level: 1, name: "Grace Hopper" })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Message" })).toBeFocused();
  await page.keyboard.press("Shift+F6");
  await expect(page.getByRole("log", { name: "Messages" })).toBeFocused();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeHidden();
});

test("on a phone one pane at a time, and back goes back", async ({ town, browser, person }) => {
  await person("grace", "Grace Hopper", null);
  const ada = await register(town, browser, "ada", "Ada Lovelace", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await ada.arrive();
  await expect(ada.messages).toBeHidden();
  await ada.open("Everyone");
  await expect(ada.conversations).toBeHidden();
  await ada.details();
  await ada.page.goBack();
  await expect(ada.messages).toBeVisible();
  await expect(ada.page.getByRole("region", { name: "Members" })).toBeHidden();
  await ada.page.goBack();
  await expect(ada.conversations).toBeVisible();
  // What was closed is not opened by going back.
  await ada.open("Everyone");
  await ada.details();
  await ada.page.getByRole("button", { name: "Close details" }).click();
  await expect(ada.messages).toBeVisible();
  await ada.page.goBack();
  await expect(ada.page).not.toHaveURL(/details/);
  await expect(ada.page.getByRole("region", { name: "Members" })).toBeHidden();
  await ada.arrive();
  // On a phone Enter breaks the line, and the button sends.
  await ada.open("Everyone");
  const field = ada.page.getByRole("textbox", { name: "Message" });
  await field.fill("one");
  await field.press("Enter");
  await expect(field).toHaveValue("one\n");
  await ada.page.getByRole("button", { name: "Send" }).click();
  await expect(ada.message("one")).toBeVisible();
  // The empty field has one line, whatever stands in it.
  const height = async () => (await field.boundingBox())?.height;
  const one = await height();
  await ada.page.goBack();
  await ada.createGroup("A group with a title longer than the field of any phone", []);
  await expect(field).toHaveAttribute("placeholder", /^Write to A group/);
  // It grows in the next frame, if it does.
  await ada.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  expect(await height()).toBe(one);
  await ada.context.close();
});

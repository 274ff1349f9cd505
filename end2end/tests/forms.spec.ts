// The forms, also where no script runs: what is wrong is said at its field, and what was typed is kept.
import { expect, PASSWORD, test } from "./town";

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with the app" : "before the app has arrived", () => {
    test.use({ javaScriptEnabled });

    test("somebody registers, is corrected, and comes in", async ({ town, page }) => {
      await page.goto(`${town.url}/sign-up`);
      await page.getByRole("textbox", { name: "Username" }).fill("a b");
      await page.getByRole("textbox", { name: "Display name" }).fill("Ada <Lovelace>");
      await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
      await page.getByRole("button", { name: "Create account" }).click();
      await expect(page.getByRole("alert")).toContainText("A username can contain only letters");
      await expect(page.getByRole("textbox", { name: "Username" })).toHaveAttribute("aria-invalid", "true");
      await expect(page.getByRole("textbox", { name: "Display name" })).toHaveValue("Ada <Lovelace>");
      await page.getByRole("textbox", { name: "Username" }).fill("ada");
      await page.getByRole("textbox", { name: "Password" }).fill("password1");
      await page.getByRole("button", { name: "Create account" }).click();
      await expect(page.getByRole("alert")).toContainText("too easy to guess");
      await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
      await page.getByRole("button", { name: "Create account" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "Everyone" })).toBeVisible();
      await expect(page.getByRole("navigation", { name: "Conversations" }).getByRole("link")).toHaveCount(1);
    });

    test("a display name that looks like somebody's, or is reserved, is refused at its field", async ({ town, person, page }) => {
      await person("ada", "Ada Lovelace", null);
      await page.goto(`${town.url}/sign-up`);
      const [username, name] = [page.getByRole("textbox", { name: "Username" }), page.getByRole("textbox", { name: "Display name" })];
      await username.fill("mallory");
      for (const [typed, words] of [
        ["Аda Lovelace", "This display name looks too much like another person's. Choose another."],
        ["Admin", "This display name is reserved. Choose another."],
        ["Mallory\u200b", "A display name cannot contain invisible or unsupported characters (U+200B)."],
      ]) {
        await name.fill(typed);
        await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
        await page.getByRole("button", { name: "Create account" }).click();
        await expect(page.getByRole("alert")).toHaveText(words);
        await expect(name).toHaveAttribute("aria-invalid", "true");
        await expect(name).toHaveAccessibleDescription(new RegExp(words.replace(/[.()+]/g, "\\$&")));
        await expect(name).toBeFocused();
        await expect(name).toHaveValue(typed);
        await expect(username).toHaveValue("mallory");
      }
      await name.fill("علی‌رضا 👩‍💻");
      await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
      await page.getByRole("button", { name: "Create account" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "Everyone" })).toBeVisible();
      await expect(page.getByRole("navigation", { name: "People" })).toContainText("Ada Lovelace");
    });

    test("somebody follows a link, signs in, and is where the link led", async ({ town, person, page }) => {
      const ada = await person("ada", "Ada Lovelace", null);
      const { body } = await ada.ask<{ conversations: { conversation: { id: string } }[] }>("snapshot", {});
      const place = `${town.url}/c/${body.conversations[0].conversation.id}`;
      await page.goto(place);
      await page.getByRole("textbox", { name: "Username" }).fill("ada");
      await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect(page).toHaveURL(place);
    });

    test("what is not there says so, with a way home", async ({ town, person, page }) => {
      const ada = await person("ada", "Ada Lovelace", null);
      await page.context().addCookies(await ada.context.cookies());
      const answer = await page.goto(`${town.url}/c/01890000-0000-7000-8000-000000000000`);
      expect(answer?.status()).toBe(404);
      await expect(page.getByRole("heading", { name: "Not found" })).toBeVisible();
      await page.getByRole("link", { name: "Go to your conversations" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "Everyone" })).toBeVisible();
    });
  });
}

test("the chosen theme is there in the first frame", async ({ town, person }) => {
  const ada = await person("ada", "Ada Lovelace", "/settings");
  await ada.page.getByRole("button", { name: "Dark" }).click();
  await expect(ada.page.locator("html")).toHaveAttribute("data-theme", "dark");
  const html = await (await ada.context.request.get(`${town.url}/settings`)).text();
  expect(html).toContain('data-theme="dark"');
  await ada.ready();
  await expect(ada.page.getByRole("button", { name: "Dark", pressed: true })).toBeVisible();
  await expect(ada.page.getByRole("button", { pressed: true })).toHaveCount(1);
});

test("what was typed before the app woke up is kept", async ({ town, person }) => {
  const ada = await person("ada", "Ada Lovelace", null);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await ada.page.route("**/*.wasm", async (route) => {
    await held;
    await route.continue();
  });
  await ada.page.goto(town.url, { waitUntil: "domcontentloaded" });
  const field = ada.page.getByRole("textbox", { name: "Message" });
  await field.fill("typed early");
  release();
  await ada.ready();
  await expect(field).toHaveValue("typed early");
  await field.press("Enter");
  await expect(ada.message("typed early")).toBeVisible();
});

test("what is sent before the app woke up is sent when it is awake, once", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace", null);
  let wake = () => {};
  const held = new Promise<void>((done) => (wake = done));
  await ada.page.route("**/chatbox.wasm", async (route) => {
    await held;
    await route.continue();
  });
  await ada.page.goto(ada.town.url);
  const field = ada.page.getByRole("textbox", { name: "Message" });
  await field.fill("good morning");
  await ada.page.getByRole("button", { name: "Send" }).click();
  wake();
  await ada.ready();
  await expect(ada.message("good morning").getByRole("status")).toHaveText("Sent");
  await expect(ada.message("good morning")).toHaveCount(1);
  await expect(field).toHaveValue("");
});

test("groups and statuses have names of the world, and what is wrong with one is said at its field", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  await ada.page.getByRole("button", { name: "New group" }).click();
  const dialog = ada.page.getByRole("dialog", { name: "New group" });
  const name = dialog.getByRole("textbox", { name: "Group name" });
  await name.fill("Plans\u202e");
  await dialog.getByRole("button", { name: "Create group" }).click();
  await expect(dialog.getByRole("alert")).toHaveText("A group name cannot contain invisible or unsupported characters (U+202E).");
  await expect(name).toHaveAttribute("aria-invalid", "true");
  await expect(name).toHaveValue("Plans\u202e");
  await name.fill("ශ්‍රී 👨‍👩‍👧‍👦");
  await dialog.getByRole("button", { name: "Create group" }).click();
  await expect(ada.page.getByRole("heading", { level: 1 })).toHaveText("ශ්‍රී 👨‍👩‍👧‍👦");
  await ada.page.goto(`${ada.town.url}/settings`);
  await ada.ready();
  const status = ada.page.getByRole("textbox", { name: "Status" });
  await status.fill("away\u200b");
  await ada.page.getByRole("button", { name: "Save", exact: true }).click();
  const wrong = ada.page.getByRole("alert").filter({ hasText: /./ });
  await expect(wrong).toHaveText("A status cannot contain invisible or unsupported characters (U+200B).");
  await status.fill("👩‍💻");
  await ada.page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(ada.page.getByText("Saved.")).toBeVisible();
  await expect(wrong).toHaveCount(0);
});

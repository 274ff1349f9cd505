// Sign-up, sign-in and settings forms, with and without JavaScript: errors at the field, input
// kept.
import { expect, PASSWORD, test } from "../harness/test-server";

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with the app" : "before the app has arrived", () => {
    test.use({ javaScriptEnabled });

    test("sign-up shows validation errors, then succeeds", async ({ server, page }) => {
      await page.goto(`${server.url}/sign-up`);
      await page.getByRole("textbox", { name: "Username" }).fill("a b");
      await page.getByRole("textbox", { name: "Display name" }).fill("Ada <Lovelace>");
      await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
      await page.getByRole("button", { name: "Create account" }).click();
      await expect(page.getByRole("alert")).toContainText("A username can contain only letters");
      await expect(page.getByRole("textbox", { name: "Username" })).toHaveAttribute(
        "aria-invalid",
        "true",
      );
      await expect(page.getByRole("textbox", { name: "Display name" })).toHaveValue(
        "Ada <Lovelace>",
      );
      await page.getByRole("textbox", { name: "Username" }).fill("ada");
      await page.getByRole("textbox", { name: "Password" }).fill("password1");
      await page.getByRole("button", { name: "Create account" }).click();
      await expect(page.getByRole("alert")).toContainText("too easy to guess");
      await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
      await page.getByRole("button", { name: "Create account" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "Everyone" })).toBeVisible();
      await expect(
        page.getByRole("navigation", { name: "Conversations" }).getByRole("link"),
      ).toHaveCount(1);
    });

    test("a display name that is confusable or reserved is rejected at its field", async ({
      server,
      user,
      page,
    }) => {
      await user("ada", "Ada Lovelace", null);
      await page.goto(`${server.url}/sign-up`);
      const [username, name] = [
        page.getByRole("textbox", { name: "Username" }),
        page.getByRole("textbox", { name: "Display name" }),
      ];
      await username.fill("mallory");
      for (const [typed, words] of [
        ["Аda Lovelace", "This display name looks too much like another person's. Choose another."],
        ["Admin", "This display name is reserved. Choose another."],
        [
          "Mallory\u200b",
          "A display name cannot contain invisible or unsupported characters (U+200B).",
        ],
      ]) {
        await name.fill(typed);
        await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
        await page.getByRole("button", { name: "Create account" }).click();
        await expect(page.getByRole("alert")).toHaveText(words);
        await expect(name).toHaveAttribute("aria-invalid", "true");
        await expect(name).toHaveAccessibleDescription(
          new RegExp(words.replace(/[.()+]/g, "\\$&")),
        );
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

    test("a link redirects to sign-in and back", async ({ server, user, page }) => {
      const ada = await user("ada", "Ada Lovelace", null);
      const { body } = await ada.callApi<{ conversations: { conversation: { id: string } }[] }>(
        "snapshot",
        {},
      );
      const place = `${server.url}/c/${body.conversations[0].conversation.id}`;
      await page.goto(place);
      await page.getByRole("textbox", { name: "Username" }).fill("ada");
      await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect(page).toHaveURL(place);
    });

    test("a missing page says so and links home", async ({ server, user, page }) => {
      const ada = await user("ada", "Ada Lovelace", null);
      await page.context().addCookies(await ada.context.cookies());
      const answer = await page.goto(`${server.url}/c/01890000-0000-7000-8000-000000000000`);
      expect(answer?.status()).toBe(404);
      await expect(page.getByRole("heading", { name: "Not found" })).toBeVisible();
      await page.getByRole("link", { name: "Go to your conversations" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "Everyone" })).toBeVisible();
    });
  });
}

test("the chosen theme is in the first frame", async ({ server, user }) => {
  const ada = await user("ada", "Ada Lovelace", "/settings");
  await ada.page.getByRole("button", { name: "Dark" }).click();
  await expect(ada.page.locator("html")).toHaveAttribute("data-theme", "dark");
  const html = await (await ada.context.request.get(`${server.url}/settings`)).text();
  expect(html).toContain('data-theme="dark"');
  await ada.waitUntilReady();
  await expect(ada.page.getByRole("button", { name: "Dark", pressed: true })).toBeVisible();
  await expect(ada.page.getByRole("button", { pressed: true })).toHaveCount(1);
});

test("input typed before hydration is kept", async ({ server, user }) => {
  const ada = await user("ada", "Ada Lovelace", null);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await ada.page.route("**/*.wasm", async (route) => {
    await held;
    await route.continue();
  });
  await ada.page.goto(server.url, { waitUntil: "domcontentloaded" });
  const field = ada.page.getByRole("textbox", { name: "Message" });
  await field.fill("typed early");
  release();
  await ada.waitUntilReady();
  await expect(field).toHaveValue("typed early");
  await field.press("Enter");
  await expect(ada.message("typed early")).toBeVisible();
});

test("a message sent before hydration is sent once, after it", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace", null);
  let wake = () => {};
  const held = new Promise<void>((done) => (wake = done));
  await ada.page.route("**/chatbox.wasm", async (route) => {
    await held;
    await route.continue();
  });
  await ada.page.goto(ada.server.url);
  const field = ada.page.getByRole("textbox", { name: "Message" });
  await field.fill("good morning");
  await ada.page.getByRole("button", { name: "Send" }).click();
  wake();
  await ada.waitUntilReady();
  await expect(ada.message("good morning").getByRole("status")).toHaveText("Sent");
  await expect(ada.message("good morning")).toHaveCount(1);
  await expect(field).toHaveValue("");
});

test("group names and statuses accept any script, and errors are shown at the field", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.page.getByRole("button", { name: "New group" }).click();
  const dialog = ada.page.getByRole("dialog", { name: "New group" });
  const name = dialog.getByRole("textbox", { name: "Group name" });
  await name.fill("Plans\u202e");
  await dialog.getByRole("button", { name: "Create group" }).click();
  await expect(dialog.getByRole("alert")).toHaveText(
    "A group name cannot contain invisible or unsupported characters (U+202E).",
  );
  await expect(name).toHaveAttribute("aria-invalid", "true");
  await expect(name).toHaveValue("Plans\u202e");
  await name.fill("ශ්‍රී 👨‍👩‍👧‍👦");
  await dialog.getByRole("button", { name: "Create group" }).click();
  await expect(ada.page.getByRole("heading", { level: 1 })).toHaveText("ශ්‍රී 👨‍👩‍👧‍👦");
  await ada.page.goto(`${ada.server.url}/settings`);
  await ada.waitUntilReady();
  const status = ada.page.getByRole("textbox", { name: "Status" });
  await status.fill("away\u200b");
  await ada.page.getByRole("button", { name: "Save", exact: true }).click();
  const wrong = ada.page.getByRole("alert").filter({ hasText: /./ });
  await expect(wrong).toHaveText(
    "A status cannot contain invisible or unsupported characters (U+200B).",
  );
  await status.fill("👩‍💻");
  await ada.page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(ada.page.getByText("Saved.")).toBeVisible();
  await expect(wrong).toHaveCount(0);
});

// Accessibility: axe finds no violation on any screen, and the main tasks work by keyboard alone.
import { expect, expectNoAxeViolations, PASSWORD, signUp, test } from "../harness/test-server";

for (const colorScheme of ["light", "dark"] as const) {
  for (const viewport of [
    { width: 1280, height: 800 },
    { width: 390, height: 844 },
  ]) {
    test(`axe finds nothing: ${colorScheme}, ${viewport.width} wide`, async ({
      server,
      browser,
      user,
    }) => {
      test.setTimeout(180_000);
      const grace = await user("grace", "Grace Hopper", null);
      const outside = await browser.newContext({ viewport, colorScheme });
      const page = await outside.newPage();
      await page.goto(`${server.url}/sign-up`);
      await expectNoAxeViolations(page, "sign-up");
      await page.goto(`${server.url}/sign-in`);
      await page.getByRole("textbox", { name: "Username" }).fill("ada");
      await page.getByRole("textbox", { name: "Password" }).fill("not-the-lamp-1");
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect(page.getByRole("alert")).toBeVisible();
      await expectNoAxeViolations(page, "sign-in, refused");
      await outside.close();

      const ada = await signUp(server, browser, "ada", "Ada Lovelace", { viewport, colorScheme });
      await ada.goto();
      await expectNoAxeViolations(ada.page, "first screen");
      await ada.page.getByRole("button", { name: "Account" }).click();
      await expect(ada.page.getByRole("menuitem", { name: "Settings" })).toBeVisible();
      await expectNoAxeViolations(ada.page, "account menu");
      await ada.page.keyboard.press("Escape");
      await ada.page.getByRole("button", { name: "New group" }).click();
      await expectNoAxeViolations(ada.page, "new group");
      const dialog = ada.page.getByRole("dialog", { name: "New group" });
      await dialog.getByRole("button", { name: "Create group" }).click();
      await expect(dialog.getByRole("alert")).toBeVisible();
      await expectNoAxeViolations(ada.page, "new group, refused");
      await dialog.getByRole("textbox", { name: "Group name" }).fill("Engines");
      await dialog.getByRole("checkbox", { name: "Grace Hopper" }).check();
      await dialog.getByRole("button", { name: "Create group" }).click();
      await expect(ada.page.getByRole("heading", { level: 1, name: "Engines" })).toBeVisible();
      await expectNoAxeViolations(ada.page, "empty group");
      await ada.send("first");
      await ada.send("see https://example.org");
      await expect(ada.message("example.org").getByRole("status")).toHaveText("Sent");
      await expectNoAxeViolations(ada.page, "conversation");
      await ada.details();
      await expectNoAxeViolations(ada.page, "details");
      await ada.page.getByRole("button", { name: "Close details" }).click();
      await ada.context.setOffline(true);
      await ada.send("waits");
      await expect(ada.message("waits").getByRole("status")).toHaveText("Waiting");
      await expect(ada.page.getByText("Offline. Your messages")).toBeVisible({ timeout: 30_000 });
      await expectNoAxeViolations(ada.page, "offline");
      await ada.context.setOffline(false);
      await ada.page.goto(`${server.url}/settings`);
      await expectNoAxeViolations(ada.page, "settings");
      await ada.page.goto(`${server.url}/c/nothing`);
      await expectNoAxeViolations(ada.page, "not found");
      await ada.context.close();
      expect(grace.name).toBe("Grace Hopper");
    });
  }
}

test("the day's tasks can be done by keyboard alone", async ({ server, user, page }) => {
  const grace = await user("grace", "Grace Hopper");
  await page.goto(`${server.url}/sign-up`);
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
  await expect(
    grace.conversations.getByRole("link", { name: /^Ada Lovelace.*coffee/ }),
  ).toBeVisible();
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

test("a skip link leads to the message field, and lists are one tab stop each", async ({
  user,
}) => {
  const others = [];
  for (const [username, name] of [
    ["grace", "Grace Hopper"],
    ["kofi", "Kofi Mensah"],
    ["li", "李雷"],
    ["noor", "نور الهاشمي"],
  ])
    others.push(await user(username, name, null));
  const ada = await user("ada", "Ada Lovelace");
  for (let n = 1; n <= 12; n++) await ada.createGroup(`Group ${n}`, others);
  for (let n = 1; n <= 9; n++)
    await ada.send(`see https://example.org/${n} and https://example.org/again`);
  await expect(ada.message("org/9 ").getByRole("status")).toHaveText("Sent");
  await ada.goto(new URL(ada.page.url()).pathname);
  const { page } = ada;
  const field = page.getByRole("textbox", { name: "Message" });
  const skip = page.getByRole("link", { name: "Skip to message field" });
  await expect(page.locator("a[href], button, input, textarea, [tabindex]").first()).toHaveText(
    "Skip to message field",
  );
  await skip.focus();
  await expect(skip).toBeInViewport();
  await expectNoAxeViolations(page, "skip link");
  await page.keyboard.press("Enter");
  await expect(field).toBeFocused();
  await skip.focus();
  const stops: string[] = [];
  const here = () =>
    page.evaluate(
      () =>
        (document.activeElement as HTMLElement).getAttribute("aria-label") ??
        (document.activeElement as HTMLElement).innerText,
    );
  for (let n = 0; n < 14 && stops.at(-1) !== "Message"; n++) {
    await page.keyboard.press("Tab");
    stops.push(await here());
  }
  expect(stops.at(-1), stops.join(" · ")).toBe("Message");
  expect(stops.length, stops.join(" · ")).toBeLessThanOrEqual(12);
  // Back the same way, and in a list arrows lead on.
  await page.keyboard.press("Shift+Tab");
  for (let n = 0; n < 3 && (await here()) !== "Messages"; n++)
    await page.keyboard.press("Shift+Tab");
  await expect(ada.messages).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await expect(page.getByRole("button", { name: "Details", exact: true })).toBeFocused();
  const current = ada.conversations.getByRole("link", { name: /^Group 12/ });
  await current.focus();
  await page.keyboard.press("ArrowDown");
  const next = ada.conversations.getByRole("link", { name: /^Group 11/ });
  await expect(next).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(ada.people.getByRole("button").first()).toBeFocused();
  await next.focus();
  await page.keyboard.press("Shift+Tab");
  await expect(page.getByRole("searchbox", { name: /^Find a conversation/ })).toBeFocused();
  // What is in a message is reached from that message, and left by Tab.
  await ada.messages.focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  const message = ada.message("org/8 ");
  await expect(message).toBeFocused();
  const links = message.getByRole("link");
  await page.keyboard.press("Tab");
  await expect(links.first()).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(links.last()).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await expect(message).toBeFocused();
  for (
    let n = 0;
    n < 12 && (await message.evaluate((article) => article.contains(document.activeElement)));
    n++
  )
    await page.keyboard.press("Tab");
  await expect(message.locator(":focus")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Attach files" })).toBeFocused();
});

test("a message has its author and time once, in its accessible name", async ({ user }) => {
  const grace = await user("grace", "Grace Hopper");
  await grace.send("one");
  await grace.send("two");
  const ada = await user("ada", "Ada Lovelace");
  for (const text of ["one", "two"]) {
    const message = ada.message(text);
    await expect(message).toHaveAccessibleName(/^Grace Hopper, \d/);
    const said = await message.ariaSnapshot();
    expect(said.match(/Grace Hopper/g), said).toHaveLength(1);
    expect(said.match(/\d?\d:\d\d/g), said).toHaveLength(1);
  }
});

test("the account button's name contains its visible label, and its whole row is clickable", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const button = ada.page.getByRole("button", { name: "Account", exact: true });
  await expect(button).toHaveText("");
  await expect(button).toHaveAccessibleDescription("Ada Lovelace");
  const name = await ada.page.locator("#account-name").boundingBox();
  await ada.page.mouse.click((name?.x ?? 0) + 5, (name?.y ?? 0) + 5);
  await expect(ada.page.getByRole("menuitem", { name: "Settings" })).toBeFocused();
});

test("scrollable areas in dialogs can be reached by keyboard", async ({
  server,
  browser,
  user,
}) => {
  test.setTimeout(120_000);
  for (let n = 0; n < 24; n++)
    await signUp(server, browser, `person${n}`, `Person ${String.fromCharCode(65 + n)}`).then(
      ({ context }) => context.close(),
    );
  const ada = await signUp(server, browser, "ada", "Ada Lovelace", {
    viewport: { width: 800, height: 420 },
  });
  await ada.goto();
  await ada.page.keyboard.press("Control+k");
  const list = ada.page.getByRole("listbox", { name: "Results" });
  await expect(list.getByRole("option").nth(20)).toBeAttached();
  await expectNoAxeViolations(ada.page, "switcher");
  await ada.page.keyboard.press("Tab");
  await expect(list).toBeFocused();
  await ada.page.keyboard.press("ArrowDown");
  await expect(list.getByRole("option").nth(1)).toHaveAttribute("aria-selected", "true");
  await ada.page.keyboard.type("person h");
  await expect(list.getByRole("option")).toHaveCount(1);
  await ada.page.keyboard.press("Enter");
  await expect(ada.page.getByRole("heading", { level: 1, name: "Person H" })).toBeVisible();
  await ada.page.getByRole("button", { name: "Account" }).click();
  await ada.page.getByRole("menuitem", { name: "Keyboard" }).click();
  await expect(ada.page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
  await expectNoAxeViolations(ada.page, "keys");
  await ada.context.close();
});

test("a phone shows one pane at a time, and back goes back", async ({ server, browser, user }) => {
  await user("grace", "Grace Hopper", null);
  const ada = await signUp(server, browser, "ada", "Ada Lovelace", {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await ada.goto();
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
  await ada.goto();
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
  await expect(field).toHaveAttribute("placeholder", /^Message A group/);
  // It grows in the next frame, if it does.
  await ada.page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
  expect(await height()).toBe(one);
  await ada.context.close();
});

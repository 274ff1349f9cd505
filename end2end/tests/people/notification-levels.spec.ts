// Notification levels, mute, and hidden conversations, on all devices of a user.
import {
  signInOnNewDevice,
  expect,
  expectNoAxeViolations,
  type TestUser,
  test,
} from "../harness/test-server";

const row = (user: TestUser, title: string) =>
  user.conversations.getByRole("link", { name: new RegExp(`^${title}`) });
const level = (user: TestUser) => user.page.getByRole("combobox", { name: "Notify me about" });
const button = (user: TestUser, name: string) =>
  user.page.getByRole("button", { name, exact: true });
const icon = (user: TestUser) => user.page.locator("link[rel=icon]");

/** To the details of a conversation. */
async function toDetails(user: TestUser, title: string): Promise<void> {
  await user.open(title);
  await user.details();
}

test("notifications follow the level at once on every device and after a reload, and unread counts do not change", async ({
  server,
  browser,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await grace.createGroup("Physics", [ada]);
  await toDetails(ada, "Physics");
  const phone = await signInOnNewDevice(server, browser, ada, {
    viewport: { width: 390, height: 844 },
  });
  await phone.goto("/settings");
  await expect(level(ada)).toHaveValue("everything");
  await level(ada).selectOption("Mentions");
  await ada.open("Everyone");
  await grace.send("good morning");
  await expect(row(ada, "Physics")).toHaveAccessibleName(/1 unread$/);
  for (const device of [ada, phone]) {
    await expect(icon(device)).toHaveAttribute("href", "/favicon.png");
    expect(await device.page.title()).not.toMatch(/^\(/);
  }
  await grace.send("@ada, are you there?");
  for (const device of [ada, phone]) {
    await expect(device.page).toHaveTitle(/^\(1\) /);
    await expect(icon(device)).toHaveAttribute("href", "/favicon-unread.png");
  }
  await expect(row(ada, "Physics")).toHaveAccessibleName(/@ 2 unread, one mentions you$/);
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(ada.page).toHaveTitle(/^\(1\) /);
  // Nothing rings, and the list says so and still counts.
  await phone.page.goto(ada.page.url().replace(/\/(c\/.*)?$/, "/"));
  await phone.waitUntilReady();
  await row(phone, "Physics").click();
  // The phone has read what was there; only then something else covers it.
  await expect(row(ada, "Physics")).toHaveAccessibleName(/there\?$/);
  await phone.details();
  await level(phone).selectOption("Nothing");
  await expect(button(phone, "Mute for an hour")).toHaveCount(0);
  await phone.context.close();
  await expect(ada.page).toHaveTitle(/^Everyone/);
  await expect(row(ada, "Physics")).toHaveAccessibleName(/^Physics muted .*there\?$/);
  await grace.send("@ada?");
  await expect(row(ada, "Physics")).toHaveAccessibleName(
    /^Physics muted .* 1 unread, one mentions you$/,
  );
  await expect(ada.page).toHaveTitle(/^Everyone/);
  await expect(icon(ada)).toHaveAttribute("href", "/favicon.png");
  await expectNoAxeViolations(ada.page);
});

test("a conversation muted for an hour notifies again by itself on both devices", async ({
  server,
  browser,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace", null);
  const grace = await user("grace", "Grace Hopper");
  await ada.page.clock.install();
  await ada.goto();
  const laptop = await signInOnNewDevice(server, browser, ada);
  await laptop.page.clock.install();
  await laptop.goto("/settings");
  await grace.createGroup("Physics", [ada]);
  await toDetails(ada, "Physics");
  await button(ada, "Mute for an hour").focus();
  await ada.page.keyboard.press("Enter");
  await expect(ada.page.getByText(/^Muted until .*\d/)).toBeVisible();
  // Whoever works by keyboard is still there, and can take it back.
  await expect(button(ada, "Unmute")).toBeFocused();
  await ada.page.keyboard.press("Enter");
  await expect(button(ada, "Mute for an hour")).toBeFocused();
  await expect(ada.page.getByText(/^Muted until/)).toHaveCount(0);
  await ada.page.keyboard.press("Enter");
  await expect(button(ada, "Unmute")).toBeVisible();
  await expectNoAxeViolations(ada.page);
  await ada.open("Everyone");
  await grace.send("psst");
  for (const device of [ada, laptop]) {
    await expect(row(device, "Physics")).toHaveAccessibleName(/^Physics muted .*1 unread$/);
    expect(await device.page.title()).not.toMatch(/^\(/);
    await device.page.clock.fastForward("59:00");
    await expect(row(device, "Physics")).toHaveAccessibleName(/^Physics muted .*1 unread$/);
    expect(await device.page.title()).not.toMatch(/^\(/);
    await device.page.clock.fastForward("01:30");
    await expect(device.page).toHaveTitle(/^\(1\) /);
    await expect(row(device, "Physics")).not.toHaveAccessibleName(/muted/);
  }
  await laptop.context.close();
});

test.describe("in Kathmandu", () => {
  test.use({ timezoneId: "Asia/Kathmandu" });
  test("mute until tomorrow ends at eight in the local time zone", async ({
    server,
    browser,
    user,
  }) => {
    const ada = await user("ada", "Ada Lovelace", null);
    const there = await signInOnNewDevice(server, browser, ada, { timezoneId: "Asia/Kathmandu" });
    await there.goto();
    await toDetails(there, "Everyone");
    await button(there, "Mute until tomorrow").click();
    await expect(there.page.getByText(/^Muted until .*0?8:00/)).toBeVisible();
    const { body } = await ada.callApi<{ conversations: { muted_until: number }[] }>(
      "snapshot",
      {},
    );
    const until = new Date(body.conversations[0].muted_until);
    const [day, tomorrow] = [until, new Date(Date.now() + 86_400_000)].map((at) =>
      at.toLocaleDateString("en", { timeZone: "Asia/Kathmandu" }),
    );
    expect([day, until.toLocaleTimeString("en-GB", { timeZone: "Asia/Kathmandu" })]).toEqual([
      tomorrow,
      "08:00:00",
    ]);
    await there.context.close();
  });
});

test("a hidden conversation leaves the list, does not notify, and is found by name and at the end of the list", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await grace.createGroup("Physics", [ada]);
  await toDetails(ada, "Physics");
  await level(ada).selectOption("Nothing, and hide the conversation");
  await expect(row(ada, "Physics")).toHaveCount(0);
  await ada.open("Everyone");
  await grace.send("@ada, are you there?");
  // Told after it, so that the other was told as well.
  await grace.open("Everyone");
  await grace.send("good morning");
  await expect(ada.message("good morning")).toBeVisible();
  await expect(row(ada, "Physics")).toHaveCount(0);
  await expect(ada.page).toHaveTitle(/^Everyone/);
  await ada.page.reload();
  await ada.waitUntilReady();
  const hidden = button(ada, "Hidden (1)");
  await expect(hidden).toHaveAttribute("aria-expanded", "false");
  await expect(row(ada, "Physics")).toHaveCount(0);
  await hidden.focus();
  await ada.page.keyboard.press("Enter");
  await expect(row(ada, "Physics")).toHaveAccessibleName(
    /^Physics hidden .*1 unread, one mentions you$/,
  );
  await expect(hidden).toBeFocused();
  await expectNoAxeViolations(ada.page);
  await ada.page.keyboard.press("ArrowDown");
  await ada.page.keyboard.press("Enter");
  await expect(ada.message("are you there?")).toBeVisible();
  await hidden.click();
  await expect(row(ada, "Physics")).toHaveCount(0);
  await ada.page.getByRole("searchbox", { name: "Find a conversation or person" }).fill("phys");
  await expect(row(ada, "Physics")).toHaveCount(1);
  await expect(hidden).toHaveCount(0);
  await ada.page.keyboard.press("Escape");
  await ada.open("Everyone");
  await ada.page.keyboard.press("Control+k");
  await ada.page.keyboard.type("phys");
  await ada.page.keyboard.press("Enter");
  await expect(ada.page.getByRole("heading", { level: 1, name: "Physics" })).toBeVisible();
  await ada.details();
  await expect(level(ada)).toHaveValue("hidden");
  await level(ada).selectOption("Everything");
  await expect(row(ada, "Physics")).toHaveCount(1);
  await expect(hidden).toHaveCount(0);
});

test("a notification level that could not be saved reverts and shows the error", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  await toDetails(ada, "Everyone");
  await level(ada).selectOption("Mentions");
  await expect
    .poll(
      async () =>
        (await ada.callApi<{ conversations: { level?: string }[] }>("snapshot", {})).body
          .conversations[0].level,
    )
    .toBe("mentions");
  await ada.page.route("**/api/set_level", (route) => route.abort());
  await level(ada).selectOption("Nothing");
  await expect(ada.page.getByRole("alert").filter({ hasText: /./ })).toBeVisible();
  await expect(level(ada)).toHaveValue("mentions");
});

// Completion of mentions and emoji, mentions in messages, and the confirmation of @everyone.
import { expect, expectNoAxeViolations, type TestUser, signUp, test } from "../harness/test-server";

const field = (user: TestUser) => user.page.getByRole("textbox", { name: "Message" });
const offers = (user: TestUser) => user.page.getByRole("listbox", { name: "Suggestions" });
const option = (user: TestUser, name: RegExp) => offers(user).getByRole("option", { name });

test("members complete by part of either name, by keyboard, and nobody else is suggested", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper", null);
  const mei = await user("mei", "李 梅", null);
  await user("zoe", "Zoë Müller", null);
  await user("kofi", "Kofi Mensah", null);
  await expect(ada.people.getByRole("button")).toHaveCount(4);
  await field(ada).pressSequentially("hello @");
  await expect(offers(ada).getByRole("option")).toHaveCount(4);
  await expectNoAxeViolations(ada.page);
  await field(ada).pressSequentially("hop");
  await expect(offers(ada).getByRole("option")).toHaveCount(1);
  await expect(field(ada)).toHaveAttribute("aria-activedescendant", "completion-0");
  await ada.page.keyboard.press("Enter");
  await expect(field(ada)).toHaveValue("hello @grace ");
  await expect(offers(ada)).toBeHidden();
  await field(ada).pressSequentially("@梅");
  await ada.page.keyboard.press("Tab");
  await expect(field(ada)).toHaveValue("hello @grace @mei ");
  await expect(field(ada)).toBeFocused();
  await field(ada).pressSequentially("@mull");
  await expect(option(ada, /Zoë Müller/)).toBeVisible();
  await ada.page.keyboard.press("Escape");
  await expect(offers(ada)).toBeHidden();
  await field(ada).pressSequentially("e");
  await expect(offers(ada)).toBeHidden();
  await field(ada).fill("@");
  await ada.page.keyboard.press("ArrowUp");
  await expect(field(ada)).toHaveAttribute("aria-activedescendant", "completion-3");
  await ada.page.keyboard.press("ArrowDown");
  await ada.page.keyboard.press("ArrowDown");
  await expect(option(ada, /Kofi/)).toHaveAttribute("aria-selected", "true");
  await ada.page.keyboard.press("Enter");
  await expect(field(ada)).toHaveValue("@kofi ");
  // In code nothing is offered, and Enter sends where nothing is.
  await field(ada).fill("`@gr");
  await expect(offers(ada)).toBeHidden();
  await field(ada).fill("@nobody");
  await ada.page.keyboard.press("Enter");
  await expect(ada.message("@nobody")).toBeVisible();
  // Of two, only the other; of a group, its members.
  await ada.openDirect(grace);
  await field(ada).pressSequentially("@");
  await expect(offers(ada).getByRole("option")).toHaveCount(1);
  await field(ada).fill("");
  // Another conversation's field is empty: nothing is left in it of the one before.
  await ada.open("Everyone");
  await expect(field(ada)).toHaveValue("");
  await ada.createGroup("Engines", [mei]);
  await expect(field(ada)).toHaveValue("");
  await expect(ada.page.getByRole("dialog", { name: "New group" })).toBeHidden();
  await field(ada).click();
  await field(ada).pressSequentially("@");
  await expect(offers(ada).getByRole("option")).toHaveText([/李 梅/, /Everyone in this group/]);
});

test("on a phone a suggestion can be tapped and never covers the field", async ({
  server,
  browser,
  user,
}) => {
  await user("grace", "Grace Hopper", null);
  const ada = await signUp(server, browser, "ada", "Ada Lovelace", {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await ada.goto();
  await ada.open("Everyone");
  await field(ada).tap();
  await field(ada).pressSequentially("one\n@gra");
  await expect(option(ada, /Grace Hopper/)).toBeVisible();
  const [list, box] = [await offers(ada).boundingBox(), await field(ada).boundingBox()];
  expect(list!.y + list!.height).toBeLessThanOrEqual(box!.y);
  expect(list!.x + list!.width).toBeLessThanOrEqual(390);
  await expectNoAxeViolations(ada.page);
  await option(ada, /Grace Hopper/).tap();
  await expect(field(ada)).toHaveValue("one\n@grace ");
  await expect(field(ada)).toBeFocused();
  await ada.page.getByRole("button", { name: "Formatting" }).tap();
  await ada.page.getByRole("button", { name: "Quote" }).tap();
  await expect(field(ada)).toHaveValue("one\n> @grace ");
  await expectNoAxeViolations(ada.page);
  await ada.context.close();
});

test("emoji complete after a colon, and a full shortcode becomes its emoji", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await field(ada).pressSequentially("at 10:30 :s");
  await expect(offers(ada)).toBeHidden();
  await field(ada).pressSequentially("mile");
  await expect(option(ada, /smiling/).first()).toBeVisible();
  await option(ada, /:smile:/).click();
  await expect(field(ada)).toHaveValue("at 10:30 😄");
  await field(ada).pressSequentially(" :heart: :+1:");
  await expect(field(ada)).toHaveValue("at 10:30 😄 ❤️ 👍");
  await ada.page.keyboard.press("Control+Z");
  await expect(field(ada)).toHaveValue(/:\+1/);
  await field(ada).fill("no :nonsense: here");
  await expect(field(ada)).toHaveValue("no :nonsense: here");
});

test("a mention shows whom it means, live and after a reload, and stands out for that user", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await expect(ada.people.getByRole("button", { name: /^Grace/ })).toBeVisible();
  await ada.send("@grace, ask @Ada. or @nobody, `@grace` and a@grace.org");
  const looks = async (who: TestUser, own: string) => {
    const text = who.messages.getByRole("article").last().locator(".text");
    await expect(text).toHaveText(
      "@Grace Hopper, ask @Ada Lovelace. or @nobody, @grace and a@grace.org",
    );
    await expect(text.locator(".mention")).toHaveText(["@Grace Hopper", "@Ada Lovelace"]);
    await expect(text.locator(".mention.me")).toHaveText([own]);
  };
  for (const [who, own] of [
    [grace, "@Grace Hopper"],
    [ada, "@Ada Lovelace"],
  ] as const) {
    await looks(who, own);
    await who.page.reload();
    await who.waitUntilReady();
    await looks(who, own);
    await expectNoAxeViolations(who.page);
  }
});

test("@everyone asks for confirmation and requires permission", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const kofi = await user("kofi", "Kofi Mensah", null);
  const dialog = ada.page.getByRole("dialog", { name: "Notify everyone?" });
  const quiet = (who: TestUser) => who.page.getByText("@everyone notifies nobody");
  // In Everyone nobody has the right yet.
  await field(ada).fill("@everyone!");
  await expect(quiet(ada)).toBeVisible();
  await field(ada).press("Enter");
  await expect(grace.message("@everyone!")).toBeVisible();
  await expect(grace.messages.locator(".mention")).toHaveCount(0);
  await expect(ada.people.getByRole("button")).toHaveCount(2);
  await ada.createGroup("Engines", [grace, kofi]);
  await field(ada).fill("wake up @ever");
  await option(ada, /Everyone in this group/).click();
  await expect(quiet(ada)).toBeHidden();
  await field(ada).press("Enter");
  await expect(dialog).toContainText("2 people");
  await expectNoAxeViolations(ada.page);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(field(ada)).toHaveValue("wake up @everyone ");
  await expect(ada.messages.getByRole("article")).toHaveCount(0);
  await field(ada).press("Enter");
  await dialog.getByRole("button", { name: "Notify 2 people" }).click();
  await expect(ada.message("wake up @everyone")).toBeVisible();
  await expect(field(ada)).toHaveValue("");
  await grace.open("Engines");
  await expect(grace.messages.locator(".mention.me")).toHaveText("@everyone");
  await field(grace).fill("@everyone too");
  await expect(quiet(grace)).toContainText("Only the creator");
  await field(grace).press("Enter");
  await expect(ada.message("@everyone too").locator(".mention")).toHaveCount(0);
});

test("a mention in another conversation is shown in the list and the tab title until it is read or edited away", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.createGroup("Engines", [grace]);
  const row = grace.conversations.getByRole("link", { name: /^Engines/ });
  const icon = grace.page.locator("link[rel=icon]");
  await ada.send("@grace, look");
  await expect(row).toHaveAccessibleName(/@ 1 unread, one mentions you/);
  await expect(icon).toHaveAttribute("href", "/favicon-unread.png");
  expect(
    (await grace.page.request.get(new URL("/favicon-unread.png", grace.page.url()).href)).status(),
  ).toBe(200);
  await ada.page.keyboard.press("ArrowUp");
  await expect(field(ada)).toHaveValue("@grace, look");
  await ada.send("Everybody, look");
  await expect(row).toHaveAccessibleName(/ 1 unread$/);
  await ada.send("@grace, you too");
  await expect(row).toHaveAccessibleName(/@ 2 unread, one mentions you/);
  await grace.page.reload();
  await grace.waitUntilReady();
  await expect(row).toHaveAccessibleName(/@ 2 unread, one mentions you/);
  await grace.open("Engines");
  await expect(row).not.toHaveAccessibleName(/unread/);
  await expect(icon).toHaveAttribute("href", "/favicon.png");
});

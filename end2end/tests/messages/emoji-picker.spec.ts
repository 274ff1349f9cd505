// The emoji picker: by name, group and skin tone, by keyboard and touch; and the formatting
// toolbar.
import { expect, expectNoAxeViolations, type TestUser, signUp, test } from "../harness/test-server";

const field = (user: TestUser) => user.page.getByRole("textbox", { name: "Message" });
const dialog = (user: TestUser) => user.page.getByRole("dialog", { name: "Emoji" });
const grid = (user: TestUser) => dialog(user).getByRole("listbox", { name: "Emoji" });
const open = (user: TestUser) => user.page.getByRole("button", { name: "Emoji" }).click();

test("an emoji is found by name, reached by arrow keys, and listed as recent afterwards", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  await field(ada).fill("good");
  await open(ada);
  await expect(dialog(ada).getByRole("textbox", { name: "Search emoji" })).toBeFocused();
  await expect(grid(ada).getByRole("option", { name: "grinning face", exact: true })).toBeVisible();
  await expectNoAxeViolations(ada.page);
  await ada.page.keyboard.type("rocket");
  await ada.page.keyboard.press("Enter");
  await expect(dialog(ada)).toBeHidden();
  await expect(field(ada)).toHaveValue("good🚀");
  await expect(field(ada)).toBeFocused();
  await ada.page.keyboard.press("Control+Z");
  await expect(field(ada)).toHaveValue("good");
  await open(ada);
  await expect(dialog(ada).getByRole("button", { name: "Recent" })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await expect(grid(ada).getByRole("option")).toHaveText(["🚀"]);
  await dialog(ada).getByRole("button", { name: "Food" }).click();
  await dialog(ada).getByRole("textbox").focus();
  await ada.page.keyboard.press("ArrowDown");
  await expect(grid(ada).getByRole("option", { name: "grapes" })).toBeFocused();
  await ada.page.keyboard.press("ArrowRight");
  await expect(grid(ada).getByRole("option", { name: "melon", exact: true })).toBeFocused();
  await ada.page.keyboard.press("ArrowDown");
  await ada.page.keyboard.press("ArrowUp");
  await expect(grid(ada).getByRole("option", { name: "melon", exact: true })).toBeFocused();
  await ada.page.keyboard.press("ArrowUp");
  await expect(dialog(ada).getByRole("textbox")).toBeFocused();
  await ada.page.keyboard.press("ArrowDown");
  await ada.page.keyboard.press("Enter");
  await expect(field(ada)).toHaveValue("good🍇");
  await open(ada);
  await expect(grid(ada).getByRole("option")).toHaveText(["🍇", "🚀"]);
  await ada.page.keyboard.type("nothing has this name");
  await expect(dialog(ada).getByRole("status")).toHaveText("No matches");
  await ada.page.keyboard.press("Escape");
  await expect(dialog(ada)).toBeHidden();
  // One goes on where one wrote.
  await ada.page.keyboard.type("!");
  await expect(field(ada)).toHaveValue("good🍇!");
});

test("a skin tone is chosen once and used by the completion as well", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await open(ada);
  await dialog(ada).getByRole("combobox", { name: "Skin tone" }).selectOption("✋🏽");
  await dialog(ada).getByRole("textbox").fill("waving hand");
  await grid(ada).getByRole("option", { name: "waving hand" }).click();
  await expect(field(ada)).toHaveValue("👋🏽");
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(field(ada)).toHaveValue("👋🏽");
  await field(ada).fill(":wave:");
  await expect(field(ada)).toHaveValue("👋🏽");
  await open(ada);
  await expect(grid(ada).getByRole("option", { name: "waving hand" })).toHaveText("👋🏽");
});

test("the emoji picker shows an error offline and loads on reconnect", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.page.route("**/emoji.txt", (route) => route.abort());
  await open(ada);
  await expect(dialog(ada).getByRole("alert")).toContainText("could not be loaded");
  await expectNoAxeViolations(ada.page);
  await ada.page.unroute("**/emoji.txt");
  await dialog(ada).getByRole("button", { name: "Try again" }).click();
  await expect(grid(ada).getByRole("option").first()).toBeVisible();
});

test("on a phone the picker is a bottom sheet", async ({ server, browser }) => {
  const ada = await signUp(server, browser, "ada", "Ada Lovelace", {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await ada.goto();
  await ada.open("Everyone");
  await ada.page.getByRole("button", { name: "Emoji" }).tap();
  await expect(grid(ada).getByRole("option").first()).toBeVisible();
  const sheet = (await dialog(ada).boundingBox())!;
  expect([sheet.x, sheet.width, sheet.y + sheet.height]).toEqual([0, 390, 844]);
  expect(
    (await grid(ada).getByRole("option").first().boundingBox())!.height,
  ).toBeGreaterThanOrEqual(44);
  await expectNoAxeViolations(ada.page);
  await grid(ada).getByRole("option", { name: "grinning face", exact: true }).tap();
  await expect(field(ada)).toHaveValue("😀");
  await ada.context.close();
});

test("the toolbar toggles formatting of the selection by pointer and keyboard", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const press = (name: string) =>
    ada.page
      .getByRole("toolbar", { name: "Formatting tools" })
      .getByRole("button", { name })
      .click();
  await field(ada).fill("one\ntwo");
  await field(ada).press("Control+A");
  await press("List");
  await expect(field(ada)).toHaveValue("- one\n- two");
  await press("List");
  await expect(field(ada)).toHaveValue("one\ntwo");
  await press("Code");
  await expect(field(ada)).toHaveValue("```\none\ntwo\n```");
  await field(ada).fill("read this");
  for (let n = 0; n < 4; n += 1) await ada.page.keyboard.press("Shift+ArrowLeft");
  await press("Bold");
  await expect(field(ada)).toHaveValue("read **this**");
  await press("Bold");
  await ada.page.keyboard.press("Control+Shift+U");
  await expect(field(ada)).toHaveValue("read [this](https://)");
  await ada.page.keyboard.type("https://example.org");
  await expect(field(ada)).toHaveValue("read [this](https://example.org)");
  await ada.page.keyboard.press("Control+Shift+9");
  await expect(field(ada)).toHaveValue("> read [this](https://example.org)");
  await field(ada).press("Tab");
  await expect(ada.page.getByRole("button", { name: "Bold" })).toBeFocused();
  await ada.page.keyboard.press("ArrowRight");
  await expect(ada.page.getByRole("button", { name: "Italic" })).toBeFocused();
  await ada.page.keyboard.press("Tab");
  await expect(ada.page.getByRole("button", { name: "Emoji" })).toBeFocused();
});

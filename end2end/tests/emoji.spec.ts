// Choosing an emoji: by name, from its group, in one's own skin tone, by keyboard and by finger; and the bar of marks.
import { expect, isSound, type Person, register, test } from "./town";

const field = (person: Person) => person.page.getByRole("textbox", { name: "Message" });
const dialog = (person: Person) => person.page.getByRole("dialog", { name: "Emoji" });
const grid = (person: Person) => dialog(person).getByRole("listbox", { name: "Emoji" });
const open = (person: Person) => person.page.getByRole("button", { name: "Emoji" }).click();

test("an emoji is found by its name, walked to by arrows, and is among the recent ones the next time", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  await field(ada).fill("good");
  await open(ada);
  await expect(dialog(ada).getByRole("textbox", { name: "Search emoji" })).toBeFocused();
  await expect(grid(ada).getByRole("option", { name: "grinning face", exact: true })).toBeVisible();
  await isSound(ada.page);
  await ada.page.keyboard.type("rocket");
  await ada.page.keyboard.press("Enter");
  await expect(dialog(ada)).toBeHidden();
  await expect(field(ada)).toHaveValue("good🚀");
  await expect(field(ada)).toBeFocused();
  await ada.page.keyboard.press("Control+Z");
  await expect(field(ada)).toHaveValue("good");
  await open(ada);
  await expect(dialog(ada).getByRole("button", { name: "Recent" })).toHaveAttribute("aria-pressed", "true");
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

test("a skin tone is chosen once and kept, also by the completion", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  await open(ada);
  await dialog(ada).getByRole("combobox", { name: "Skin tone" }).selectOption("✋🏽");
  await dialog(ada).getByRole("textbox").fill("waving hand");
  await grid(ada).getByRole("option", { name: "waving hand" }).click();
  await expect(field(ada)).toHaveValue("👋🏽");
  await ada.page.reload();
  await ada.ready();
  await expect(field(ada)).toHaveValue("👋🏽");
  await field(ada).fill(":wave:");
  await expect(field(ada)).toHaveValue("👋🏽");
  await open(ada);
  await expect(grid(ada).getByRole("option", { name: "waving hand" })).toHaveText("👋🏽");
});

test("without the network the picker says so, and comes when it is back", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  await ada.page.route("**/emoji.txt", (route) => route.abort());
  await open(ada);
  await expect(dialog(ada).getByRole("alert")).toContainText("could not be loaded");
  await isSound(ada.page);
  await ada.page.unroute("**/emoji.txt");
  await dialog(ada).getByRole("button", { name: "Try again" }).click();
  await expect(grid(ada).getByRole("option").first()).toBeVisible();
});

test("on a phone the picker is a sheet that is reached by a thumb", async ({ town, browser }) => {
  const ada = await register(town, browser, "ada", "Ada Lovelace", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await ada.arrive();
  await ada.open("Everyone");
  await ada.page.getByRole("button", { name: "Emoji" }).tap();
  await expect(grid(ada).getByRole("option").first()).toBeVisible();
  const sheet = (await dialog(ada).boundingBox())!;
  expect([sheet.x, sheet.width, sheet.y + sheet.height]).toEqual([0, 390, 844]);
  expect((await grid(ada).getByRole("option").first().boundingBox())!.height).toBeGreaterThanOrEqual(44);
  await isSound(ada.page);
  await grid(ada).getByRole("option", { name: "grinning face", exact: true }).tap();
  await expect(field(ada)).toHaveValue("😀");
  await ada.context.close();
});

test("the bar sets marks around what is selected, by pointer and by keys, and takes them away", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const press = (name: string) => ada.page.getByRole("toolbar", { name: "Formatting tools" }).getByRole("button", { name }).click();
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

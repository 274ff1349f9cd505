// The quick switcher: go to a conversation or person by a part of its name, by keyboard.
import { expect, expectNoAxeViolations, test } from "../harness/test-server";

test("the switcher finds conversations and people by a part of the name, in any script and without accents, latest first", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const mei = await user("mei", "李 梅");
  const zoe = await user("zoe", "Zoë Müller", null);
  const noor = await user("noor", "نور الهاشمي", null);
  const dialog = ada.page.getByRole("dialog", { name: "Go to" });
  const rows = dialog.getByRole("option");
  const title = (name: string) =>
    expect(ada.page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(ada.people.getByRole("button")).toHaveCount(3);
  await ada.createGroup("Engines", [zoe]);
  await mei.openDirect(ada);
  await mei.send("have you read it?");
  await expect(ada.conversations.getByRole("link", { name: /^李 梅/ })).toBeVisible();
  await ada.page.keyboard.press("Control+k");
  await expect(dialog.getByRole("textbox", { name: "Conversation or person" })).toBeFocused();
  await expect(rows.first()).toContainText("李 梅");
  await expect(rows.first()).toContainText("unread");
  await expectNoAxeViolations(ada.page);
  await ada.page.keyboard.press("Enter");
  await title("李 梅");
  for (const [typed, name] of [
    ["mull", "Zoë Müller"],
    ["نور", noor.name],
    ["@ZOE", "Zoë Müller"],
    ["梅", "李 梅"],
    ["engi", "Engines"],
    ["every", "Everyone"],
  ]) {
    await ada.page.keyboard.press("Control+k");
    await ada.page.keyboard.type(typed.replace("@", ""));
    await expect(rows.first()).toContainText(name);
    await ada.page.keyboard.press("Enter");
    await title(name);
    await expect(dialog).toBeHidden();
  }
  await ada.page.keyboard.press("Control+k");
  await ada.page.keyboard.press("ArrowDown");
  const second = (await rows.nth(1).locator(".row-title").innerText()).trim();
  await ada.page.keyboard.press("Enter");
  await title(second);
  await ada.page.keyboard.press("Control+k");
  await ada.page.keyboard.type("nobody at all");
  await expect(dialog).toContainText("No matches");
  await ada.page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await ada.page.keyboard.press("Control+k");
  await rows.filter({ hasText: "Engines" }).click();
  await title("Engines");
});

test("the switcher reopens with the next key after Escape, also when the browser fires close late", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const dialog = ada.page.getByRole("dialog", { name: "Go to" });
  const field = dialog.getByRole("textbox", { name: "Conversation or person" });
  await ada.page.keyboard.press("Control+k");
  await expect(field).toBeFocused();
  await ada.page.keyboard.type("what was begun");
  // The browser's word that it is closed is held back, and comes when the dialog is open again.
  await ada.page.evaluate(() => {
    const hold = (event: Event) => {
      event.stopImmediatePropagation();
    };
    window.addEventListener("close", hold, { capture: true, once: true });
  });
  await ada.page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await ada.page.keyboard.press("Control+k");
  await expect(field).toBeFocused();
  await expect(field).toHaveValue("");
  await ada.page.locator("dialog[open]").dispatchEvent("close");
  await ada.page.keyboard.type("every");
  await expect(dialog.getByRole("option").first()).toContainText("Everyone");
  await ada.page.keyboard.press("Control+k");
  await expect(dialog).toBeHidden();
});

test("two groups of the same name each have a row that opens the right one", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const [tom, tina] = [
    await user("tom", "Tom Kilburn", null),
    await user("tina", "Tina Turing", null),
  ];
  await expect(ada.people.getByRole("button")).toHaveCount(2);
  for (const name of ["Team", "Team"]) await ada.createGroup(name, [tom, tina]);
  await ada.page.keyboard.press("Control+k");
  const rows = ada.page.getByRole("listbox", { name: "Results" }).getByRole("option");
  const field = ada.page.getByRole("dialog", { name: "Go to" }).getByRole("textbox");
  for (const [typed, count] of [
    ["t", 4],
    ["te", 2],
    ["t", 4],
    ["ti", 1],
    ["t", 4],
  ] as const) {
    await field.fill(typed);
    await expect(rows).toHaveCount(count);
    expect(await rows.evaluateAll((all) => all.map((row) => row.id))).toEqual(
      [...Array(count).keys()].map((n) => `places-${n}`),
    );
    await expect(rows.first()).toHaveAttribute("aria-selected", "true");
  }
  await expect(rows).toContainText(["Team", "Team", tina.name, tom.name]);
  for (let n = 0; n < 3; n++) await ada.page.keyboard.press("ArrowDown");
  await ada.page.keyboard.press("Enter");
  await expect(ada.page.getByRole("heading", { level: 1, name: tom.name })).toBeVisible();
});

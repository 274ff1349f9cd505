// A day by the keyboard in this engine: go to people, write, walk through the messages, reply,
// react, edit, undo and leave.
import { expect, test } from "./user";

test("a day by the keyboard alone", async ({ user }) => {
  const grace = await user("grace", "Grace Hopper");
  const ada = await user("ada", "Ada Lovelace");
  const isFocused = async (text: string) => {
    const message = await ada.message(text);
    await expect
      .poll(
        () => ada.driver.executeScript("return document.activeElement === arguments[0]", message),
        { message: `“${text}” has the focus` },
      )
      .toBe(true);
  };
  const fieldIsFocused = () =>
    expect
      .poll(() => ada.run(() => document.activeElement?.getAttribute("aria-label")))
      .toBe("Message");

  await test.step("go to a person and write", async () => {
    await ada.press("Control+k");
    await ada.find("dialog", "Go to");
    await ada.type("grace");
    await ada.press("Enter");
    await ada.find("heading", "Grace Hopper");
    await fieldIsFocused();
    await ada.type("good morning");
    await ada.press("Shift+Enter");
    await ada.type("all well?");
    await ada.press("Enter");
    await grace.open("Ada Lovelace");
    await grace.message("good morning\nall well?");
  });

  await test.step("complete an emoji and make a word bold", async () => {
    await ada.type("it is ");
    await ada.press("Control+b");
    await ada.type("done");
    await ada.press("ArrowRight", "ArrowRight");
    await ada.type(" :tad");
    await ada.find("option", /:tada:/);
    await ada.press("Enter");
    await expect.poll(() => ada.draft()).toMatch(/^it is \*\*done\*\* 🎉 ?$/);
    await ada.press("Enter");
    await grace.message("it is done 🎉");
  });

  await test.step("walk to a message, react and reply", async () => {
    await grace.write("nearly, who asks");
    await ada.message("nearly");
    await fieldIsFocused();
    await ada.press("Shift+F6");
    await ada.press("ArrowUp", "ArrowUp", "ArrowDown");
    await isFocused("nearly");
    await ada.reach("button", "React", "Tab", await ada.message("nearly"));
    await ada.press("Enter");
    await ada.reach("menuitem", "🎉", "ArrowRight");
    await ada.press("Enter");
    await grace.find("button", /^🎉.*Ada Lovelace/, await grace.message("nearly"));
    await ada.press("Escape");
    await ada.reach("log", "Messages", "F6");
    await ada.press("ArrowUp");
    await isFocused("nearly");
    await ada.press("r");
    await fieldIsFocused();
    await ada.type("I do, of corse");
    await ada.press("Enter");
    await grace.find("button", /nearly, who asks/, await grace.message("I do, of corse"));
  });

  await test.step("edit the last message, and leave an edit by Escape", async () => {
    await ada.hasDraft("");
    await expect
      .poll(() =>
        ada.run(() =>
          [...document.querySelectorAll("[role=status]")].some((state) =>
            /Waiting/.test(state.textContent ?? ""),
          ),
        ),
      )
      .toBe(false);
    await ada.press("ArrowUp");
    await ada.hasDraft("I do, of corse");
    await ada.press("Backspace", "Backspace", "Backspace", "Backspace", "Backspace");
    await ada.type("course");
    await ada.press("Enter");
    await grace.message("I do, of course");
    await ada.hasDraft("");
    await ada.press("ArrowUp");
    await ada.hasDraft("I do, of course");
    await ada.press("Escape");
    await ada.hasDraft("");
  });

  await test.step("delete a message and undo it", async () => {
    await ada.press("Shift+F6", "ArrowUp");
    await isFocused("I do, of course");
    await ada.press("Delete");
    await expect
      .poll(() =>
        grace.run(() =>
          document.querySelector("[role=log]")?.textContent?.includes("Message deleted"),
        ),
      )
      .toBe(true);
    await ada.reach("button", "Undo");
    await ada.press("Enter");
    await grace.message("I do, of course");
  });

  await test.step("go from conversation to conversation", async () => {
    await ada.press("Alt+ArrowDown");
    await ada.find("heading", "Everyone");
    await ada.press("Alt+ArrowUp");
    await ada.find("heading", "Grace Hopper");
  });

  await test.step("search", async () => {
    await ada.press("Control+Shift+f");
    await ada.find("searchbox", "Search messages");
    await expect
      .poll(() => ada.run(() => document.activeElement?.getAttribute("aria-label")))
      .toBe("Search messages");
    await ada.type("morning");
    await ada.press("Enter");
    await ada.find("link", /good morning/, await ada.find("region", "Search"));
    await ada.press("ArrowDown", "Enter");
    await isFocused("good morning");
  });

  await test.step("look at the keys, and sign out", async () => {
    await ada.reach("log", "Messages", "F6");
    await ada.press("?");
    await ada.find("dialog", "Keyboard shortcuts");
    await ada.press("Escape");
    await ada.isGone("dialog", "Keyboard shortcuts");
    await ada.reach("button", "Account", "Shift+Tab");
    await ada.press("Enter");
    // The menu takes the focus in the next frame: an arrow before that is the page's.
    await expect
      .poll(() => ada.run(() => document.activeElement?.getAttribute("role")))
      .toBe("menuitem");
    await ada.reach("menuitem", "Sign out", "ArrowDown");
    await ada.press("Enter");
    await ada.find("button", "Sign in");
  });
});

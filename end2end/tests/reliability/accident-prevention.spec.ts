// Protection against mistakes: destructive actions ask first, closed forms keep their input, and
// letters are shortcuts only
// after keyboard focus.
import { expectImageLoaded, pngImage } from "../harness/images";
import {
  expect,
  expectNoAxeViolations,
  type Locator,
  type TestUser,
  test,
} from "../harness/test-server";

const field = (user: TestUser) => user.page.getByRole("textbox", { name: "Message" });

/**
 * Asks in this dialog; Escape and "Cancel" do nothing, and the focus goes back to what was pressed.
 */
async function confirmDialogAppears(
  user: TestUser,
  button: Locator,
  name: string,
  consequence: string,
): Promise<Locator> {
  const dialog = user.page.getByRole("dialog", { name });
  for (const leave of [
    () => user.page.keyboard.press("Escape"),
    () => dialog.getByRole("button", { name: "Cancel" }).click(),
  ]) {
    await button.click();
    await expect(dialog).toContainText(consequence);
    // The safe choice has the focus: Enter twice does nothing.
    await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
    await leave();
    await expect(dialog).toBeHidden();
    await expect(button).toBeFocused();
  }
  await button.focus();
  await user.page.keyboard.press("Enter");
  await expect(dialog).toBeVisible();
  await user.page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await button.click();
  await expect(dialog).toBeVisible();
  return dialog;
}

test("leaving a group and removing a member ask for confirmation and state the consequence", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const kofi = await user("kofi", "Kofi Mensah");
  await ada.createGroup("Looms", [grace, kofi]);
  const members = await ada.details();
  const asked: string[] = [];
  for (const one of [ada, grace])
    one.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const removal = await confirmDialogAppears(
    ada,
    members.getByRole("button", { name: "Remove Kofi Mensah" }),
    "Remove from group?",
    "Kofi Mensah will no longer see",
  );
  await expectNoAxeViolations(ada.page, "removal");
  await grace.open("Looms");
  await grace.details();
  const leave = await confirmDialogAppears(
    grace,
    grace.page.getByRole("button", { name: "Leave group" }),
    "Leave this group?",
    "Only Ada Lovelace can add you again.",
  );
  await expectNoAxeViolations(grace.page, "leaving");
  expect(asked.filter((path) => /remove_member|leave_group/.test(path))).toEqual([]);
  await removal.getByRole("button", { name: "Remove" }).click();
  await expect(kofi.conversations.getByRole("link", { name: /^Looms/ })).toHaveCount(0);
  await leave.getByRole("button", { name: "Leave" }).click();
  await expect(grace.conversations.getByRole("link", { name: /^Looms/ })).toHaveCount(0);
  await expect(members.getByText("Grace Hopper")).toHaveCount(0);
});

test("removing a picture asks for confirmation", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace", "/settings");
  await choosePicture(ada);
  await ada.page
    .getByRole("dialog", { name: "Your picture" })
    .getByRole("button", { name: "Save picture" })
    .click();
  const remove = ada.page.getByRole("button", { name: "Remove picture" });
  const dialog = await confirmDialogAppears(ada, remove, "Remove picture?", "default picture");
  await dialog.getByRole("button", { name: "Remove" }).click();
  await expect(remove).toHaveCount(0);
});

test("Enter in the filter picks the first match and never creates the group", async ({ user }) => {
  for (const [username, name] of [
    ["grace", "Grace Hopper"],
    ["kofi", "Kofi Mensah"],
    ["li", "李雷"],
  ])
    await user(username, name, null);
  const ada = await user("ada", "Ada Lovelace");
  const made: string[] = [];
  ada.page.on(
    "request",
    (request) => request.url().endsWith("/api/create_group") && made.push(request.url()),
  );
  await ada.page.getByRole("button", { name: "New group" }).click();
  const dialog = ada.page.getByRole("dialog", { name: "New group" });
  await dialog.getByRole("textbox", { name: "Group name" }).fill("Engines");
  const filter = dialog.getByLabel("Find people");
  await filter.press("Enter");
  await filter.fill("nobody like this");
  await filter.press("Enter");
  for (const wanted of ["gra", "李"]) {
    await filter.fill(wanted);
    await filter.press("Enter");
  }
  await filter.fill("");
  await expect(dialog.getByRole("checkbox", { name: "Grace Hopper" })).toBeChecked();
  await expect(dialog.getByRole("checkbox", { name: "李雷" })).toBeChecked();
  await expect(dialog.getByRole("checkbox", { name: "Kofi Mensah" })).not.toBeChecked();
  await expect(dialog).toBeVisible();
  expect(made).toEqual([]);
});

test("a form closed by Escape or its close button reopens with its input; Cancel and submit clear it", async ({
  user,
}) => {
  for (const [username, name] of [
    ["grace", "Grace Hopper"],
    ["kofi", "Kofi Mensah"],
  ])
    await user(username, name, null);
  const ada = await user("ada", "Ada Lovelace");
  const dialog = ada.page.getByRole("dialog", { name: "New group" });
  const name = dialog.getByRole("textbox", { name: "Group name" });
  const open = () => ada.page.getByRole("button", { name: "New group" }).click();
  await open();
  await name.fill("Engines");
  await dialog.getByRole("checkbox", { name: "Grace Hopper" }).check();
  for (const close of [
    () => ada.page.keyboard.press("Escape"),
    () => dialog.getByRole("button", { name: "Close" }).click(),
  ]) {
    await close();
    await expect(dialog).toBeHidden();
    await ada.people.getByRole("button", { name: /^Kofi Mensah/ }).click();
    await expect(ada.page.getByRole("heading", { level: 1, name: "Kofi Mensah" })).toBeVisible();
    await open();
    await expect(name).toHaveValue("Engines");
    await expect(dialog.getByRole("checkbox", { name: "Grace Hopper" })).toBeChecked();
  }
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await open();
  await expect(name).toHaveValue("");
  await expect(dialog.getByRole("checkbox", { name: "Grace Hopper" })).not.toBeChecked();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await ada.createGroup("Looms", []);
  await open();
  await expect(name).toHaveValue("");
  await dialog.getByRole("button", { name: "Cancel" }).click();

  // The same for people who are to be added, also when the details were closed, and for a group's
  // new name.
  const members = await ada.details();
  const adding = ada.page.getByRole("dialog", { name: "Add people" });
  await members.getByRole("button", { name: "Add people" }).click();
  await adding.getByRole("checkbox", { name: "Kofi Mensah" }).check();
  await ada.page.keyboard.press("Escape");
  await ada.page.getByRole("textbox", { name: "Name", exact: true }).fill("Power looms");
  await ada.page.getByRole("button", { name: "Close details" }).click();
  await ada.details();
  await expect(ada.page.getByRole("textbox", { name: "Name", exact: true })).toHaveValue(
    "Power looms",
  );
  await members.getByRole("button", { name: "Add people" }).click();
  await expect(adding.getByRole("checkbox", { name: "Kofi Mensah" })).toBeChecked();
  await adding.getByRole("button", { name: "Add", exact: true }).click();
  await expect(members.getByText("Kofi Mensah")).toBeVisible();
  await members.getByRole("button", { name: "Add people" }).click();
  await expect(adding.getByRole("checkbox", { name: "Grace Hopper" })).not.toBeChecked();
});

test("an unfinished crop and an unsaved status are restored", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace", "/settings");
  await choosePicture(ada);
  const dialog = ada.page.getByRole("dialog", { name: "Your picture" });
  await dialog.getByRole("slider", { name: "Zoom" }).fill("300");
  await ada.page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await ada.page.getByRole("button", { name: "Continue with picture.png" }).click();
  await expect(dialog.getByRole("slider", { name: "Zoom" })).toHaveValue("300");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(ada.page.getByRole("button", { name: /^Continue with/ })).toHaveCount(0);

  const status = ada.page.getByRole("textbox", { name: "Status" });
  await status.fill("Back at noon");
  await expect(ada.page.getByText("Not saved yet.")).toBeVisible();
  await ada.open("Everyone");
  await ada.page.getByRole("button", { name: "Account" }).click();
  await ada.page.getByRole("menuitem", { name: "Settings" }).click();
  await expect(status).toHaveValue("Back at noon");
  await status.press("Enter");
  await expect(ada.page.getByText("Saved.", { exact: true })).toBeVisible();
});

test("single letters are text after a click or tap, and commands only after keyboard focus", async ({
  user,
}) => {
  const grace = await user("grace", "Grace Hopper");
  await grace.send("one");
  await grace.send("two");
  const ada = await user("ada", "Ada Lovelace");
  const asked: string[] = [];
  ada.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await ada.message("two").click();
  await ada.page.keyboard.type("until tomorrow, everybody?");
  await expect(field(ada)).toHaveValue("until tomorrow, everybody?");
  await expect(ada.page.getByRole("group", { name: "Reply or edit" })).toHaveCount(0);
  // A letter alone, and a key that deletes.
  for (const key of ["u", "e", "r", "Delete"]) {
    await field(ada).fill("");
    await ada.message("one").click();
    await ada.page.keyboard.press(key);
    await expect(field(ada)).toHaveValue(key === "Delete" ? "" : key);
  }
  expect(asked.filter((path) => /mark_unread|delete_message/.test(path))).toEqual([]);
  // By keys: the log, its last message, the one above.
  await field(ada).fill("");
  await ada.page.keyboard.press("Shift+F6");
  await ada.page.keyboard.press("ArrowUp");
  await expect(ada.message("two")).toBeFocused();
  await ada.page.keyboard.press("ArrowUp");
  await expect(ada.message("one")).toBeFocused();
  await ada.page.keyboard.press("r");
  await expect(ada.page.getByRole("group", { name: "Reply or edit" })).toContainText(
    "Replying to Grace Hopper",
  );
  await expect(field(ada)).toHaveValue("");
  await expect(field(ada)).toBeFocused();
  // A letter that stands for nothing is text there, too.
  await ada.page.keyboard.press("Shift+F6");
  await ada.page.keyboard.press("ArrowUp");
  await expect(ada.message("two")).toBeFocused();
  await ada.page.keyboard.type("why not");
  await expect(field(ada)).toHaveValue("why not");
});

test("typing outside fields, dialogs and menus goes to the message field", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.send("first");
  await ada.details();
  const everyone = ada.conversations.getByRole("link", { name: /^Everyone/ });
  for (const [place, text] of [
    [() => ada.page.getByRole("heading", { level: 1 }).click(), "hello"],
    [() => ada.page.getByRole("button", { name: "Details", exact: true }).focus(), "ärger"],
    [() => everyone.focus(), "日本 x"],
    [() => ada.messages.focus(), "Über"],
  ] as const) {
    await field(ada).fill("");
    await place();
    await ada.page.keyboard.type(text);
    await expect(field(ada)).toHaveValue(text);
  }
  // With a modifier it is a command, and a space presses what has the focus.
  await field(ada).fill("");
  const finder = ada.page.getByRole("searchbox", { name: /^Find a conversation/ });
  await finder.focus();
  await ada.page.keyboard.type("eve");
  await expect(finder).toHaveValue("eve");
  await finder.fill("");
  await ada.page.getByRole("heading", { level: 1 }).click();
  await ada.page.keyboard.press("Control+x");
  await ada.page.keyboard.press("Alt+x");
  await expect(field(ada)).not.toBeFocused();
  await ada.page.getByRole("button", { name: "Account" }).focus();
  await ada.page.keyboard.press("Space");
  await ada.page.keyboard.press("x");
  await expect(ada.page.getByRole("menuitem", { name: "Settings" })).toBeFocused();
  await ada.page.keyboard.press("Escape");
  await ada.page.getByRole("button", { name: "New group" }).click();
  await ada.page
    .getByRole("dialog", { name: "New group" })
    .getByRole("button", { name: "Cancel" })
    .focus();
  await ada.page.keyboard.type("lost");
  await ada.page.keyboard.press("Escape");
  await expect(field(ada)).toHaveValue("");
});

test("a message leaves the field even if the page changes while it is being sent", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  await field(ada).fill("hello");
  // Both in one task: the field is rebuilt before the message is on disk.
  await ada.page.evaluate(() => {
    document.querySelector<HTMLFormElement>("form.composer")?.requestSubmit();
    document.querySelector<HTMLButtonElement>("button[aria-label=Details]")?.click();
  });
  await expect(ada.page).toHaveURL(/details=1/);
  await expect(ada.message("hello")).toBeVisible();
  await expect(field(ada)).toHaveValue("");
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(field(ada)).toHaveValue("");
  expect(await ada.messageTexts()).toEqual(["hello"]);
});

test("undoing a discard returns the message and its files to the field", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.page.route("**/api/post_message", (route) =>
    route.fulfill({
      status: 422,
      contentType: "application/json",
      body: JSON.stringify({ code: "invalid", message: "Not like this.", field: "body" }),
    }),
  );
  const choosing = ada.page.waitForEvent("filechooser");
  await ada.page.getByRole("button", { name: "Attach files" }).click();
  await (
    await choosing
  ).setFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("notes") });
  const tray = ada.page.getByRole("list", { name: "Files to send" });
  await expect(tray.getByText("uploaded")).toBeAttached();
  await field(ada).fill("a long letter");
  await field(ada).press("Enter");
  await expect(ada.message("a long letter").getByRole("status")).toHaveText("Not sent");
  await ada.message("a long letter").getByRole("button", { name: "Discard" }).click();
  await expect(ada.message("a long letter")).toHaveCount(0);
  await field(ada).fill("meanwhile");
  await ada.page.getByRole("button", { name: "Undo" }).click();
  await expect(field(ada)).toHaveValue("a long letter\nmeanwhile");
  await expect(field(ada)).toBeFocused();
  await expect(tray.getByText("notes.txt", { exact: true })).toBeVisible();
  await ada.page.unroute("**/api/post_message");
  await field(ada).press("Enter");
  await expect(grace.message("a long letter")).toContainText("meanwhile");
  await expect(
    grace.message("a long letter").getByRole("link", { name: /notes\.txt/ }),
  ).toBeVisible();
});

test("an edit left by Escape resumes, a cancelled one does not", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.send("the first words");
  await expect(ada.message("the first words").getByRole("status")).toHaveText("Sent");
  const purpose = ada.page.getByRole("group", { name: "Reply or edit" });
  await field(ada).press("ArrowUp");
  await field(ada).fill("the first words, and many more");
  await field(ada).press("Escape");
  await expect(field(ada)).toHaveValue("");
  await field(ada).press("ArrowUp");
  await expect(field(ada)).toHaveValue("the first words, and many more");
  await purpose.getByRole("button", { name: "Cancel" }).click();
  await field(ada).press("ArrowUp");
  await expect(field(ada)).toHaveValue("the first words");
  await field(ada).fill("other words");
  await field(ada).press("Enter");
  await expect(ada.message("other words")).toBeVisible();
  await field(ada).press("ArrowUp");
  await expect(field(ada)).toHaveValue("other words");
});

async function choosePicture(user: TestUser): Promise<void> {
  const choosing = user.page.waitForEvent("filechooser");
  await user.page.getByRole("button", { name: "Choose a picture" }).click();
  await (
    await choosing
  ).setFiles({
    name: "picture.png",
    mimeType: "image/png",
    buffer: pngImage(600, 400, [40, 90, 200]),
  });
  await expectImageLoaded(user.page.getByRole("dialog").locator(".crop img"));
}

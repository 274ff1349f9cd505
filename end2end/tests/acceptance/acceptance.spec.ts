// The acceptance scenario in real browsers: who receives what, when, and who may do what.
import { expect, PASSWORD, test } from "../harness/test-server";

test("a wrong password is rejected and the right one signs in", async ({ server, user, page }) => {
  await user("ada", "Ada Lovelace", null);
  await page.goto(`${server.url}/c/whatever`);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByRole("textbox", { name: "Username" }).fill("ada");
  await page.getByRole("textbox", { name: "Password" }).fill("wrong-lamp-41");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("Incorrect username or password.");
  await expect(page.getByRole("textbox", { name: "Username" })).toHaveValue("ada");
  await page.goto(`${server.url}/sign-in`);
  await page.getByRole("textbox", { name: "Username" }).fill("ADA");
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Everyone" })).toBeVisible();
});

test("a direct message reaches only its recipient, at once", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const kofi = await user("kofi", "Kofi Mensah");
  await ada.openDirect(grace);
  await ada.send("only for Grace 4711");
  await expect(ada.message("only for Grace 4711").getByRole("status")).toHaveText("Delivered");
  await grace.open("Ada Lovelace");
  await expect(grace.message("only for Grace 4711")).toHaveAccessibleName(/^Ada Lovelace/);
  await grace.send("thank you 4712");
  await expect(ada.message("thank you 4712")).toBeVisible();
  // A message that Kofi does hear comes after all that he must not have heard.
  await ada.open("Everyone");
  await ada.send("hello all 4713");
  await kofi.open("Everyone");
  await expect(kofi.message("hello all 4713")).toBeVisible();
  expect(kofi.receivedFrames.join("")).toContain("4713");
  expect(kofi.receivedFrames.join("")).not.toMatch(/4711|4712/);
  await expect(kofi.conversations.getByRole("link")).toHaveCount(1);
});

test("a group message reaches online members at once and the others in order when they return", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const kofi = await user("kofi", "Kofi Mensah", null);
  const mei = await user("mei", "李 梅");
  await ada.createGroup("Compilers", [grace, kofi]);
  await grace.open("Compilers");
  for (const n of [1, 2, 3]) await ada.send(`lesson ${n}`);
  await expect(grace.message("lesson 3")).toBeVisible();
  await kofi.goto();
  await kofi.open("Compilers");
  await expect(kofi.message("lesson 3")).toBeVisible();
  expect(await kofi.messageTexts()).toEqual(["lesson 1", "lesson 2", "lesson 3"]);
  await ada.open("Everyone");
  await ada.send("marker");
  await mei.open("Everyone");
  await expect(mei.message("marker")).toBeVisible();
  expect(mei.receivedFrames.join("")).not.toContain("lesson");
});

test("a member added later sees the history; once removed, they see and receive nothing more", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const kofi = await user("kofi", "Kofi Mensah");
  await ada.createGroup("Engines", [grace]);
  await ada.send("said before");
  const members = await ada.details();
  await members.getByRole("button", { name: "Add people" }).click();
  const dialog = ada.page.getByRole("dialog", { name: "Add people" });
  await dialog.getByRole("checkbox", { name: "Kofi Mensah" }).check();
  await dialog.getByRole("button", { name: "Add" }).click();
  await kofi.open("Engines");
  await expect(kofi.message("said before")).toBeVisible();
  await members.getByRole("button", { name: "Remove Kofi Mensah" }).click();
  await ada.page
    .getByRole("dialog", { name: "Remove from group?" })
    .getByRole("button", { name: "Remove" })
    .click();
  await expect(kofi.conversations.getByRole("link", { name: /^Engines/ })).toHaveCount(0);
  await expect(kofi.page.getByRole("heading", { name: "Not found" })).toBeVisible();
  await ada.send("said after");
  await expect(
    grace.conversations.getByRole("link", { name: /^Engines.*said after/ }),
  ).toBeVisible();
  await ada.open("Everyone");
  await ada.send("marker");
  await kofi.open("Everyone");
  await expect(kofi.message("marker")).toBeVisible();
  expect(kofi.receivedFrames.join("")).not.toContain("said after");
});

test("only the creator adds and removes members, members can leave, and nobody leaves Everyone", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.createGroup("Looms", [grace]);
  await grace.open("Looms");
  const members = await grace.details();
  await expect(members.getByText("Ada Lovelace")).toBeVisible();
  await expect(members.getByRole("button", { name: /Remove|Add people/ })).toHaveCount(0);
  await grace.page.getByRole("button", { name: "Leave group" }).click();
  await grace.page
    .getByRole("dialog", { name: "Leave this group?" })
    .getByRole("button", { name: "Leave" })
    .click();
  await expect(grace.conversations.getByRole("link", { name: /^Looms/ })).toHaveCount(0);
  await ada.details();
  await expect(ada.page.getByRole("button", { name: "Leave group" })).toHaveCount(0);
  await expect(ada.messages.getByText("Grace Hopper left")).toBeVisible();
  await ada.open("Everyone");
  await ada.details();
  await expect(ada.page.getByRole("button", { name: "Leave group" })).toHaveCount(0);
  await expect(ada.page.getByRole("button", { name: "Add people" })).toHaveCount(0);
});

test("a message to Everyone reaches all users, and a reload shows the same", async ({ user }) => {
  const people = [
    await user("ada", "Ada Lovelace"),
    await user("grace", "Grace Hopper"),
    await user("kofi", "Kofi Mensah"),
  ];
  for (const one of people) await one.send(`from ${one.username}`);
  for (const one of people) {
    await expect(one.message("from kofi")).toBeVisible();
    const before = await one.messageTexts();
    await one.page.reload();
    await one.waitUntilReady();
    expect(await one.messageTexts()).toEqual(before);
    expect(before).toEqual(["from ada", "from grace", "from kofi"]);
  }
});

test("a new user appears everywhere without a reload, and presence is shown", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await expect(ada.people.getByText("No one else has joined yet.")).toBeVisible();
  const grace = await user("grace", "Grace Hopper", null);
  await expect(ada.people.getByRole("button", { name: /^Grace Hopper.*offline/ })).toBeVisible();
  await grace.goto();
  await expect(ada.people.getByRole("button", { name: /^Grace Hopper.*online/ })).toBeVisible();
  await grace.leave();
  await expect(ada.people.getByRole("button", { name: /^Grace Hopper.*offline/ })).toBeVisible();
});

test("unread messages are counted, and reading them on one device reads them on all", async ({
  user,
  server,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await grace.createGroup("Elsewhere", []);
  const second = await ada.context.newPage();
  await second.goto(`${server.url}/settings`);
  await ada.page.goto(`${server.url}/settings`);
  await grace.open("Everyone");
  for (const n of [1, 2, 3]) await grace.send(`news ${n}`);
  for (const page of [ada.page, second]) {
    await expect(page.getByRole("link", { name: /^Everyone.*3 unread/ })).toBeVisible();
    await expect(page).toHaveTitle(/^\(3\)/);
  }
  await ada.open("Everyone");
  await expect(ada.page.getByText("New", { exact: true })).toBeVisible();
  await expect(second.getByRole("link", { name: /^Everyone/ })).not.toHaveAccessibleName(/unread/);
});

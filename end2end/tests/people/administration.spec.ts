// Administration: roles, password resets, deactivation, invitations, and the audit log.
import { expect, expectNoAxeViolations, PASSWORD, test, TestUser } from "../harness/test-server";

/** Opens the menu of a person in the table and presses an item. */
async function act(admin: TestUser, name: string, item: string): Promise<void> {
  await admin.page.getByRole("button", { name: `Actions for ${name}` }).click();
  await admin.page.getByRole("menuitem", { name: item }).click();
}

test("an administrator finds people and changes their role", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await user("kofi", "Kofi Mensah", null);
  await grace.page.getByRole("button", { name: "Account" }).click();
  const administration = grace.page.getByRole("menuitem", { name: "Administration" });
  await expect(grace.page.getByRole("menuitem", { name: "Settings" })).toBeVisible();
  await expect(administration).toHaveCount(0);
  await grace.page.keyboard.press("Escape");
  await ada.page.getByRole("button", { name: "Account" }).click();
  await ada.page.getByRole("menuitem", { name: "Administration" }).click();
  const rows = ada.page.getByRole("row");
  await expect(rows).toHaveCount(4);
  await expectNoAxeViolations(ada.page, "people");
  await ada.page.getByRole("searchbox", { name: "Search people" }).fill("hop");
  await expect(rows).toHaveCount(2);
  await act(ada, "Grace Hopper", "Change role…");
  const dialog = ada.page.getByRole("dialog", { name: "Change role" });
  await dialog.getByRole("radio", { name: "Moderator" }).check();
  await expectNoAxeViolations(ada.page, "change role");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await expect(rows.nth(1)).toContainText("Moderator");
  await grace.page.getByRole("button", { name: "Account" }).click();
  await administration.click();
  await expect(grace.page.getByRole("row")).toHaveCount(4);
  await expect(grace.page.getByRole("button", { name: /^Actions for/ })).toHaveCount(0);
  const sections = grace.page.getByRole("navigation", { name: "Administration" });
  await expect(sections.getByRole("link")).toHaveText(["People", "Invitations"]);
});

test("the last administrator stays one", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace", "/admin/people");
  await act(ada, "Ada Lovelace", "Change role…");
  const dialog = ada.page.getByRole("dialog", { name: "Change role" });
  await dialog.getByRole("radio", { name: "Member" }).check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("alert")).toContainText("The workspace needs an administrator.");
});

test("a forgotten password is reset by a link", async ({ user, page }) => {
  const ada = await user("ada", "Ada Lovelace", null);
  const grace = await user("grace", "Grace Hopper");
  await ada.goto("/admin/people");
  await act(ada, "Grace Hopper", "Reset password…");
  const link = ada.page.getByRole("textbox", { name: "Reset link" });
  await expect(link).toHaveValue(/\/reset\/[0-9A-Z]{24}$/);
  await expectNoAxeViolations(ada.page, "reset link");
  const address = await link.inputValue();
  // Inside of a modal dialog the clipboard needs a field inside of it.
  await ada.context.grantPermissions(["clipboard-read"]);
  await ada.page.getByRole("dialog").getByRole("button", { name: "Copy" }).click();
  await expect(ada.page.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await ada.page.evaluate(() => navigator.clipboard.readText())).toBe(address);
  await page.goto(address);
  await page.getByRole("textbox", { name: "New password" }).fill("password");
  await page.getByRole("button", { name: "Set new password" }).click();
  await expect(page.getByRole("alert")).toContainText("too easy to guess");
  await expectNoAxeViolations(page, "reset, refused");
  await page.getByRole("textbox", { name: "New password" }).fill("lamp-tree-14");
  await page.getByRole("button", { name: "Set new password" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Everyone" })).toBeVisible();
  await expect(grace.page, "other sessions end").toHaveURL(/\/sign-in/);
  const again = await page.goto(address);
  expect(again?.status()).toBe(404);
  await expect(page.getByRole("heading", { name: "This link does not work" })).toBeVisible();
});

test("sessions are ended and accounts are deactivated", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace", null);
  const grace = await user("grace", "Grace Hopper");
  const kofi = await user("kofi", "Kofi Mensah");
  await ada.goto("/admin/people");
  await act(ada, "Grace Hopper", "End sessions");
  const ending = ada.page.getByRole("dialog", { name: "End all sessions?" });
  await ending.getByRole("button", { name: "End sessions" }).click();
  await expect(grace.page).toHaveURL(/\/sign-in/);
  await act(ada, "Kofi Mensah", "Deactivate");
  const question = ada.page.getByRole("dialog", { name: "Deactivate this account?" });
  await question.getByRole("button", { name: "Deactivate" }).click();
  await expect(kofi.page).toHaveURL(/\/sign-in/);
  const row = ada.page.getByRole("row", { name: /Kofi Mensah/ });
  await expect(row).toContainText("Deactivated");
  await act(ada, "Kofi Mensah", "Reactivate");
  await ada.page.getByRole("dialog").getByRole("button", { name: "Reactivate" }).click();
  await expect(row).toContainText("Member");
  await ada.page.getByRole("link", { name: "Audit log" }).click();
  const log = ada.page.getByRole("row");
  await expect(log.nth(1)).toContainText("Reactivated the account");
  await expect(log.nth(1)).toContainText("Kofi Mensah");
  await expectNoAxeViolations(ada.page, "audit log");
  await ada.page.getByRole("combobox", { name: "Action" }).selectOption("Deactivated the account");
  await expect(log).toHaveCount(2);
});

test("an invitation brings a person in", async ({ user, page }) => {
  const ada = await user("ada", "Ada Lovelace", "/admin/invitations");
  await ada.page.getByRole("button", { name: "New invitation" }).click();
  const dialog = ada.page.getByRole("dialog", { name: "New invitation" });
  const uses = dialog.getByRole("spinbutton", { name: "Number of uses" });
  await uses.fill("0");
  await dialog.getByRole("button", { name: "Create invitation" }).click();
  await expect(uses).toHaveAccessibleDescription(/Choose a number from 1 to 10,000/);
  await expectNoAxeViolations(ada.page, "new invitation, refused");
  await uses.fill("1");
  await dialog.getByRole("combobox", { name: "Expires" }).selectOption("In a day");
  await dialog.getByRole("combobox", { name: "Role" }).selectOption("Moderator");
  await dialog.getByRole("button", { name: "Create invitation" }).click();
  const link = dialog.getByRole("textbox", { name: "Invitation link" });
  await expect(link).toHaveValue(/\/join\//);
  const address = await link.inputValue();
  await dialog.getByRole("button", { name: "Close" }).click();
  await expectNoAxeViolations(ada.page, "invitations");
  await page.goto(address);
  await expect(page.getByRole("heading", { name: "Join ChatBox" })).toBeVisible();
  await page.getByRole("textbox", { name: "Username" }).fill("ada");
  await page.getByRole("textbox", { name: "Display name" }).fill("Grace Hopper");
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("alert")).toContainText("This username is taken");
  await expectNoAxeViolations(page, "join, refused");
  await page.getByRole("textbox", { name: "Username" }).fill("grace");
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Everyone" })).toBeVisible();
  await page.getByRole("button", { name: "Account" }).click();
  await expect(page.getByRole("menuitem", { name: "Administration" })).toBeVisible();
  await ada.page.reload();
  const row = ada.page.getByRole("list", { name: "Invitations" }).getByRole("listitem");
  await expect(row).toContainText("1 of 1 used");
  await expect(row).toContainText("Accepted by Grace Hopper");
  await expect(row.getByRole("button", { name: "Revoke" })).toHaveCount(0);
});

test("somebody with an account joins the groups of an invitation", async ({ server, user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.createGroup("Physics", []);
  const group = new URL(ada.page.url()).pathname.split("/").pop();
  const { body } = await ada.callApi<{ path: string }>("create_invitation", { groups: [group] });
  await grace.page.goto(server.url + body.path);
  await expect(grace.page.getByRole("heading", { name: "Join Physics" })).toBeVisible();
  await expectNoAxeViolations(grace.page, "join groups");
  await grace.page.getByRole("button", { name: "Join", exact: true }).click();
  await expect(grace.conversations.getByRole("link", { name: /^Physics/ })).toBeVisible();
});

test("the administration works on a phone", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace", null);
  await user("grace", "Grace Hopper", null);
  await ada.page.setViewportSize({ width: 390, height: 844 });
  await ada.goto("/admin/people");
  await act(ada, "Grace Hopper", "Change role…");
  await ada.page.getByRole("radio", { name: "Moderator" }).check();
  await ada.page.getByRole("button", { name: "Save" }).click();
  await expect(ada.page.getByRole("row", { name: /Grace Hopper/ })).toContainText("Moderator");
  const overflow = () =>
    ada.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(await overflow()).toBeLessThanOrEqual(0);
});

test("the administration is not for members", async ({ user }) => {
  await user("ada", "Ada Lovelace", null);
  const grace = await user("grace", "Grace Hopper", "/admin/people");
  await expect(grace.page.getByText("You do not have the right to open this page.")).toBeVisible();
  expect((await grace.callApi("people", {})).status).toBe(403);
});

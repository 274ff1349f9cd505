// One's own account: profile, password, sessions, recovery codes, and ways back into the account.
import {
  expect,
  expectNoAxeViolations,
  PASSWORD,
  signInOnNewDevice,
  test,
} from "../harness/test-server";

const NEW_PASSWORD = "lamp-tree-14";

test("a corrected name is shown to everybody at once", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace", "/settings");
  const grace = await user("grace", "Grace Hopper");
  const name = ada.page.getByRole("textbox", { name: "Display name" });
  await expect(name).toHaveValue("Ada Lovelace");
  await name.fill("Grаce Hopper");
  await ada.page.getByRole("button", { name: "Save changes" }).click();
  await expect(name).toHaveAttribute("aria-invalid", "true");
  await expect(name).toHaveAccessibleDescription(/looks too much like another person's/);
  await expect(name).toHaveValue("Grаce Hopper");
  await name.fill("Augusta Ada King");
  await ada.page.getByRole("textbox", { name: "Username" }).fill("augusta");
  await ada.page.getByRole("textbox", { name: "Title" }).fill("Countess of Lovelace");
  await ada.page.getByRole("button", { name: "Save changes" }).click();
  await expect(ada.page.getByText("Saved.")).toBeVisible();
  await expect(name).toHaveAttribute("aria-invalid", "false");
  await expect(grace.people.getByRole("button", { name: /^Augusta Ada King/ })).toBeVisible();
  await ada.page.reload();
  await expect(name).toHaveValue("Augusta Ada King");
  await expect(ada.page.getByRole("textbox", { name: "Title" })).toHaveValue(
    "Countess of Lovelace",
  );
});

test("a new password signs other devices out", async ({ server, browser, user }) => {
  const ada = await user("ada", "Ada Lovelace", "/settings/password");
  const phone = await signInOnNewDevice(server, browser, ada);
  await phone.goto("/");
  const current = ada.page.getByRole("textbox", { name: "Current password" });
  const change = ada.page.getByRole("button", { name: "Change password" });
  await current.fill("wrong");
  await ada.page.getByRole("textbox", { name: "New password" }).fill(NEW_PASSWORD);
  await change.click();
  await expect(current).toHaveAccessibleDescription("Incorrect password.");
  await expectNoAxeViolations(ada.page, "password, refused");
  await current.fill(PASSWORD);
  await change.click();
  await expect(ada.page.getByText("Password changed.")).toBeVisible();
  await expect(current).toHaveValue("");
  await expect(phone.page).toHaveURL(/\/sign-in/);
  await phone.page.getByRole("textbox", { name: "Username" }).fill("ada");
  await phone.page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await phone.page.getByRole("button", { name: "Sign in" }).click();
  await expect(phone.page.getByRole("alert")).toHaveText("Incorrect username or password.");
  await phone.page.getByRole("textbox", { name: "Password" }).fill(NEW_PASSWORD);
  await phone.page.getByRole("button", { name: "Sign in" }).click();
  await expect(phone.page.getByRole("heading", { level: 1, name: "Everyone" })).toBeVisible();
  await phone.context.close();
});

test("a session on another device is ended", async ({ server, browser, user }) => {
  const ada = await user("ada", "Ada Lovelace", null);
  const phone = await signInOnNewDevice(server, browser, ada);
  await phone.goto("/");
  await ada.goto("/settings/sessions");
  const sessions = ada.page.getByRole("list", { name: "Sessions" }).getByRole("listitem");
  await expect(sessions).toHaveCount(2);
  await expect(sessions.filter({ hasText: "This device" })).toHaveCount(1);
  await expect(sessions.first()).toContainText("Chrome on Linux");
  await expectNoAxeViolations(ada.page, "sessions");
  await sessions
    .filter({ hasNotText: "This device" })
    .getByRole("button", { name: "End session" })
    .click();
  await expect(sessions).toHaveCount(1);
  await expect(phone.page).toHaveURL(/\/sign-in/);
  await phone.context.close();
});

test("a recovery code leads back into the account, once", async ({ server, user, page }) => {
  const ada = await user("ada", "Ada Lovelace", "/settings/recovery");
  await ada.page.getByRole("textbox", { name: "Current password" }).fill(PASSWORD);
  await ada.page.getByRole("button", { name: "Generate recovery codes" }).click();
  const codes = ada.page.getByRole("region", { name: "New recovery codes" });
  await expect(codes.getByRole("listitem")).toHaveCount(10);
  await expect(ada.page.getByText("You have 10 recovery codes left.")).toBeVisible();
  await expectNoAxeViolations(ada.page, "recovery codes");
  const code = await codes.getByRole("listitem").first().innerText();
  await page.goto(`${server.url}/sign-in`);
  await page.getByRole("link", { name: "Forgot password?" }).click();
  await page.getByRole("textbox", { name: "Username" }).fill("ada");
  await page.getByRole("textbox", { name: "Recovery code" }).fill("1234");
  await page.getByRole("textbox", { name: "New password" }).fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Set new password" }).click();
  await expect(page.getByRole("alert")).toHaveText("Incorrect username or recovery code.");
  await expect(page.getByRole("textbox", { name: "Recovery code" })).toHaveValue("1234");
  await expectNoAxeViolations(page, "recover, refused");
  await page.getByRole("textbox", { name: "Recovery code" }).fill(code.toLowerCase());
  await page.getByRole("textbox", { name: "New password" }).fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Set new password" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Everyone" })).toBeVisible();
  await expect(ada.page, "all sessions end").toHaveURL(/\/sign-in/);
});

test("a deactivated account is signed out and cannot sign in", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper", "/settings/account");
  await grace.page.getByRole("button", { name: "Deactivate account…" }).click();
  const question = grace.page.getByRole("dialog", { name: "Deactivate your account?" });
  await question.getByRole("button", { name: "Deactivate" }).click();
  await expect(grace.page).toHaveURL(/\/sign-in/);
  await expect(ada.people.getByRole("button", { name: /^Grace Hopper/ })).toHaveCount(0);
  await grace.page.getByRole("textbox", { name: "Username" }).fill("grace");
  await grace.page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await grace.page.getByRole("button", { name: "Sign in" }).click();
  await expect(grace.page.getByRole("alert")).toHaveText("Incorrect username or password.");
});

// The setup of an empty workspace, the next steps after it, and its settings.
import { expect, expectNoAxeViolations, PASSWORD, signUp, test } from "../harness/test-server";

test("the first visit sets up the workspace", async ({ server, page, browser }) => {
  await page.goto(server.url);
  await expect(page).toHaveURL(/\/setup$/);
  await expect(page.getByRole("textbox", { name: "Workspace name" })).toBeFocused();
  await expectNoAxeViolations(page, "setup");
  const registration = page.getByRole("radiogroup", { name: "Who can register" });
  await page.getByRole("textbox", { name: "Workspace name" }).fill("  Physics & <b>friends</b> ");
  await registration.getByRole("radio", { name: "Only people with an invitation" }).check();
  await page.getByRole("textbox", { name: "Username" }).fill("ada");
  await page.getByRole("textbox", { name: "Display name" }).fill("Ada Lovelace");
  await page.getByRole("textbox", { name: "Password" }).fill("password");
  await page.getByRole("button", { name: "Create workspace" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Password" })).toBeFocused();
  await expect(
    registration.getByRole("radio", { name: "Only people with an invitation" }),
  ).toBeChecked();
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create workspace" }).click();
  await expect(page).toHaveURL(/\/admin$/);
  await expect(page).toHaveTitle("Administration · Physics & <b>friends</b>");
  const steps = page.getByRole("region", { name: "Next steps" });
  await expect(steps.getByRole("listitem")).toHaveCount(5);
  await expectNoAxeViolations(page, "next steps");
  await steps.getByRole("link", { name: "Invite people" }).click();
  await expect(page).toHaveURL(/\/admin\/invitations$/);
  await steps.getByRole("button", { name: "Dismiss" }).click();
  await expect(steps).toBeHidden();
  await page.reload();
  await expect(page.getByRole("button", { name: "New invitation" })).toBeVisible();
  await expect(steps).toBeHidden();
  const stranger = await browser.newPage();
  await stranger.goto(`${server.url}/setup`);
  await expect(stranger).toHaveURL(/\/sign-in$/);
  await expect(stranger).toHaveTitle("Sign in · Physics & <b>friends</b>");
  await stranger.close();
});

test("settings apply at once", async ({ server, browser, user }) => {
  const ada = await user("ada", "Ada Lovelace", "/admin/settings");
  const grace = await user("grace", "Grace Hopper");
  await expect(grace.page.getByRole("button", { name: "New group" })).toBeVisible();
  const name = ada.page.getByRole("textbox", { name: "Workspace name" });
  await expect(name).toHaveValue("ChatBox");
  await expectNoAxeViolations(ada.page, "workspace settings");
  await name.fill("");
  const save = ada.page.getByRole("button", { name: "Save changes" });
  await save.click();
  await expect(ada.page.getByText("Enter a workspace name.")).toBeVisible();
  await name.fill("Analytical Society");
  await ada.page.getByRole("radio", { name: "Only people with an invitation" }).check();
  await ada.page
    .getByRole("combobox", { name: "Who can create groups" })
    .selectOption("Moderators and administrators");
  await save.click();
  await expect(ada.page.getByText("Saved.")).toBeVisible();
  await expect(ada.page.locator(".brand")).toHaveText("Analytical Society");
  // The command line of the tests sets it.
  await expect(ada.page.getByRole("checkbox", { name: "Link previews" })).toBeDisabled();
  await grace.page.reload();
  await expect(grace.page.locator(".brand")).toHaveText("Analytical Society");
  await expect(grace.page.getByRole("link", { name: "Everyone" })).toBeVisible();
  await expect(grace.page.getByRole("button", { name: "New group" })).toHaveCount(0);
  await expect(signUp(server, browser, "kofi", "Kofi Mensah")).rejects.toThrow();
});

test("on a phone, a long workspace name leaves the sign-in page as wide as the screen", async ({
  server,
  page,
}) => {
  const setup = {
    workspace: "The Analytical Society of Cambridge and London Universities",
    username: "ada",
    display_name: "Ada Lovelace",
    password: PASSWORD,
    registration: "open",
  };
  await page.request.post(`${server.url}/api/setup`, { data: setup });
  await page.context().clearCookies();
  await page.setViewportSize({ width: 390, height: 844 });
  for (const where of ["/sign-in", "/sign-up", "/recover", "/join/x"]) {
    await page.goto(server.url + where);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, where).toBe(390);
  }
});

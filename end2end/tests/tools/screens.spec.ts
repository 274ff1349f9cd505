// Screenshots of every screen and state. Run by scripts/screens, not by scripts/test.
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test, TestServer } from "../harness/test-server";

test.skip(!process.env.SCREENS, "only by scripts/screens");

const SIZES = {
  desktop: { width: 1440, height: 900 },
  tablet: { width: 820, height: 1180 },
  phone: { width: 390, height: 844 },
};
const DEMO_PASSWORD = "paper-lantern-27";
const folder = path.resolve(__dirname, "../../screens");

let demo: TestServer;
let empty: TestServer;
test.beforeAll(async () => {
  const data = mkdtempSync(path.join(tmpdir(), "chatbox-"));
  execFileSync(path.resolve(__dirname, "../../../target/release/chatbox"), [
    "demo",
    "--data",
    data,
  ]);
  demo = await TestServer.open(data);
  empty = await TestServer.open();
});
test.afterAll(async () => {
  await demo.close();
  await empty.close();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    test(`${size}, ${colorScheme}`, async ({ browser }) => {
      test.setTimeout(120_000);
      const context = await browser.newContext({ viewport, colorScheme });
      const page = await context.newPage();
      const take = (name: string) =>
        page.screenshot({ path: `${folder}/${name}-${size}-${colorScheme}.png` });
      const awake = () => expect(page.locator("body")).toHaveAttribute("data-connection", "live");
      const conversations = page
        .getByRole("navigation", { name: "Conversations" })
        .getByRole("link");

      await page.goto(empty.url);
      await take("setup");
      await page.goto(`${demo.url}/sign-up`);
      await page.getByRole("textbox", { name: "Username" }).fill("a b");
      await page.getByRole("textbox", { name: "Display name" }).fill("Ada");
      await page.getByRole("textbox", { name: "Password" }).fill("password");
      await page.getByRole("button", { name: "Create account" }).click();
      await expect(page.getByRole("alert")).toBeVisible();
      await take("sign-up-wrong");
      await page.goto(`${demo.url}/sign-in`);
      await take("sign-in");
      await page.goto(`${demo.url}/recover`);
      await page.getByRole("textbox", { name: "Username" }).fill("ada");
      await page.getByRole("textbox", { name: "Recovery code" }).fill("1234");
      await page.getByRole("textbox", { name: "New password" }).fill("password");
      await page.getByRole("button", { name: "Set new password" }).click();
      await expect(page.getByRole("alert")).toBeVisible();
      await take("recover-wrong");
      await page.goto(`${demo.url}/join/nothing`);
      await take("invalid-link");
      await page.goto(`${demo.url}/sign-in`);
      await page.getByRole("textbox", { name: "Username" }).fill("ada");
      await page.getByRole("textbox", { name: "Password" }).fill(DEMO_PASSWORD);
      await page.getByRole("button", { name: "Sign in" }).click();
      await awake();
      await take("home");
      await conversations.nth(1).click();
      await expect(page.getByRole("article").last()).toBeVisible();
      await take("conversation");
      await page.getByRole("article").last().locator(".message-main").hover();
      await expect(page.getByRole("group", { name: "Actions" })).toBeVisible();
      await take("actions");
      await page.mouse.move(0, 0);
      await page.getByRole("button", { name: "Emoji" }).click();
      const emoji = page.getByRole("listbox", { name: "Emoji" }).getByRole("option");
      await expect(emoji.first()).toBeVisible();
      await take("emoji");
      await page.keyboard.press("Escape");
      await page.getByRole("log", { name: "Messages" }).hover();
      await page.mouse.wheel(0, -900);
      await expect(page.getByRole("button", { name: /new|Latest/ })).toBeVisible();
      await take("scrolled-up");
      await page.getByRole("button", { name: "Details" }).click();
      await expect(page.getByRole("region", { name: "Members" })).toBeVisible();
      await take("details");
      await page.goto(`${demo.url}/c/01890000-0000-7000-8000-000000000000`);
      await awake();
      await take("not-found");
      await page.goto(`${demo.url}/search`);
      await awake();
      await take("search-empty");
      const searched = page.getByRole("searchbox", { name: "Search messages" });
      await searched.pressSequentially("three points fr");
      await expect(page.getByRole("list", { name: "Suggestions" }).getByRole("button")).toHaveCount(
        1,
      );
      await page.keyboard.press("ArrowDown");
      await take("search-completion");
      await searched.fill("three points");
      await searched.press("Enter");
      await expect(page.locator(".hits mark").first()).toBeVisible();
      await take("search-found");
      await searched.fill("has:cats");
      await searched.press("Enter");
      await expect(page.getByRole("alert").filter({ hasText: "has:" })).toBeVisible();
      await take("search-wrong");
      await searched.fill("xylophonist");
      await searched.press("Enter");
      await expect(page.getByText(/No matches for/)).toBeVisible();
      await take("search-nothing");
      await page.goto(`${demo.url}/settings`);
      await awake();
      await take("settings");
      for (const section of ["password", "sessions", "account"]) {
        await page.goto(`${demo.url}/settings/${section}`);
        await awake();
        await take(`settings-${section}`);
      }
      await page.goto(`${demo.url}/settings/recovery`);
      await awake();
      await page.getByRole("textbox", { name: "Current password" }).fill(DEMO_PASSWORD);
      await page.getByRole("button", { name: "Generate recovery codes" }).click();
      await expect(page.getByRole("region", { name: "New recovery codes" })).toBeVisible();
      await take("settings-recovery");
      await page.goto(`${demo.url}/admin/people`);
      await awake();
      await expect(page.getByRole("row").nth(5)).toBeVisible();
      await take("admin-people");
      await page.getByRole("button", { name: /^Actions for/ }).nth(2).click();
      await take("admin-person-menu");
      await page.getByRole("menuitem", { name: "Change role…" }).click();
      await take("admin-role");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: /^Actions for/ }).nth(2).click();
      await page.getByRole("menuitem", { name: "Reset password…" }).click();
      await expect(page.getByRole("textbox", { name: "Reset link" })).toBeVisible();
      await take("admin-reset");
      await page.goto(`${demo.url}/admin/invitations`);
      await awake();
      await page.getByRole("button", { name: "New invitation" }).click();
      await take("admin-new-invitation");
      await page.getByRole("button", { name: "Create invitation" }).click();
      const invitation = page
        .getByRole("dialog")
        .getByRole("textbox", { name: "Invitation link" });
      await expect(invitation).toBeVisible();
      const join = await invitation.inputValue();
      await page.getByRole("button", { name: "Close" }).click();
      await take("admin-invitations");
      await page.goto(`${demo.url}/admin/audit-log`);
      await awake();
      await expect(page.getByRole("row").nth(1)).toBeVisible();
      await take("admin-audit-log");
      const newcomer = await browser.newContext({ viewport, colorScheme });
      const joining = await newcomer.newPage();
      await joining.goto(join);
      await joining.screenshot({ path: `${folder}/join-${size}-${colorScheme}.png` });
      await newcomer.close();
      await page.goto(demo.url);
      await awake();
      await page.getByRole("button", { name: "New group" }).click();
      await page
        .getByRole("dialog", { name: "New group" })
        .getByRole("button", { name: "Create group" })
        .click();
      await expect(page.getByRole("alert").filter({ hasText: "group name" })).toBeVisible();
      await take("new-group-wrong");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Account" }).click();
      await take("account");
      await page.keyboard.press("Escape");
      await conversations.nth(2).click();
      await context.setOffline(true);
      await expect(page.getByText("Offline. Your messages")).toBeVisible({ timeout: 30_000 });
      await page
        .getByRole("textbox", { name: "Message" })
        .fill("Written in the underground.\nIt goes when the network is back.");
      await page.getByRole("button", { name: "Send" }).click();
      await expect(page.getByText("Waiting", { exact: true })).toBeVisible();
      await take("offline");
      await context.close();

      const first = await browser.newContext({ viewport, colorScheme });
      const lonely = await first.newPage();
      await first.request.post(`${empty.url}/api/sign_up`, {
        data: {
          username: `first-${size}-${colorScheme}`,
          display_name: "A name of exactly forty characters, yes!",
          password: "tree-lamp-41",
        },
      });
      await lonely.goto(empty.url);
      await expect(lonely.locator("body")).toHaveAttribute("data-connection", "live");
      await lonely.screenshot({ path: `${folder}/empty-${size}-${colorScheme}.png` });
      await first.close();
    });
  }
}

// Typing indicators, delivery receipts and read receipts, and their privacy settings.
import { signInOnNewDevice, expect, expectNoAxeViolations, test } from "../harness/test-server";

test("a typing indicator is shown until the message arrives", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.openDirect(grace);
  await grace.openDirect(ada);
  const field = grace.page.getByRole("textbox", { name: "Message" });
  await field.pressSequentially("I am thi");
  await expect(ada.page.getByText("Grace Hopper is typing…")).toBeVisible();
  await field.pressSequentially("nking");
  await field.press("Enter");
  await expect(ada.message("I am thinking")).toBeVisible();
  await expect(ada.page.getByText("is typing…")).toHaveCount(0);
  expect(grace.receivedFrames.join()).not.toContain('"typing"');
});

test("a message shows who has read it, and hides users who do not share read receipts", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const kofi = await user("kofi", "Kofi Mensah");
  await ada.createGroup("Physics", [grace, kofi]);
  await kofi.page.goto(new URL("/settings", kofi.page.url()).href);
  await kofi.waitUntilReady();
  await kofi.page.getByRole("checkbox", { name: "Share read receipts" }).uncheck();
  await expect
    .poll(
      async () =>
        (await kofi.callApi<{ privacy: { shows_reading: boolean } }>("snapshot", {})).body.privacy
          .shows_reading,
    )
    .toBe(false);
  await ada.send("Who reads this?");
  await expect(
    ada.page
      .getByRole("status")
      .getByText("Sent", { exact: true })
      .or(ada.page.getByText("Sent", { exact: true }))
      .first(),
  ).toBeVisible();
  await kofi.open("Physics");
  await expect(kofi.page).toHaveTitle(/^Physics/);
  await grace.open("Physics");
  const seen = ada.page.getByRole("button", { name: "Seen by 1" });
  await expect(seen).toBeVisible();
  await seen.click();
  await expect(ada.page.getByRole("dialog", { name: "Seen by" })).toHaveText(/Grace Hopper/);
  await ada.page.reload();
  await expect(seen).toBeVisible();
  await expect(ada.page.getByRole("dialog", { name: "Seen by" })).toHaveCount(0);
});

test("a direct message is delivered once the recipient's browser has it, and read once they read it", async ({
  server,
  browser,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper", null);
  await ada.openDirect(grace);
  await ada.send("Are you there?");
  const state = ada.messages.locator(".state");
  await expect(state).toHaveText("Sent");
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(state).toHaveText("Sent");
  // In another conversation: her browser has it, and she has not looked.
  await grace.goto();
  await expect(state).toHaveText("Delivered");
  await ada.send("Hello?");
  await expect(state).toHaveText(["Delivered"]);
  await expect(state).toHaveCount(1);
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(state).toHaveText("Delivered");
  const phone = await signInOnNewDevice(server, browser, ada, {
    viewport: { width: 390, height: 844 },
  });
  await phone.goto(new URL(ada.page.url()).pathname);
  await expect(phone.messages.locator(".state")).toHaveText("Delivered");
  await expectNoAxeViolations(phone.page);
  await phone.context.close();
  await grace.open("Ada Lovelace");
  await expect(state.getByRole("button", { name: "Seen by 1" })).toBeVisible();
});

test("a popover of one's own message stays open while the same user writes from another device", async ({
  server,
  browser,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const phone = await signInOnNewDevice(server, browser, ada, {
    viewport: { width: 390, height: 844 },
  });
  await ada.send("The first");
  await phone.goto(
    `/c/${(await ada.callApi<{ conversations: { conversation: { id: string } }[] }>("snapshot", {})).body.conversations[0].conversation.id}`,
  );
  await ada.message("The first").hover();
  await ada.message("The first").getByRole("button", { name: "More" }).click();
  const item = ada.page.getByRole("menuitem", { name: "Copy text" });
  await expect(item).toBeVisible();
  await phone.send("The second");
  await expect(ada.message("The second").locator(".state")).toHaveText("Sent");
  await expect(ada.messages.locator(".state")).toHaveCount(1);
  await expect(item).toBeVisible();
  await phone.context.close();
});

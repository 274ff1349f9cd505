// Drafts on every device, saved messages, threads, and going to a date.
import type { Locator } from "@playwright/test";
import {
  signInOnNewDevice,
  expect,
  expectNoAxeViolations,
  type TestUser,
  test,
} from "../harness/test-server";

const field = (user: TestUser) => user.page.getByRole("textbox", { name: "Message" });

async function choose(user: TestUser, text: string, item: string): Promise<void> {
  await user.message(text).hover();
  await user.message(text).getByRole("button", { name: "More" }).click();
  await user.page.getByRole("menuitem", { name: item, exact: true }).click();
}

test("a draft continues on another device, and concurrent drafts are merged on both", async ({
  server,
  browser,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const phone = await signInOnNewDevice(server, browser, ada, {
    viewport: { width: 390, height: 844 },
  });
  const { body } = await ada.callApi<{ conversations: { conversation: { id: string } }[] }>(
    "snapshot",
    {},
  );
  const everyone = body.conversations[0].conversation.id;
  await phone.goto(`/c/${everyone}`);
  await field(ada).pressSequentially("Dear all");
  await expect(field(phone)).toHaveValue("Dear all");
  // After a reload, and where it was typed.
  await phone.page.reload();
  await phone.waitUntilReady();
  await expect(field(phone)).toHaveValue("Dear all");
  await field(phone).pressSequentially(", hello");
  await expect(field(ada)).toHaveValue("Dear all, hello");
  // Apart, both go on.
  await phone.context.setOffline(true);
  await expect(phone.page.locator("body")).not.toHaveAttribute("data-connection", "live");
  await field(phone).fill("Dear all, hello from the train");
  const told = ada.page.waitForResponse("**/api/keep_draft");
  await field(ada).fill("Dear all, hello from the desk");
  await told;
  await phone.context.setOffline(false);
  for (const device of [ada, phone]) {
    await expect(field(device)).toHaveValue(
      /Dear all, hello from the train\n(Dear all, hello)? ?from the desk|Dear all, hello from the train\n.*from the desk/,
    );
  }
  // Sent on one, it is no draft on the other.
  await field(phone).fill("Dear all, good night");
  await expect(field(ada)).toHaveValue("Dear all, good night");
  await phone.page.getByRole("button", { name: "Send" }).click();
  await expect(field(ada)).toHaveValue("");
  await expect(ada.message("Dear all, good night")).toHaveCount(1);
  await phone.context.close();
});

test("saved messages have their own list on every device, visible to nobody else", async ({
  server,
  browser,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const phone = await signInOnNewDevice(server, browser, grace, {
    viewport: { width: 390, height: 844 },
  });
  await phone.goto("/saved");
  await expect(phone.page.getByRole("heading", { name: "No saved messages" })).toBeVisible();
  await expectNoAxeViolations(phone.page);
  await ada.send("The exam is on the 12th");
  await choose(grace, "The exam", "Save");
  const saved = phone.page.getByRole("link", { name: /The exam is on the 12th/ });
  await expect(saved).toBeVisible();
  await expectNoAxeViolations(phone.page);
  await saved.click();
  await expect(phone.message("The exam")).toBeInViewport();
  await grace.page.getByRole("link", { name: "Saved" }).click();
  await grace.page.getByRole("button", { name: "Remove from saved" }).click();
  await expect(grace.page.getByRole("heading", { name: "No saved messages" })).toBeVisible();
  expect(ada.receivedFrames.filter((frame) => frame.includes('"saved"'))).toEqual([]);
  await phone.context.close();
});

test("a thread opens beside the conversation, updates live, and hides nothing", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.send("Why is the sky blue?");
  await ada.send("And what is for lunch?");
  const answer = async (who: TestUser, to: string, text: string) => {
    await who.message(to).hover();
    await who.message(to).getByRole("button", { name: "Reply" }).click();
    await who.send(text);
  };
  await answer(grace, "sky blue", "It scatters");
  await answer(ada, "It scatters", "What does?");
  await expect(ada.message("lunch").getByRole("link", { name: /repl/ })).toHaveCount(0);
  await ada.messages.getByRole("article").first().getByRole("link", { name: "1 reply" }).click();
  const thread = ada.page.getByRole("region", { name: "Thread" });
  await expect(thread.getByRole("listitem").locator(".text")).toHaveText([
    "Why is the sky blue?",
    "It scatters",
    "What does?",
  ]);
  await answer(grace, "What does?", "The light");
  await expect(thread.getByRole("listitem").locator(".text").last()).toHaveText("The light");
  await expectNoAxeViolations(ada.page);
  // In the conversation all of it stands where it was said.
  expect(await ada.messageTexts()).toEqual([
    "Why is the sky blue?",
    "And what is for lunch?",
    "It scatters",
    "What does?",
    "The light",
  ]);
  await thread.getByRole("button", { name: "Reply in thread" }).click();
  await expect(ada.page.getByRole("group", { name: "Reply or edit" })).toContainText(
    "Replying to Ada Lovelace",
  );
  await ada.send("Thank you");
  await expect(grace.messages.getByRole("article").last()).toContainText("Why is the sky blue?");
  await grace.message("The light").hover();
  await grace.message("The light").getByRole("button", { name: "More" }).click();
  await grace.page.getByRole("menuitem", { name: "Show thread" }).click();
  await expect(
    grace.page.getByRole("region", { name: "Thread" }).getByRole("listitem"),
  ).toHaveCount(5);
  await grace.page.keyboard.press("Escape");
  await expect(grace.page.getByRole("region", { name: "Thread" })).toHaveCount(0);
});

test("go to date opens from any date separator and from the details", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const { body } = await ada.callApi<{ conversations: { conversation: { id: string } }[] }>(
    "snapshot",
    {},
  );
  const conversation = body.conversations[0].conversation.id;
  for (let n = 0; n < 150; n += 1)
    await ada.callApi("post_message", {
      conversation,
      client_id: crypto.randomUUID(),
      body: `message ${n}`,
    });
  await expect(ada.message("message 149")).toBeInViewport();
  await ada.details();
  await ada.page.getByRole("button", { name: "Go to a day", exact: true }).last().click();
  const dialog = ada.page.getByRole("dialog", { name: "Go to a day" });
  await expectNoAxeViolations(ada.page);
  await dialog.getByLabel("Day").fill("2020-02-29");
  await ada.page.keyboard.press("Enter");
  await expect(ada.message(/^message 0$/)).toBeInViewport();
  await ada.messages.getByRole("button", { name: "Today" }).click();
  await dialog.getByLabel("Day").fill("2999-12-31");
  await dialog.getByRole("button", { name: "Go", exact: true }).click();
  await expect(ada.message("message 149")).toBeInViewport();
});

test("with manual read marking nothing is read on any device until confirmed", async ({
  server,
  browser,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper", null);
  await grace.page.clock.install();
  await grace.goto("/settings");
  await grace.page.getByRole("checkbox", { name: "Mark messages as read manually" }).check();
  const phone = await signInOnNewDevice(server, browser, grace, {
    viewport: { width: 390, height: 844 },
  });
  await phone.goto("/settings");
  await expect(
    phone.page.getByRole("checkbox", { name: "Mark messages as read manually" }),
  ).toBeChecked();
  await grace.open("Everyone");
  await ada.send("one");
  await ada.send("two");
  await expect(grace.message("two")).toBeInViewport();
  // Long enough in sight to be read by itself.
  await grace.page.clock.runFor(2_000);
  await expect(grace.page).toHaveTitle(/^\(2\)/);
  await expect(ada.message("two").getByRole("status")).toHaveText("Sent");
  await grace.page.getByRole("button", { name: "Mark as read" }).click();
  await expect(grace.page).toHaveTitle(/^Everyone/);
  await expect(phone.page).toHaveTitle(/^Settings/);
  await expect(ada.message("two").getByRole("status")).toHaveText("Seen by 1");
  await phone.context.close();
});

test("reactions list names where no pointer can hover", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.send("Done!");
  for (const somebody of [ada, grace]) {
    await somebody.message("Done!").hover();
    await somebody.message("Done!").getByRole("button", { name: "React" }).click();
    await somebody.page.getByRole("menuitem", { name: "🎉" }).click();
  }
  await choose(ada, "Done!", "View reactions");
  await expect(
    ada.page.getByRole("dialog", { name: "Reactions" }).getByRole("listitem"),
  ).toHaveText([/🎉.*You, Grace Hopper/]);
});

test("an edit and a reply are restored after a reload, for this user only", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.send("the exam is on Monday");
  await ada.send("bring a pencil");
  await expect(ada.message("bring a pencil").getByRole("status")).toHaveText("Sent");
  const purpose = ada.page.getByRole("group", { name: "Reply or edit" });
  // Also before a word of it is changed.
  await field(ada).press("ArrowUp");
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(field(ada)).toHaveValue("bring a pencil");
  await field(ada).fill("bring two pencils");
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(purpose).toContainText("Editing your message");
  await expect(field(ada)).toHaveValue("bring two pencils");
  await field(ada).press("Enter");
  await expect(ada.message("bring two pencils")).toContainText("(edited)");
  await expect(field(ada)).toHaveValue("");
  await ada.message("the exam").hover();
  await ada.message("the exam").getByRole("button", { name: "Reply" }).click();
  await field(ada).pressSequentially("in the morning");
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(purpose).toContainText("the exam is on Monday");
  await expect(field(ada)).toHaveValue("in the morning");
  await field(ada).press("Enter");
  await expect(ada.message("in the morning").locator(".quoted")).toContainText(
    "the exam is on Monday",
  );
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(purpose).toHaveCount(0);
});

test("closing an overlay returns the focus to its opener", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.send("a question?");
  const question = ada.message("a question?");
  await question.hover();
  await question.getByRole("button", { name: "Reply" }).click();
  await ada.send("an answer");
  const press = async (button: Locator) => {
    await button.focus();
    await ada.page.keyboard.press("Enter");
  };
  const details = ada.page.getByRole("button", { name: "Details", exact: true });
  await press(details);
  await press(ada.page.getByRole("button", { name: "Close details" }));
  await expect(details).toBeFocused();
  const thread = question.getByRole("link", { name: "1 reply" });
  await press(thread);
  await press(ada.page.getByRole("button", { name: "Close thread" }));
  await expect(thread).toBeFocused();
  for (const end of ["Escape", "Enter"]) {
    await question.focus();
    await press(question.getByRole("button", { name: "React" }));
    await press(ada.page.getByRole("menuitem", { name: "More emoji" }));
    const search = ada.page.getByRole("textbox", { name: "Search emoji" });
    await expect(search).toBeFocused();
    await search.fill("rocket");
    await ada.page.keyboard.press(end);
    await expect(search).toHaveCount(0);
    await expect(question).toBeFocused();
  }
  await question.press("Delete");
  await press(ada.page.getByRole("button", { name: "Undo" }));
  await expect(question).toBeFocused();
});

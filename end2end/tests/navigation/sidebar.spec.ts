// The conversation list: length limit, pins, drafts, excerpts, and which conversation `/` opens.
import {
  signInOnNewDevice,
  expect,
  expectNoAxeViolations,
  type TestUser,
  signUp,
  test,
  TestServer,
} from "../harness/test-server";

const row = (user: TestUser, title: string) =>
  user.conversations.getByRole("link", { name: new RegExp(`^${title}`) });
const button = (user: TestUser, name: string) =>
  user.page.getByRole("button", { name, exact: true });
const field = (user: TestUser) => user.page.getByRole("textbox", { name: "Message" });
const titles = (user: TestUser) => user.conversations.locator(".row-title").allInnerTexts();

test("with very many conversations the list shows the latest, the unread, and the others on demand", async ({
  browser,
}) => {
  test.setTimeout(120_000);
  const server = await TestServer.open(undefined, ["--limits", "false"]);
  const ada = await signUp(server, browser, "ada", "Ada Lovelace");
  const grace = await signUp(server, browser, "grace", "Grace Hopper");
  for (let n = 1; n <= 70; n++) {
    const { status, body } = await grace.callApi<{ conversation: { id: string } }>("create_group", {
      name: `Group ${n}`,
      members: [ada.id],
    });
    expect(status).toBe(200);
    if (n === 2) {
      const message = {
        conversation: body.conversation.id,
        client_id: crypto.randomUUID(),
        body: "long ago",
      };
      expect((await grace.callApi("post_message", message)).status).toBe(200);
    }
  }
  await ada.goto();
  const links = ada.conversations.getByRole("link");
  // Sixty, the one in which something is new, and the one that is open.
  await expect(links).toHaveCount(62);
  await expect(links.first()).toContainText("Group 70");
  await expect(links.filter({ hasText: "Group 2" }).filter({ hasText: "1 unread" })).toHaveCount(1);
  await expect(ada.conversations.getByRole("link", { name: /^Group 3[^0-9]/ })).toHaveCount(0);
  await expect(ada.conversations.locator("[aria-current=page]")).toContainText("Everyone");
  await ada.page.getByRole("searchbox", { name: "Find a conversation or person" }).fill("group 3");
  await expect(ada.conversations.getByRole("link", { name: /^Group 3[^0-9]/ })).toBeVisible();
  await ada.page.getByRole("searchbox", { name: "Find a conversation or person" }).fill("");
  await ada.conversations.getByRole("button", { name: "Show more (9)" }).click();
  await expect(links).toHaveCount(71);
  await expect(ada.conversations.getByRole("button", { name: /^Show more/ })).toHaveCount(0);
  await ada.context.close();
  await grace.context.close();
  await server.close();
});

test("a pinned conversation stays on top on every device and after a reload", async ({
  server,
  browser,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await grace.createGroup("Physics", [ada]);
  await grace.createGroup("Chess", [ada]);
  await ada.open("Physics");
  const phone = await signInOnNewDevice(server, browser, ada, {
    viewport: { width: 390, height: 844 },
  });
  await phone.goto();
  await ada.details();
  await button(ada, "Pin to top").click();
  await expect(button(ada, "Unpin")).toBeVisible();
  await expect(row(ada, "Physics")).toHaveAccessibleName(/^Physics pinned /);
  await expectNoAxeViolations(ada.page);
  await grace.send("A move");
  for (const device of [ada, phone]) {
    await expect(row(device, "Chess")).toContainText("A move");
    await expect.poll(() => titles(device)).toEqual(["Physics", "Chess", "Everyone"]);
  }
  await ada.page.reload();
  await ada.waitUntilReady();
  expect(await titles(ada)).toEqual(["Physics", "Chess", "Everyone"]);
  await button(ada, "Unpin").click();
  await expect.poll(() => titles(phone)).toEqual(["Chess", "Physics", "Everyone"]);
  await expect(row(phone, "Physics")).not.toHaveAccessibleName(/pinned/);
  // Without the network it says so, and stays as it was.
  await ada.page.route("**/api/pin_conversation", (route) => route.abort());
  await button(ada, "Pin to top").click();
  await expect(ada.page.getByRole("alert").filter({ hasText: /./ })).toBeVisible();
  await expect(button(ada, "Pin to top")).toBeVisible();
  await phone.context.close();
});

test("an unsent draft is shown in the list on every device until it is sent or discarded", async ({
  server,
  browser,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await grace.createGroup("Physics", [ada]);
  await grace.send("When is the test?");
  await ada.open("Physics");
  await field(ada).fill("**On** Tuesday,\nI think");
  await expect(row(ada, "Physics")).toContainText("When is the test?");
  await ada.open("Everyone");
  await expect(row(ada, "Physics")).toContainText("Draft: On Tuesday, I think");
  const phone = await signInOnNewDevice(server, browser, ada, {
    viewport: { width: 390, height: 844 },
  });
  await expect(async () => {
    await phone.goto();
    await expect(row(phone, "Physics")).toContainText("Draft: On Tuesday, I think", {
      timeout: 1_000,
    });
  }).toPass();
  // On a phone the list is alone: there it is shown also of the conversation that one comes from.
  await row(phone, "Physics").click();
  await expect(field(phone)).toHaveValue("**On** Tuesday,\nI think");
  await field(phone).fill("On Wednesday");
  await phone.page.getByRole("link", { name: "Back to the list" }).click();
  await expect(row(phone, "Physics")).toContainText("Draft: On Wednesday");
  await expect(row(ada, "Physics")).toContainText("Draft: On Wednesday");
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(row(ada, "Physics")).toContainText("Draft: On Wednesday");
  await ada.open("Physics");
  await expect(row(ada, "Physics")).toContainText("When is the test?");
  await field(ada).press("Enter");
  await expect(ada.message("On Wednesday")).toBeVisible();
  await field(ada).fill("  ");
  await ada.open("Everyone");
  await expect(row(ada, "Physics")).toContainText("You: On Wednesday");
  await expect(row(phone, "Physics")).toContainText("You: On Wednesday");
  await phone.context.close();
});

test("the start page opens the last visited conversation of this browser, and back returns", async ({
  server,
  browser,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const title = ada.page.getByRole("heading", { level: 1 });
  await expect(title).toHaveText("Everyone");
  await ada.createGroup("Physics", []);
  await ada.page.goBack();
  await expect(title).toHaveText("Everyone");
  await ada.open("Physics");
  await ada.send("Here");
  await ada.goto("/");
  await expect(title).toHaveText("Physics");
  await expect(ada.message("Here")).toBeVisible();
  await expect(ada.conversations.locator("[aria-current=page]")).toContainText("Physics");
  // Also from a page that shows no conversation.
  await ada.goto("/settings");
  await ada.page.evaluate(() => history.pushState(null, "", "/"));
  await ada.goto("/");
  await expect(title).toHaveText("Physics");
  // Not of a conversation that is somebody else's, or is none.
  const grace = await signUp(server, browser, "grace", "Grace Hopper");
  for (const value of [
    new URL(ada.page.url()).pathname,
    "x",
    "01890000-0000-7000-8000-000000000000",
    (await ada.context.cookies()).find(({ name }) => name === "last-visited")!.value,
  ]) {
    await grace.context.addCookies([{ name: "last-visited", value, url: server.url }]);
    await grace.goto("/");
    await expect(grace.page.getByRole("heading", { level: 1, name: "Everyone" })).toBeVisible();
  }
  await grace.context.close();
});

test("an excerpt is truncated at its end, whatever the direction of the name before it", async ({
  user,
}) => {
  const noa = await user("noa", "נועה");
  const ada = await user("ada", "Ada Lovelace");
  await noa.createGroup("Physics", [ada]);
  const words = "A sentence that is too long to stand in one row of the list of conversations";
  await noa.send(words);
  const excerpt = row(ada, "Physics").locator(".row-excerpt");
  await expect(excerpt).toHaveText(`נועה: ${words}`);
  // What is seen begins with the name and the first word; what is cut off is the end.
  const seen = () =>
    excerpt.evaluate((of) => {
      const range = document.createRange();
      const text = [...of.childNodes]
        .filter((node) => node.nodeType === Node.TEXT_NODE && node.textContent!.trim().length > 1)
        .at(-1)!;
      const place = (at: number) => {
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        return range.getBoundingClientRect();
      };
      const [box, first, last] = [
        of.getBoundingClientRect(),
        place(0),
        place(text.textContent!.length - 1),
      ];
      const isIn = (one: DOMRect) => one.left >= box.left - 1 && one.right <= box.right + 1;
      return {
        direction: getComputedStyle(of).direction,
        name: isIn(of.querySelector("bdi")!.getBoundingClientRect()),
        first: isIn(first),
        last: isIn(last),
      };
    });
  expect(await seen()).toEqual({ direction: "ltr", name: true, first: true, last: false });
  await ada.open("Physics");
  await ada.send("שלום לכולם, השיעור מתחיל מחר בבוקר בשעה שמונה ולא בתשע כמו תמיד");
  await expect(excerpt).toContainText("You: שלום");
  expect(await seen()).toEqual({ direction: "rtl", name: true, first: true, last: false });
});

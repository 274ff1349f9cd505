// Bad networks and server crashes: no message is lost, duplicated or reordered.
import { TcpProxy } from "../harness/tcp-proxy";
import { expect, type TestUser, type TestServer, test } from "../harness/test-server";

const texts = (from: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${from} ${n + 1}`);

async function settled(user: TestUser): Promise<void> {
  await expect(user.messages.getByText("Waiting", { exact: true })).toHaveCount(0, {
    timeout: 40_000,
  });
  await expect(user.page.locator("body")).toHaveAttribute("data-connection", "live", {
    timeout: 40_000,
  });
}

test("a socket cut while others write loses nothing", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  for (const n of [1, 2, 3, 4]) {
    await ada.send(`before ${n}`);
    await grace.context.setOffline(true);
    await ada.send(`during ${n}`);
    await grace.context.setOffline(false);
  }
  await grace.page.evaluate(() => window.dispatchEvent(new Event("online")));
  await expect(grace.message("during 4")).toBeVisible({ timeout: 40_000 });
  await settled(grace);
  expect(await grace.messageTexts()).toEqual(
    [1, 2, 3, 4].flatMap((n) => [`before ${n}`, `during ${n}`]),
  );
});

test("messages written offline wait visibly and are sent in order on reconnect", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.context.setOffline(true);
  await expect(
    ada.page.getByText("Offline. Your messages will be sent when you are back."),
  ).toBeVisible();
  for (const text of texts("offline", 3)) await ada.send(text);
  await expect(ada.message("offline 1").getByRole("status")).toHaveText("Waiting");
  await ada.context.setOffline(false);
  await expect(grace.message("offline 3")).toBeVisible({ timeout: 40_000 });
  await settled(ada);
  expect(await grace.messageTexts()).toEqual(texts("offline", 3));
  expect(await ada.messageTexts()).toEqual(texts("offline", 3));
});

test("a server killed and restarted loses no acknowledged message", async ({ server, user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const writing = (async () => {
    for (const text of texts("ada", 30)) await ada.send(text);
  })();
  await expect(grace.message("ada 5")).toBeVisible();
  await restart(server);
  await writing;
  await settled(ada);
  await expect(grace.message("ada 30")).toBeVisible({ timeout: 40_000 });
  expect(await grace.messageTexts()).toEqual(texts("ada", 30));
  expect(await ada.messageTexts()).toEqual(texts("ada", 30));
});

async function restart(server: TestServer): Promise<void> {
  await server.kill("SIGKILL");
  await server.start();
}

test("a rejected message is kept with its reason and can be discarded", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.page.route("**/api/post_message", (route) =>
    route.fulfill({
      status: 422,
      contentType: "application/json",
      body: JSON.stringify({ code: "invalid", message: "Not like this.", field: "body" }),
    }),
  );
  await ada.send("refused");
  await ada.send("behind it");
  await expect(ada.message("refused").getByRole("status")).toHaveText("Not sent");
  await expect(ada.message("refused")).toContainText("Not like this.");
  await expect(ada.message("behind it").getByRole("status")).toHaveText("Waiting");
  await ada.page.unroute("**/api/post_message");
  await ada.message("refused").getByRole("button", { name: "Try again" }).click();
  await expect(ada.message("behind it").getByRole("status")).toHaveText("Sent");
  expect(await ada.messageTexts()).toEqual(["refused", "behind it"]);
});

test("signing out in one tab signs out the others", async ({ server, user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const other = await ada.context.newPage();
  await other.goto(server.url);
  await expect(other.locator("body")).toHaveAttribute("data-connection", "live");
  await ada.page.getByRole("button", { name: "Account" }).click();
  await ada.page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(ada.page).toHaveURL(/\/sign-in/);
  await expect(other).toHaveURL(/\/sign-in/);
});

test("a connection that silently drops everything is detected by its silence", async ({
  server,
  user,
}) => {
  const proxy = await TcpProxy.before(server.address);
  const grace = await user("grace", "Grace Hopper");
  const ada = await user("ada", "Ada Lovelace", null);
  await ada.page.clock.install();
  await ada.page.goto(proxy.url);
  await ada.waitUntilReady();
  await grace.send("heard");
  await expect(ada.message("heard")).toBeVisible();
  proxy.dropTraffic();
  await grace.send("swallowed");
  await expect(grace.message("swallowed").getByRole("status")).toHaveText("Sent");
  await expect(ada.message("swallowed")).toHaveCount(0);
  await ada.page.clock.fastForward(46_000);
  await expect(ada.message("swallowed")).toBeVisible();
  await ada.send("and back");
  // The browser may first use another dead connection: the message is posted again after fifteen
  // seconds.
  await expect(grace.message("and back")).toBeVisible({ timeout: 30_000 });
  for (const one of [ada, grace])
    expect(await one.messageTexts()).toEqual(["heard", "swallowed", "and back"]);
  await ada.leave();
  await proxy.close();
});

test("a page suspended during a server restart misses nothing and sends its queue", async ({
  server,
  user,
}) => {
  const grace = await user("grace", "Grace Hopper");
  const ada = await user("ada", "Ada Lovelace");
  await ada.page.route("**/api/post_message", (route) => route.abort());
  await ada.send("before the lid was closed");
  await expect(ada.message("before the lid").getByRole("status")).toHaveText("Waiting");
  const lid = await ada.context.newCDPSession(ada.page);
  await lid.send("Page.setWebLifecycleState", { state: "frozen" });
  await grace.send("while ada sleeps");
  await restart(server);
  await settled(grace);
  await grace.send("and after a restart");
  await expect(grace.message("and after a restart").getByRole("status")).toHaveText("Sent");
  await ada.page.unroute("**/api/post_message");
  await lid.send("Page.setWebLifecycleState", { state: "active" });
  await expect(grace.message("before the lid was closed")).toBeVisible({ timeout: 40_000 });
  await settled(ada);
  for (const one of [ada, grace])
    expect(await one.messageTexts()).toEqual([
      "while ada sleeps",
      "and after a restart",
      "before the lid was closed",
    ]);
});

test("a conversation opened offline says so and loads on reconnect", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.send("when is the exam?");
  await ada.details();
  const questions = ada.page.getByRole("region", { name: "Open questions" });
  await expect(questions).toContainText("when is the exam?");
  await ada.page.getByRole("button", { name: "Close details" }).click();
  await ada.context.setOffline(true);
  await expect(ada.page.locator("body")).toHaveAttribute("data-connection", "offline");
  await ada.details();
  await expect(questions).toContainText("cannot be reached");
  // Something that says so where one was, too.
  await ada.page.getByRole("button", { name: "Go to a day" }).click();
  await ada.page.keyboard.press("Escape");
  await ada.context.setOffline(false);
  await expect(questions).toContainText("when is the exam?");
  await expect(ada.page.getByText("cannot be reached")).toHaveCount(0);
});

// A bad network and a server that dies: nothing is missing, nothing is there twice, nothing changes its place.
import { Proxy } from "./proxy";
import { expect, type Person, type Town, test } from "./town";

const texts = (from: string, count: number) => Array.from({ length: count }, (_, n) => `${from} ${n + 1}`);

async function settled(person: Person): Promise<void> {
  await expect(person.messages.getByText("Waiting", { exact: true })).toHaveCount(0, { timeout: 40_000 });
  await expect(person.page.locator("body")).toHaveAttribute("data-connection", "live", { timeout: 40_000 });
}

test("a socket that is cut while others write misses nothing", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const grace = await person("grace", "Grace Hopper");
  for (const n of [1, 2, 3, 4]) {
    await ada.write(`before ${n}`);
    await grace.context.setOffline(true);
    await ada.write(`during ${n}`);
    await grace.context.setOffline(false);
  }
  await grace.page.evaluate(() => window.dispatchEvent(new Event("online")));
  await expect(grace.message("during 4")).toBeVisible({ timeout: 40_000 });
  await settled(grace);
  expect(await grace.texts()).toEqual([1, 2, 3, 4].flatMap((n) => [`before ${n}`, `during ${n}`]));
});

test("what is written without a network waits visibly, and goes in order when it is back", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const grace = await person("grace", "Grace Hopper");
  await ada.context.setOffline(true);
  await expect(ada.page.getByText("Offline. Your messages will be sent when you are back.")).toBeVisible();
  for (const text of texts("offline", 3)) await ada.write(text);
  await expect(ada.message("offline 1").getByRole("status")).toHaveText("Waiting");
  await ada.context.setOffline(false);
  await expect(grace.message("offline 3")).toBeVisible({ timeout: 40_000 });
  await settled(ada);
  expect(await grace.texts()).toEqual(texts("offline", 3));
  expect(await ada.texts()).toEqual(texts("offline", 3));
});

test("a server that is killed and started again loses nothing that was said to be sent", async ({ town, person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const grace = await person("grace", "Grace Hopper");
  const writing = (async () => {
    for (const text of texts("ada", 30)) await ada.write(text);
  })();
  await expect(grace.message("ada 5")).toBeVisible();
  await restart(town);
  await writing;
  await settled(ada);
  await expect(grace.message("ada 30")).toBeVisible({ timeout: 40_000 });
  expect(await grace.texts()).toEqual(texts("ada", 30));
  expect(await ada.texts()).toEqual(texts("ada", 30));
});

async function restart(town: Town): Promise<void> {
  await town.kill("SIGKILL");
  await town.start();
}

test("a message that the server refuses is kept, with its reason, and can be given up", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  await ada.page.route("**/api/post_message", (route) =>
    route.fulfill({ status: 422, contentType: "application/json", body: JSON.stringify({ code: "invalid", message: "Not like this.", field: "body" }) }),
  );
  await ada.write("refused");
  await ada.write("behind it");
  await expect(ada.message("refused").getByRole("status")).toHaveText("Not sent");
  await expect(ada.message("refused")).toContainText("Not like this.");
  await expect(ada.message("behind it").getByRole("status")).toHaveText("Waiting");
  await ada.page.unroute("**/api/post_message");
  await ada.message("refused").getByRole("button", { name: "Try again" }).click();
  await expect(ada.message("behind it").getByRole("status")).toHaveText("Sent");
  expect(await ada.texts()).toEqual(["refused", "behind it"]);
});

test("signing out in one tab ends the others", async ({ town, person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const other = await ada.context.newPage();
  await other.goto(town.url);
  await expect(other.locator("body")).toHaveAttribute("data-connection", "live");
  await ada.page.getByRole("button", { name: "Account" }).click();
  await ada.page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(ada.page).toHaveURL(/\/sign-in/);
  await expect(other).toHaveURL(/\/sign-in/);
});

test("a connection that swallows everything is found out by its silence", async ({ town, person }) => {
  const proxy = await Proxy.before(town.address);
  const grace = await person("grace", "Grace Hopper");
  const ada = await person("ada", "Ada Lovelace", null);
  await ada.page.clock.install();
  await ada.page.goto(proxy.url);
  await ada.ready();
  await grace.write("heard");
  await expect(ada.message("heard")).toBeVisible();
  proxy.swallow();
  await grace.write("swallowed");
  await expect(grace.message("swallowed").getByRole("status")).toHaveText("Sent");
  await expect(ada.message("swallowed")).toHaveCount(0);
  await ada.page.clock.fastForward(46_000);
  await expect(ada.message("swallowed")).toBeVisible();
  await ada.write("and back");
  await expect(grace.message("and back")).toBeVisible();
  for (const one of [ada, grace]) expect(await one.texts()).toEqual(["heard", "swallowed", "and back"]);
  await ada.leave();
  await proxy.close();
});

test("a page that slept while the server was restarted misses nothing and sends what it had", async ({ town, person }) => {
  const grace = await person("grace", "Grace Hopper");
  const ada = await person("ada", "Ada Lovelace");
  await ada.page.route("**/api/post_message", (route) => route.abort());
  await ada.write("before the lid was closed");
  await expect(ada.message("before the lid").getByRole("status")).toHaveText("Waiting");
  const lid = await ada.context.newCDPSession(ada.page);
  await lid.send("Page.setWebLifecycleState", { state: "frozen" });
  await grace.write("while ada sleeps");
  await restart(town);
  await settled(grace);
  await grace.write("and after a restart");
  await expect(grace.message("and after a restart").getByRole("status")).toHaveText("Sent");
  await ada.page.unroute("**/api/post_message");
  await lid.send("Page.setWebLifecycleState", { state: "active" });
  await expect(grace.message("before the lid was closed")).toBeVisible({ timeout: 40_000 });
  await settled(ada);
  for (const one of [ada, grace]) expect(await one.texts()).toEqual(["while ada sleeps", "and after a restart", "before the lid was closed"]);
});

test("what is opened without a network says so, and is there when it is back", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  await ada.write("when is the exam?");
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

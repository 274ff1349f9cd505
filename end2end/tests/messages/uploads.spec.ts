// Uploads: interrupted, resumed, cancelled, rejected with a reason, and shared between tabs.
import { CODE, PHOTO, choose, field, noise, send, tray, trayOnDisk } from "../harness/attachments";
import { expectImageLoaded } from "../harness/images";
import { expect, test, TestUser } from "../harness/test-server";

test("an interrupted upload resumes, also after a reload, and its message is sent once", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const bytes = noise(3_000_000);
  const sent: number[] = [];
  let cut = true;
  await ada.page.route("**/files/*?at=*", async (route) => {
    const at = Number(new URL(route.request().url()).searchParams.get("at"));
    // The third piece and all after it do not come through, until the network is well again.
    if (cut && sent.length >= 2) return route.abort("connectionreset");
    sent.push(at);
    await route.continue();
  });
  await choose(ada, { name: "large.bin", mimeType: "application/octet-stream", buffer: bytes });
  await expect.poll(() => sent.length).toBe(2);
  await send(ada, "with a large file");
  await expect(ada.message("with a large file").getByRole("status").last()).toHaveText("Waiting");
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(ada.message("with a large file").getByRole("status").last()).toHaveText("Waiting");
  cut = false;
  const link = grace.message("with a large file").getByRole("link", { name: /large\.bin/ });
  await expect(link).toBeVisible({ timeout: 60_000 });
  expect(
    sent.filter((at) => at === 0),
    "from the beginning only once",
  ).toHaveLength(1);
  const fetched = await grace.context.request.get(
    new URL((await link.getAttribute("href"))!, grace.page.url()).href,
  );
  expect((await fetched.body()).equals(bytes)).toBe(true);
  await expect(grace.message("with a large file")).toHaveCount(1);
});

test("unsent files survive a reload and wait while offline", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await choose(ada, PHOTO);
  await expect(tray(ada).getByText(/^\d+ kB$|^\d\.\d kB$/)).toBeVisible();
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(tray(ada).getByText("holiday.png", { exact: true })).toBeVisible();
  await ada.context.setOffline(true);
  await choose(ada, CODE);
  await send(ada, "when I am back");
  await expect(ada.message("when I am back").getByRole("status").last()).toHaveText("Waiting");
  await ada.context.setOffline(false);
  await expect(
    grace.message("when I am back").getByRole("link", { name: "Picture holiday.png" }),
  ).toBeVisible({ timeout: 40_000 });
  await expect(
    grace.message("when I am back").getByRole("link", { name: /main\.rs/ }),
  ).toBeVisible();
});

test("a file that cannot be sent shows the reason, and the text stays", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await field(ada).fill("my words");
  await choose(ada, { name: "empty.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) });
  await expect(tray(ada).getByText("This file is empty.")).toBeVisible();
  await choose(ada, {
    name: "fake.png",
    mimeType: "image/png",
    buffer: Buffer.from("<!DOCTYPE html><script>alert(1)</script>"),
  });
  await expect(
    tray(ada).getByText("“fake.png” has the name of an image but is not one."),
  ).toBeVisible();
  await field(ada).press("Enter");
  await expect(ada.page.locator("form.composer").getByRole("alert")).toContainText(
    "“empty.txt” cannot be sent. Remove it and try again.",
  );
  await expect(field(ada)).toHaveValue("my words");
  for (const name of ["empty.txt", "fake.png"])
    await ada.page.getByRole("button", { name: `Remove ${name}` }).click();
  await field(ada).press("Enter");
  await expect(ada.message("my words")).toBeVisible();
});

test("an uploaded image is sent with its message after a reload and from a tab that is not the leader", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.context.route("**/api/post_message", (route) => route.abort());
  await choose(ada, PHOTO);
  await expect(tray(ada).getByText("uploaded")).toBeAttached();
  await send(ada, "after a reload");
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(ada.message("after a reload").getByRole("status").last()).toHaveText("Waiting");
  await ada.context.unroute("**/api/post_message");
  await expectImageLoaded(
    grace
      .message("after a reload")
      .getByRole("link", { name: "Picture holiday.png" })
      .locator("img"),
  );
  const second = new TestUser(
    ada.name,
    ada.username,
    ada.id,
    ada.context,
    await ada.context.newPage(),
    ada.server,
  );
  await second.goto();
  await choose(second, PHOTO);
  await expect(tray(second).getByText("uploaded")).toBeAttached();
  await send(second, "from another tab");
  for (const one of [ada, grace, second]) {
    await expectImageLoaded(
      one
        .message("from another tab")
        .getByRole("link", { name: "Picture holiday.png" })
        .locator("img"),
    );
    await expect(one.message("from another tab")).toHaveCount(1);
  }
});

test("a large upload shows its progress and can be cancelled", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  let pieces = 0;
  await ada.page.route("**/files/*?at=*", (route) =>
    pieces++ < 2 ? route.continue() : route.abort("connectionreset"),
  );
  await choose(ada, {
    name: "large.bin",
    mimeType: "application/octet-stream",
    buffer: noise(3_000_000),
  });
  await send(ada, "never mind");
  const waiting = ada.message("never mind");
  await expect(waiting.locator(".state")).toContainText(/Waiting\s*· \d\d %/);
  await expect(waiting.locator(".file-card")).toContainText("large.bin");
  await expect(waiting.getByRole("link"), "there is nothing to be fetched yet").toHaveCount(0);
  await waiting.getByRole("button", { name: "Discard" }).click();
  await expect(waiting).toHaveCount(0);
  await ada.page.unroute("**/files/*?at=*");
  await ada.send("the marker");
  await expect(grace.message("the marker")).toBeVisible();
  await expect(grace.message("never mind")).toHaveCount(0);
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(ada.message("the marker")).toBeVisible();
  await expect(ada.message("never mind")).toHaveCount(0);
});

test("a message discarded while its last chunk is uploading is not sent", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  let go: () => void = () => {};
  const held = new Promise<void>((freed) => (go = freed));
  // The server has all of it; the browser has not heard that, nor has the server heard of the
  // discard.
  const came = new Promise<void>((whole) => {
    void ada.page.route("**/files/*?at=*", async (route) => {
      const response = await route.fetch();
      whole();
      await held;
      await route.fulfill({ response });
    });
  });
  await ada.page.route("**/api/cancel_upload", async (route) => {
    await held;
    await route.continue();
  });
  await choose(ada, CODE);
  await came;
  await send(ada, "never mind");
  await ada.message("never mind").getByRole("button", { name: "Discard" }).click();
  await expect(ada.message("never mind")).toHaveCount(0);
  go();
  await ada.send("the marker");
  await expect(grace.message("the marker")).toBeVisible();
  await expect(grace.message("never mind")).toHaveCount(0);
});

test("files chosen in one tab and sent in another leave the tray in both", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await choose(ada, CODE);
  await expect(tray(ada).getByText("uploaded")).toBeAttached();
  const second = new TestUser(
    ada.name,
    ada.username,
    ada.id,
    ada.context,
    await ada.context.newPage(),
    ada.server,
  );
  await second.goto();
  await expect(tray(second).getByRole("listitem")).toHaveCount(1);
  await send(second, "once");
  await expect(grace.message("once").getByRole("link", { name: /main\.rs/ })).toBeVisible();
  await expect(tray(ada)).toHaveCount(0);
  await ada.send("without a file");
  await expect(grace.message("without a file").locator(".file-card")).toHaveCount(0);
});

test("the order of files survives a reload and is used when sending", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const names = ["one", "two", "three", "four", "five", "six"].map((name) => `${name}.txt`);
  await choose(
    ada,
    ...names.map((name) => ({ name, mimeType: "text/plain", buffer: Buffer.from(name) })),
  );
  await tray(ada).getByRole("button", { name: "Move six.txt earlier" }).click();
  await tray(ada).getByRole("button", { name: "Move six.txt earlier" }).click();
  const order = ["one.txt", "two.txt", "three.txt", "six.txt", "four.txt", "five.txt"];
  await expect(tray(ada).locator(".tray-name > span:first-child")).toHaveText(order);
  // Told to the disk, which has no order of its own.
  await expect.poll(() => ada.page.evaluate(trayOnDisk)).toEqual(order);
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(tray(ada).locator(".tray-name > span:first-child")).toHaveText(order);
  await tray(ada).getByRole("button", { name: "Remove one.txt" }).focus();
  await ada.page.keyboard.press("Enter");
  await expect(tray(ada).getByRole("listitem")).toHaveCount(5);
  await expect(
    tray(ada)
      .getByRole("button", { name: /^Remove/ })
      .first(),
  ).toBeFocused();
  await send(ada, "in this order");
  await expect(
    ada.message("in this order").locator(".file a").filter({ hasText: ".txt" }),
  ).toContainText(order.slice(1));
});

test("an image that still waits after a reload is not shown as broken", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.page.route("**/files/*?at=*", () => {});
  await choose(ada, PHOTO);
  await send(ada, "soon");
  await expect(ada.message("soon").locator("img")).toHaveCount(1);
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(ada.message("soon")).toContainText("holiday.png");
  await expect(ada.message("soon").locator("img")).toHaveCount(0);
});

test("text over the limit is sent as a text file and returns to the field when the file is removed", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const long = `begins here\n${"字 words ".repeat(1_500)}\nends here`;
  await field(ada).fill(long);
  const offer = ada.page.getByRole("button", { name: "Send as text file" });
  await offer.click();
  await expect(field(ada)).toHaveValue("");
  await expect(tray(ada).getByText("message.txt", { exact: true })).toBeVisible();
  await field(ada).fill("a word before it");
  await ada.page.getByRole("button", { name: "Remove message.txt" }).click();
  await expect(field(ada)).toHaveValue(`a word before it\n${long}`);
  await expect(tray(ada)).toHaveCount(0);
  await field(ada).fill(long);
  await offer.click();
  await expect(tray(ada).getByText("uploaded")).toBeAttached();
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(field(ada)).toHaveValue("");
  await send(ada, "see the file");
  const link = grace.message("see the file").getByRole("link", { name: /message\.txt/ });
  await expect(link).toBeVisible();
  const fetched = await grace.context.request.get(
    new URL((await link.getAttribute("href"))!, grace.page.url()).href,
  );
  expect((await fetched.body()).toString()).toBe(long);
  await field(ada).fill("x".repeat(9_999));
  await expect(offer).toHaveCount(0);
});

// Attachments: chosen, dropped and pasted; visible to both users; uploaded over a bad network; rejected with a reason.
import { createHash } from "node:crypto";
import { expectImageLoaded, pngImage } from "../harness/images";
import { expect, TestUser, test } from "../harness/test-server";

type Given = { name: string; mimeType: string; buffer: Buffer };

/** A second of silence (WAV). */
function silence(): Buffer {
  const data = Buffer.alloc(8_000, 128);
  const head = Buffer.from("524946460000000057415645666d74201000000001000100401f0000401f00000100080064617461", "hex");
  const size = Buffer.alloc(4);
  size.writeUInt32LE(data.length);
  head.writeUInt32LE(36 + data.length, 4);
  return Buffer.concat([head, size, data]);
}

/** Bytes that nothing packs. */
function noise(size: number): Buffer {
  const parts: Buffer[] = [];
  for (let n = 0; n * 32 < size; n++) parts.push(createHash("sha256").update(String(n)).digest());
  return Buffer.concat(parts).subarray(0, size);
}

const PHOTO: Given = { name: "holiday.png", mimeType: "image/png", buffer: pngImage(900, 600, [200, 90, 40]) };
const PAPER: Given = { name: "paper.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\n%\xe2\xe3", "latin1") };
const CODE: Given = { name: "main.rs", mimeType: "text/plain", buffer: Buffer.from("fn main() {\n    println!(\"```\");\n}\n") };

const tray = (user: TestUser) => user.page.getByRole("list", { name: "Files to send" });
const field = (user: TestUser) => user.page.getByRole("textbox", { name: "Message" });

async function choose(user: TestUser, ...files: Given[]): Promise<void> {
  const choosing = user.page.waitForEvent("filechooser");
  await user.page.getByRole("button", { name: "Attach files" }).click();
  await (await choosing).setFiles(files);
}

/** In the page: what its disk has of the tray, in its order. */
async function trayOnDisk(): Promise<string[]> {
  const done = <T>(request: IDBRequest<T>) => new Promise<T>((tell) => (request.onsuccess = () => tell(request.result)));
  const name = (await indexedDB.databases()).find(({ name }) => name?.startsWith("chatbox-"))?.name ?? "";
  const disk = await done(indexedDB.open(name));
  const files = (await done(disk.transaction("tray").objectStore("tray").getAll())).map((file) => JSON.parse(file));
  disk.close();
  return files.sort((a, b) => a.place - b.place).map((one) => one.file.name);
}

async function send(user: TestUser, text = ""): Promise<void> {
  await field(user).fill(text);
  await user.page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(tray(user)).toHaveCount(0);
}

test("images, text, audio and documents are chosen, sent with a message, and visible to the other user live and after a reload", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await choose(ada, PHOTO, PAPER, CODE, { name: "silence.wav", mimeType: "audio/wav", buffer: silence() });
  await expect(tray(ada).getByRole("listitem")).toHaveCount(4);
  await tray(ada).getByRole("button", { name: "Move paper.pdf earlier" }).click();
  await expect(tray(ada).getByRole("listitem").first()).toContainText("paper.pdf");
  await send(ada, "all of it");
  for (const reader of [grace, ada]) {
    const message = reader.message("all of it");
    await expectImageLoaded(message.getByRole("link", { name: "Picture holiday.png" }).locator("img"));
    await expect(message.getByRole("link", { name: /paper\.pdf/ })).toContainText("PDF · 12 B");
    await expect(message.locator(".text-code code")).toContainText("println!(\"```\")");
    await expect.poll(() => message.locator("audio").evaluate((audio: HTMLAudioElement) => audio.duration)).toBeGreaterThan(0.9);
  }
  await grace.page.reload();
  await grace.waitUntilReady();
  await expectImageLoaded(grace.message("all of it").locator(".picture img"));
  const saved = grace.page.waitForEvent("download");
  await grace.message("all of it").getByRole("link", { name: /paper\.pdf/ }).click();
  expect((await saved).suggestedFilename()).toBe("paper.pdf");
  await grace.details();
  const files = grace.page.getByRole("region", { name: "Files" });
  await expect(files.getByRole("link", { name: /\.(png|pdf|rs|wav)/ })).toHaveCount(4);
  await expectImageLoaded(files.getByRole("link", { name: /holiday\.png/ }).locator("img"));
  await files.getByRole("link", { name: /holiday\.png/ }).click();
  await expect(grace.page.getByRole("dialog", { name: "Picture" })).toBeVisible();
});

test("files can be dropped and pasted, sent without text, and the sidebar shows their names", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  for (const [at, event, name] of [["form.composer", "drop", "dropped.txt"], ["textarea", "paste", "pasted.txt"]] as const) {
    await ada.page.locator(at).evaluate(
      (element, [event, name]) => {
        const data = new DataTransfer();
        data.items.add(new File(["hello"], name, { type: "text/plain" }));
        const init = { bubbles: true, cancelable: true };
        element.dispatchEvent(event === "drop" ? new DragEvent(event, { ...init, dataTransfer: data }) : new ClipboardEvent(event, { ...init, clipboardData: data }));
      },
      [event, name] as const,
    );
    await expect(tray(ada).getByText(name, { exact: true })).toBeVisible();
  }
  await ada.page.getByRole("button", { name: "Remove pasted.txt" }).click();
  await expect(tray(ada).getByRole("listitem")).toHaveCount(1);
  await send(ada);
  await expect(grace.messages.getByRole("link", { name: /dropped\.txt/ })).toBeVisible();
  await expect(grace.conversations.getByRole("link", { name: /^Everyone/ })).toContainText("dropped.txt");
});

test("loading an image shifts nothing, and the lightbox works by keyboard", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await choose(ada, PHOTO, { ...PHOTO, name: "second.png", buffer: pngImage(300, 300, [30, 120, 60]) });
  // Pictures come only when the test says so.
  let let_through = () => {};
  const through = new Promise<void>((resolve) => (let_through = resolve));
  await grace.page.route("**/files/*/small", async (route) => {
    await through;
    await route.continue();
  });
  await send(ada, "two pictures");
  await ada.send("below them");
  const below = grace.message("below them");
  await expect(below).toBeVisible();
  await expect(grace.message("two pictures").locator(".blur")).toHaveCount(2);
  // The newest message stays at the bottom whatever comes: what a picture moves is above it.
  const both = async () => [await below.boundingBox(), await grace.message("two pictures").boundingBox()];
  const before = await both();
  let_through();
  await expectImageLoaded(grace.message("two pictures").locator("img").last());
  expect(await both()).toEqual(before);
  await grace.message("two pictures").getByRole("link", { name: "Picture holiday.png" }).click();
  const light = grace.page.getByRole("dialog", { name: "Picture" });
  await expect(light.getByText("holiday.png")).toBeVisible();
  await expect(light.getByText("1 of 2")).toBeVisible();
  await expectImageLoaded(light.locator("img"));
  await grace.page.keyboard.press("ArrowRight");
  await expect(light.getByText("second.png")).toBeVisible();
  await grace.page.keyboard.press("ArrowRight");
  await expect(light.getByText("holiday.png")).toBeVisible();
  await light.getByRole("button", { name: "Actual size" }).click();
  await expect(light.locator("img")).toHaveCSS("max-width", "none");
  await grace.page.keyboard.press("Escape");
  await expect(light).toBeHidden();
});

test("an interrupted upload resumes, also after a reload, and its message is sent once", async ({ user }) => {
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
  expect(sent.filter((at) => at === 0), "from the beginning only once").toHaveLength(1);
  const fetched = await grace.context.request.get(new URL((await link.getAttribute("href"))!, grace.page.url()).href);
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
  await expect(grace.message("when I am back").getByRole("link", { name: "Picture holiday.png" })).toBeVisible({ timeout: 40_000 });
  await expect(grace.message("when I am back").getByRole("link", { name: /main\.rs/ })).toBeVisible();
});

test("a file that cannot be sent shows the reason, and the text stays", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await field(ada).fill("my words");
  await choose(ada, { name: "empty.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) });
  await expect(tray(ada).getByText("This file is empty.")).toBeVisible();
  await choose(ada, { name: "fake.png", mimeType: "image/png", buffer: Buffer.from("<!DOCTYPE html><script>alert(1)</script>") });
  await expect(tray(ada).getByText("“fake.png” has the name of an image but is not one.")).toBeVisible();
  await field(ada).press("Enter");
  await expect(ada.page.locator("form.composer").getByRole("alert")).toContainText("“empty.txt” cannot be sent. Remove it and try again.");
  await expect(field(ada)).toHaveValue("my words");
  for (const name of ["empty.txt", "fake.png"]) await ada.page.getByRole("button", { name: `Remove ${name}` }).click();
  await field(ada).press("Enter");
  await expect(ada.message("my words")).toBeVisible();
});

test("an uploaded image is sent with its message after a reload and from a tab that is not the leader", async ({ user }) => {
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
  await expectImageLoaded(grace.message("after a reload").getByRole("link", { name: "Picture holiday.png" }).locator("img"));
  const second = new TestUser(ada.name, ada.username, ada.id, ada.context, await ada.context.newPage(), ada.server);
  await second.goto();
  await choose(second, PHOTO);
  await expect(tray(second).getByText("uploaded")).toBeAttached();
  await send(second, "from another tab");
  for (const one of [ada, grace, second]) {
    await expectImageLoaded(one.message("from another tab").getByRole("link", { name: "Picture holiday.png" }).locator("img"));
    await expect(one.message("from another tab")).toHaveCount(1);
  }
});

test("a large upload shows its progress and can be cancelled", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  let pieces = 0;
  await ada.page.route("**/files/*?at=*", (route) => (pieces++ < 2 ? route.continue() : route.abort("connectionreset")));
  await choose(ada, { name: "large.bin", mimeType: "application/octet-stream", buffer: noise(3_000_000) });
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
  // The server has all of it; the browser has not heard that, nor has the server heard of the discard.
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
  const second = new TestUser(ada.name, ada.username, ada.id, ada.context, await ada.context.newPage(), ada.server);
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
  await choose(ada, ...names.map((name) => ({ name, mimeType: "text/plain", buffer: Buffer.from(name) })));
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
  await expect(tray(ada).getByRole("button", { name: /^Remove/ }).first()).toBeFocused();
  await send(ada, "in this order");
  await expect(ada.message("in this order").locator(".file a").filter({ hasText: ".txt" })).toContainText(order.slice(1));
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

test("text over the limit is sent as a text file and returns to the field when the file is removed", async ({ user }) => {
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
  const fetched = await grace.context.request.get(new URL((await link.getAttribute("href"))!, grace.page.url()).href);
  expect((await fetched.body()).toString()).toBe(long);
  await field(ada).fill("x".repeat(9_999));
  await expect(offer).toHaveCount(0);
});

test("a photo with possible location data is uploaded only after confirmation", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const left: string[] = [];
  ada.page.on("request", (request) => /\/files\/|start_upload/.test(request.url()) && left.push(request.url()));
  const heic = Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic and the rest", "latin1");
  const film = Buffer.from("\0\0\0\x14ftypqt  \0\0\0\0qt  moov udta \xa9xyz +52.52+013.40/", "latin1");
  await choose(ada, { name: "beach.heic", mimeType: "", buffer: heic }, { name: "walk.mov", mimeType: "video/quicktime", buffer: film });
  for (const name of ["beach.heic", "walk.mov"]) await expect(tray(ada).getByRole("listitem").filter({ hasText: name })).toContainText("May contain the location");
  await field(ada).fill("from the sea");
  await field(ada).press("Enter");
  await expect(ada.page.locator("form.composer").getByRole("alert")).toContainText("“beach.heic” may contain a location.");
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(tray(ada).getByText("May contain the location")).toHaveCount(2);
  expect(left).toEqual([]);
  await ada.page.getByRole("button", { name: "Send beach.heic anyway" }).click();
  await ada.page.getByRole("button", { name: "Remove walk.mov" }).click();
  await field(ada).press("Enter");
  await expect(grace.message("from the sea").getByRole("link", { name: /beach\.heic/ })).toBeVisible();
  await expect(grace.message("from the sea")).not.toContainText("walk.mov");
});

test("an image that cannot be shown, or not unchanged, can be sent as a file", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const moving = pngImage(60, 40, [10, 90, 200], true);
  await choose(
    ada,
    { name: "broken.png", mimeType: "image/png", buffer: PHOTO.buffer.subarray(0, PHOTO.buffer.length / 2) },
    { name: "moving.png", mimeType: "image/png", buffer: moving },
    { name: "still.png", mimeType: "image/png", buffer: moving },
  );
  const row = (name: string) => tray(ada).getByRole("listitem").filter({ hasText: name });
  await expect(row("broken.png")).toContainText("damaged");
  await expect(row("moving.png")).toContainText("Shown without its animation.");
  for (const name of ["broken.png", "moving.png"]) await ada.page.getByRole("button", { name: `Send ${name} as a file` }).click();
  await expect(row("broken.png").getByRole("status")).toHaveText("broken.png: uploaded");
  await send(ada, "as they are");
  const message = grace.message("as they are");
  await expectImageLoaded(message.getByRole("link", { name: "Picture still.png" }).locator("img"));
  await expect(message.getByRole("link", { name: /^Picture/ })).toHaveCount(1);
  const link = message.getByRole("link", { name: /moving\.png/ });
  const fetched = await grace.context.request.get(new URL((await link.getAttribute("href"))!, grace.page.url()).href);
  expect((await fetched.body()).equals(moving), "with all that is in it").toBe(true);
});

test("four images form a two-by-two grid, a small image is not enlarged, and transparency is not black", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const given = (name: string, buffer: Buffer): Given => ({ name: `${name}.png`, mimeType: "image/png", buffer });
  await choose(ada, given("one", pngImage(48, 48, [200, 0, 0])), given("two", pngImage(300, 200, [0, 0, 0, 0])), PHOTO, given("four", pngImage(200, 600, [9, 9, 9])));
  await send(ada, "four of them");
  const pictures = grace.message("four of them").locator(".picture");
  await expectImageLoaded(pictures.last().locator("img"));
  const boxes = await Promise.all([0, 1, 2, 3].map(async (n) => (await pictures.nth(n).boundingBox())!));
  expect([boxes[1].y, boxes[3].y, boxes[2].x, boxes[3].x]).toEqual([boxes[0].y, boxes[2].y, boxes[0].x, boxes[1].x]);
  expect(boxes[2].y).toBeGreaterThan(boxes[0].y);
  await expect(pictures.first().locator("img")).toHaveCSS("object-fit", "scale-down");
  await expect(pictures.nth(1).locator(".blur"), "nothing black behind it").toHaveCount(0);
  await expect(pictures.nth(1)).toHaveCSS("background-image", /conic-gradient/);
  await expect(pictures.nth(2).locator(".blur")).toHaveCount(1);
});

// Attachments: chosen, dropped and pasted; visible to both users; checked before they are sent.
import {
  CODE,
  type Given,
  PAPER,
  PHOTO,
  choose,
  field,
  send,
  silence,
  tray,
} from "../harness/attachments";
import { expectImageLoaded, pngImage } from "../harness/images";
import { expect, test } from "../harness/test-server";

test("images, text, audio and documents are chosen, sent with a message, and visible to the other user live and after a reload", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await choose(ada, PHOTO, PAPER, CODE, {
    name: "silence.wav",
    mimeType: "audio/wav",
    buffer: silence(),
  });
  await expect(tray(ada).getByRole("listitem")).toHaveCount(4);
  await tray(ada).getByRole("button", { name: "Move paper.pdf earlier" }).click();
  await expect(tray(ada).getByRole("listitem").first()).toContainText("paper.pdf");
  await send(ada, "all of it");
  for (const reader of [grace, ada]) {
    const message = reader.message("all of it");
    await expectImageLoaded(
      message.getByRole("link", { name: "Picture holiday.png" }).locator("img"),
    );
    await expect(message.getByRole("link", { name: /paper\.pdf/ })).toContainText("PDF · 12 B");
    await expect(message.locator(".text-code code")).toContainText('println!("```")');
    await expect
      .poll(() => message.locator("audio").evaluate((audio: HTMLAudioElement) => audio.duration))
      .toBeGreaterThan(0.9);
  }
  await grace.page.reload();
  await grace.waitUntilReady();
  await expectImageLoaded(grace.message("all of it").locator(".picture img"));
  const saved = grace.page.waitForEvent("download");
  await grace
    .message("all of it")
    .getByRole("link", { name: /paper\.pdf/ })
    .click();
  expect((await saved).suggestedFilename()).toBe("paper.pdf");
  await grace.details();
  const files = grace.page.getByRole("region", { name: "Files" });
  await expect(files.getByRole("link", { name: /\.(png|pdf|rs|wav)/ })).toHaveCount(4);
  await expectImageLoaded(files.getByRole("link", { name: /holiday\.png/ }).locator("img"));
  await files.getByRole("link", { name: /holiday\.png/ }).click();
  await expect(grace.page.getByRole("dialog", { name: "Picture" })).toBeVisible();
});

test("files can be dropped and pasted, sent without text, and the sidebar shows their names", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  for (const [at, event, name] of [
    ["form.composer", "drop", "dropped.txt"],
    ["textarea", "paste", "pasted.txt"],
  ] as const) {
    await ada.page.locator(at).evaluate(
      (element, [event, name]) => {
        const data = new DataTransfer();
        data.items.add(new File(["hello"], name, { type: "text/plain" }));
        const init = { bubbles: true, cancelable: true };
        element.dispatchEvent(
          event === "drop"
            ? new DragEvent(event, { ...init, dataTransfer: data })
            : new ClipboardEvent(event, { ...init, clipboardData: data }),
        );
      },
      [event, name] as const,
    );
    await expect(tray(ada).getByText(name, { exact: true })).toBeVisible();
  }
  await ada.page.getByRole("button", { name: "Remove pasted.txt" }).click();
  await expect(tray(ada).getByRole("listitem")).toHaveCount(1);
  await send(ada);
  await expect(grace.messages.getByRole("link", { name: /dropped\.txt/ })).toBeVisible();
  await expect(grace.conversations.getByRole("link", { name: /^Everyone/ })).toContainText(
    "dropped.txt",
  );
});

test("loading an image shifts nothing, and the lightbox works by keyboard", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await choose(ada, PHOTO, {
    ...PHOTO,
    name: "second.png",
    buffer: pngImage(300, 300, [30, 120, 60]),
  });
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
  const both = async () => [
    await below.boundingBox(),
    await grace.message("two pictures").boundingBox(),
  ];
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

test("a photo with possible location data is uploaded only after confirmation", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const left: string[] = [];
  ada.page.on(
    "request",
    (request) => /\/files\/|start_upload/.test(request.url()) && left.push(request.url()),
  );
  const heic = Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic and the rest", "latin1");
  const film = Buffer.from(
    "\0\0\0\x14ftypqt  \0\0\0\0qt  moov udta \xa9xyz +52.52+013.40/",
    "latin1",
  );
  await choose(
    ada,
    { name: "beach.heic", mimeType: "", buffer: heic },
    { name: "walk.mov", mimeType: "video/quicktime", buffer: film },
  );
  for (const name of ["beach.heic", "walk.mov"])
    await expect(tray(ada).getByRole("listitem").filter({ hasText: name })).toContainText(
      "May contain the location",
    );
  await field(ada).fill("from the sea");
  await field(ada).press("Enter");
  await expect(ada.page.locator("form.composer").getByRole("alert")).toContainText(
    "“beach.heic” may contain a location.",
  );
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(tray(ada).getByText("May contain the location")).toHaveCount(2);
  expect(left).toEqual([]);
  await ada.page.getByRole("button", { name: "Send beach.heic anyway" }).click();
  await ada.page.getByRole("button", { name: "Remove walk.mov" }).click();
  await field(ada).press("Enter");
  await expect(
    grace.message("from the sea").getByRole("link", { name: /beach\.heic/ }),
  ).toBeVisible();
  await expect(grace.message("from the sea")).not.toContainText("walk.mov");
});

test("an image that cannot be shown, or not unchanged, can be sent as a file", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const moving = pngImage(60, 40, [10, 90, 200], true);
  await choose(
    ada,
    {
      name: "broken.png",
      mimeType: "image/png",
      buffer: PHOTO.buffer.subarray(0, PHOTO.buffer.length / 2),
    },
    { name: "moving.png", mimeType: "image/png", buffer: moving },
    { name: "still.png", mimeType: "image/png", buffer: moving },
  );
  const row = (name: string) => tray(ada).getByRole("listitem").filter({ hasText: name });
  await expect(row("broken.png")).toContainText("damaged");
  await expect(row("moving.png")).toContainText("Shown without its animation.");
  for (const name of ["broken.png", "moving.png"])
    await ada.page.getByRole("button", { name: `Send ${name} as a file` }).click();
  await expect(row("broken.png").getByRole("status")).toHaveText("broken.png: uploaded");
  await send(ada, "as they are");
  const message = grace.message("as they are");
  await expectImageLoaded(message.getByRole("link", { name: "Picture still.png" }).locator("img"));
  await expect(message.getByRole("link", { name: /^Picture/ })).toHaveCount(1);
  const link = message.getByRole("link", { name: /moving\.png/ });
  const fetched = await grace.context.request.get(
    new URL((await link.getAttribute("href"))!, grace.page.url()).href,
  );
  expect((await fetched.body()).equals(moving), "with all that is in it").toBe(true);
});

test("four images form a two-by-two grid, a small image is not enlarged, and transparency is not black", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const given = (name: string, buffer: Buffer): Given => ({
    name: `${name}.png`,
    mimeType: "image/png",
    buffer,
  });
  await choose(
    ada,
    given("one", pngImage(48, 48, [200, 0, 0])),
    given("two", pngImage(300, 200, [0, 0, 0, 0])),
    PHOTO,
    given("four", pngImage(200, 600, [9, 9, 9])),
  );
  await send(ada, "four of them");
  const pictures = grace.message("four of them").locator(".picture");
  await expectImageLoaded(pictures.last().locator("img"));
  const boxes = await Promise.all(
    [0, 1, 2, 3].map(async (n) => (await pictures.nth(n).boundingBox())!),
  );
  expect([boxes[1].y, boxes[3].y, boxes[2].x, boxes[3].x]).toEqual([
    boxes[0].y,
    boxes[2].y,
    boxes[0].x,
    boxes[1].x,
  ]);
  expect(boxes[2].y).toBeGreaterThan(boxes[0].y);
  await expect(pictures.first().locator("img")).toHaveCSS("object-fit", "scale-down");
  await expect(pictures.nth(1).locator(".blur"), "nothing black behind it").toHaveCount(0);
  await expect(pictures.nth(1)).toHaveCSS("background-image", /conic-gradient/);
  await expect(pictures.nth(2).locator(".blur")).toHaveCount(1);
});

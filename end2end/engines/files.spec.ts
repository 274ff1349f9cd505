// Attachments in this engine: chosen, uploaded, seen as images and downloaded byte for byte.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pngImage } from "../tests/harness/images";
import { expect, test } from "./user";

const folder = mkdtempSync(path.join(tmpdir(), "chatbox-"));
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("an image and a large file are uploaded with a message, shown and downloaded unchanged", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  // Over a megabyte: it is sent in several parts.
  const bytes = Buffer.concat(
    Array.from({ length: 100_000 }, (_, n) => createHash("sha256").update(String(n)).digest()),
  );
  const [image, large] = [
    path.join(folder, "holiday.png"),
    path.join(folder, "große Daten 数.bin"),
  ];
  writeFileSync(image, pngImage(900, 600, [200, 90, 40]));
  writeFileSync(large, bytes);
  await ada.attach(image);
  await ada.attach(large);
  await expect
    .poll(() => ada.run(() => document.querySelectorAll("[aria-label='Files to send'] li").length))
    .toBe(2);
  await (await ada.field()).sendKeys("from the holidays");
  await ada.click("button", "Send");
  for (const one of [ada, grace]) {
    await one.message("from the holidays");
    const drawn = () =>
      one.run(() => {
        const shown = document.querySelector<HTMLImageElement>("[role=log] article .picture img");
        return shown !== null && shown.complete && shown.naturalWidth > 0;
      });
    await expect.poll(drawn, { timeout: 30_000 }).toBe(true);
  }
  const downloaded = await grace.run(async () => {
    const link = [
      ...document.querySelectorAll<HTMLAnchorElement>("[role=log] article a[download]"),
    ].at(-1);
    if (!link) return null;
    const hash = await crypto.subtle.digest(
      "SHA-256",
      await (await fetch(link.href)).arrayBuffer(),
    );
    return {
      name: link.download,
      hash: [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    };
  });
  expect(downloaded).toEqual({
    name: "große Daten 数.bin",
    hash: createHash("sha256").update(bytes).digest("hex"),
  });
  // The image by itself, and back by Escape.
  await grace.click("link", /^Picture/);
  await expect
    .poll(() =>
      grace.run(
        () =>
          (document.querySelector("dialog[open] img") as HTMLImageElement | null)?.naturalWidth ??
          0,
      ),
    )
    .toBe(900);
  expect(
    await grace.run(() => document.querySelector<HTMLElement>("dialog[open]")?.innerText),
  ).toContain("holiday.png");
  await grace.press("Escape");
  await expect.poll(async () => (await grace.all("dialog")).length).toBe(0);
});

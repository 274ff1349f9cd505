// Link previews: shown to all readers, removable by the author, and never fetched by a browser. The
// server runs inside the Rust
// test program with a fake web (tests/suite/messages/link_previews.rs), because the release program
// would ask the real one.
import AxeBuilder from "@axe-core/playwright";
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import {
  expect,
  type Locator,
  type TestUser,
  test as base,
  TestServer,
} from "../harness/test-server";

const PROGRAMS = path.resolve(__dirname, "../../../target/debug/deps");

/** The newest build of the test program. */
function program(): string {
  const built = readdirSync(PROGRAMS).filter((name) => /^suite-[0-9a-f]+$/.test(name));
  const age = (name: string) => statSync(path.join(PROGRAMS, name)).mtimeMs;
  const newest = built.sort((a, b) => age(b) - age(a))[0];
  if (!newest) throw new Error("Run 'cargo test --features ssr --test suite --no-run' first.");
  return path.join(PROGRAMS, newest);
}

const test = base.extend({
  server: async ({}, use) => {
    const server = await TestServer.fromTestProgram(program(), [
      "--ignored",
      "--exact",
      "messages::link_previews::serves_a_test_server_to_browsers",
      "--nocapture",
    ]);
    await use(server);
    await server.close();
  },
});

const card = (user: TestUser, text: string): Locator => user.message(text).locator(".preview");

/** What this person's page asks of others than the server. */
function elsewhere(user: TestUser, server: TestServer): string[] {
  const asked: string[] = [];
  user.page.on("request", (request) => {
    if (!request.url().startsWith(server.url)) asked.push(request.url());
  });
  return asked;
}

test("two users see a link preview, live and after a reload, and neither browser fetches the site", async ({
  server,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const asked = [elsewhere(ada, server), elsewhere(grace, server)];
  await ada.send("Look: http://ducks.example/");
  for (const reader of [ada, grace]) {
    const shown = card(reader, "Look:");
    await expect(shown.getByRole("link", { name: "Ducks" })).toHaveAttribute(
      "href",
      "http://ducks.example/",
    );
    await expect(shown).toContainText("The Pond");
    await expect(shown).toContainText("All about ducks");
    const pngImage = shown.locator("img");
    await expect(pngImage).toHaveJSProperty("naturalWidth", 240);
    expect(await pngImage.evaluate((img: HTMLImageElement) => [img.width, img.height])).toEqual([
      120, 63,
    ]);
  }
  await expect(card(grace, "Look:").getByRole("button", { name: "Remove preview" })).toHaveCount(0);
  await grace.page.reload();
  await grace.waitUntilReady();
  await expect(card(grace, "Look:").getByRole("link", { name: "Ducks" })).toBeVisible();
  const { violations } = await new AxeBuilder({ page: ada.page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);

  await card(ada, "Look:").getByRole("button", { name: "Remove preview" }).click();
  await ada.page
    .getByRole("dialog", { name: "Remove preview?" })
    .getByRole("button", { name: "Remove" })
    .click();
  for (const reader of [ada, grace]) {
    await expect(card(reader, "Look:")).toHaveCount(0);
    await expect(reader.message("Look:")).toBeVisible();
  }
  await grace.page.reload();
  await grace.waitUntilReady();
  await expect(card(grace, "Look:")).toHaveCount(0);
  expect(asked).toEqual([[], []]);
});

test("a preview loading above the viewport shifts nothing", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.send("the first of many");
  for (let n = 0; n < 30; n += 1) await ada.send(`line ${n}`);
  await expect(grace.message(/^line 29$/)).toBeVisible();
  // The first message is just above what is seen.
  await grace.message("the first of many").evaluate((article) => {
    const log = article.closest(".log") as HTMLElement;
    log.scrollTop += article.getBoundingClientRect().bottom - log.getBoundingClientRect().top + 2;
  });
  await expect(grace.page.getByRole("button", { name: /new|Latest/ })).toBeVisible();
  const row = grace.message(/^line 3$/);
  const before = (await row.boundingBox())?.y;
  const { body } = await ada.callApi<{ conversations: { conversation: { id: string } }[] }>(
    "snapshot",
    {},
  );
  const seq = Number((await ada.message("the first of many").getAttribute("id"))?.slice(1));
  const edited = {
    conversation: body.conversations[0].conversation.id,
    seq,
    body: "the first of many http://ducks.example/",
  };
  expect((await ada.callApi("edit_message", edited)).status).toBe(200);
  await expect(card(grace, "the first of many")).toBeAttached();
  expect(Math.abs(((await row.boundingBox())?.y ?? 0) - (before ?? 0))).toBeLessThanOrEqual(1);
});

test("on a phone, long words and right-to-left titles stay inside the card, and its button can be tapped", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace", null);
  await ada.page.setViewportSize({ width: 390, height: 844 });
  const { body } = await ada.callApi<{ conversations: { conversation: { id: string } }[] }>(
    "snapshot",
    {},
  );
  await ada.goto(`/c/${body.conversations[0].conversation.id}`);
  await ada.send("long http://long.example/");
  await ada.send("far http://right-to-left.example/");
  const far = card(ada, "far").getByRole("link");
  await expect(far).toHaveCSS("direction", "rtl");
  const long = card(ada, "long http");
  await expect(long).toBeVisible();
  const box = await long.boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390);
  expect(box?.height).toBeLessThan(160);
  expect(await ada.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
    390,
  );
  const button = await long.getByRole("button", { name: "Remove preview" }).boundingBox();
  expect(Math.min(button?.width ?? 0, button?.height ?? 0)).toBeGreaterThanOrEqual(44);
});

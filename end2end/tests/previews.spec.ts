// What links lead to: shown to all who read a message, removed by its author, and never asked for by a browser. The town here is
// served by the test program, in a world of its own (tests/suite/previews.rs): the program that people run asks the real one.
import AxeBuilder from "@axe-core/playwright";
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { expect, type Locator, type Person, test as base, Town } from "./town";

const PROGRAMS = path.resolve(__dirname, "../../target/debug/deps");

/** The newest build of the test program. */
function program(): string {
  const built = readdirSync(PROGRAMS).filter((name) => /^suite-[0-9a-f]+$/.test(name));
  const age = (name: string) => statSync(path.join(PROGRAMS, name)).mtimeMs;
  const newest = built.sort((a, b) => age(b) - age(a))[0];
  if (!newest) throw new Error("Run 'cargo test --features ssr --test suite --no-run' first.");
  return path.join(PROGRAMS, newest);
}

const test = base.extend({
  town: async ({}, use) => {
    const town = await Town.inAWorld(program(), ["--ignored", "--exact", "previews::serves_a_town_to_browsers", "--nocapture"]);
    await use(town);
    await town.close();
  },
});

const card = (person: Person, text: string): Locator => person.message(text).locator(".preview");

/** What this person's page asks of others than the server. */
function elsewhere(person: Person, town: Town): string[] {
  const asked: string[] = [];
  person.page.on("request", (request) => {
    if (!request.url().startsWith(town.url)) asked.push(request.url());
  });
  return asked;
}

test("two people see what a link leads to, live and after a reload, and neither asks for it", async ({ town, person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const grace = await person("grace", "Grace Hopper");
  const asked = [elsewhere(ada, town), elsewhere(grace, town)];
  await ada.write("Look: http://ducks.example/");
  for (const reader of [ada, grace]) {
    const shown = card(reader, "Look:");
    await expect(shown.getByRole("link", { name: "Ducks" })).toHaveAttribute("href", "http://ducks.example/");
    await expect(shown).toContainText("The Pond");
    await expect(shown).toContainText("All about ducks");
    const picture = shown.locator("img");
    await expect(picture).toHaveJSProperty("naturalWidth", 240);
    expect(await picture.evaluate((img: HTMLImageElement) => [img.width, img.height])).toEqual([120, 63]);
  }
  await expect(card(grace, "Look:").getByRole("button", { name: "Remove preview" })).toHaveCount(0);
  await grace.page.reload();
  await grace.ready();
  await expect(card(grace, "Look:").getByRole("link", { name: "Ducks" })).toBeVisible();
  const { violations } = await new AxeBuilder({ page: ada.page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);

  await card(ada, "Look:").getByRole("button", { name: "Remove preview" }).click();
  await ada.page.getByRole("dialog", { name: "Remove preview?" }).getByRole("button", { name: "Remove" }).click();
  for (const reader of [ada, grace]) {
    await expect(card(reader, "Look:")).toHaveCount(0);
    await expect(reader.message("Look:")).toBeVisible();
  }
  await grace.page.reload();
  await grace.ready();
  await expect(card(grace, "Look:")).toHaveCount(0);
  expect(asked).toEqual([[], []]);
});

test("a preview that comes above what one reads moves nothing", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const grace = await person("grace", "Grace Hopper");
  await ada.write("the first of many");
  for (let n = 0; n < 30; n += 1) await ada.write(`line ${n}`);
  await expect(grace.message(/^line 29$/)).toBeVisible();
  // The first message is just above what is seen.
  await grace.message("the first of many").evaluate((article) => {
    const log = article.closest(".log") as HTMLElement;
    log.scrollTop += article.getBoundingClientRect().bottom - log.getBoundingClientRect().top + 2;
  });
  await expect(grace.page.getByRole("button", { name: /new|Latest/ })).toBeVisible();
  const row = grace.message(/^line 3$/);
  const before = (await row.boundingBox())?.y;
  const { body } = await ada.ask<{ conversations: { conversation: { id: string } }[] }>("snapshot", {});
  const seq = Number((await ada.message("the first of many").getAttribute("id"))?.slice(1));
  const edited = { conversation: body.conversations[0].conversation.id, seq, body: "the first of many http://ducks.example/" };
  expect((await ada.ask("edit_message", edited)).status).toBe(200);
  await expect(card(grace, "the first of many")).toBeAttached();
  expect(Math.abs(((await row.boundingBox())?.y ?? 0) - (before ?? 0))).toBeLessThanOrEqual(1);
});

test("on a phone, long words and titles from right to left stay inside, and the button can be hit", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace", null);
  await ada.page.setViewportSize({ width: 390, height: 844 });
  const { body } = await ada.ask<{ conversations: { conversation: { id: string } }[] }>("snapshot", {});
  await ada.arrive(`/c/${body.conversations[0].conversation.id}`);
  await ada.write("long http://long.example/");
  await ada.write("far http://right-to-left.example/");
  const far = card(ada, "far").getByRole("link");
  await expect(far).toHaveCSS("direction", "rtl");
  const long = card(ada, "long http");
  await expect(long).toBeVisible();
  const box = await long.boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390);
  expect(box?.height).toBeLessThan(160);
  expect(await ada.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  const button = await long.getByRole("button", { name: "Remove preview" }).boundingBox();
  expect(Math.min(button?.width ?? 0, button?.height ?? 0)).toBeGreaterThanOrEqual(44);
});

// Searching: by words, filters and keys; what is found leads to the message, has an address, and is nobody else's.
import type { Page } from "@playwright/test";
import { expect, isSound, type Person, register, test } from "./town";

const field = (page: Page) => page.getByRole("searchbox", { name: "Search messages" });
const hits = (page: Page) => page.getByRole("region", { name: "Search" }).getByRole("listitem").getByRole("link");
const options = (page: Page) => page.getByRole("list", { name: "Suggestions" }).getByRole("button");

async function looksFor(person: Person, query: string): Promise<void> {
  await field(person.page).fill(query);
  await field(person.page).press("Enter");
  await expect(person.page).toHaveURL(`/search?q=${encodeURIComponent(query)}`.replace(/^/, new URL(person.page.url()).origin));
}

test("one finds what was said, goes there, and comes back to what was found", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const grace = await person("grace", "Grace Hopper");
  await ada.createGroup("Engine room", [grace]);
  await ada.write("The **regulator** turns too fast");
  await ada.write("Nothing of interest");
  await grace.open("Engine room");
  await grace.write("Which regulators? 搜索引擎");
  await expect(ada.message("Which regulators")).toBeVisible();

  await ada.page.getByRole("link", { name: "Search messages" }).click();
  await expect(field(ada.page)).toBeFocused();
  await looksFor(ada, "regulator");
  await expect(hits(ada.page)).toHaveCount(2);
  await expect(hits(ada.page).first()).toContainText("Ada Lovelace in Engine room");
  await expect(hits(ada.page).first().locator("mark")).toHaveText("regulator");
  await expect(ada.page.getByText("2 messages")).toBeVisible();
  await expect(ada.page).toHaveTitle(/regulator · Search · ChatBox$/);
  await hits(ada.page).nth(1).click();
  await expect(ada.page).toHaveURL(/\/c\/[0-9a-f-]+\?at=\d+$/);
  await expect(ada.message("Which regulators")).toBeVisible();
  await ada.page.goBack();
  await expect(hits(ada.page)).toHaveCount(2);
  await expect(field(ada.page)).toHaveValue("regulator");

  for (const [query, count] of [["引擎", 1], ["REGULÁTOR from:grace", 1], ["in:\"Engine room\" is:question", 0], ["nterest", 1]] as const) {
    await looksFor(ada, query);
    await expect(hits(ada.page)).toHaveCount(count);
  }
  await ada.page.goBack();
  await expect(ada.page.getByText(/No matches for/)).toBeVisible();
  await ada.page.goBack();
  await expect(hits(ada.page)).toHaveCount(1);

  // The address alone is enough, and shows each only what is theirs.
  const there = new URL(ada.page.url());
  await grace.arrive(there.pathname + there.search);
  await expect(hits(grace.page)).toHaveCount(1);
  const kofi = await person("kofi", "Kofi Mensah", there.pathname + there.search);
  await expect(hits(kofi.page)).toHaveCount(0);
  await expect(kofi.page.getByText(/No matches for/)).toBeVisible();
});

test("what is looked for stands in the field, the title and the address as it was typed", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  for (const [query, text] of [["50%25", "it is 50%25 off"], ["100%41", "so 100%41 it is"], ["50%", "it is 50%25 off"], ["a+b%2Bc", "x a+b%2Bc"], ["%E4", "odd %E4"]]) {
    await ada.ask("post_message", { conversation: await everyone(ada), client_id: crypto.randomUUID(), body: text });
    await ada.arrive("/search");
    await looksFor(ada, query);
    const holds = async () => {
      await expect(field(ada.page)).toHaveValue(query);
      await expect(ada.page).toHaveTitle(`${query} · Search · ChatBox`);
      await expect(hits(ada.page).first()).toContainText(text);
      expect(new URL(ada.page.url()).search).toBe(`?q=${encodeURIComponent(query)}`);
    };
    await holds();
    await ada.page.reload();
    await ada.ready();
    await holds();
  }
});

async function everyone(person: Person): Promise<string> {
  const { body } = await person.ask<{ conversations: { conversation: { id: string } }[] }>("snapshot", {});
  return body.conversations[0].conversation.id;
}

test("filters are completed by keyboard and by pointer, and what is wrong is said", async ({ person }) => {
  const grace = await person("grace", "Grace Hopper", null);
  const ada = await person("ada", "Ada Lovelace");
  await ada.createGroup("Engine room", [grace]);
  await ada.write("to the point");
  await ada.page.keyboard.press("Control+Shift+F");
  await expect(field(ada.page)).toBeFocused();
  await ada.page.keyboard.type("point fr");
  await expect(options(ada.page)).toHaveText(["from: a person"]);
  await ada.page.keyboard.press("ArrowDown");
  await expect(options(ada.page).first()).toBeFocused();
  await isSound(ada.page, "suggestions");
  await ada.page.keyboard.press("Enter");
  await expect(field(ada.page)).toHaveValue("point from:");
  await expect(field(ada.page)).toBeFocused();
  await expect(options(ada.page)).toHaveCount(2);
  await ada.page.keyboard.type("love");
  await expect(options(ada.page)).toHaveText(["Ada Lovelace ada"]);
  await ada.page.keyboard.press("ArrowDown");
  await ada.page.keyboard.press("Enter");
  await expect(field(ada.page)).toHaveValue("point from:ada ");
  await ada.page.keyboard.type("in:eng");
  await options(ada.page).first().click();
  await expect(field(ada.page)).toHaveValue("point from:ada in:\"Engine room\" ");
  await expect(field(ada.page)).toBeFocused();
  await ada.page.keyboard.press("Enter");
  await expect(hits(ada.page)).toHaveCount(1);
  await ada.page.keyboard.press("ArrowDown");
  await expect(hits(ada.page).first()).toBeFocused();
  await ada.page.keyboard.press("Enter");
  await expect(ada.message("to the point")).toBeVisible();
  await ada.page.keyboard.press("Control+Shift+F");
  await looksFor(ada, "has:cats");
  await expect(ada.page.getByRole("alert").filter({ hasText: "has: can be link or code, not “cats”." })).toBeVisible();
  await looksFor(ada, "in:Nowhere point");
  await expect(ada.page.getByRole("alert").filter({ hasText: "None of your conversations is named “Nowhere”." })).toBeVisible();
  await isSound(ada.page, "refused");
});

test("without a network it says so, and more is shown on demand", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const snapshot = await ada.ask<{ conversations: { conversation: { id: string } }[] }>("snapshot", {});
  const everyone = snapshot.body.conversations[0].conversation.id;
  for (let n = 0; n < 30; n++) {
    await ada.ask("post_message", { conversation: everyone, client_id: crypto.randomUUID(), body: `<img src=x onerror=alert(1)> needle ${n}` });
  }
  await ada.arrive("/search?q=needle");
  await expect(hits(ada.page)).toHaveCount(20);
  await expect(hits(ada.page).first()).toContainText("<img src=x onerror=alert(1)> needle 29");
  await expect(ada.page.getByText("20 messages so far")).toBeVisible();
  await ada.page.getByRole("button", { name: "Show more" }).click();
  await expect(hits(ada.page)).toHaveCount(30);
  await expect(ada.page.getByRole("button", { name: "Show more" })).toHaveCount(0);
  await expect(ada.page.locator("img")).toHaveCount(0);
  await ada.context.setOffline(true);
  await looksFor(ada, "needle 7");
  await expect(ada.page.getByRole("alert").filter({ hasText: "cannot be reached" })).toBeVisible();
  await ada.context.setOffline(false);
  await ada.page.getByRole("button", { name: "Try again" }).click();
  await expect(hits(ada.page).first()).toContainText("needle 7");
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`on a phone, ${colorScheme}: all of it is sound`, async ({ town, browser, person }) => {
    await person("grace", "Grace Hopper", null);
    const ada = await register(town, browser, "ada", "Ada Lovelace", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme });
    await ada.arrive();
    await ada.open("Everyone");
    const message = ada.page.getByRole("textbox", { name: "Message" });
    await message.fill("A needle in a very long message. ".repeat(20));
    await ada.page.getByRole("button", { name: "Send" }).click();
    await expect(ada.message("needle")).toBeVisible();
    await ada.page.getByRole("link", { name: "Back to the list" }).click();
    await ada.page.getByRole("link", { name: "Search messages" }).click();
    await expect(ada.page.getByRole("heading", { name: "Search all your conversations" })).toBeVisible();
    await isSound(ada.page, "empty");
    await expect(options(ada.page)).toHaveCount(6);
    await ada.page.getByRole("button", { name: "from:" }).click();
    await expect(options(ada.page)).toHaveCount(2);
    await options(ada.page).first().click();
    await field(ada.page).pressSequentially("needle");
    await field(ada.page).press("Enter");
    await expect(hits(ada.page)).toHaveCount(1);
    await isSound(ada.page, "found");
    const wide = await ada.page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(wide, "nothing stands out of the screen").toBe(false);
    await looksFor(ada, "nothing of the kind");
    await expect(ada.page.getByText(/No matches for/)).toBeVisible();
    await isSound(ada.page, "nothing found");
    await ada.page.getByRole("link", { name: "Back to the list" }).click();
    await expect(ada.conversations).toBeVisible();
    await ada.context.close();
  });
}

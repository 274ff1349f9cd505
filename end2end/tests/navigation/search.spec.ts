// Search: words, filters and keyboard; results link to the message, have an address, and are
// private.
import type { Page } from "@playwright/test";
import { expect, expectNoAxeViolations, type TestUser, signUp, test } from "../harness/test-server";

const field = (page: Page) => page.getByRole("searchbox", { name: "Search messages" });
const hits = (page: Page) =>
  page.getByRole("region", { name: "Search" }).getByRole("listitem").getByRole("link");
const options = (page: Page) => page.getByRole("list", { name: "Suggestions" }).getByRole("button");

async function searchFor(user: TestUser, query: string): Promise<void> {
  await field(user.page).fill(query);
  await field(user.page).press("Enter");
  await expect(user.page).toHaveURL(
    `/search?q=${encodeURIComponent(query)}`.replace(/^/, new URL(user.page.url()).origin),
  );
}

test("search finds a message, opens it, and going back shows the results again", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.createGroup("Engine room", [grace]);
  await ada.send("The **regulator** turns too fast");
  await ada.send("Nothing of interest");
  await grace.open("Engine room");
  await grace.send("Which regulators? 搜索引擎");
  await expect(ada.message("Which regulators")).toBeVisible();

  await ada.page.getByRole("link", { name: "Search messages" }).click();
  await expect(field(ada.page)).toBeFocused();
  await searchFor(ada, "regulator");
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

  for (const [query, count] of [
    ["引擎", 1],
    ["REGULÁTOR from:grace", 1],
    ['in:"Engine room" is:question', 0],
    ["nterest", 1],
  ] as const) {
    await searchFor(ada, query);
    await expect(hits(ada.page)).toHaveCount(count);
  }
  await ada.page.goBack();
  await expect(ada.page.getByText(/No matches for/)).toBeVisible();
  await ada.page.goBack();
  await expect(hits(ada.page)).toHaveCount(1);

  // The address alone is enough, and shows each only what is theirs.
  const there = new URL(ada.page.url());
  await grace.goto(there.pathname + there.search);
  await expect(hits(grace.page)).toHaveCount(1);
  const kofi = await user("kofi", "Kofi Mensah", there.pathname + there.search);
  await expect(hits(kofi.page)).toHaveCount(0);
  await expect(kofi.page.getByText(/No matches for/)).toBeVisible();
});

test("the query is in the field, the title and the address as typed", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  for (const [query, text] of [
    ["50%25", "it is 50%25 off"],
    ["100%41", "so 100%41 it is"],
    ["50%", "it is 50%25 off"],
    ["a+b%2Bc", "x a+b%2Bc"],
    ["%E4", "odd %E4"],
  ]) {
    await ada.callApi("post_message", {
      conversation: await everyone(ada),
      client_id: crypto.randomUUID(),
      body: text,
    });
    await ada.goto("/search");
    await searchFor(ada, query);
    const holds = async () => {
      await expect(field(ada.page)).toHaveValue(query);
      await expect(ada.page).toHaveTitle(`${query} · Search · ChatBox`);
      await expect(hits(ada.page).first()).toContainText(text);
      expect(new URL(ada.page.url()).search).toBe(`?q=${encodeURIComponent(query)}`);
    };
    await holds();
    await ada.page.reload();
    await ada.waitUntilReady();
    await holds();
  }
});

async function everyone(user: TestUser): Promise<string> {
  const { body } = await user.callApi<{ conversations: { conversation: { id: string } }[] }>(
    "snapshot",
    {},
  );
  return body.conversations[0].conversation.id;
}

test("filters complete by keyboard and pointer, and invalid ones show an error", async ({
  user,
}) => {
  const grace = await user("grace", "Grace Hopper", null);
  const ada = await user("ada", "Ada Lovelace");
  await ada.createGroup("Engine room", [grace]);
  await ada.send("to the point");
  await ada.page.keyboard.press("Control+Shift+F");
  await expect(field(ada.page)).toBeFocused();
  await ada.page.keyboard.type("point fr");
  await expect(options(ada.page)).toHaveText(["from: a person"]);
  await ada.page.keyboard.press("ArrowDown");
  await expect(options(ada.page).first()).toBeFocused();
  await expectNoAxeViolations(ada.page, "suggestions");
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
  await expect(field(ada.page)).toHaveValue('point from:ada in:"Engine room" ');
  await expect(field(ada.page)).toBeFocused();
  await ada.page.keyboard.press("Enter");
  await expect(hits(ada.page)).toHaveCount(1);
  await ada.page.keyboard.press("ArrowDown");
  await expect(hits(ada.page).first()).toBeFocused();
  await ada.page.keyboard.press("Enter");
  await expect(ada.message("to the point")).toBeVisible();
  await ada.page.keyboard.press("Control+Shift+F");
  await searchFor(ada, "has:cats");
  await expect(
    ada.page.getByRole("alert").filter({ hasText: "has: can be link or code, not “cats”." }),
  ).toBeVisible();
  await searchFor(ada, "in:Nowhere point");
  await expect(
    ada.page
      .getByRole("alert")
      .filter({ hasText: "None of your conversations is named “Nowhere”." }),
  ).toBeVisible();
  await expectNoAxeViolations(ada.page, "refused");
});

test("search shows an error offline and loads more results on demand", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const snapshot = await ada.callApi<{ conversations: { conversation: { id: string } }[] }>(
    "snapshot",
    {},
  );
  const everyone = snapshot.body.conversations[0].conversation.id;
  for (let n = 0; n < 30; n++) {
    await ada.callApi("post_message", {
      conversation: everyone,
      client_id: crypto.randomUUID(),
      body: `<img src=x onerror=alert(1)> needle ${n}`,
    });
  }
  await ada.goto("/search?q=needle");
  await expect(hits(ada.page)).toHaveCount(20);
  await expect(hits(ada.page).first()).toContainText("<img src=x onerror=alert(1)> needle 29");
  await expect(ada.page.getByText("20 messages so far")).toBeVisible();
  await ada.page.getByRole("button", { name: "Show more" }).click();
  await expect(hits(ada.page)).toHaveCount(30);
  await expect(ada.page.getByRole("button", { name: "Show more" })).toHaveCount(0);
  await expect(ada.page.locator("img")).toHaveCount(0);
  await ada.context.setOffline(true);
  await searchFor(ada, "needle 7");
  await expect(ada.page.getByRole("alert").filter({ hasText: "cannot be reached" })).toBeVisible();
  await ada.context.setOffline(false);
  await ada.page.getByRole("button", { name: "Try again" }).click();
  await expect(hits(ada.page).first()).toContainText("needle 7");
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`on a phone, ${colorScheme}: all of it is sound`, async ({ server, browser, user }) => {
    await user("grace", "Grace Hopper", null);
    const ada = await signUp(server, browser, "ada", "Ada Lovelace", {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      colorScheme,
    });
    await ada.goto();
    await ada.open("Everyone");
    const message = ada.page.getByRole("textbox", { name: "Message" });
    await message.fill("A needle in a very long message. ".repeat(20));
    await ada.page.getByRole("button", { name: "Send" }).click();
    await expect(ada.message("needle")).toBeVisible();
    await ada.page.getByRole("link", { name: "Back to the list" }).click();
    await ada.page.getByRole("link", { name: "Search messages" }).click();
    await expect(
      ada.page.getByRole("heading", { name: "Search all your conversations" }),
    ).toBeVisible();
    await expectNoAxeViolations(ada.page, "empty");
    await expect(options(ada.page)).toHaveCount(6);
    await ada.page.getByRole("button", { name: "from:" }).click();
    await expect(options(ada.page)).toHaveCount(2);
    await options(ada.page).first().click();
    await field(ada.page).pressSequentially("needle");
    await field(ada.page).press("Enter");
    await expect(hits(ada.page)).toHaveCount(1);
    await expectNoAxeViolations(ada.page, "found");
    const wide = await ada.page.evaluate(
      () => document.documentElement.scrollWidth > window.innerWidth,
    );
    expect(wide, "nothing stands out of the screen").toBe(false);
    await searchFor(ada, "nothing of the kind");
    await expect(ada.page.getByText(/No matches for/)).toBeVisible();
    await expectNoAxeViolations(ada.page, "nothing found");
    await ada.page.getByRole("link", { name: "Back to the list" }).click();
    await expect(ada.conversations).toBeVisible();
    await ada.context.close();
  });
}

// Scrolling back, and arbitrary input: nothing shifts, the page stays small, and nothing breaks it.
import { signInOnNewDevice, expect, type TestUser, test } from "../harness/test-server";

async function everyone(user: TestUser): Promise<string> {
  const { body } = await user.callApi<{ conversations: { conversation: { id: string } }[] }>(
    "snapshot",
    {},
  );
  return body.conversations[0].conversation.id;
}

async function say(user: TestUser, conversation: string, bodies: string[]): Promise<void> {
  for (const body of bodies) {
    for (;;) {
      const { status } = await user.callApi("post_message", {
        conversation,
        client_id: crypto.randomUUID(),
        body,
      });
      if (status === 200) break;
      expect(status).toBe(429);
      await user.page.waitForTimeout(300);
    }
  }
}

const lines = (count: number) =>
  Array.from(
    { length: count },
    (_, n) => `line ${n + 1}${n % 7 === 0 ? "\nand a second one" : ""}`,
  );

test("scrolling back to the beginning and down again shifts nothing and keeps the page small", async ({
  server,
  browser,
  user,
}) => {
  test.setTimeout(180_000);
  const ada = await user("ada", "Ada Lovelace", null);
  await say(ada, await everyone(ada), lines(700));
  await ada.goto();
  const articles = ada.messages.getByRole("article");
  await expect(ada.message(/^line 700$/)).toBeInViewport();
  const scroll = (to: "up" | "down") =>
    ada.page.evaluate(
      (by) => document.querySelector(".log")?.scrollBy(0, by),
      to === "up" ? -1500 : 1500,
    );
  for (let tries = 0; (await ada.message(/^line 1\b(?! ?\d)/).count()) === 0; tries += 1) {
    expect(tries).toBeLessThan(200);
    const first = await articles.first().getAttribute("id");
    await scroll("up");
    // What is in the middle of the screen stays there while older messages come in above it.
    const steady = await ada.page.evaluate(async () => {
      const log = document.querySelector(".log") as HTMLElement;
      const box = log.getBoundingClientRect();
      const row = document
        .elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)
        ?.closest("article");
      if (!row) return 0;
      const before = row.getBoundingClientRect().top;
      for (let frames = 0; frames < 40; frames += 1) {
        // After the frame was painted: before that, the app may still be putting things back.
        await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
        if (!row.isConnected) return 0;
        if (Math.abs(row.getBoundingClientRect().top - before) > 2)
          return row.getBoundingClientRect().top - before;
      }
      return 0;
    });
    expect(steady, `after ${first}`).toBe(0);
    expect(await articles.count()).toBeLessThanOrEqual(480);
  }
  await expect(ada.page.getByText("This is the beginning of the conversation.")).toBeAttached();
  await ada.page.getByRole("button", { name: "Latest" }).click();
  await expect(ada.message(/^line 700$/)).toBeInViewport();
  // What is not on the screen loads nothing: behind the list of a phone, where it has no size.
  const phone = await signInOnNewDevice(server, browser, ada, {
    viewport: { width: 390, height: 844 },
  });
  const asked: string[] = [];
  phone.page.on(
    "request",
    (request) => request.url().includes("/api/history") && asked.push(request.url()),
  );
  await phone.goto("/");
  await phone.page.waitForLoadState("networkidle");
  expect(asked.length).toBeLessThanOrEqual(1);
  // A screen that is taller than what is kept is filled once, and does not ask for the same again
  // and again.
  await phone.page.setViewportSize({ width: 1440, height: 9_000 });
  await expect(phone.message(/^line 700$/)).toBeInViewport();
  await expect(phone.messages.getByText("Loading earlier messages…")).not.toBeInViewport();
  await phone.page.waitForLoadState("networkidle");
  await say(ada, await everyone(ada), ["one more"]);
  await expect(phone.message("one more")).toBeInViewport();
  const before = asked.length;
  await say(ada, await everyone(ada), ["and another"]);
  await expect(phone.message("and another")).toBeInViewport();
  await phone.page.waitForLoadState("networkidle");
  expect(asked.length).toBeLessThanOrEqual(before + 1);
});

test("new messages do not move a user who scrolled back, and their count is shown", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await say(ada, await everyone(ada), lines(80));
  await expect(ada.message(/^line 80$/)).toBeVisible();
  await ada.page.evaluate(() => document.querySelector(".log")?.scrollBy(0, -1200));
  await expect(ada.page.getByRole("button", { name: "Latest" })).toBeVisible();
  const middle = ada.messages.getByRole("article").nth(40);
  const before = (await middle.boundingBox())?.y ?? 0;
  for (const n of [1, 2, 3]) await grace.send(`news ${n}`);
  await expect(ada.page.getByRole("button", { name: "3 new" })).toBeVisible();
  expect(Math.abs(((await middle.boundingBox())?.y ?? 0) - before)).toBeLessThanOrEqual(2);
  await ada.page.getByRole("button", { name: "3 new" }).click();
  await expect(ada.message("news 3")).toBeInViewport();
});

const ODD: string[] = [
  "<script>window.broken = 1</script><img src=x onerror='window.broken=1'>",
  "</script><!-- <svg onload=window.broken=1>",
  `javascript:window.broken=1 data:text/html,<b> [x](javascript:window.broken=1)`,
  `Z${"\u0300".repeat(5_000)} after the pile`,
  "w".repeat(9_990),
  "字".repeat(10_000),
  "שלום עולם\nمرحبا بالعالم\n\u202eright to left\u202c and back",
  "quotes \" ' ` ${x} {{y}} \\u003c \u2028 \u2029 & &amp; %s %n",
  "👩‍👩‍👧‍👦".repeat(400),
];

test("no typed text breaks the page, live or loaded", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const requests: string[] = [];
  grace.page.on("request", (request) => requests.push(request.url()));
  await say(ada, await everyone(ada), ODD);
  await ada.send("still here");
  await expect(grace.message("still here")).toBeVisible();
  const live = await grace.messageTexts();
  await grace.page.reload();
  await grace.waitUntilReady();
  await expect(grace.message("still here")).toBeVisible();
  expect(await grace.messageTexts()).toEqual(live);
  expect(live.slice(0, -1).map((text) => text.slice(0, 200))).toEqual(
    ODD.map((text) => text.slice(0, 200)),
  );
  expect(await grace.page.evaluate(() => (window as { broken?: number }).broken)).toBeUndefined();
  expect(await grace.messages.locator("script, img, svg[onload], iframe, [onerror]").count()).toBe(
    0,
  );
  expect(
    await grace.page.evaluate(
      () => document.documentElement.scrollWidth <= document.documentElement.clientWidth,
    ),
  ).toBe(true);
  expect(
    requests.filter(
      (url) => !url.startsWith("http://127.0.0.1") && !url.startsWith("ws://127.0.0.1"),
    ),
  ).toEqual([]);
});

test("only valid URLs become links", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.send(
    "see https://example.org/a?b=1#c, and ftp://example.org and javascript:alert(1) and example.org",
  );
  const links = ada.messages.getByRole("link");
  await expect(links).toHaveCount(1);
  await expect(links).toHaveAttribute("href", "https://example.org/a?b=1#c");
  await expect(links).toHaveAttribute("rel", /noopener noreferrer/);
});

test("a message over the limit is not sent, not lost, and explained", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const field = ada.page.getByRole("textbox", { name: "Message" });
  await field.fill("x".repeat(10_003));
  await expect(ada.page.getByText("3 characters too many")).toBeVisible();
  await field.press("Enter");
  await expect(
    ada.page.getByRole("alert").filter({ hasText: "can have up to 10,000 characters" }),
  ).toBeVisible();
  await expect(field).toHaveValue("x".repeat(10_003));
});

test("a draft survives a visit to another conversation", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const field = ada.page.getByRole("textbox", { name: "Message" });
  await field.fill("half a thought");
  await ada.openDirect(grace);
  await expect(field).toHaveValue("");
  await ada.open("Everyone");
  await expect(field).toHaveValue("half a thought");
});

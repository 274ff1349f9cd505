// Code highlighting and math rendering: made by the server and inserted in place of the typed text.
import AxeBuilder from "@axe-core/playwright";
import { expect, type TestUser, test } from "../harness/test-server";

async function say(user: TestUser, body: string): Promise<void> {
  const { body: snapshot } = await user.callApi<{
    conversations: { conversation: { id: string } }[];
  }>("snapshot", {});
  const { status } = await user.callApi("post_message", {
    conversation: snapshot.conversations[0].conversation.id,
    client_id: crypto.randomUUID(),
    body,
  });
  expect(status).toBe(200);
}

const CODE = 'fn main() {\n    // it greets\n    println!("<hello>");\n}';
const LESSON = [
  `\`\`\`rust\n${CODE}\n\`\`\``,
  "For $x^2 + y_1$ and $\\frac{a}{b}$ it is",
  "$$\n\\sum_{i=1}^n i = \\frac{n(n+1)}{2}\n$$",
  "It costs $5 or $6; $\\nonsense$ stays.",
].join("\n\n");

test("code is highlighted and math rendered, live and loaded, without requests to other servers", async ({
  server,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const foreign: string[] = [];
  grace.page.on("request", (request) => {
    if (!request.url().startsWith(server.url)) foreign.push(request.url());
  });
  await say(ada, LESSON);
  for (const user of [grace, ada]) {
    const message = user.messages.getByRole("article").last();
    const looks = async () => {
      await expect(message.locator(".code-keyword").first()).toHaveText("fn");
      await expect(message.locator(".code-comment")).toContainText("// it greets");
      await expect(message.locator(".code-string")).toHaveText('"<hello>"');
      expect(await message.locator("pre").textContent()).toBe(CODE);
      await expect(message.locator("math")).toHaveCount(3);
      await expect(message.locator("math msup").first()).toHaveText("x2");
      await expect(message.locator(".formula.large math")).toHaveAttribute("display", "block");
      await expect(message.locator(".formula.large mfrac")).toBeVisible();
      await expect(message).toContainText("It costs $5 or $6; $\\nonsense$ stays.");
      await expect(message.locator("script, style, [style], svg:not(.icon), iframe")).toHaveCount(
        0,
      );
    };
    await looks();
    await user.page.reload();
    await user.waitUntilReady();
    await looks();
    const { violations } = await new AxeBuilder({ page: user.page }).analyze();
    expect(
      violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`,
      ),
    ).toEqual([]);
  }
  expect(foreign).toEqual([]);
});

test("highlighting changes no size, and code is copied as typed", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  // First the server does not answer: the code stands there plain.
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await ada.page.route("**/api/typeset", async (route) => {
    await held;
    await route.continue();
  });
  await ada.send(`\`\`\`rust\n${CODE}\n\`\`\``);
  await expect(ada.message("it greets").getByRole("status")).toHaveText("Sent");
  const box = () => ada.messages.locator("pre").boundingBox();
  const before = await box();
  await expect(ada.messages.locator(".code-keyword")).toHaveCount(0);
  answer();
  await expect(ada.messages.locator(".code-keyword").first()).toBeVisible();
  expect(await box()).toEqual(before);
  await ada.messages.getByRole("button", { name: "Copy" }).click();
  const field = ada.page.getByRole("textbox", { name: "Message" });
  await field.focus();
  await ada.page.keyboard.press("Control+V");
  await expect(field).toHaveValue(CODE);
});

test("rendering a formula further down shifts nothing", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await ada.page.route("**/api/typeset", async (route) => {
    await held;
    await route.continue();
  });
  for (let n = 0; n < 30; n += 1) await say(ada, `line ${n}`);
  await say(ada, "$$\n\\frac{\\frac{a}{b}}{\\frac{c}{d}}\n$$");
  for (let n = 30; n < 60; n += 1) await say(ada, `line ${n}`);
  await expect(ada.message("line 59")).toBeVisible();
  await ada.message("line 5").first().scrollIntoViewIfNeeded();
  await expect(ada.page.getByRole("button", { name: "Latest" })).toBeVisible();
  const top = async () => Math.round((await ada.message(/^line 12$/).boundingBox())!.y);
  const before = await top();
  answer();
  await expect(ada.messages.locator("math")).toBeAttached();
  expect(Math.abs((await top()) - before)).toBeLessThanOrEqual(1);
});

test("the composer preview renders code and math", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.page.getByRole("textbox", { name: "Message" }).fill("so $x^2$");
  await ada.page.getByRole("button", { name: "Preview" }).click();
  await expect(ada.page.getByRole("group", { name: "Preview" }).locator("math msup")).toHaveText(
    "x2",
  );
});

test("the square root glyph renders everywhere, and only pages with math fetch its font", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const fetched: string[] = [];
  ada.page.on("request", (request) => fetched.push(new URL(request.url()).pathname));
  const font = () =>
    ada.page.evaluate(() =>
      [...document.fonts].filter((font) => font.family === "Formulas").map((font) => font.status),
    );
  await ada.send("no formula yet");
  await expect(ada.message("no formula yet").getByRole("status")).toHaveText("Sent");
  expect(await font()).toEqual(["unloaded"]);
  expect(fetched).not.toContain("/stix-two-math.woff2");
  await ada.send("$$\\sqrt{1-x}$$");
  await expect(ada.messages.locator("msqrt")).toBeVisible();
  await expect.poll(font).toEqual(["loaded"]);
  // The root takes room before what it is of.
  const [root, first] = [ada.messages.locator("msqrt"), ada.messages.locator("msqrt mn")];
  const left = async (of: typeof root) => (await of.boundingBox())!.x;
  expect((await left(first)) - (await left(root))).toBeGreaterThan(5);
});

test("a message with very many formulas renders near the viewport, many per frame, up to a limit", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.page.evaluate(() => {
    Object.assign(window, { __shifts: 0 });
    document.addEventListener(
      "beforeshift",
      () => ((window as unknown as { __shifts: number }).__shifts += 1),
    );
  });
  const many = Array.from({ length: 800 }, (_, n) => `$x_{${n}}$`);
  await say(ada, many.join("\n\n"));
  const message = ada.message("x_{799}");
  // The end of it is seen, where those beyond the bound are: they stay as they were typed.
  await expect(message.getByText("$x_{799}$", { exact: true })).toBeVisible();
  await ada.page.locator(".log").evaluate((log) => log.scrollTo(0, -log.scrollHeight));
  await expect.poll(() => message.locator("math").count()).toBeGreaterThan(20);
  const set = await message.locator("math").count();
  expect(set, "what is far away is not set").toBeLessThan(400);
  const shifts = await ada.page.evaluate(
    () => (window as unknown as { __shifts: number }).__shifts,
  );
  expect(shifts, "the view is held still once for many").toBeLessThan(set / 3);
});

test("code far up is highlighted when scrolled near", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await say(ada, `\`\`\`rust\n${CODE}\n\`\`\``);
  for (let n = 0; n < 40; n += 1) await say(ada, `line ${n}\n\n\n\nand more\n\n\n\nand more`);
  await ada.page.reload();
  await ada.waitUntilReady();
  await expect(ada.message("line 39")).toBeVisible();
  await expect(ada.messages.locator("pre")).toBeAttached();
  await expect(ada.messages.locator(".code-keyword")).toHaveCount(0);
  await ada.messages.locator("pre").scrollIntoViewIfNeeded();
  await expect(ada.messages.locator(".code-keyword").first()).toHaveText("fn");
});

// Measures what users wait for in the browser. Run by scripts/frames, not by scripts/test; it
// prints a table and asserts no
// times.
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, BrowserContext, Page } from "@playwright/test";
import { expect, test, TestServer } from "../harness/test-server";

test.skip(!process.env.FRAMES, "only by scripts/frames");
// What is traced takes several times as long.
test.use({ trace: "off" });

const DEMO_PASSWORD = "paper-lantern-27";
const ROUNDS = 3;
const rows: string[] = [];
let server: TestServer;

declare global {
  interface Window {
    waits: { what: string; ms: number }[];
    shifts: number;
    largest: number;
    awake: number;
  }
}

test.beforeAll(async () => {
  test.setTimeout(600_000);
  const data = mkdtempSync(path.join(tmpdir(), "chatbox-"));
  const sizes = ["--people", "300", "--conversations", "2000", "--messages", "100000"];
  execFileSync(path.resolve(__dirname, "../../../target/release/chatbox"), [
    "demo",
    "--data",
    data,
    ...sizes,
  ]);
  server = await TestServer.open(data, ["--limits", "false"]);
});
test.afterAll(async () => {
  await server.close();
  console.log(`\n| what | p50 | p99 or most |\n|---|---|---|\n${rows.join("\n")}`);
});

/** In the page, before anything of it runs: what happens, and the frame that shows it. */
function watch(): void {
  window.waits = [];
  window.shifts = 0;
  window.largest = 0;
  window.awake = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      window.shifts += (entry as unknown as { value: number }).value;
  }).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.largest = entry.startTime;
  }).observe({ type: "largest-contentful-paint", buffered: true });
  // What began last, and when; it ends with the first frame after the page changed.
  let begun: { what: string; at: number } | undefined;
  const begin = (what: string, at: number) => (begun = { what, at });
  addEventListener(
    "keydown",
    (event) => begin(event.key === "Enter" ? "enter" : "key", event.timeStamp),
    true,
  );
  addEventListener("click", (event) => begin("switch", event.timeStamp), true);
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener("message", ({ data }) => {
        // Of many in a row the first waits longest.
        if (String(data).includes('"posted"') && begun?.what !== "event")
          begin("event", performance.now());
      });
    }
  };
  const shown = (what: string, nodes: MutationRecord[]) => {
    const added = (of: string) =>
      nodes.some(({ addedNodes }) =>
        [...addedNodes].some(
          (node) => node instanceof Element && (node.matches(of) || node.querySelector(of)),
        ),
      );
    return what === "switch"
      ? document.querySelector("[role=log] article") && added("[role=log], [role=log] article")
      : added("article");
  };
  const end = () => {
    const it = begun;
    begun = undefined;
    if (it)
      requestAnimationFrame(() =>
        window.waits.push({ what: it.what, ms: performance.now() - it.at }),
      );
  };
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver((nodes) => {
      if (!window.awake && document.body.hasAttribute("data-hydrated"))
        window.awake = performance.now();
      if (begun && begun.what !== "key" && shown(begun.what, nodes)) end();
    }).observe(document, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ["data-hydrated"],
    });
    addEventListener("input", () => begun?.what === "key" && end());
  });
}

async function signedIn(browser: Browser, username: string): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const answer = await context.request.post(`${server.url}/api/sign_in`, {
    data: { username, password: DEMO_PASSWORD },
  });
  expect(answer.status()).toBe(200);
  await context.addInitScript(watch);
  return context;
}

async function arrives(
  browser: Browser,
  username: string,
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await signedIn(browser, username);
  const page = await context.newPage();
  await page.goto(server.url);
  await ready(page);
  return { context, page };
}

async function ready(page: Page): Promise<void> {
  await expect(page.locator("body")).toHaveAttribute("data-hydrated", "");
  await expect(page.locator("body")).toHaveAttribute("data-connection", "live", {
    timeout: 30_000,
  });
}

function tell(what: string, times: number[], unit = "ms"): void {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (percent: number) =>
    (
      sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? NaN
    ).toFixed(unit === "ms" ? 1 : 3);
  rows.push(`| ${what} (${sorted.length}) | ${at(50)} | ${at(99)} |`);
}

/** Those of a kind since the last time. */
async function waited(page: Page, what: string): Promise<number[]> {
  return page.evaluate((what) => {
    const found = window.waits.filter((one) => one.what === what).map((one) => one.ms);
    window.waits = [];
    return found;
  }, what);
}

test("first load on a slow machine", async ({ browser }) => {
  test.setTimeout(300_000);
  const [first, largest, awake, shifts]: number[][] = [[], [], [], []];
  for (let round = 0; round < ROUNDS * 2; round++) {
    const context = await signedIn(browser, "ada");
    const page = await context.newPage();
    // Chromium opens a page of its own first, which would take half of the processor from what is
    // measured.
    await page.waitForTimeout(2_000);
    const slow = await context.newCDPSession(page);
    await slow.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await page.goto(server.url);
    await ready(page);
    const seen = await page.evaluate(() => ({
      first: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN,
      largest: window.largest,
      awake: window.awake,
      shifts: window.shifts,
    }));
    first.push(seen.first);
    largest.push(seen.largest);
    awake.push(seen.awake);
    shifts.push(seen.shifts);
    await context.close();
  }
  tell("first paint with content, 4 × slowed", first);
  tell("largest paint, 4 × slowed", largest);
  tell("interactive, 4 × slowed", awake);
  tell("layout shift", shifts, "");
});

test("writing, receiving and switching", async ({ browser }) => {
  test.setTimeout(300_000);
  const { context, page } = await arrives(browser, "ada");
  const conversations = page.getByRole("navigation", { name: "Conversations" }).getByRole("link");
  rows.push(`| conversations in the list | ${await conversations.count()} | |`);
  const warm = 12;
  for (let round = 0; round <= ROUNDS * 2; round++) {
    for (let n = 0; n < warm; n++) {
      const address = await conversations.nth(n).getAttribute("href");
      await conversations.nth(n).click();
      await expect(page).toHaveURL(new RegExp(`${address}$`));
      await expect(page.getByRole("article").last()).toBeVisible();
    }
    const took = await waited(page, "switch");
    if (round === 1) tell("switching, the second time", took);
    if (round === ROUNDS * 2) tell("switching to what is warm", took);
  }
  const field = page.getByRole("textbox", { name: "Message" });
  await field.focus();
  for (let n = 0; n < 200; n++) await page.keyboard.press("abcdefgh "[n % 9] ?? "x");
  tell("key press to glyph", await waited(page, "key"));
  await field.fill("");
  for (let n = 0; n < 50; n++) {
    await field.fill(`message ${n}`);
    await page.keyboard.press("Enter");
    await expect(field).toHaveValue("");
    await expect(page.getByRole("article").last()).toContainText(`message ${n}`);
  }
  tell("Enter to own message", await waited(page, "enter"));
  await page.keyboard.press("Control+k");
  const finder = page.getByRole("textbox", { name: "Conversation or person" });
  await expect(finder).toBeFocused();
  for (const word of ["design", "lovelace", "team", "weekly", "grace", "nothing", "project"]) {
    await finder.fill("");
    for (const key of word) await page.keyboard.press(key);
  }
  tell("key press in Ctrl+K to what it finds", await waited(page, "key"));
  await context.close();
});

test("receiving ten thousand messages", async ({ browser }) => {
  test.setTimeout(900_000);
  const { context: hears, page } = await arrives(browser, "ada");
  const writes = await signedIn(browser, "grace");
  // One that both are in.
  const hers = await (await writes.request.get(server.url)).text();
  const links = page.getByRole("navigation", { name: "Conversations" }).getByRole("link");
  const addresses = await links.evaluateAll((all) =>
    all.map((link) => link.getAttribute("href") ?? ""),
  );
  const address = addresses.find((address) => hers.includes(`"${address}"`)) ?? "";
  await page.goto(server.url + address);
  await ready(page);
  await expect(page.getByRole("article").last()).toBeVisible();
  // It opens where reading had stopped.
  const latest = page.getByRole("button", { name: /new|Latest/ });
  if (await latest.isVisible()) await latest.click();
  const conversation = address.split("/").pop() ?? "";
  const heap = await hears.newCDPSession(page);
  await heap.send("HeapProfiler.enable");
  const memory = async () => {
    await heap.send("HeapProfiler.collectGarbage");
    const { usedSize, backingStorageSize } = (await heap.send(
      "Runtime.getHeapUsage",
    )) as unknown as Record<string, number>;
    return ((usedSize ?? 0) + (backingStorageSize ?? 0)) / 1e6;
  };
  const grew = [await memory()];
  let heard: number[] = [];
  // First as people write, then as many as come.
  const paced = 200;
  for (let n = -paced; n < 10_000; n++) {
    if (n === 0) tell("event to glyph, 20 a second", await waited(page, "event"));
    if (n < 0) await page.waitForTimeout(50);
    const message = { conversation, client_id: crypto.randomUUID(), body: `heard ${n}` };
    const answer = await writes.request.post(`${server.url}/api/post_message`, { data: message });
    expect(answer.status(), await answer.text()).toBe(200);
    if (n % 2500 === 2499) {
      await expect(page.getByRole("article").last()).toContainText(`heard ${n}`);
      heard = heard.concat(await waited(page, "event"));
      grew.push(await memory());
    }
  }
  tell("event to glyph, as many as come", heard);
  rows.push(
    `| memory of the page before, and after each 2,500 heard (MB) | ${grew.map((mb) => mb.toFixed(1)).join(", ")} | |`,
  );
  await writes.close();
  await hears.close();
});

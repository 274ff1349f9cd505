// The test harness: a real server with its own data file, and users with one browser context each.
import AxeBuilder from "@axe-core/playwright";
import {
  test as base,
  expect,
  type Browser,
  type BrowserContext,
  type Locator,
  type Page,
} from "@playwright/test";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export const PROGRAM = path.resolve(__dirname, "../../../target/release/chatbox");
export const PASSWORD = "tree-lamp-41";

/** A server that can be stopped, killed and started again on the same data. */
export class TestServer {
  private process?: ChildProcess;
  private constructor(
    readonly address: string,
    private readonly data: string,
    private readonly serves: () => ChildProcess,
  ) {}

  static async open(
    data = mkdtempSync(path.join(tmpdir(), "chatbox-")),
    more: string[] = [],
  ): Promise<TestServer> {
    const address = `127.0.0.1:${await freePort()}`;
    // Other tests must not fetch links.
    const settings = ["--data", data, "--address", address, "--link-previews", "false", ...more];
    const server = new TestServer(address, data, () =>
      spawn(PROGRAM, ["serve", ...settings], { stdio: ["ignore", "ignore", "pipe"] }),
    );
    await server.start();
    return server;
  }

  /** Runs the server inside the Rust test program, which answers link previews from a fake web. */
  static async fromTestProgram(program: string, args: string[]): Promise<TestServer> {
    const data = mkdtempSync(path.join(tmpdir(), "chatbox-"));
    const address = `127.0.0.1:${await freePort()}`;
    const env = { ...process.env, CHATBOX_TEST_ADDRESS: address, TMPDIR: data };
    const server = new TestServer(address, data, () =>
      spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env }),
    );
    await server.start();
    return server;
  }

  get url(): string {
    return `http://${this.address}`;
  }

  async start(): Promise<void> {
    const process = this.serves();
    this.process = process;
    await new Promise<void>((resolve, reject) => {
      let log = "";
      process.stderr?.on("data", (text) => {
        log += text;
        if (log.includes("ChatBox is ready at")) resolve();
      });
      process.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${log}`)));
    });
  }

  /** Kills the process without warning, like a power failure. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const process = this.process;
    if (!process || process.exitCode !== null || process.signalCode !== null) return;
    const gone = new Promise((resolve) => process.once("exit", resolve));
    process.kill(signal);
    await gone;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** A signed-in user with a browser context of their own. */
export class TestUser {
  /** Every frame that any WebSocket of this user received. */
  readonly receivedFrames: string[] = [];
  constructor(
    readonly name: string,
    readonly username: string,
    readonly id: string,
    readonly context: BrowserContext,
    readonly page: Page,
    readonly server: TestServer,
  ) {
    this.page.on("websocket", (socket) =>
      socket.on("framereceived", ({ payload }) => this.receivedFrames.push(payload.toString())),
    );
  }

  async goto(where = "/"): Promise<void> {
    await this.page.goto(this.server.url + where);
    await this.waitUntilReady();
  }

  async waitUntilReady(): Promise<void> {
    await expect(this.page.locator("body")).toHaveAttribute("data-hydrated", "");
    await expect(this.page.locator("body")).toHaveAttribute("data-connection", "live");
  }

  get conversations(): Locator {
    return this.page.getByRole("navigation", { name: "Conversations" });
  }

  get people(): Locator {
    return this.page.getByRole("navigation", { name: "People" });
  }

  get messages(): Locator {
    return this.page.getByRole("log", { name: "Messages" });
  }

  message(text: string | RegExp): Locator {
    return this.messages
      .getByRole("article")
      .filter({ has: this.page.locator(".text", { hasText: text }) });
  }

  async open(title: string): Promise<void> {
    await this.conversations.getByRole("link", { name: new RegExp(`^${escape(title)}`) }).click();
    await expect(this.page.getByRole("heading", { level: 1, name: title })).toBeVisible();
  }

  async openDirect(other: TestUser): Promise<void> {
    await this.people.getByRole("button", { name: new RegExp(`^${escape(other.name)}`) }).click();
    await expect(this.page.getByRole("heading", { level: 1, name: other.name })).toBeVisible();
  }

  async send(text: string): Promise<void> {
    const field = this.page.getByRole("textbox", { name: "Message" });
    await field.fill(text);
    await field.press("Enter");
    await expect(field).toHaveValue("");
  }

  async createGroup(name: string, members: TestUser[]): Promise<void> {
    await this.page.getByRole("button", { name: "New group" }).click();
    const dialog = this.page.getByRole("dialog", { name: "New group" });
    await dialog.getByRole("textbox", { name: "Group name" }).fill(name);
    for (const member of members) await dialog.getByRole("checkbox", { name: member.name }).check();
    await dialog.getByRole("button", { name: "Create group" }).click();
    await expect(dialog).toBeHidden();
    await expect(this.page.getByRole("heading", { level: 1, name })).toBeVisible();
  }

  async details(): Promise<Locator> {
    await this.page.getByRole("button", { name: "Details" }).click();
    const members = this.page.getByRole("region", { name: "Members" });
    await expect(members).toBeVisible();
    return members;
  }

  /** The texts of the messages on the screen, from first to last. */
  async messageTexts(): Promise<string[]> {
    return this.messages.locator("article .text").allInnerTexts();
  }

  /** Calls a server function over HTTP. */
  async callApi<T = unknown>(name: string, args: unknown): Promise<{ status: number; body: T }> {
    const answer = await this.context.request.post(`${this.server.url}/api/${name}`, {
      data: args,
    });
    return { status: answer.status(), body: (await answer.json()) as T };
  }

  async leave(): Promise<void> {
    await this.page.close();
  }
}

type Fixtures = {
  server: TestServer;
  user: (username: string, name: string, where?: string | null) => Promise<TestUser>;
};

export const test = base.extend<Fixtures>({
  server: async ({}, use) => {
    const server = await TestServer.open();
    await use(server);
    await server.close();
  },
  user: async ({ server, browser }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (username, name, where = "/") => {
      const user = await signUp(server, browser, username, name);
      contexts.push(user.context);
      if (where !== null) await user.goto(where);
      return user;
    });
    for (const context of contexts) await close(context);
  },
});

/**
 * Closes a browser context. Chromium sometimes does not report that it closed. It then ends with
 * its worker, where page errors are checked.
 */
async function close(context: BrowserContext): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((done) => {
    timer = setTimeout(() => {
      console.warn("A browser did not say within 15 seconds that it was closed.");
      done();
    }, 15_000);
  });
  await Promise.race([context.close(), timeout]);
  clearTimeout(timer);
}

export async function signUp(
  server: TestServer,
  browser: Browser,
  username: string,
  name: string,
  options = {},
): Promise<TestUser> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const answer = await context.request.post(`${server.url}/api/sign_up`, {
    data: { username, display_name: name, password: PASSWORD },
  });
  expect(answer.status(), await answer.text()).toBe(200);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (line) => {
    // Hydration mismatches, panics and CSP violations fail the test. The tracer's own requests for
    // blob images do not count.
    const traced = line.text().startsWith("Connecting to 'blob:");
    if (!traced && /hydrat|panicked|Content Security Policy/i.test(line.text()))
      errors.push(line.text());
  });
  page.on("close", () => expect(errors, `${name}'s page`).toEqual([]));
  return new TestUser(name, username, (await answer.json()).id, context, page, server);
}

/** Signs the same user in on another device. */
export async function signInOnNewDevice(
  server: TestServer,
  browser: Browser,
  of: TestUser,
  options = {},
): Promise<TestUser> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const answer = await context.request.post(`${server.url}/api/sign_in`, {
    data: { username: of.username, password: PASSWORD },
  });
  expect(answer.status()).toBe(200);
  return new TestUser(of.name, of.username, of.id, context, await context.newPage(), server);
}

/** Fails if axe reports any violation. */
export async function expectNoAxeViolations(page: Page, screen = "axe"): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map(
      ({ id, nodes }) =>
        `${screen}: ${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`,
    ),
  ).toEqual([]);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

export { expect };
export type { Locator };

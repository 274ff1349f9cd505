// The town: a real server with a data file of its own, and the people who live there, each with a browser of their own.
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Browser, type BrowserContext, type Locator, type Page } from "@playwright/test";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export const PROGRAM = path.resolve(__dirname, "../../target/release/chatbox");
export const PASSWORD = "tree-lamp-41";

/** A server that can be stopped, killed and started again on the same data. */
export class Town {
  private process?: ChildProcess;
  private constructor(
    readonly address: string,
    private readonly data: string,
    private readonly serves: () => ChildProcess,
  ) {}

  static async open(data = mkdtempSync(path.join(tmpdir(), "chatbox-")), more: string[] = []): Promise<Town> {
    const address = `127.0.0.1:${await freePort()}`;
    // Links in other tests lead nowhere, wherever these run.
    const settings = ["--data", data, "--address", address, "--link-previews", "false", ...more];
    const town = new Town(address, data, () => spawn(PROGRAM, ["serve", ...settings], { stdio: ["ignore", "ignore", "pipe"] }));
    await town.start();
    return town;
  }

  /** One that is served by a test program, which gives it another world than the real one. */
  static async inAWorld(program: string, args: string[]): Promise<Town> {
    const data = mkdtempSync(path.join(tmpdir(), "chatbox-"));
    const address = `127.0.0.1:${await freePort()}`;
    const env = { ...process.env, CHATBOX_TOWN: address, TMPDIR: data };
    const town = new Town(address, data, () => spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env }));
    await town.start();
    return town;
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

  /** Ends it without a warning, as a power cut would. */
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

/** Somebody with a browser of their own. */
export class Person {
  /** Every byte that any of this person's sockets received. */
  readonly heard: string[] = [];
  constructor(
    readonly name: string,
    readonly username: string,
    readonly id: string,
    readonly context: BrowserContext,
    readonly page: Page,
    readonly town: Town,
  ) {
    this.page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => this.heard.push(payload.toString())));
  }

  async arrive(where = "/"): Promise<void> {
    await this.page.goto(this.town.url + where);
    await this.ready();
  }

  async ready(): Promise<void> {
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
    return this.messages.getByRole("article").filter({ has: this.page.locator(".text", { hasText: text }) });
  }

  async open(title: string): Promise<void> {
    await this.conversations.getByRole("link", { name: new RegExp(`^${escape(title)}`) }).click();
    await expect(this.page.getByRole("heading", { level: 1, name: title })).toBeVisible();
  }

  async meet(other: Person): Promise<void> {
    await this.people.getByRole("button", { name: new RegExp(`^${escape(other.name)}`) }).click();
    await expect(this.page.getByRole("heading", { level: 1, name: other.name })).toBeVisible();
  }

  async write(text: string): Promise<void> {
    const field = this.page.getByRole("textbox", { name: "Message" });
    await field.fill(text);
    await field.press("Enter");
    await expect(field).toHaveValue("");
  }

  async createGroup(name: string, members: Person[]): Promise<void> {
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

  /** What the screen shows of a conversation, from the first message to the last. */
  async texts(): Promise<string[]> {
    return this.messages.locator("article .text").allInnerTexts();
  }

  /** Asks a server function directly. */
  async ask<T = unknown>(name: string, args: unknown): Promise<{ status: number; body: T }> {
    const answer = await this.context.request.post(`${this.town.url}/api/${name}`, { data: args });
    return { status: answer.status(), body: (await answer.json()) as T };
  }

  async leave(): Promise<void> {
    await this.page.close();
  }
}

type Fixtures = { town: Town; person: (username: string, name: string, where?: string | null) => Promise<Person> };

export const test = base.extend<Fixtures>({
  town: async ({}, use) => {
    const town = await Town.open();
    await use(town);
    await town.close();
  },
  person: async ({ town, browser }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (username, name, where = "/") => {
      const person = await register(town, browser, username, name);
      contexts.push(person.context);
      if (where !== null) await person.arrive(where);
      return person;
    });
    for (const context of contexts) await close(context);
  },
});

/**
 * Closes somebody's browser. Chromium now and then never says that it did, when all of a test is done and seen: that one ends with
 * its worker, and what its pages complained of is looked at then.
 */
async function close(context: BrowserContext): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((done) => {
    timer = setTimeout(() => {
      console.warn("A browser did not say within 15 seconds that it was closed.");
      done();
    }, 15_000);
  });
  await Promise.race([context.close(), patience]);
  clearTimeout(timer);
}

export async function register(town: Town, browser: Browser, username: string, name: string, options = {}): Promise<Person> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const answer = await context.request.post(`${town.url}/api/sign_up`, { data: { username, display_name: name, password: PASSWORD } });
  expect(answer.status(), await answer.text()).toBe(200);
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on("pageerror", (error) => trouble.push(error.message));
  page.on("console", (line) => {
    // A page that does not wake up as it was rendered, or that loads what it may not, is a defect.
    // Not what the tracer of these tests asks for: pictures that a page shows from its own memory.
    const traced = line.text().startsWith("Connecting to 'blob:");
    if (!traced && /hydrat|panicked|Content Security Policy/i.test(line.text())) trouble.push(line.text());
  });
  page.on("close", () => expect(trouble, `${name}'s page`).toEqual([]));
  return new Person(name, username, (await answer.json()).id, context, page, town);
}

/** The same person on another device. */
export async function anotherDevice(town: Town, browser: Browser, of: Person, options = {}): Promise<Person> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const answer = await context.request.post(`${town.url}/api/sign_in`, { data: { username: of.username, password: PASSWORD } });
  expect(answer.status()).toBe(200);
  return new Person(of.name, of.username, of.id, context, await context.newPage(), town);
}

/** Axe finds nothing on it. */
export async function isSound(page: Page, screen = "axe"): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${screen}: ${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`)).toEqual([]);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

export { expect };

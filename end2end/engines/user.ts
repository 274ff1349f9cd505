// Users in another browser engine: one browser each, one server per test.
import { test as base, expect } from "@playwright/test";
import { writeFileSync } from "node:fs";
import { By, type WebElement } from "selenium-webdriver";
import { PASSWORD, TestServer } from "../tests/harness/test-server";
import { type Engine, type Running, start } from "./driver";
import { WebPage } from "./page";

export class User extends WebPage {
  constructor(
    readonly name: string,
    readonly username: string,
    readonly id: string,
    private readonly cookie: string,
    readonly server: TestServer,
    running: Running,
  ) {
    super(running.driver);
  }

  async visit(path = "/"): Promise<void> {
    await this.driver.get(this.server.url + path);
    await this.ready();
  }

  async reload(): Promise<void> {
    await this.driver.navigate().refresh();
    await this.ready();
  }

  async ready(): Promise<void> {
    const state = async () => [
      await this.attribute("data-hydrated"),
      await this.attribute("data-connection"),
    ];
    await expect
      .poll(state, { message: `${this.name} is connected`, timeout: 40_000 })
      .toEqual(["", "live"]);
  }

  async signIn(password = PASSWORD): Promise<void> {
    await this.driver.get(`${this.server.url}/sign-in`);
    await (await this.find("textbox", "Username")).sendKeys(this.username);
    await (await this.find("textbox", "Password")).sendKeys(password);
    await this.click("button", "Sign in");
    await this.ready();
  }

  /** Opens a conversation from the list. */
  async open(title: string): Promise<void> {
    await this.click(
      "link",
      new RegExp(`^${title}`),
      await this.find("navigation", "Conversations"),
    );
    await this.find("heading", title);
  }

  /** Opens the direct conversation with a person. */
  async openDirect(other: User): Promise<void> {
    await this.click(
      "button",
      new RegExp(`^${other.name}`),
      await this.find("navigation", "People"),
    );
    await this.find("heading", other.name);
  }

  field(): Promise<WebElement> {
    return this.find("textbox", "Message");
  }

  async draft(): Promise<string> {
    return (await this.field()).getAttribute("value").then((value) => value ?? "");
  }

  async hasDraft(text: string): Promise<void> {
    await expect.poll(() => this.draft(), { message: `${this.name}'s draft` }).toBe(text);
  }

  async write(text: string): Promise<void> {
    const field = await this.field();
    await field.click();
    await field.sendKeys(text);
    await this.press("Enter");
    await this.hasDraft("");
  }

  /** The message that begins with this text, as soon as it is shown. */
  async message(text: string): Promise<WebElement> {
    let found: WebElement | null = null;
    const look = async () => {
      found = await this.driver.executeScript<WebElement | null>(
        `return [...document.querySelectorAll("[role=log] article")].find((row) => row.querySelector(".text")?.innerText.startsWith(arguments[0])) ?? null`,
        text,
      );
      return found !== null;
    };
    await expect.poll(look, { message: `${this.name} sees “${text}”`, timeout: 30_000 }).toBe(true);
    return found as unknown as WebElement;
  }

  /** Presses a button of a message, and then items of the menu that it opens. */
  async act(text: string, button: string, ...items: string[]): Promise<void> {
    const message = await this.message(text);
    await this.driver.actions().move({ origin: message }).perform();
    await this.click("button", button, message);
    for (const item of items) await this.click("menuitem", item);
  }

  /** The texts that are shown, from the first to the last. */
  texts(): Promise<string[]> {
    return this.run(() =>
      [...document.querySelectorAll<HTMLElement>("[role=log] article .text")].map((text) =>
        text.innerText.trim(),
      ),
    );
  }

  async shows(...texts: string[]): Promise<void> {
    await expect.poll(() => this.texts(), { message: `what ${this.name} sees` }).toEqual(texts);
  }

  async createGroup(name: string, members: User[]): Promise<void> {
    await this.click("button", "New group");
    const dialog = await this.find("dialog", "New group");
    await (await this.find("textbox", "Group name", dialog)).sendKeys(name);
    for (const member of members)
      await this.click("checkbox", new RegExp(`^${member.name}`), dialog);
    await this.click("button", "Create group", dialog);
    await this.isGone("dialog", "New group");
    await this.find("heading", name);
  }

  /** Opens another tab and stays in it. */
  async openTab(path = "/"): Promise<string> {
    await this.driver.switchTo().newWindow("tab");
    await this.visit(path);
    return this.driver.getWindowHandle();
  }

  async turnTo(tab: string): Promise<void> {
    await this.driver.switchTo().window(tab);
  }

  /** Attaches files, as choosing them in the system's dialog does. */
  async attach(...paths: string[]): Promise<void> {
    await this.find("button", "Attach files");
    await this.driver.findElement(By.css(".composer input[type=file]")).sendKeys(paths.join("\n"));
  }

  /** Calls a server function from outside of the browser. */
  async callApi<Answer>(name: string, args: unknown): Promise<Answer> {
    const answer = await fetch(`${this.server.url}/api/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie: this.cookie },
      body: JSON.stringify(args),
    });
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Answer;
  }
}

export type Options = { engine: Engine };
type Fixtures = {
  server: TestServer;
  browse: () => Promise<Running>;
  user: (username: string, name: string) => Promise<User>;
};

export const test = base.extend<Options & Fixtures>({
  engine: ["firefox", { option: true }],
  server: async ({}, use) => {
    const server = await TestServer.open();
    await use(server);
    await server.close();
  },
  browse: async ({ engine }, use, info) => {
    const running: Running[] = [];
    await use(async () => {
      running.push(await start(engine));
      return running[running.length - 1];
    });
    if (info.status !== info.expectedStatus) {
      for (const [n, { driver }] of running.entries()) {
        const screenshot = await driver.takeScreenshot().catch(() => "");
        writeFileSync(info.outputPath(`browser-${n + 1}.png`), screenshot, "base64");
      }
    }
    await Promise.all(running.map(({ close }) => close()));
  },
  user: async ({ server, browse }, use) => {
    await use(async (username, name) => {
      const answer = await fetch(`${server.url}/api/sign_up`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ username, display_name: name, password: PASSWORD }),
      });
      expect(answer.status).toBe(200);
      const cookie = answer.headers
        .getSetCookie()
        .map((one) => one.split(";")[0])
        .join("; ");
      const user = new User(
        name,
        username,
        ((await answer.json()) as { id: string }).id,
        cookie,
        server,
        await browse(),
      );
      await user.signIn();
      return user;
    });
  },
});

export { expect };

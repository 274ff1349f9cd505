// A page under WebDriver. Elements are found by role and accessible name, and every query is retried
// until it succeeds.
import { expect } from "@playwright/test";
import { Key, type WebDriver, type WebElement } from "selenium-webdriver";

/** An accessible name: exact, or a pattern. */
export type Name = string | RegExp;

/** The elements that have a role, explicitly or implicitly. */
const ROLES: Record<string, string> = {
  article: "article",
  button: "button, summary",
  checkbox: "input[type=checkbox], [role=checkbox]",
  dialog: "dialog[open]",
  heading: "h1",
  link: "a[href]",
  navigation: "nav",
  region: "section[aria-label]",
  searchbox: "input[type=search]",
  textbox: "textarea, input:not([type=search], [type=checkbox], [type=file], [type=hidden])",
};

/** In the page: the elements of a role that are shown and have this name, within the scope. */
const FIND = `
  const [kind, name, pattern, scope] = arguments;
  const words = (element) => {
    const copy = element.cloneNode(true);
    for (const hidden of copy.querySelectorAll("[aria-hidden=true]")) hidden.remove();
    return copy.textContent.trim();
  };
  const called = (element) => {
    const by = element.getAttribute("aria-labelledby");
    if (by) return by.split(" ").map((id) => words(document.getElementById(id) ?? document.body)).join(" ");
    return element.getAttribute("aria-label") ?? (element.labels?.length ? words(element.labels[0]) : words(element));
  };
  const fits = (text) => name === null || (pattern ? new RegExp(name, "s").test(text) : text === name);
  return [...(scope ?? document).querySelectorAll(kind)].filter((element) => element.getClientRects().length > 0 && fits(called(element)));
`;

export class WebPage {
  constructor(readonly driver: WebDriver) {}

  /** Runs a function in the page. It must not use anything from outside of it. */
  run<Answer, Args extends unknown[]>(
    script: (...args: Args) => Answer,
    ...args: Args
  ): Promise<Awaited<Answer>> {
    return this.driver
      .executeAsyncScript(
        `const done = arguments[arguments.length - 1];
       Promise.resolve((${script})(...[...arguments].slice(0, -1))).then((value) => done({ value }), (error) => done({ error: String(error) }));`,
        ...args,
      )
      .then((answer) => {
        const { value, error } = answer as { value: Awaited<Answer>; error?: string };
        if (error !== undefined) throw new Error(error);
        return value;
      });
  }

  /** All that are shown now. */
  all(role: string, name: Name | null = null, scope?: WebElement): Promise<WebElement[]> {
    const kind = ROLES[role] ? `${ROLES[role]}, [role=${role}]` : `[role=${role}]`;
    return this.driver.executeScript(
      FIND,
      kind,
      name instanceof RegExp ? name.source : name,
      name instanceof RegExp,
      scope,
    );
  }

  /** The one that is shown, as soon as it is. */
  async find(role: string, name: Name, scope?: WebElement): Promise<WebElement> {
    let found: WebElement[] = [];
    await expect
      .poll(async () => (found = await this.all(role, name, scope)).length, {
        message: `${role} ${name}`,
      })
      .toBeGreaterThan(0);
    return found[0];
  }

  async isGone(role: string, name: Name): Promise<void> {
    await expect
      .poll(async () => (await this.all(role, name)).length, { message: `${role} ${name} is gone` })
      .toBe(0);
  }

  /** Clicks it. Looks up the element again if it was rendered again meanwhile. */
  async click(role: string, name: Name, scope?: WebElement): Promise<void> {
    await expect(async () => {
      const element = await this.find(role, name, scope);
      // WebKitWebDriver does not scroll a list inside the page by itself.
      await this.driver.executeScript("arguments[0].scrollIntoView({ block: 'nearest' })", element);
      await element.click();
    }).toPass({ timeout: 15_000 });
  }

  /** Types text, or presses keys by their names: `Control+k`, `Enter`. */
  async press(...keys: string[]): Promise<void> {
    for (const chord of keys) {
      const parts = chord.split("+").map((key) => (key.length > 1 ? keyOf(key) : key));
      const actions = this.driver.actions();
      for (const key of parts) actions.keyDown(key);
      for (const key of parts.reverse()) actions.keyUp(key);
      await actions.perform();
    }
  }

  async type(text: string): Promise<void> {
    await this.driver.actions().sendKeys(text).perform();
  }

  /** Presses a key until the element has the focus. */
  async reach(role: string, name: Name, key = "Tab", scope?: WebElement): Promise<void> {
    for (let presses = 0; presses < 80; presses += 1) {
      const [element] = await this.all(role, name, scope);
      if (
        element &&
        (await this.driver.executeScript("return document.activeElement === arguments[0]", element))
      )
        return;
      await this.press(key);
    }
    throw new Error(`${role} ${name} is not reached by ${key}`);
  }

  async attribute(name: string): Promise<string | null> {
    return this.driver.executeScript("return document.body.getAttribute(arguments[0])", name);
  }
}

function keyOf(name: string): string {
  const keys: Record<string, string> = {
    Control: Key.CONTROL,
    Shift: Key.SHIFT,
    Alt: Key.ALT,
    Enter: Key.ENTER,
    Escape: Key.ESCAPE,
    Tab: Key.TAB,
  };
  const arrows: Record<string, string> = {
    ArrowUp: Key.ARROW_UP,
    ArrowDown: Key.ARROW_DOWN,
    ArrowLeft: Key.ARROW_LEFT,
    ArrowRight: Key.ARROW_RIGHT,
  };
  const others: Record<string, string> = {
    Backspace: Key.BACK_SPACE,
    Delete: Key.DELETE,
    Space: Key.SPACE,
    Home: Key.HOME,
    End: Key.END,
    F6: Key.F6,
  };
  const key = { ...keys, ...arrows, ...others }[name];
  if (!key) throw new Error(`Unknown key ${name}`);
  return key;
}

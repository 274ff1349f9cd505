// Unusual text: each entry of tests/odd-texts.json stays plain text, inside its own box, and looks
// the same for every reader.
import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, type TestUser, test } from "../harness/test-server";

type Odd = { name: string; text: string };

const ODD = JSON.parse(
  readFileSync(path.resolve(__dirname, "../../../tests/odd-texts.json"), "utf8"),
) as Odd[];
// A page holds 60 messages of a history, and a person may search 60 times in a row.
const TOGETHER = 45;
// A group's name is a text as well.
const GROUPS = [
  "</title><script>window.__odd=1</script>",
  "<img src=x onerror=window.__odd=1>",
  '" onmouseover="window.__odd=1',
  "[x](javascript:window.__odd=1) **b**",
  "&lt;b&gt; {{7*7}} ${7*7} %s",
  "</script><!-- <svg onload=window.__odd=1>",
  "$\\href{javascript:window.__odd=1}{x}$",
];

// To a browser these are one letter, however long, and a letter that is wider than a text's box is
// cut.
const LETTERS = [
  "\u{1f469}\u200d\u{1f469}",
  "\u{1f1e7}\u{1f1e7}\u{1f1e7}",
  "\u0915\u094d\u0915\u094d\u0915\u094d",
  "\u0f71\u0f72\u0f74\u0f71",
];

/** Writes down whatever a page does that no text should make it do. */
async function watch(user: TestUser, origin: string): Promise<string[]> {
  const { page, name } = user;
  const errors: string[] = [];
  await page.addInitScript(() => Object.assign(window, { __odd: 0 }));
  page.on("pageerror", (error) => errors.push(`${name}'s page failed: ${error.message}`));
  page.on("console", (line) => {
    // A formula that would take for ever is refused, and stays as it was typed.
    const refused = line.text().includes("503") && line.location().url.endsWith("/api/typeset");
    if (line.type() === "error" && !refused)
      errors.push(`${name}'s page complains: ${line.text()} ${line.location().url}`);
  });
  page.on(
    "request",
    (request) =>
      new URL(request.url()).origin !== origin &&
      errors.push(`${name}'s page asks ${request.url()}`),
  );
  page.on("popup", (popup) => errors.push(`${name}'s page opens ${popup.url()}`));
  page.on("dialog", (dialog) => {
    errors.push(`${name}'s page says ${dialog.message()}`);
    void dialog.dismiss();
  });
  return errors;
}

/** What is wrong with a part of a page as it stands. */
async function wrongs(page: Page, part: string): Promise<string[]> {
  const inside = ({ part, letters }: { part: string; letters: string[] }) => {
    const wrong: string[] = [];
    const about = (element: Element) =>
      `${element.closest("article")?.id ?? "preview"}: ${element.outerHTML.slice(0, 160)}`;
    if ((window as { __odd?: number }).__odd !== 0) wrong.push("something ran");
    const texts = [...document.querySelectorAll(`${part} .text`)];
    const foreign =
      "script, style, iframe, object, embed, img, svg, form, input, select, textarea, link, meta, base, title, video, audio, template, [id], [name]";
    for (const element of texts.flatMap((text) => [...text.querySelectorAll("*")])) {
      if (element.matches(foreign)) wrong.push(`no part of a text: ${about(element)}`);
      for (const { name } of element.attributes)
        if (/^on|^style$|^src|action$|^xlink/i.test(name))
          wrong.push(`${name} at ${about(element)}`);
      const address = element.getAttribute("href");
      if (address === null) continue;
      // What only looks like an address leads nowhere.
      if (
        !/^(https?:\/\/|mailto:)/i.test(address) ||
        !/^((https?|mailto):|:)$/.test((element as HTMLAnchorElement).protocol)
      )
        wrong.push(`leads to ${about(element)}`);
      if (element.tagName !== "A" || !/noopener noreferrer/.test(element.getAttribute("rel") ?? ""))
        wrong.push(`leads from ${about(element)}`);
    }
    const log = document.querySelector(".log");
    if (!log) return [...wrong, "there is no log"];
    const left = log.getBoundingClientRect().left + log.clientLeft;
    const right = left + log.clientWidth;
    for (const element of log.querySelectorAll("article, article .text, article .quoted")) {
      const place = element.getBoundingClientRect();
      if (place.right > right + 1 || place.left < left - 1)
        wrong.push(
          `${place.left} to ${place.right}, not in ${left} to ${right}: ${about(element)}`,
        );
    }
    // What a text's box cuts off at the side can be read nowhere.
    for (const text of texts) {
      const isCut =
        text.scrollWidth > text.clientWidth + 1 &&
        !letters.some((letter) => text.textContent?.includes(letter));
      if (isCut) wrong.push(`${text.scrollWidth} in ${text.clientWidth}: ${about(text)}`);
    }
    for (const pane of [
      log,
      document.documentElement,
      ...document.querySelectorAll(".sidebar, .sidebar .rows, .composer-preview"),
    ]) {
      if (pane.scrollWidth > pane.clientWidth + 1)
        wrong.push(
          `${pane.className || pane.tagName} goes sideways, ${pane.scrollWidth} in ${pane.clientWidth}`,
        );
    }
    return wrong;
  };
  return page.evaluate(inside, { part, letters: LETTERS });
}

/** As it stands at a desk and on a phone. */
async function expectNoAxeViolations(page: Page, when: string): Promise<void> {
  for (const [width, height] of [
    [390, 844],
    [1280, 800],
  ]) {
    await page.setViewportSize({ width, height });
    expect.soft(await wrongs(page, ".log"), `${when}, ${width} wide`).toEqual([]);
  }
}

/**
 * What the messages show. A formula is left out: it stands as it was typed until the server has set
 * it.
 */
const shown = (page: Page, html?: string) =>
  page.evaluate((html) => {
    const root = html === undefined ? document : new DOMParser().parseFromString(html, "text/html");
    return [...root.querySelectorAll(".log article .text")].map((text) => {
      const copy = text.cloneNode(true) as Element;
      for (const formula of copy.querySelectorAll(".formula, .text-code-head")) formula.remove();
      // Where code is empty, the server's page has a blank.
      return copy.textContent?.replace(/ *\n */g, "\n").trim();
    });
  }, html);

// What it would write down of such pages is many times what they are.
test.use({ trace: "off" });
test.describe.configure({ mode: "parallel" });

const parts = Math.ceil(ODD.length / TOGETHER);
for (let part = 0; part < parts; part += 1) {
  test(`odd texts stay words, live, loaded, previewed, quoted, edited and looked for (${part + 1} of ${parts})`, async ({
    server,
    user,
  }) => {
    test.setTimeout(180_000);
    const ada = await user("ada", "Ada Lovelace", null);
    const grace = await user("grace", "Grace Hopper", null);
    const errors = [...(await Promise.all([ada, grace].map((it) => watch(it, server.url))))];
    const batch = ODD.slice(part * TOGETHER, (part + 1) * TOGETHER);
    const name = GROUPS[part % GROUPS.length];
    const { body: group } = await ada.callApi<{ conversation: { id: string } }>("create_group", {
      name,
      members: [grace.id],
    });
    const conversation = group.conversation.id;
    const post = async (who: TestUser, odd: Odd, more = {}) => {
      const { status, body } = await who.callApi<{ seq: number }>("post_message", {
        conversation,
        client_id: crypto.randomUUID(),
        body: odd.text,
        ...more,
      });
      expect(status, odd.name).toBe(200);
      return body.seq;
    };
    const sound = async (when: string) => {
      await expectNoAxeViolations(grace.page, when);
      expect.soft(errors.flat().splice(0), when).toEqual([]);
    };
    /**
     * What grew on Ada's page is what Grace gets who comes now, by the server's hand and by the
     * app's.
     */
    const isTheSameLoaded = async () => {
      const { length } = await shown(grace.page);
      const html = await (
        await grace.context.request.get(`${server.url}/c/${conversation}`)
      ).text();
      await grace.page.reload();
      await grace.waitUntilReady();
      const live = (await shown(ada.page)).slice(-60);
      expect((await shown(grace.page)).slice(-60)).toEqual(live);
      expect(await shown(grace.page, html)).toEqual(live);
      expect(length).toBeGreaterThanOrEqual(live.length);
    };
    const row = grace.conversations.locator(`a[href="/c/${conversation}"]`);
    const rowShows = () =>
      row.evaluate((row) => [
        row.textContent,
        ...[...row.querySelectorAll("*")].map((part) => part.tagName),
      ]);

    for (const it of [ada, grace]) await it.goto(`/c/${conversation}`);
    await expect(grace.page.getByRole("heading", { level: 1, name, exact: true })).toBeVisible();
    await expect(grace.page).toHaveTitle(`${name} · ChatBox`);
    const seqs: number[] = [];
    for (const odd of batch) seqs.push(await post(ada, odd));
    for (const it of [ada, grace])
      await expect(it.messages.getByRole("article")).toHaveCount(batch.length);
    await sound("live");
    await expect(row).not.toContainText("unread");
    const before = await rowShows();
    await isTheSameLoaded();
    await sound("loaded");
    expect(await rowShows()).toEqual(before);

    const preview = ada.page.getByRole("group", { name: "Preview" });
    const button = ada.page.getByRole("button", { name: "Preview" });
    const field = ada.page.getByRole("textbox", { name: "Message" });
    for (const { name, text } of batch) {
      // All at once, as a paste: line by line the browser would lay the page out for each.
      await field.evaluate((field: HTMLTextAreaElement, text) => {
        field.value = text;
        field.dispatchEvent(
          new InputEvent("input", { bubbles: true, inputType: "insertFromPaste" }),
        );
      }, text);
      if ((await button.count()) > 0 && (await button.getAttribute("aria-pressed")) === "false")
        await button.click();
      if ((await button.count()) > 0) await expect(preview).toBeVisible();
      expect.soft(await wrongs(ada.page, ".composer-preview"), `previewed: ${name}`).toEqual([]);
    }
    await field.fill("");
    await sound("previewed");

    for (const [n, seq] of seqs.entries()) {
      const { status } = await ada.callApi("edit_message", {
        conversation,
        seq,
        body: batch[(n + 1) % batch.length].text,
      });
      expect(status, batch[n].name).toBe(200);
    }
    for (const it of [ada, grace])
      await expect(it.messages.getByRole("button", { name: "(edited)" })).toHaveCount(batch.length);
    await sound("edited");
    await isTheSameLoaded();
    await sound("edited and loaded");

    for (const { name, text } of batch) {
      const { status } = await grace.callApi("search", { query: [...text].slice(0, 60).join("") });
      expect([200, 422], name).toContain(status);
    }

    for (const [n, answers] of seqs.entries())
      await post(grace, { name: "an answer", text: `answer ${n}` }, { answers });
    for (const it of [ada, grace])
      await expect(it.messages.locator(".quoted")).toHaveCount(batch.length);
    await sound("quoted");
    await isTheSameLoaded();
    await sound("quoted and loaded");
  });
}

// Scrolling through history in this engine: older messages load above without a shift, and new ones
// move nothing.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PROGRAM, TestServer } from "../tests/harness/test-server";
import { expect, test, User } from "./user";

const lines = (count: number, word: string) =>
  Array.from({ length: count }, (_, n) => `${word} ${n + 1}`);

/**
 * In the page: scrolls by this many pixels and returns how far the message in the middle moves
 * after that, within 30 frames.
 */
async function shiftAfter(by: number): Promise<number> {
  const log = document.querySelector("[role=log]") as HTMLElement;
  log.scrollBy(0, by);
  const box = log.getBoundingClientRect();
  const row = document
    .elementFromPoint(box.left + 200, box.top + box.height / 2)
    ?.closest("article, .notice");
  if (!row) return 0;
  const before = row.getBoundingClientRect().top;
  let most = 0;
  for (let frame = 0; frame < 30 && row.isConnected; frame += 1) {
    // After the frame was painted: before that, the app may still correct the position.
    await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
    if (row.isConnected) most = Math.max(most, Math.abs(row.getBoundingClientRect().top - before));
  }
  return most;
}

test("reading back through the history of a busy workspace shifts nothing", async ({ browse }) => {
  const folder = mkdtempSync(path.join(tmpdir(), "chatbox-"));
  const data = path.join(folder, "demo");
  const said = execFileSync(PROGRAM, ["demo", "--data", data], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const password = /Password\s+(\S+)/.exec(said)?.[1] ?? "";
  const server = await TestServer.open(data);
  try {
    const ada = new User("Ada", "ada", "", "", server, await browse());
    await ada.signIn(password);
    await ada.click("link", /^Everyone/, await ada.find("navigation", "Conversations"));
    await ada.find("heading", "Everyone");
    await expect.poll(() => ada.texts()).not.toHaveLength(0);
    const [first] = await ada.texts();
    const shifts: number[] = [];
    for (let step = 0; step < 60; step += 1) shifts.push(await ada.run(shiftAfter, -1500));
    // Down again, where newer messages load below and older ones are dropped.
    for (let step = 0; step < 20; step += 1) shifts.push(await ada.run(shiftAfter, 1500));
    expect((await ada.texts())[0], "older messages were loaded").not.toBe(first);
    expect(Math.max(...shifts), shifts.map((shift) => shift.toFixed(2)).join(" ")).toBeLessThan(
      0.5,
    );
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("what others write moves nothing under somebody who reads back, and Latest leads to it", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const { conversations } = await ada.callApi<{
    conversations: { conversation: { id: string } }[];
  }>("snapshot", {});
  const everyone = conversations[0].conversation.id;
  const post = (body: string) =>
    grace.callApi("post_message", { conversation: everyone, client_id: crypto.randomUUID(), body });
  for (const body of lines(60, "line")) await expect(() => post(body)).toPass();
  await ada.message("line 60");
  await ada.isGone("link", /^Everyone.*unread/);
  await ada.run(() => document.querySelector("[role=log]")?.scrollBy(0, -900));
  await ada.find("button", "Latest");
  const position = () =>
    ada.run(() => document.querySelectorAll("[role=log] article")[25].getBoundingClientRect().top);
  const before = await position();
  for (const n of [1, 2, 3]) await grace.write(`news ${n}`);
  await ada.find("button", "3 new");
  expect(Math.abs((await position()) - before)).toBeLessThan(1);
  await ada.click("button", "3 new");
  const below = () =>
    ada.run(() => {
      const box = document.querySelector("[role=log]")?.getBoundingClientRect();
      const last = [...document.querySelectorAll("[role=log] article")]
        .at(-1)
        ?.getBoundingClientRect();
      return box && last ? last.bottom - box.bottom : Infinity;
    });
  await expect.poll(below).toBeLessThanOrEqual(0);
});

test("overscroll at both ends (a negative distance, as Safari's rubber band reports) keeps the place", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  for (const n of [1, 2, 3]) await ada.write(`line ${n}`);
  // The engines here do not overscroll by themselves: the position is reported as Safari does while
  // the finger is down.
  const overscroll = (by: number | null) =>
    ada.run((distance: number | null) => {
      const log = document.querySelector("[role=log]") as HTMLElement;
      if (distance === null) delete (log as { scrollTop?: number }).scrollTop;
      else {
        const end = distance > 0 ? 0 : log.clientHeight - log.scrollHeight;
        const wrong = window as { moved?: number };
        wrong.moved ??= 0;
        Object.defineProperty(log, "scrollTop", {
          configurable: true,
          get: () => end + distance,
          set: () => (wrong.moved = (wrong.moved ?? 0) + 1),
        });
      }
      log.dispatchEvent(new Event("scroll"));
    }, by);
  await overscroll(80);
  await grace.write("while the band is stretched");
  await ada.message("while the band is stretched");
  expect(await ada.all("button", /Latest|new$/)).toEqual([]);
  expect(
    await ada.run(() => (window as { moved?: number }).moved),
    "the app does not scroll against the finger",
  ).toBe(0);
  await overscroll(-80);
  await grace.write("and at the other end");
  await ada.message("and at the other end");
  await overscroll(null);
  await ada.shows(
    "line 1",
    "line 2",
    "line 3",
    "while the band is stretched",
    "and at the other end",
  );
  expect(await ada.all("button", /Latest|new$/)).toEqual([]);
});

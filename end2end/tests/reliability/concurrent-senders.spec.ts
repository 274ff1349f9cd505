// Five users send two thousand messages concurrently; all five screens show the same messages in
// the same order.
import { expect, type TestUser, test } from "../harness/test-server";

const USERS: [string, string][] = [
  ["ada", "Ada Lovelace"],
  ["grace", "Grace Hopper"],
  ["kofi", "Kofi Mensah"],
  ["mei", "李 梅"],
  ["noor", "نور الهاشمي"],
];
const MESSAGES_PER_USER = 400;

const SAMPLE_TEXTS = [
  "ok",
  "👍",
  "Who has the slides from Tuesday?",
  "I will be five minutes late, please start without me.",
  'fn main() {\n    println!("hello");\n}',
  "https://example.org/course/notes?week=3#top",
  "今天的作业在哪里？",
  "متى موعد الامتحان؟",
  "A longer one: the analytical engine has no pretensions whatever to originate anything. It can do whatever we know how to order it to perform.",
];

test("five users send two thousand messages concurrently and all see the same order", async ({
  user,
}) => {
  test.setTimeout(240_000);
  const people: TestUser[] = [];
  for (const [username, name] of USERS) people.push(await user(username, name));
  const snapshot = await people[0].callApi<{ conversations: { conversation: { id: string } }[] }>(
    "snapshot",
    {},
  );
  const conversation = snapshot.body.conversations[0].conversation.id;
  // Each writes in their own browser's session, as fast as it is taken; the last ones by hand, in
  // the field.
  await Promise.all(
    people.map(async (one) => {
      for (let n = 1; n < MESSAGES_PER_USER; n += 1) {
        const body = `${SAMPLE_TEXTS[n % SAMPLE_TEXTS.length]} [${one.username} ${n}]`;
        for (;;) {
          const { status } = await one.callApi("post_message", {
            conversation,
            client_id: crypto.randomUUID(),
            body,
          });
          if (status === 200) break;
          expect(status).toBe(429);
          await one.page.waitForTimeout(200);
        }
      }
    }),
  );
  for (const one of people) await one.send(`the last of ${one.username}`);
  const shown: string[][] = [];
  for (const one of people) {
    for (const other of people)
      await expect(one.message(`the last of ${other.username}`)).toBeVisible({ timeout: 30_000 });
    // A page that fell far behind has begun anew with the newest: whoever looks back sees the rest
    // again.
    await expect
      .poll(
        async () => {
          const count = await one.messages.getByRole("article").count();
          if (count <= 100)
            await one.messages.evaluate((log) => log.scrollTo(0, -log.scrollHeight));
          return count;
        },
        { timeout: 30_000 },
      )
      .toBeGreaterThan(100);
    shown.push(await one.messageTexts());
  }
  for (const texts of shown) {
    const both = Math.min(texts.length, shown[0].length);
    expect(texts.slice(-both)).toEqual(shown[0].slice(-both));
    expect(both).toBeGreaterThan(100);
  }
  // And the whole of it, as the server keeps it: each message once, each author's in the order they
  // wrote.
  const bodies: string[] = [];
  for (let after = 0; ;) {
    const page = (
      await people[4].callApi<{
        entries: { seq: number; change: { kind: string; body?: string } }[];
        more_after: boolean;
      }>("history", { conversation, after, limit: 100 })
    ).body;
    for (const entry of page.entries) {
      expect(entry.seq).toBe(after + 1);
      after = entry.seq;
      if (entry.change.kind === "posted") bodies.push(entry.change.body ?? "");
    }
    if (!page.more_after) break;
  }
  expect(bodies.length).toBe(USERS.length * MESSAGES_PER_USER);
  expect(new Set(bodies).size).toBe(USERS.length * MESSAGES_PER_USER);
  for (const one of people) {
    const numbers = bodies
      .map((body) => new RegExp(`\\[${one.username} (\\d+)\\]$`).exec(body)?.[1])
      .filter((n) => n !== undefined)
      .map(Number);
    expect(numbers).toEqual(Array.from({ length: MESSAGES_PER_USER - 1 }, (_, n) => n + 1));
  }
});

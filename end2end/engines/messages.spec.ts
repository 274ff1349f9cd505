// The acceptance scenario in this engine: direct, group and Everyone messages arrive live, once and
// in order.
import { PASSWORD } from "../tests/harness/test-server";
import { expect, test, User } from "./user";

test("people register and sign in by the forms", async ({ server, browse }) => {
  const ada = new User("Ada Lovelace", "ada", "", "", server, await browse());
  await ada.driver.get(`${server.url}/sign-up`);
  await (await ada.find("textbox", "Username")).sendKeys("ada");
  await (await ada.find("textbox", "Display name")).sendKeys("Ada Lovelace");
  await (await ada.find("textbox", "Password")).sendKeys(PASSWORD);
  await ada.click("button", "Create account");
  await ada.ready();
  await ada.find("heading", "Everyone");
  await ada.click("button", "Account");
  await ada.click("menuitem", "Sign out");
  await ada.find("button", "Sign in");
  await ada.signIn();
  await ada.find("heading", "Everyone");
});

test("messages to a person, a group and Everyone arrive live, once and in order", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const mei = await user("mei", "李 梅");
  await ada.openDirect(grace);
  await ada.write("only for Grace");
  await grace.open("Ada Lovelace");
  await grace.message("only for Grace");
  await grace.write("thank you שלום 字");
  await ada.shows("only for Grace", "thank you שלום 字");

  await ada.createGroup("Compilers", [grace]);
  for (const n of [1, 2, 3, 4, 5]) await ada.write(`lesson ${n}`);
  await grace.open("Compilers");
  const lessons = [1, 2, 3, 4, 5].map((n) => `lesson ${n}`);
  await grace.shows(...lessons);
  await grace.reload();
  await grace.shows(...lessons);

  // Two people write at the same time: one order, the same for all.
  for (const one of [ada, grace, mei]) await one.open("Everyone");
  const words = (who: User) => [1, 2, 3, 4].map((n) => `${who.username} ${n}`);
  await Promise.all(
    [ada, grace].map(async (who) => {
      for (const text of words(who)) await who.write(text);
    }),
  );
  await mei.write("and the last");
  for (const one of [ada, grace]) await one.message("and the last");
  const seen = await mei.texts();
  expect(seen).toHaveLength(9);
  for (const who of [ada, grace]) {
    expect(await who.texts()).toEqual(seen);
    expect(seen.filter((text) => text.startsWith(`${who.username} `))).toEqual(words(who));
  }
  expect(
    await mei.all(
      "link",
      /^(Compilers|Ada Lovelace)/,
      await mei.find("navigation", "Conversations"),
    ),
  ).toEqual([]);
});

test("reactions, replies, edits and deletions are seen by the other", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.write("Who has the slides?");
  await grace.act("Who has", "React", "👍");
  await ada.find("button", /^👍.*Grace Hopper/, await ada.message("Who has"));
  await ada.click("button", /^👍/, await ada.message("Who has"));
  await grace.find("button", /^👍.*(2|Ada Lovelace)/, await grace.message("Who has"));
  await grace.act("Who has", "Reply");
  await grace.write("I have");
  await ada.find("button", /Who has the slides/, await ada.message("I have"));
  await grace.act("I have", "More", "Edit");
  await grace.hasDraft("I have");
  await grace.write(", on paper");
  await ada.message("I have, on paper");
  await grace.act("I have, on paper", "More", "Delete");
  await ada.shows("Who has the slides?");
  await grace.click("button", "Undo");
  await ada.shows("Who has the slides?", "I have, on paper");
});

test("what is written while the server is away is kept, and sent once when it is back", async ({
  user,
  server,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await ada.write("before");
  await grace.message("before");
  await server.kill();
  await expect.poll(() => ada.attribute("data-connection")).not.toBe("live");
  for (const n of [1, 2, 3]) await ada.write(`meanwhile ${n}`);
  await server.start();
  for (const one of [ada, grace]) {
    await one.ready();
    await one.shows("before", "meanwhile 1", "meanwhile 2", "meanwhile 3");
  }
});

test("a draft is there after a reload, and on another device", async ({ user, browse, server }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await (await ada.field()).sendKeys("half a thought");
  await ada.openDirect(grace);
  await ada.hasDraft("");
  await ada.open("Everyone");
  await ada.hasDraft("half a thought");
  await ada.reload();
  await ada.hasDraft("half a thought");
  const other = new User(ada.name, ada.username, ada.id, "", server, await browse());
  await other.signIn();
  await other.hasDraft("half a thought");
});

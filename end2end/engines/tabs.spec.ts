// Several tabs of one person in this engine: one of them has the socket, and when it ends another
// takes over.
import { expect, test, type User } from "./user";

/** How many tabs lead, and how many wait to. The leader holds a lock of the browser. */
const leaders = (user: User) =>
  user.run(async () => {
    const { held = [], pending = [] } = await navigator.locks.query();
    const ours = (locks: LockInfo[]) => locks.filter(({ name }) => name?.startsWith("chatbox-"));
    return [ours(held).length, ours(pending).length];
  });

test("one tab leads, all show the same, and when the leader is closed another takes over", async ({
  user,
}) => {
  const grace = await user("grace", "Grace Hopper");
  const ada = await user("ada", "Ada Lovelace");
  const first = await ada.driver.getWindowHandle();
  const second = await ada.openTab();
  const third = await ada.openTab();
  await expect.poll(() => leaders(ada)).toEqual([1, 2]);
  await grace.write("to all tabs");
  for (const tab of [first, second, third]) {
    await ada.turnTo(tab);
    await ada.shows("to all tabs");
  }
  await ada.write("from the third");
  await grace.message("from the third");
  await ada.turnTo(first);
  await ada.shows("to all tabs", "from the third");
  await ada.driver.close();
  await ada.turnTo(second);
  await expect.poll(() => leaders(ada)).toEqual([1, 1]);
  await ada.ready();
  await grace.write("to those that are left");
  for (const tab of [second, third]) {
    await ada.turnTo(tab);
    await ada.shows("to all tabs", "from the third", "to those that are left");
  }
});

test("signing out in one tab signs out the other", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const first = await ada.driver.getWindowHandle();
  await ada.openTab();
  await ada.click("button", "Account");
  await ada.click("menuitem", "Sign out");
  await ada.find("button", "Sign in");
  await ada.turnTo(first);
  await ada.find("button", "Sign in");
});

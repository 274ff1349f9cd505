// The list of conversations when there are very many: it stays short, and hides nothing that is new.
import { expect, register, test, Town } from "./town";

test("of very many conversations the latest are listed, those with something new, and the others on demand", async ({ browser }) => {
  test.setTimeout(120_000);
  const town = await Town.open(undefined, ["--limits", "false"]);
  const ada = await register(town, browser, "ada", "Ada Lovelace");
  const grace = await register(town, browser, "grace", "Grace Hopper");
  for (let n = 1; n <= 70; n++) {
    const { status, body } = await grace.ask<{ conversation: { id: string } }>("create_group", { name: `Group ${n}`, members: [ada.id] });
    expect(status).toBe(200);
    if (n === 2) {
      const message = { conversation: body.conversation.id, client_id: crypto.randomUUID(), body: "long ago" };
      expect((await grace.ask("post_message", message)).status).toBe(200);
    }
  }
  await ada.arrive();
  const links = ada.conversations.getByRole("link");
  // Sixty, the one in which something is new, and the one that is open.
  await expect(links).toHaveCount(62);
  await expect(links.first()).toContainText("Group 70");
  await expect(links.filter({ hasText: "Group 2" }).filter({ hasText: "1 unread" })).toHaveCount(1);
  await expect(ada.conversations.getByRole("link", { name: /^Group 3[^0-9]/ })).toHaveCount(0);
  await expect(ada.conversations.locator("[aria-current=page]")).toContainText("Everyone");
  await ada.page.getByRole("searchbox", { name: "Find a conversation or person" }).fill("group 3");
  await expect(ada.conversations.getByRole("link", { name: /^Group 3[^0-9]/ })).toBeVisible();
  await ada.page.getByRole("searchbox", { name: "Find a conversation or person" }).fill("");
  await ada.conversations.getByRole("button", { name: "Show more (9)" }).click();
  await expect(links).toHaveCount(71);
  await expect(ada.conversations.getByRole("button", { name: /^Show more/ })).toHaveCount(0);
  await ada.context.close();
  await grace.context.close();
  await town.close();
});

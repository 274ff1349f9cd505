// Accessibility of overlays: axe finds no violation in menus, dialogs and panes.
import AxeBuilder from "@axe-core/playwright";
import { expect, signUp, test } from "../harness/test-server";

for (const colorScheme of ["light", "dark"] as const) {
  for (const viewport of [
    { width: 1280, height: 800 },
    { width: 390, height: 844 },
  ]) {
    test(`axe finds nothing in what opens: ${colorScheme}, ${viewport.width} wide`, async ({
      server,
      browser,
      user,
    }) => {
      test.setTimeout(120_000);
      const grace = await user("grace", "Grace Hopper", null);
      const ada = await signUp(server, browser, "ada", "Ada Lovelace", { viewport, colorScheme });
      const { page } = ada;
      const expectNoAxeViolations = async (screen: string) => {
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect
          .soft(
            violations.map(
              ({ id, nodes }) =>
                `${screen}: ${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`,
            ),
          )
          .toEqual([]);
      };
      const { body: group } = await ada.callApi<{ conversation: { id: string } }>("create_group", {
        name: "Engines",
        members: [grace.id],
      });
      const conversation = group.conversation.id;
      const post = (who: typeof ada, body: string, more = {}) =>
        who.callApi<{ seq: number }>("post_message", {
          conversation,
          client_id: crypto.randomUUID(),
          body,
          ...more,
        });
      const { body: asked } = await post(
        grace,
        "Is it **done**, @ada?\n\n```rust\nlet x = 1;\n```\n\n| a | b |\n|---|---|\n| 1 | $x^2$ |",
      );
      await post(ada, "Nearly", { answers: asked.seq });
      for (const [name, more] of [
        ["react", { emoji: "🎉", on: true }],
        ["pin_message", { on: true }],
      ] as const) {
        expect(
          (await grace.callApi(name, { conversation, seq: asked.seq, ...more })).status,
          name,
        ).toBe(200);
      }
      await ada.goto(`/c/${conversation}`);
      const message = ada.messages.getByRole("article").first();
      await expect(message).toContainText("Pinned");
      await expect(message.locator("math")).toBeVisible();

      for (const name of ["More", "React"]) {
        await message.hover();
        await message.getByRole("button", { name, exact: true }).click();
        await expect(page.getByRole("menu", { name })).toBeVisible();
        await expectNoAxeViolations(`menu ${name}`);
        await page.keyboard.press("Escape");
        await expect(page.getByRole("menu")).toHaveCount(0);
      }
      await page.keyboard.press("Control+k");
      await expect(
        page.getByRole("dialog", { name: "Go to" }).getByRole("option").first(),
      ).toBeVisible();
      await expectNoAxeViolations("switcher");
      await page.keyboard.press("Escape");
      await page.getByRole("textbox", { name: "Message" }).pressSequentially("**a** @gr");
      await expect(page.getByRole("option", { name: /Grace Hopper/ })).toBeVisible();
      await expectNoAxeViolations("completion");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Preview" }).click();
      await expect(page.getByRole("group", { name: "Preview" })).toBeVisible();
      await expectNoAxeViolations("preview");
      await page.getByRole("button", { name: "Details" }).click();
      await expect(page.getByRole("region", { name: "Pinned" }).getByRole("link")).toBeVisible();
      await expectNoAxeViolations("details with a pin");
      await page
        .getByRole("region", { name: "Details" })
        .getByRole("button", { name: "Go to a day" })
        .click();
      await expect(page.getByRole("dialog", { name: "Go to a day" })).toBeVisible();
      await expectNoAxeViolations("going to a day");
      await page.keyboard.press("Escape");
      await page.goto(`${server.url}/c/${conversation}?thread=${asked.seq}`);
      await ada.waitUntilReady();
      await expect(page.getByRole("region", { name: "Thread" }).getByRole("listitem")).toHaveCount(
        2,
      );
      await expectNoAxeViolations("thread");
      await ada.context.close();
    });
  }
}

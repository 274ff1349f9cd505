// Details, the emoji picker and the focus ring: where they are, and how they close.
import type { Locator } from "@playwright/test";
import { expect, expectNoAxeViolations, test, type TestUser } from "../harness/test-server";

const field = (user: TestUser) => user.page.getByRole("textbox", { name: "Message" });
const actions = (user: TestUser) => user.page.getByRole("group", { name: "Actions" });

async function box(of: Locator) {
  const place = await of.boundingBox();
  if (!place) throw new Error("it is not on the screen");
  return { ...place, right: place.x + place.width, bottom: place.y + place.height };
}

test("details close with Escape and return the focus; in a narrow window their scrim closes them", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const button = ada.page.getByRole("button", { name: "Details", exact: true });
  await ada.details();
  await field(ada).click();
  await ada.page.keyboard.press("Escape");
  await expect(ada.page.getByRole("region", { name: "Details" })).toHaveCount(0);
  // What floats above it is closed first, and what is being written is left alone.
  await ada.details();
  await ada.page.getByRole("button", { name: "Emoji" }).click();
  await expect(ada.page.getByRole("dialog", { name: "Emoji" })).toBeVisible();
  await ada.page.keyboard.press("Escape");
  await expect(ada.page.getByRole("dialog", { name: "Emoji" })).toBeHidden();
  await expect(ada.page.getByRole("region", { name: "Details" })).toBeVisible();
  await ada.page.keyboard.press("Escape");
  await expect(ada.page.getByRole("region", { name: "Details" })).toHaveCount(0);

  await ada.page.setViewportSize({ width: 820, height: 1180 });
  await field(ada).fill("still here");
  await ada.details();
  await expect(ada.page.getByRole("region", { name: "Details" })).toBeFocused();
  await expectNoAxeViolations(ada.page);
  const send = ada.page.getByRole("button", { name: "Send", exact: true });
  const place = await box(ada.page.locator(".pane"));
  await ada.page.mouse.click(place.x + 20, place.y + 300);
  await expect(ada.page.getByRole("region", { name: "Details" })).toHaveCount(0);
  await expect(button).toBeFocused();
  await send.click();
  await expect(ada.message("still here")).toBeVisible();
});

test("the emoji picker is anchored to its button, leaves the page usable, and closes on an outside click", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.send("Hello");
  const button = ada.page.getByRole("button", { name: "Emoji" });
  const picker = ada.page.getByRole("dialog", { name: "Emoji" });
  await button.click();
  const [place, at] = [await box(picker), await box(button)];
  expect(at.y - place.bottom).toBeGreaterThanOrEqual(0);
  expect(at.y - place.bottom).toBeLessThanOrEqual(12);
  expect(Math.abs(place.right - at.right)).toBeLessThanOrEqual(2);
  await ada.message("Hello").locator(".text").click();
  await expect(picker).toBeHidden();
  // The same for a reaction.
  await ada.message("Hello").hover();
  await actions(ada).getByRole("button", { name: "React" }).click();
  await ada.page.getByRole("menuitem", { name: "More emoji" }).click();
  await expect(picker).toBeVisible();
  const bar = await box(actions(ada));
  const there = await box(picker);
  expect(
    Math.min(Math.abs(bar.y - there.bottom), Math.abs(there.y - bar.bottom)),
  ).toBeLessThanOrEqual(12);
  await ada.page.keyboard.type("rocket");
  await ada.page.keyboard.press("Enter");
  await expect(ada.message("Hello").getByRole("button", { name: /^🚀/ })).toBeVisible();
});

test("a focused message has a subtle ring, and lists reserve no scrollbar strip", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.send("Hello");
  await expect(ada.messages.getByText("Sent", { exact: true })).toBeVisible();
  await ada.messages.focus();
  await ada.page.keyboard.press("ArrowDown");
  const focused = ada.page.locator("article:focus");
  await expect(focused).toHaveCSS("outline-width", "1px");
  await expect(focused).toHaveCSS("outline-style", "solid");
  for (const scrolls of [".sidebar > .rows", ".log"]) {
    expect(
      await ada.page.locator(scrolls).evaluate((of) => getComputedStyle(of).scrollbarColor),
    ).toMatch(/rgba\(0, 0, 0, 0\)$|transparent$/);
  }
});

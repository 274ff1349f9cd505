// Avatars of users and groups: cropped, uploaded, and visible at once to everyone who may see them.
import { expectImageLoaded, pngImage } from "../harness/images";
import { expect, expectNoAxeViolations, type TestUser, test } from "../harness/test-server";

async function choosePicture({ page }: TestUser, colour: [number, number, number]): Promise<void> {
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose a picture" }).click();
  await (
    await choosing
  ).setFiles({ name: "picture.png", mimeType: "image/png", buffer: pngImage(600, 400, colour) });
  await expectImageLoaded(page.getByRole("dialog").locator(".crop img"));
}

test("a new avatar is visible to others at once and after a reload, and disappears when removed", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace", "/settings");
  const grace = await user("grace", "Grace Hopper");
  const shown = () => grace.people.getByRole("button", { name: /^Ada Lovelace/ }).locator("img");
  await expect(shown()).toHaveCount(0);
  await choosePicture(ada, [40, 90, 200]);
  const dialog = ada.page.getByRole("dialog", { name: "Your picture" });
  // Four times as large, and by keys into the corner: no further.
  await dialog.getByRole("slider", { name: "Zoom" }).fill("400");
  const part = dialog.getByRole("group", { name: /^Crop area/ });
  for (let n = 0; n < 200; n++) await part.press("ArrowRight");
  await expect(dialog.locator("img")).toHaveCSS("left", "-1280px");
  await dialog.getByRole("button", { name: "Save picture" }).click();
  await expect(dialog).toBeHidden();
  await expectImageLoaded(shown());
  expect(await shown().evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(96);
  await grace.page.reload();
  await grace.waitUntilReady();
  await expectImageLoaded(shown());
  await ada.page.getByRole("button", { name: "Remove picture" }).click();
  await ada.page
    .getByRole("dialog", { name: "Remove picture?" })
    .getByRole("button", { name: "Remove" })
    .click();
  await expect(shown()).toHaveCount(0);
});

test("a file that is not an image is rejected and nothing changes", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace", "/settings");
  const choosing = ada.page.waitForEvent("filechooser");
  await ada.page.getByRole("button", { name: "Choose a picture" }).click();
  await (
    await choosing
  ).setFiles({ name: "me.txt", mimeType: "text/plain", buffer: Buffer.from("me") });
  const dialog = ada.page.getByRole("dialog", { name: "Your picture" });
  await expect(dialog.getByRole("alert")).toContainText("Unsupported image format.");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(ada.page.getByRole("button", { name: "Remove picture" })).toHaveCount(0);
});

test("cancelling an avatar upload keeps the current avatar", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace", "/settings");
  let held: () => void = () => {};
  const asked = new Promise<void>((begun) => {
    void ada.page.route("**/files/*?at=*", async (route) => {
      begun();
      await new Promise<void>((go) => (held = go));
      await route.continue();
    });
  });
  await choosePicture(ada, [40, 90, 200]);
  const dialog = ada.page.getByRole("dialog", { name: "Your picture" });
  await dialog.getByRole("button", { name: "Save picture" }).click();
  await asked;
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toBeHidden();
  const givenUp = ada.page.waitForResponse("**/api/cancel_upload");
  held();
  expect((await givenUp).status()).toBe(200);
  await expect(ada.page.getByRole("button", { name: "Remove picture" })).toHaveCount(0);
});

test("a group is shown by its members' avatars, or its own once its creator sets one", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper", "/settings");
  const kofi = await user("kofi", "Kofi Mensah");
  await ada.createGroup("Physics", [grace, kofi]);
  const group = (who: TestUser) =>
    who.conversations.getByRole("link", { name: /^Physics/ }).locator(".avatar");
  await expect(group(ada).locator("span")).toHaveText(["G", "K"]);
  await choosePicture(grace, [200, 90, 40]);
  await grace.page
    .getByRole("dialog", { name: "Your picture" })
    .getByRole("button", { name: "Save picture" })
    .click();
  await expectImageLoaded(group(ada).locator("img"));
  await expect(group(ada).locator("span")).toHaveCount(2);
  // Nobody but its creator changes it.
  await kofi.open("Physics");
  await kofi.details();
  await expect(kofi.page.getByRole("region", { name: "Members" })).toBeVisible();
  await expect(kofi.page.getByRole("button", { name: "Choose a picture" })).toHaveCount(0);
  await ada.details();
  await choosePicture(ada, [40, 90, 200]);
  const dialog = ada.page.getByRole("dialog", { name: "Group picture" });
  await expectNoAxeViolations(ada.page);
  await dialog.getByRole("button", { name: "Save picture" }).click();
  await expect(dialog).toBeHidden();
  for (const one of [ada, kofi]) {
    await expectImageLoaded(group(one).locator("img"));
    await expect(group(one).locator("span")).toHaveCount(0);
  }
  await expect(kofi.messages.getByText("Ada Lovelace changed the group picture")).toBeVisible();
  await kofi.page.reload();
  await kofi.waitUntilReady();
  await expectImageLoaded(group(kofi).locator("img"));
  await ada.page.getByRole("button", { name: "Remove picture" }).click();
  await ada.page
    .getByRole("dialog", { name: "Remove picture?" })
    .getByRole("button", { name: "Remove" })
    .click();
  await expect(group(kofi).locator("span")).toHaveCount(2);
  await expect(ada.page.getByRole("button", { name: "Remove picture" })).toHaveCount(0);
});

test("the switcher and the pickers show avatars and the Everyone icon", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper", "/settings");
  const kofi = await user("kofi", "Kofi Mensah", null);
  await ada.createGroup("Physics", [grace, kofi]);
  await choosePicture(grace, [200, 90, 40]);
  await grace.page
    .getByRole("dialog", { name: "Your picture" })
    .getByRole("button", { name: "Save picture" })
    .click();
  await expectImageLoaded(ada.people.getByRole("button", { name: /^Grace Hopper/ }).locator("img"));
  await ada.page.keyboard.press("Control+k");
  const places = ada.page.getByRole("listbox", { name: "Results" }).getByRole("option");
  const face = (row: RegExp) => places.filter({ hasText: row }).locator(".avatar");
  await expectImageLoaded(face(/Grace Hopper/).locator("img"));
  await expectImageLoaded(face(/Physics/).locator("img"));
  await expect(face(/Physics/).locator("span")).toHaveText(["G", "K"]);
  await expect(face(/Everyone/).locator("svg path")).toBeVisible();
  await expect(face(/Kofi Mensah/)).toHaveText("KM");
  await expectNoAxeViolations(ada.page);
  // Who is still offered keeps their row: a picture that is made anew blinks.
  const mark = (row: RegExp) =>
    face(row).evaluate((pngImage) => pngImage.setAttribute("data-same", ""));
  await mark(/Grace Hopper/);
  await ada.page.keyboard.type("grace");
  await expect(places).toHaveCount(1);
  await expect(face(/Grace Hopper/)).toHaveAttribute("data-same");
  await ada.page.keyboard.press("Escape");
  await ada.page.getByRole("textbox", { name: "Message" }).press("@");
  const people = ada.page.getByRole("listbox", { name: "Suggestions" }).getByRole("option");
  await expectImageLoaded(people.filter({ hasText: "Grace Hopper" }).locator("img"));
  await expect(
    people.filter({ hasText: "Everyone in this group" }).locator(".avatar span"),
  ).toHaveText(["G", "K"]);
});

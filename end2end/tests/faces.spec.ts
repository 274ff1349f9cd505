// Faces: a picture of oneself or of a group, cut where one wants it, and seen at once by all who may see it.
import { drawn, picture } from "./pictures";
import { expect, isSound, type Person, test } from "./town";

async function choosePicture({ page }: Person, colour: [number, number, number]): Promise<void> {
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose a picture" }).click();
  await (await choosing).setFiles({ name: "picture.png", mimeType: "image/png", buffer: picture(600, 400, colour) });
  await drawn(page.getByRole("dialog").locator(".crop img"));
}

test("a picture that somebody chooses is seen by the others at once, after a reload, and no more when it is taken away", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace", "/settings");
  const grace = await person("grace", "Grace Hopper");
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
  await drawn(shown());
  expect(await shown().evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(96);
  await grace.page.reload();
  await grace.ready();
  await drawn(shown());
  await ada.page.getByRole("button", { name: "Remove picture" }).click();
  await ada.page.getByRole("dialog", { name: "Remove picture?" }).getByRole("button", { name: "Remove" }).click();
  await expect(shown()).toHaveCount(0);
});

test("a file that is no picture is refused in words, and nothing changes", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace", "/settings");
  const choosing = ada.page.waitForEvent("filechooser");
  await ada.page.getByRole("button", { name: "Choose a picture" }).click();
  await (await choosing).setFiles({ name: "me.txt", mimeType: "text/plain", buffer: Buffer.from("me") });
  const dialog = ada.page.getByRole("dialog", { name: "Your picture" });
  await expect(dialog.getByRole("alert")).toContainText("Unsupported image format.");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(ada.page.getByRole("button", { name: "Remove picture" })).toHaveCount(0);
});

test("who thinks better of a picture while it is on its way keeps the one they have", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace", "/settings");
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

test("a group is shown by those of its people, and by its own once its creator gives it one", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const grace = await person("grace", "Grace Hopper", "/settings");
  const kofi = await person("kofi", "Kofi Mensah");
  await ada.createGroup("Physics", [grace, kofi]);
  const group = (who: Person) => who.conversations.getByRole("link", { name: /^Physics/ }).locator(".avatar");
  await expect(group(ada).locator("span")).toHaveText(["G", "K"]);
  await choosePicture(grace, [200, 90, 40]);
  await grace.page.getByRole("dialog", { name: "Your picture" }).getByRole("button", { name: "Save picture" }).click();
  await drawn(group(ada).locator("img"));
  await expect(group(ada).locator("span")).toHaveCount(2);
  // Nobody but its creator changes it.
  await kofi.open("Physics");
  await kofi.details();
  await expect(kofi.page.getByRole("region", { name: "Members" })).toBeVisible();
  await expect(kofi.page.getByRole("button", { name: "Choose a picture" })).toHaveCount(0);
  await ada.details();
  await choosePicture(ada, [40, 90, 200]);
  const dialog = ada.page.getByRole("dialog", { name: "Group picture" });
  await isSound(ada.page);
  await dialog.getByRole("button", { name: "Save picture" }).click();
  await expect(dialog).toBeHidden();
  for (const one of [ada, kofi]) {
    await drawn(group(one).locator("img"));
    await expect(group(one).locator("span")).toHaveCount(0);
  }
  await expect(kofi.messages.getByText("Ada Lovelace changed the group picture")).toBeVisible();
  await kofi.page.reload();
  await kofi.ready();
  await drawn(group(kofi).locator("img"));
  await ada.page.getByRole("button", { name: "Remove picture" }).click();
  await ada.page.getByRole("dialog", { name: "Remove picture?" }).getByRole("button", { name: "Remove" }).click();
  await expect(group(kofi).locator("span")).toHaveCount(2);
  await expect(ada.page.getByRole("button", { name: "Remove picture" })).toHaveCount(0);
});

test("where one looks for somebody their faces are seen, too, and the sign of everyone", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const grace = await person("grace", "Grace Hopper", "/settings");
  const kofi = await person("kofi", "Kofi Mensah", null);
  await ada.createGroup("Physics", [grace, kofi]);
  await choosePicture(grace, [200, 90, 40]);
  await grace.page.getByRole("dialog", { name: "Your picture" }).getByRole("button", { name: "Save picture" }).click();
  await drawn(ada.people.getByRole("button", { name: /^Grace Hopper/ }).locator("img"));
  await ada.page.keyboard.press("Control+k");
  const places = ada.page.getByRole("listbox", { name: "Results" }).getByRole("option");
  const face = (row: RegExp) => places.filter({ hasText: row }).locator(".avatar");
  await drawn(face(/Grace Hopper/).locator("img"));
  await drawn(face(/Physics/).locator("img"));
  await expect(face(/Physics/).locator("span")).toHaveText(["G", "K"]);
  await expect(face(/Everyone/).locator("svg path")).toBeVisible();
  await expect(face(/Kofi Mensah/)).toHaveText("KM");
  await isSound(ada.page);
  // Who is still offered keeps their row: a picture that is made anew blinks.
  const mark = (row: RegExp) => face(row).evaluate((picture) => picture.setAttribute("data-same", ""));
  await mark(/Grace Hopper/);
  await ada.page.keyboard.type("grace");
  await expect(places).toHaveCount(1);
  await expect(face(/Grace Hopper/)).toHaveAttribute("data-same");
  await ada.page.keyboard.press("Escape");
  await ada.page.getByRole("textbox", { name: "Message" }).press("@");
  const people = ada.page.getByRole("listbox", { name: "Suggestions" }).getByRole("option");
  await drawn(people.filter({ hasText: "Grace Hopper" }).locator("img"));
  await expect(people.filter({ hasText: "Everyone in this group" }).locator(".avatar span")).toHaveText(["G", "K"]);
});

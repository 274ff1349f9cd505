// Faces: a picture of oneself, cut where one wants it, and seen by everybody at once.
import { drawn, picture } from "./pictures";
import { expect, test } from "./town";

test("a picture that somebody chooses is seen by the others at once, after a reload, and no more when it is taken away", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace", "/settings");
  const grace = await person("grace", "Grace Hopper");
  const shown = () => grace.people.getByRole("button", { name: /^Ada Lovelace/ }).locator("img");
  await expect(shown()).toHaveCount(0);
  const choosing = ada.page.waitForEvent("filechooser");
  await ada.page.getByRole("button", { name: "Choose a picture" }).click();
  await (await choosing).setFiles({ name: "me.png", mimeType: "image/png", buffer: picture(600, 400, [40, 90, 200]) });
  const dialog = ada.page.getByRole("dialog", { name: "Your picture" });
  await drawn(dialog.locator("img"));
  // Four times as large, and by keys into the corner: no further.
  await dialog.getByRole("slider", { name: "Zoom" }).fill("400");
  const part = dialog.getByRole("group", { name: /^Part of the picture/ });
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
  await expect(shown()).toHaveCount(0);
});

test("a file that is no picture is refused in words, and nothing changes", async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace", "/settings");
  const choosing = ada.page.waitForEvent("filechooser");
  await ada.page.getByRole("button", { name: "Choose a picture" }).click();
  await (await choosing).setFiles({ name: "me.txt", mimeType: "text/plain", buffer: Buffer.from("me") });
  const dialog = ada.page.getByRole("dialog", { name: "Your picture" });
  await expect(dialog.getByRole("alert")).toContainText("This is no picture that can be shown.");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(ada.page.getByRole("button", { name: "Remove picture" })).toHaveCount(0);
});

// Appearance: messages of emoji only, the lightbox, times, shortcut labels, and avatar colours.
import { expectImageLoaded, pngImage } from "../harness/images";
import {
  signInOnNewDevice,
  expect,
  expectNoAxeViolations,
  signUp,
  test,
} from "../harness/test-server";

test("messages of only a few emoji are large", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const size = async (text: string) => {
    await ada.send(text);
    const words = ada.messages.locator("article").last().locator(".text p");
    await expect(words).toHaveText(text);
    // A row that gives way to the one of the message that was sent has no style any more.
    let found = Number.NaN;
    await expect
      .poll(
        async () =>
          (found = await words.evaluate((of) => parseFloat(getComputedStyle(of).fontSize))),
      )
      .toBeGreaterThan(0);
    return found;
  };
  const plain = await size("Hello 🎉");
  expect(await size("🎉")).toBeGreaterThanOrEqual(2 * plain);
  expect(await size("👩🏽‍💻 🏳️‍🌈 🇩🇪")).toBeGreaterThanOrEqual(2 * plain);
  const several = await size("😀😀😀😀😀😀😀😀");
  expect(several > plain && several < 2 * plain).toBe(true);
  for (const text of ["😀😀😀😀😀😀😀😀😀", "1", "42", "→", "🎉!"])
    expect([text, await size(text)]).toEqual([text, plain]);
});

test("the lightbox centres images in a dark window with its controls around them", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.page.emulateMedia({ colorScheme: "light" });
  const files = [
    { name: "large.png", mimeType: "image/png", buffer: pngImage(3000, 2000, [200, 90, 40]) },
    { name: "small.png", mimeType: "image/png", buffer: pngImage(300, 200, [40, 90, 200]) },
  ];
  await ada.page.locator("input[type=file]").first().setInputFiles(files);
  await ada.page.getByRole("textbox", { name: "Message" }).fill("look");
  await ada.page.getByRole("button", { name: "Send", exact: true }).click();
  await ada.message("look").getByRole("link", { name: "Picture large.png" }).click();
  const light = ada.page.getByRole("dialog", { name: "Picture" });
  const image = light.locator("img");
  await expectImageLoaded(image);
  await expectNoAxeViolations(ada.page);
  const { width, height } = ada.page.viewportSize()!;
  const box = async (of = image) => (await of.boundingBox())!;
  expect(await box(light)).toEqual({ x: 0, y: 0, width, height });
  expect(await light.evaluate((of) => getComputedStyle(of).backgroundColor)).toMatch(
    /oklch\(0\.14 /,
  );
  const middle = async () => {
    const place = await box();
    return [
      Math.round(place.x + place.width / 2 - width / 2),
      place.x >= 0 &&
        place.x + place.width <= width &&
        place.y >= 0 &&
        place.y + place.height <= height,
    ];
  };
  expect(await middle()).toEqual([0, true]);
  // The tools are above the picture, the steps at its sides.
  for (const tool of [
    light.getByRole("button", { name: "Actual size" }),
    light.getByRole("link", { name: "Download" }),
    light.getByRole("button", { name: "Close" }),
  ]) {
    const place = await box(tool);
    expect(place.y + place.height).toBeLessThanOrEqual((await box()).y + 1);
  }
  const [back, next] = [
    await box(light.getByRole("button", { name: "Previous picture" })),
    await box(light.getByRole("button", { name: "Next picture" })),
  ];
  expect([
    back.x < 40,
    next.x + next.width > width - 40,
    Math.abs(back.y + back.height / 2 - height / 2) < 4,
  ]).toEqual([true, true, true]);
  // Each pixel of the picture is one of the screen.
  await light.getByRole("button", { name: "Actual size" }).click();
  await expect.poll(async () => (await box()).width).toBe(3000);
  await expect.poll(() => image.evaluate((of: HTMLImageElement) => of.naturalWidth)).toBe(3000);
  await light.getByRole("button", { name: "Actual size" }).click();
  await light.getByRole("button", { name: "Next picture" }).click();
  await expect(light.getByText("small.png")).toBeVisible();
  await expectImageLoaded(image);
  await expect.poll(async () => (await box()).width, "a small picture is not blown up").toBe(300);
  expect(await middle()).toEqual([0, true]);
  // A press on the picture is no press beside it.
  await image.click();
  await expect(light).toBeVisible();
  await ada.page.mouse.click(120, height - 40);
  await expect(light).toBeHidden();
});

test("times follow the browser's locale", async ({ server, browser, user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await ada.send("Hello");
  const sent = await ada.message("Hello").locator("time").getAttribute("datetime");
  // Where it was five in the afternoon. Zones reach from twelve hours behind to fourteen ahead.
  const east = 17 - new Date(sent!).getUTCHours();
  const ahead = east > 14 ? east - 24 : east;
  const timezoneId = `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
  for (const [locale, time, exact] of [
    ["en-US", /^5:\d\d\sPM$/, /day, .*, 20\d\d at 5:\d\d:\d\d\sPM$/],
    ["de-DE", /^17:\d\d$/, /tag, .* 20\d\d um 17:\d\d:\d\d$/],
    ["en-GB", /^17:\d\d$/, /day, .* 20\d\d at 17:\d\d:\d\d$/],
  ] as const) {
    const there = await signInOnNewDevice(server, browser, ada, { locale, timezoneId });
    await there.goto();
    const stamp = there.message("Hello").locator("time");
    await expect(stamp).toHaveText(time);
    await stamp.hover();
    await expect(stamp).toHaveAttribute("title", exact);
    await expect(there.conversations.locator("time").first()).toHaveText(time);
    await there.context.close();
  }
});

test("shortcuts use Mac key symbols on a Mac", async ({ server, browser, user }) => {
  const grace = await user("grace", "Grace Hopper");
  await expect(grace.page.locator(".finder kbd")).toHaveText("Ctrl K");
  const ada = await signUp(server, browser, "ada", "Ada Lovelace");
  await ada.page.addInitScript(() =>
    Object.defineProperty(navigator, "platform", { get: () => "MacIntel" }),
  );
  await ada.goto();
  await expect(ada.page.locator(".finder kbd")).toHaveText("⌘K");
  await expect(ada.page.getByRole("link", { name: "Search messages" })).toHaveAttribute(
    "title",
    "Search messages (⇧⌘F)",
  );
  await ada.page.getByRole("toolbar", { name: "Formatting tools" }).waitFor();
  await ada.page.locator("body").press("Escape");
  await ada.page.getByRole("button", { name: "Account" }).click();
  await ada.page.getByRole("menuitem", { name: "Keyboard" }).click();
  const keys = ada.page.getByRole("dialog", { name: "Keyboard" }).locator("kbd");
  await expect(keys.filter({ hasText: "⌘K" })).toHaveCount(1);
  await expect(keys.filter({ hasText: /Ctrl|Alt/ })).toHaveCount(0);
  await ada.page.keyboard.press("Escape");
  await ada.page.keyboard.press("Meta+k");
  await expect(ada.page.getByRole("dialog", { name: "Go to" })).toBeVisible();
  await ada.context.close();
});

test("the twelve avatar colours are even, distinct, and have enough contrast with their initials in both themes", async ({
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  for (const colorScheme of ["light", "dark"] as const) {
    await ada.page.emulateMedia({ colorScheme });
    const { colours, text, behind } = await ada.page.evaluate(() => {
      const context = document
        .createElement("canvas")
        .getContext("2d", { willReadFrequently: true })!;
      const rgb = (css: string) => {
        context.fillStyle = css;
        context.fillRect(0, 0, 1, 1);
        return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255);
      };
      const place = document.body.appendChild(document.createElement("div"));
      const all = Array.from({ length: 12 }, (_, hue) => {
        const avatar = place.appendChild(document.createElement("span"));
        avatar.className = "avatar";
        avatar.dataset.hue = String(hue);
        return getComputedStyle(avatar);
      });
      const found = {
        colours: all.map((style) => rgb(style.backgroundColor)),
        text: rgb(all[0].color),
        behind: rgb(getComputedStyle(document.documentElement).backgroundColor),
      };
      place.remove();
      return found;
    });
    const linear = (part: number) =>
      part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    const luminance = ([r, g, b]: number[]) =>
      0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const contrast = (one: number[], other: number[]) => {
      const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    };
    const oklab = (colour: number[]) => {
      const [r, g, b] = colour.map(linear);
      const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
      const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
      const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
      return [
        0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
      ];
    };
    const points = colours.map(oklab);
    const chromas = points.map(([, a, b]) => Math.hypot(a, b));
    const span = (of: number[]) => Math.max(...of) - Math.min(...of);
    expect(span(points.map(([l]) => l)), "one lightness").toBeLessThan(0.02);
    expect(span(chromas), "one chroma").toBeLessThan(0.02);
    expect(Math.min(...chromas), "not muddy").toBeGreaterThan(0.1);
    for (const [at, colour] of colours.entries()) {
      expect(contrast(colour, text), `letters on ${at}`).toBeGreaterThanOrEqual(4.5);
      if (colorScheme === "dark")
        expect(contrast(colour, behind), `${at} in the dark`).toBeGreaterThanOrEqual(3);
      for (const [l, a, b] of points.slice(at + 1)) {
        expect(
          Math.hypot(l - points[at][0], a - points[at][1], b - points[at][2]),
          `${at} and another`,
        ).toBeGreaterThan(0.05);
      }
    }
  }
});

// How it looks in this engine: the dark theme on every part, scrollbars that belong to it, and
// names of both directions.
import { expect, test, type User } from "./user";

/** The lightness, from 0 to 1, of what is painted at these places of the window. */
async function painted(user: User, places: [number, number][]): Promise<number[]> {
  const screenshot = await user.driver.takeScreenshot();
  const width = await user.run(() => window.innerWidth);
  const page = await user.driver.getWindowHandle();
  // The app's own pages may not load an image from memory.
  await user.driver.switchTo().newWindow("tab");
  const found = await user.run(
    async (data: string, at: [number, number][], wide: number) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      const canvas = Object.assign(document.createElement("canvas"), {
        width: image.width,
        height: image.height,
      });
      const context = canvas.getContext("2d") as CanvasRenderingContext2D;
      context.drawImage(image, 0, 0);
      return at.map(([x, y]) => {
        const [red, green, blue] = context.getImageData(
          (x * image.width) / wide,
          (y * image.width) / wide,
          1,
          1,
        ).data;
        return (red + green + blue) / 765;
      });
    },
    screenshot,
    places,
    width,
  );
  await user.driver.close();
  await user.turnTo(page);
  return found;
}

/**
 * Where the sidebar's list, the messages and the field are, and the right edge of each scroller.
 */
const places = (user: User) =>
  user.run(() => {
    const box = (what: string) => document.querySelector(what)?.getBoundingClientRect() as DOMRect;
    const [rows, log, field] = [box(".rows"), box("[role=log]"), box("textarea")];
    const inside: [number, number][] = [
      [rows.left + 2, rows.bottom - 8],
      [log.left + 2, log.bottom - 3],
      [field.left + 2, field.top + 2],
    ];
    const edges: [number, number][] = [
      [rows.right - 3, rows.bottom - 8],
      [log.right - 3, log.bottom - 3],
    ];
    return { inside, edges };
  });

async function choose(user: User, theme: string): Promise<void> {
  await user.visit("/settings");
  await user.click("button", theme);
  await expect
    .poll(() => user.run(() => document.documentElement.getAttribute("data-theme")))
    .toBe(theme.toLowerCase());
  await user.ready();
  await user.open("Everyone");
  await user.message("a message");
}

test("both themes cover every part, scrollbars too", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  for (let n = 0; n < 40; n += 1)
    await grace.callApi("create_group", { name: `Group ${n}`, members: [ada.id] });
  for (let n = 0; n < 20; n += 1) await grace.write(`a message ${n}`);
  for (const [theme, dark] of [
    ["Dark", true],
    ["Light", false],
  ] as const) {
    await choose(ada, theme);
    const { inside, edges } = await places(ada);
    const found = await painted(ada, [...inside, ...edges]);
    for (const lightness of found)
      expect(lightness < 0.35, `${theme}: ${found.map((one) => one.toFixed(2)).join(" ")}`).toBe(
        dark,
      );
    // A scrollbar's track has the colour of the list beside it.
    for (const n of [0, 1])
      expect(Math.abs(found[3 + n] - found[n]), `${theme}: the edge of scroller ${n}`).toBeLessThan(
        0.02,
      );
  }
});

test("an excerpt after a right-to-left name begins where it is read", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const noa = await user("noa", "נועה לוי");
  await ada.visit("/settings");
  await noa.write(
    "the slides are in the shared folder, have a look at the third one before the lesson",
  );
  await ada.find("link", /^Everyone.*the slides/);
  // What is cut is the end of an English sentence, so its beginning is at the left of what is
  // shown.
  const begin = () =>
    ada.run(() => {
      const excerpt = document.querySelector(
        "nav[aria-label=Conversations] .row-excerpt",
      ) as HTMLElement;
      const walker = document.createTreeWalker(excerpt, NodeFilter.SHOW_TEXT);
      for (let text = walker.nextNode(); text; text = walker.nextNode()) {
        const at = text.textContent?.indexOf("the slides") ?? -1;
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + 10);
        const [words, shown] = [range.getBoundingClientRect(), excerpt.getBoundingClientRect()];
        return words.left >= shown.left - 1 && words.right <= shown.right + 1;
      }
      return null;
    });
  await expect.poll(begin).toBe(true);
});

import { test, expect, PASSWORD } from "./town";
for (const scheme of ["light", "dark"] as const) for (const [w, h] of [[1440, 900], [390, 844]] as const)
test(`look ${scheme} ${w}`, async ({ person }) => {
  const ada = await person("ada", "Ada Lovelace");
  const grace = await person("grace", "Grace Hopper");
  await ada.page.emulateMedia({ colorScheme: scheme });
  await ada.write("Why is the sky blue?");
  await ada.write("And what is for lunch? It had better be something with **noodles**.");
  for (const [to, text] of [["sky blue", "It scatters"], ["It scatters", "What does? `light`?\n\n> really\n\nI read it in a book that was longer than this line, but not by much."]] as const) {
    await grace.message(to).first().hover();
    await grace.message(to).first().getByRole("button", { name: "Reply" }).click();
    await grace.write(text);
  }
  await ada.message("lunch").hover();
  for (const t of ["lunch", "scatters"]) {
    await ada.message(t).first().hover();
    await ada.message(t).first().getByRole("button", { name: "More" }).click();
    if (t === "scatters") { await ada.page.keyboard.press("Escape"); await ada.open("Everyone"); await ada.page.setViewportSize({ width: w, height: h }); await ada.message(t).first().focus(); await ada.message(t).first().getByRole("button", { name: "More" }).click(); await ada.page.screenshot({ path: `/tmp/w/zz/menu-${w}-${scheme}.png` }); }
    await ada.page.getByRole("menuitem", { name: "Save", exact: true }).click();
  }
  await ada.page.goto(ada.page.url().replace(/\/$/, "") + "/saved"); await ada.ready();
  await expect(ada.page.getByRole("link", { name: /lunch/ }).last()).toBeVisible();
  await ada.page.screenshot({ path: `/tmp/w/zz/saved-${w}-${scheme}.png` });
  await ada.page.getByRole("link", { name: /scatters/ }).last().click();
  await expect(ada.message("scatters").first()).toBeInViewport();
  await ada.messages.getByRole("link", { name: "1 reply" }).first().click();
  await expect(ada.page.getByRole("region", { name: "Thread" }).getByRole("listitem")).toHaveCount(3);
  await ada.page.screenshot({ path: `/tmp/w/zz/thread-${w}-${scheme}.png` });
  await ada.page.getByRole("button", { name: "Close thread" }).click();
  await ada.messages.getByRole("button", { name: "Today" }).click();
  await ada.page.screenshot({ path: `/tmp/w/zz/day-${w}-${scheme}.png` });
});

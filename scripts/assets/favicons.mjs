// Renders the favicons as PNG: node scripts/assets/favicons.mjs. An SVG would be laid out by the
// page's main thread, which takes longer than to decode any image of this size.
import { readFileSync } from "node:fs";
import { chromium } from "@playwright/test";

const SIZE = 64;
const browser = await chromium.launch({
  executablePath: process.env.CHATBOX_CHROMIUM ?? "/usr/bin/chromium",
});
const page = await browser.newPage({ viewport: { width: SIZE, height: SIZE } });
for (const [source, target] of [
  ["public/favicon.svg", "public/favicon.png"],
  ["scripts/assets/favicon-unread.svg", "public/favicon-unread.png"],
]) {
  const style = `<style>* { margin: 0 } svg { display: block; width: ${SIZE}px }</style>`;
  await page.setContent(style + readFileSync(source, "utf8"));
  await page.screenshot({ path: target, omitBackground: true });
}
await browser.close();

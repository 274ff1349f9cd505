// Generates public/emoji.txt, the emoji table, from the package emojibase-data (MIT licence, (c)
// Miles Johnson; its names and keywords are from Unicode's CLDR, Unicode licence). Run it for each
// new version: `npm install --no-save emojibase-data@17.0.0 && node scripts/assets/emoji.mjs`.
//
// A line `# group`, then one line per emoji, with tab-separated fields: the character, with a `+`
// if it has skin tones; its name; its shortcodes, the displayed one first; keywords.
import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";

const load = createRequire(import.meta.url);
const all = load("emojibase-data/en/data.json");
// Shortcode sets of other products, the best known first.
const shortnames = ["github", "iamcal", "emojibase"].map((set) => load(`emojibase-data/en/shortcodes/${set}.json`));
const groups = { 0: "Smileys", 1: "People", 3: "Nature", 4: "Food", 5: "Travel", 6: "Activities", 7: "Objects", 8: "Symbols", 9: "Flags" };
// Newer emoji are missing in most fonts.
const NEWEST = 15.1;
const TONES = ["🏻", "🏼", "🏽", "🏾", "🏿"];

/** The rule that `toned` in src/domain/text/emoji.rs has as well. */
function toned(emoji, tone) {
  const letters = [...emoji];
  const people = letters.filter((letter) => "👨👩🧑".includes(letter)).length;
  const takes = (letter, at) => (people > 1 ? "👨👩🧑".includes(letter) : at === 0);
  return letters.map((letter, at) => (takes(letter, at) ? letter + tone : letter === "\ufe0f" && at > 0 && takes(letters[at - 1], at - 1) ? "" : letter)).join("");
}

// A shortcode maps to one emoji: that of the best known set.
const owner = new Map();
for (const set of shortnames) {
  for (const [hexcode, names] of Object.entries(set)) for (const name of [names].flat()) if (!owner.has(name)) owner.set(name, hexcode);
}

// Emoji with emoji presentation have no variation selector, so that there is one spelling.
const plainly = (emoji) => emoji.replace(/(\p{Emoji_Presentation})\ufe0f/gu, "$1");

const lines = ["# Made by scripts/assets/emoji.mjs from emojibase-data 17.0.0 (MIT licence, Miles Johnson), whose names are Unicode's (CLDR)."];
const without = [];
for (const [group, title] of Object.entries(groups)) {
  lines.push(`# ${title}`);
  for (const one of all.filter((one) => String(one.group) === group && one.version <= NEWEST).sort((a, b) => a.order - b.order)) {
    const short = [...new Set(shortnames.flatMap((set) => set[one.hexcode] ?? []))].filter((name) => owner.get(name) === one.hexcode);
    const name = one.label.replace(/^flag: /, "");
    const known = `${name} ${short.join(" ")}`.toLowerCase();
    const words = (one.tags ?? []).map((word) => word.toLowerCase()).filter((word) => !known.includes(word));
    const even = (one.skins ?? []).filter((skin) => typeof skin.tone === "number");
    const follows = even.length === 5 && even.every((skin) => toned(plainly(one.emoji), TONES[skin.tone - 1]) === plainly(skin.emoji));
    if (one.skins && !follows) without.push(one.emoji);
    lines.push([plainly(one.emoji) + (follows ? "+" : ""), name, short.slice(0, 4).join(" "), words.join(" ")].join("\t").trimEnd());
  }
}
writeFileSync(new URL("../../public/emoji.txt", import.meta.url), `${lines.join("\n")}\n`);
process.stdout.write(`${lines.length - 10} emoji; left without skin tones: ${without.join(" ")}\n`);

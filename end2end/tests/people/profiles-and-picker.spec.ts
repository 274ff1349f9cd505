// Users of the same name are told apart, names open profiles, and many people are picked in a few
// steps.
import {
  signInOnNewDevice,
  expect,
  expectNoAxeViolations,
  type TestUser,
  PASSWORD,
  test,
  type TestServer,
} from "../harness/test-server";

/** Registers people who have no browser; a few at a time, as a class would. */
async function signUpMany(
  server: TestServer,
  of: TestUser,
  people: [string, string][],
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  const signUp = async ([username, display_name]: [string, string]) => {
    const answer = await fetch(`${server.url}/api/sign_up`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username, display_name, password: PASSWORD }),
    });
    expect(answer.status, `${username} for ${of.name}`).toBe(200);
    ids.set(username, ((await answer.json()) as { id: string }).id);
  };
  for (let from = 0; from < people.length; from += 4)
    await Promise.all(people.slice(from, from + 4).map(signUp));
  return ids;
}

const numbered = (count: number): [string, string][] =>
  Array.from({ length: count }, (_, n) => [
    `pupil${n + 1}`,
    `Pupil ${String(n + 1).padStart(2, "0")}`,
  ]);

const newGroup = async ({ page }: TestUser) => {
  await page.getByRole("button", { name: "New group" }).click();
  const dialog = page.getByRole("dialog", { name: "New group" });
  await dialog.getByRole("textbox", { name: "Group name" }).fill("Class 7b");
  const filter = dialog.getByRole("searchbox", { name: "Find people" });
  const chips = dialog.getByRole("list", { name: "Chosen" }).getByRole("listitem");
  return { dialog, filter, chips };
};

/** What a paste of this text does; the clipboard itself belongs to the machine. */
async function paste(field: ReturnType<TestUser["page"]["locator"]>, text: string): Promise<void> {
  await field.evaluate((field, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    field.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }),
    );
  }, text);
}

test("users of the same display name are told apart by username as soon as there are two", async ({
  server,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const maria = await user("maria", "Maria Silva");
  await ada.openDirect(maria);
  await ada.send("Hello");
  await maria.open("Ada Lovelace");
  await maria.send("Hello back");
  await expect(ada.message("Hello back")).toBeVisible();
  await expect(ada.page.getByText("@maria", { exact: true })).toHaveCount(0);

  const other = await user("maria2", "Maria Silva");
  const heading = ada.page.getByRole("heading", { level: 1, name: "Maria Silva @maria" });
  await expect(heading).toBeVisible();
  await expect(ada.page).toHaveTitle(/^Maria Silva \(@maria\)/);
  await expect(ada.people.getByRole("button", { name: /^Maria Silva @maria\b/ })).toHaveCount(1);
  await expect(ada.people.getByRole("button", { name: /^Maria Silva @maria2\b/ })).toHaveCount(1);
  await expect(ada.conversations.getByRole("link", { name: /^Maria Silva @maria\b/ })).toHaveCount(
    1,
  );
  await expect(
    ada.messages.getByRole("article", { name: /^Maria Silva \(@maria\),/ }),
  ).toContainText("Hello back");
  await expect(
    ada.messages.getByRole("article").getByText("@maria", { exact: true }),
  ).toBeVisible();
  await expect(
    maria.page.getByRole("heading", { level: 1, name: "Ada Lovelace", exact: true }),
  ).toBeVisible();

  // In Everyone: what they write, whom one mentions, who is typing, what is answered, who came.
  await ada.open("Everyone");
  await other.open("Everyone");
  await other.send("I am new, @ada!");
  await expect(
    ada.messages.getByRole("article", { name: /^Maria Silva \(@maria2\),/ }),
  ).toContainText("I am new");
  await expect(ada.conversations.getByRole("link", { name: /^Everyone/ })).toContainText("@maria2");
  await ada.send("Welcome @maria2 and @maria!");
  await expect(other.message("Welcome").locator(".mention")).toHaveText([
    "@Maria Silva (@maria2)",
    "@Maria Silva (@maria)",
  ]);
  await expect(ada.page.locator(".notice").filter({ hasText: "joined" }).last()).toContainText(
    "Maria Silva (@maria2)",
  );
  // Who goes on typing is told of now and then.
  await expect(async () => {
    await other.page.getByRole("textbox", { name: "Message" }).press("o");
    await expect(ada.page.getByText("Maria Silva (@maria2) is typing…")).toBeVisible({
      timeout: 500,
    });
  }).toPass({ timeout: 15_000 });

  // The server says the same in the page's first frame.
  const page = await (await ada.context.request.get(`${server.url}/`)).text();
  expect(page).toContain("@maria2");
  await expectNoAxeViolations(ada.page, "namesakes");
});

test("the finder and the switcher find users by username with or without @", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const maria = await user("mar.silva", "Teresa Nunes");
  await ada.openDirect(maria);
  await ada.send("Hello");
  const finder = ada.page.getByRole("searchbox", { name: "Find a conversation or person" });
  for (const wanted of ["mar", "@mar", "@MAR.s", "teresa"]) {
    await finder.fill(wanted);
    await expect(ada.people.getByRole("button"), wanted).toHaveText(/Teresa Nunes/);
    await expect(ada.conversations.getByRole("link"), wanted).toHaveText(/Teresa Nunes/);
  }
  await finder.fill("@teresa nobody");
  await expect(ada.people.getByText("No matches")).toBeVisible();
  await finder.fill("");
  await ada.page.keyboard.press("Control+k");
  const switcher = ada.page.getByRole("dialog", { name: "Go to" });
  for (const wanted of ["@mar", "mar.s"]) {
    await switcher.getByRole("textbox").fill(wanted);
    await expect(switcher.getByRole("option").first(), wanted).toContainText("Teresa Nunes");
  }
});

test("a long name is truncated with the full name in its tooltip and leaves room for the username", async ({
  server,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const name = "Wolfeschlegelsteinhausenbergerdorff-Arno";
  await signUpMany(server, ada, [
    ["wolf1", name],
    ["wolf2", name],
  ]);
  const row = ada.people.getByRole("button", { name: new RegExp(`^${name} @wolf1`) });
  await expect(row.getByTitle(name)).toBeVisible();
  const [text, handle] = [row.getByTitle(name), row.getByText("@wolf1")];
  expect(await text.evaluate((text) => text.scrollWidth > text.clientWidth)).toBe(true);
  expect(await handle.evaluate((handle) => handle.scrollWidth <= handle.clientWidth)).toBe(true);
  await row.click();
  await ada.page.setViewportSize({ width: 390, height: 844 });
  const heading = ada.page.getByRole("heading", { level: 1 });
  await expect(heading.getByTitle(name)).toBeVisible();
  await expect(heading.getByText("@wolf1")).toBeInViewport();
  expect(
    await ada.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
  ).toBe(true);
});

test("names, avatars and mentions open a profile with a message button", async ({
  server,
  browser,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  const kofi = await user("kofi", "Kofi Mensah");
  await grace.callApi("set_status", { emoji: "🏝️", text: "On holiday" });
  await ada.createGroup("Engines", [grace, kofi]);
  await grace.createGroup("Compilers", [kofi]);
  await grace.open("Engines");
  await grace.send("Hello @kofi!");
  const card = ada.page.getByRole("dialog", { name: "Grace Hopper" });

  await ada.message("Hello").getByText("Grace Hopper").click();
  await expect(card).toBeVisible();
  await expect(card).toContainText("@grace");
  await expect(card).toContainText("online");
  await expect(card).toContainText("🏝️ On holiday");
  await expect(card.getByRole("link")).toHaveText(["Engines"]);
  await expect(card.getByRole("button", { name: "Message" })).toBeFocused();
  await expectNoAxeViolations(ada.page, "profile");
  await ada.page.keyboard.press("Escape");
  await expect(card).toHaveCount(0);

  // From one to the next with one press; it lies within the window.
  await ada.message("Hello").locator(".avatar").click();
  await expect(card).toBeVisible();
  await ada.message("Hello").locator(".mention").click();
  await expect(card).toHaveCount(0);
  const kofis = ada.page.getByRole("dialog", { name: "Kofi Mensah" });
  await expect(kofis).toBeVisible();
  const box = await kofis.boundingBox();
  expect(
    box && box.x >= 0 && box.y >= 0 && box.x + box.width <= 1280 && box.y + box.height <= 800,
  ).toBe(true);
  await kofis.getByRole("button", { name: "Message" }).click();
  await expect(ada.page.getByRole("heading", { level: 1, name: "Kofi Mensah" })).toBeVisible();
  await expect(kofis).toHaveCount(0);

  // By keys: from the message, and from the list of members.
  await ada.open("Engines");
  await ada.page.getByRole("textbox", { name: "Message" }).focus();
  for (const key of ["Shift+F6", "ArrowUp", "p"]) await ada.page.keyboard.press(key);
  await expect(card).toBeVisible();
  await ada.page.keyboard.press("Escape");
  await expect(ada.message("Hello")).toBeFocused();
  await ada.message("Hello").getByRole("button", { name: "More" }).click();
  await ada.page.getByRole("menuitem", { name: "View profile" }).click();
  await expect(card).toBeVisible();
  await ada.page.keyboard.press("Escape");
  const members = await ada.details();
  await members.getByRole("button", { name: "Grace Hopper", exact: true }).focus();
  await ada.page.keyboard.press("Enter");
  await expect(card).toBeVisible();
  await ada.page.keyboard.press("Escape");
  await expect(members.getByRole("button", { name: "Grace Hopper", exact: true })).toBeFocused();

  // Of oneself: there is nobody to write to.
  await members.getByRole("button", { name: /^Ada Lovelace/ }).click();
  const own = ada.page.getByRole("dialog", { name: "Ada Lovelace" });
  await expect(own.getByRole("link", { name: "Edit profile" })).toBeVisible();
  await expect(own.getByRole("button", { name: "Message" })).toHaveCount(0);
  await ada.page.keyboard.press("Escape");

  // Who has seen it.
  await ada.send("Who reads this?");
  await grace.page.bringToFront();
  await expect(grace.message("Who reads this?")).toBeVisible();
  await ada.page.getByRole("button", { name: /^Seen by/ }).click();
  await ada.page
    .getByRole("dialog", { name: "Seen by" })
    .getByRole("button", { name: "Grace Hopper" })
    .click();
  await expect(card).toBeVisible();

  // On a phone it is a sheet at the bottom.
  const phone = await signInOnNewDevice(server, browser, ada, {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
  });
  await phone.goto();
  await phone.open("Engines");
  await phone.message("Hello").getByText("Grace Hopper").tap();
  const sheet = await phone.page.getByRole("dialog", { name: "Grace Hopper" }).boundingBox();
  expect(sheet).toMatchObject({ x: 0, width: 390 });
  expect(Math.round((sheet?.y ?? 0) + (sheet?.height ?? 0))).toBe(844);
});

test("clickable names add no tab stops to a message", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const grace = await user("grace", "Grace Hopper");
  await grace.send("Hello @ada!");
  await expect(ada.message("Hello")).toBeVisible();
  expect(await ada.messages.locator("article").locator("a, button, [tabindex='0']").count()).toBe(
    0,
  );
});

test("people are picked by typing, Enter and arrows, shown as chips, and Enter never creates the group", async ({
  server,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  await signUpMany(server, ada, [
    ["grace", "Grace Hopper"],
    ["kofi", "Kofi Mensah"],
    ["koffi", "Koffi Annan"],
    ["zoe", "Zoë Müller"],
  ]);
  const { dialog, filter, chips } = await newGroup(ada);
  const { keyboard } = ada.page;
  await filter.focus();
  await keyboard.press("Enter");
  await expect(dialog).toBeVisible();
  await keyboard.type("ko");
  await expect(dialog.getByRole("checkbox")).toHaveCount(2);
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await expect(filter).toHaveValue("");
  await expect(filter).toBeFocused();
  await expect(chips).toHaveText([/Kofi Mensah/]);
  await expect(dialog.getByRole("checkbox", { name: "Kofi Mensah" })).toBeChecked();
  await keyboard.type("@zo");
  await keyboard.press("Enter");
  await keyboard.type("muller");
  await expect(dialog.getByRole("checkbox")).toHaveCount(1);
  await expect(dialog.getByRole("checkbox", { name: "Zoë Müller" })).toBeChecked();
  await keyboard.press("Escape");
  await expect(dialog).toBeVisible();
  await expect(filter).toHaveValue("");
  await dialog.getByRole("checkbox", { name: "Grace Hopper" }).check();
  await expect(chips).toHaveText([/Kofi Mensah/, /Zoë Müller/, /Grace Hopper/]);
  await expect(dialog).toContainText("People (3 chosen)");

  await filter.focus();
  await keyboard.press("Backspace");
  await expect(chips).toHaveText([/Kofi Mensah/, /Zoë Müller/]);
  await keyboard.press("ArrowLeft");
  await keyboard.press("ArrowLeft");
  await expect(dialog.getByRole("button", { name: "Remove Kofi Mensah" })).toBeFocused();
  await keyboard.press("Enter");
  await expect(chips).toHaveText([/Zoë Müller/]);
  await expect(filter).toBeFocused();
  await keyboard.type("nobody at all");
  await expect(dialog.getByText("No matches")).toBeVisible();
  await keyboard.press("Enter");
  await expect(filter).toHaveValue("nobody at all");
  await expect(dialog).toBeVisible();
  await expectNoAxeViolations(ada.page, "picker");
  await dialog.getByRole("button", { name: "Create group" }).click();
  await expect(ada.page.getByRole("heading", { level: 1, name: "Class 7b" })).toBeVisible();
  await expect(await ada.details()).toContainText("Zoë Müller");
});

test("a pasted list of thirty is matched, ambiguous entries are asked about, and the filter shows only its matches", async ({
  server,
  user,
}) => {
  test.setTimeout(120_000);
  const ada = await user("ada", "Ada Lovelace");
  await signUpMany(server, ada, [
    ...numbered(30),
    ["maria1", "Maria Silva"],
    ["maria2", "Maria Silva"],
    ["lovelace", "Augusta King"],
  ]);
  const { dialog, filter, chips } = await newGroup(ada);
  const names = numbered(30).map(([username, name], n) =>
    n % 3 === 0 ? name.toUpperCase() : n % 3 === 1 ? `@${username}` : `${username}@school.example`,
  );
  await paste(
    filter,
    [...names, "King, Augusta", "Maria Silva", "Nobody Known", "Ada Lovelace"].join("\n"),
  );
  await expect(chips).toHaveCount(31);
  await expect(dialog).toContainText("31 people selected from the list.");
  await expect(dialog).toContainText("Not found: Nobody Known");
  await expect(dialog).toContainText("Already in the group: you");
  await dialog.getByRole("button", { name: "Maria Silva (@maria2)" }).click();
  await expect(chips).toHaveCount(32);
  await expect(dialog.getByRole("button", { name: "Remove Maria Silva (@maria2)" })).toBeVisible();
  await expect(
    dialog.getByRole("button", { name: "Maria Silva (@maria1)", exact: true }),
  ).toHaveCount(0);
  await dialog.getByRole("button", { name: "Dismiss" }).click();
  await filter.fill("pupil 07");
  await expect(dialog.getByRole("checkbox")).toHaveCount(1);
  await expectNoAxeViolations(ada.page, "pasted");
  await filter.fill("");
  // What is typed with commas is a list, too.
  await dialog.getByRole("button", { name: "Clear" }).click();
  await expect(chips).toHaveCount(0);
  await filter.fill("pupil1, Pupil 02; maria1");
  await filter.press("Enter");
  await expect(chips).toHaveText([/Pupil 01/, /Pupil 02/, /Maria Silva/]);
  await dialog.getByRole("button", { name: "Create group" }).click();
  await expect(dialog).toBeHidden();
  const members = await ada.details();
  await expect(members.getByRole("listitem")).toHaveCount(4);

  // Adding to it: all that match, in one press.
  await members.getByRole("button", { name: "Add people" }).click();
  const adding = ada.page.getByRole("dialog", { name: "Add people" });
  await expect(adding.getByRole("searchbox", { name: "Find people" })).toBeFocused();
  await ada.page.keyboard.type("pupil 1");
  await adding.getByRole("button", { name: "Select all 11 that match" }).click();
  await adding.getByRole("button", { name: "Add", exact: true }).click();
  await expect(adding).toBeHidden();
  await expect(members.getByRole("listitem")).toHaveCount(15);
});

test("a single pasted name filters the list and selects nobody", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  await user("grace", "Grace Hopper", null);
  const { filter, chips } = await newGroup(ada);
  const isLeft = await filter.evaluate((field) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", "Grace Hopper\n");
    return field.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }),
    );
  });
  expect(isLeft, "the browser pastes it").toBe(true);
  await expect(chips).toHaveCount(0);
});

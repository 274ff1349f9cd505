// A page delivered in pieces over a slow connection: nothing on the screen moves.
import http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "../harness/test-server";

test("a partially loaded page shows no messages, a complete one shows all", async ({
  server,
  user,
}) => {
  const ada = await user("ada", "Ada Lovelace");
  for (let n = 1; n <= 5; n++) await ada.send(`message ${n}`);
  await expect(ada.message("message 5").getByRole("status")).toHaveText("Sent");

  // A line that stops in the middle of the messages until it is told to go on.
  let goOn = () => {};
  const line = http.createServer((request, response) => {
    const there = {
      headers: {
        ...request.headers,
        host: new URL(server.url).host,
        "accept-encoding": "identity",
      },
      method: request.method ?? "GET",
    };
    const asked = http.request(server.url + (request.url ?? "/"), there, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      if (request.url !== "/") {
        answer.pipe(response);
        return;
      }
      const pieces: Buffer[] = [];
      answer.on("data", (piece: Buffer) => pieces.push(piece));
      answer.on("end", () => {
        const page = Buffer.concat(pieces);
        const half = page.indexOf("</article>", page.indexOf("message 3"));
        expect(half).toBeGreaterThan(0);
        response.write(page.subarray(0, half));
        goOn = () => response.end(page.subarray(half));
      });
    });
    asked.on("error", () => response.destroy());
    request.pipe(asked);
  });
  await new Promise<void>((done) => line.listen(0, "127.0.0.1", done));
  const page = await ada.context.newPage();
  await page.goto(`http://127.0.0.1:${(line.address() as AddressInfo).port}/`, {
    waitUntil: "commit",
  });
  // It is here as far as the line has brought it, and not seen.
  await expect(page.getByText("message 3", { exact: true })).toBeAttached();
  await expect(page.getByText("message 3", { exact: true })).toBeHidden();
  await expect(page.getByText("message 4", { exact: true })).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Everyone" })).toBeVisible();
  goOn();
  await expect(page.getByText("message 3", { exact: true })).toBeVisible();
  await expect(page.getByRole("log").getByText("message 5", { exact: true })).toBeVisible();
  await page.close();
  line.closeAllConnections();
  line.close();
});

test("the code of the page is requested after the first paint", async ({ user }) => {
  const ada = await user("ada", "Ada Lovelace");
  const [painted, requested] = await ada.page.evaluate(() => {
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    const code = performance
      .getEntriesByType("resource")
      .find((entry) => entry.name.endsWith("/chatbox.wasm"));
    return [paint?.startTime ?? Number.NaN, code?.startTime ?? Number.NaN];
  });
  expect(painted).toBeLessThan(requested);
});

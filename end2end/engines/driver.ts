// Starts a browser of another engine under WebDriver. Each driver program has one browser, so each
// browser has a driver of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { Builder, type WebDriver } from "selenium-webdriver";

export type Engine = "firefox" | "webkit";

const FIREFOX = process.env.CHATBOX_FIREFOX ?? "/usr/bin/firefox-esr";
const MINI_BROWSER =
  process.env.CHATBOX_MINIBROWSER ?? "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

const named = new Set<Engine>();

/** A running browser, and what ends it. */
export type Running = { driver: WebDriver; close: () => Promise<void> };

export async function start(engine: Engine): Promise<Running> {
  const port = await freePort();
  const programs: ChildProcess[] = [];
  try {
    if (engine === "firefox") {
      const websocket = await freePort();
      programs.push(
        spawn(
          "geckodriver",
          ["--port", String(port), "--websocket-port", String(websocket), "--log", "fatal"],
          { stdio: "ignore" },
        ),
      );
    } else {
      const display = await startDisplay(programs);
      programs.push(
        spawn("WebKitWebDriver", [`--port=${port}`], {
          stdio: "ignore",
          env: { ...process.env, DISPLAY: display },
        }),
      );
    }
    const failed = failure(programs);
    await Promise.race([failed, isReady(port, programs)]);
    const driver = await Promise.race([failed, open(engine, port)]);
    return {
      driver,
      close: async () => {
        await driver.quit().catch(() => undefined);
        await stop(programs);
      },
    };
  } catch (error) {
    await stop(programs);
    throw error;
  }
}

/**
 * A screen of its own for each browser: on a shared one only the latest has the focus, and the app
 * marks nothing as read in an unfocused window.
 */
async function startDisplay(programs: ChildProcess[]): Promise<string> {
  const screen = spawn(
    "Xvfb",
    ["-displayfd", "3", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"],
    { stdio: ["ignore", "ignore", "ignore", "pipe"] },
  );
  programs.push(screen);
  const number = new Promise<string>((resolve) =>
    screen.stdio[3]?.once("data", (data) => resolve(String(data).trim())),
  );
  return `:${await Promise.race([failure(programs), number])}`;
}

/** Fails as soon as one of the programs cannot start or ends. */
function failure(programs: ChildProcess[]): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    for (const program of programs) {
      program.once("error", (error) =>
        reject(new Error(`${program.spawnfile} cannot start: ${error.message}`)),
      );
      program.once("exit", (code) => reject(new Error(`${program.spawnfile} ended with ${code}.`)));
    }
  });
  // When the programs end later, nobody waits for this any more.
  failed.catch(() => undefined);
  return failed;
}

/** The latest first: a browser ends before its screen. */
async function stop(programs: ChildProcess[]): Promise<void> {
  for (const program of [...programs].reverse()) {
    if (program.pid === undefined || program.exitCode !== null || program.signalCode !== null)
      continue;
    const gone = new Promise((resolve) => program.once("exit", resolve));
    program.kill();
    await gone;
  }
}

/** Waits until the driver answers, or has ended. */
async function isReady(port: number, programs: ChildProcess[]): Promise<void> {
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/status`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers()) && programs.every(({ exitCode }) => exitCode === null));
}

async function open(engine: Engine, port: number): Promise<WebDriver> {
  const capabilities =
    engine === "firefox"
      ? {
          browserName: "firefox",
          "moz:firefoxOptions": {
            binary: FIREFOX,
            args: ["-headless", "--width=1280", "--height=900"],
          },
        }
      : {
          browserName: "MiniBrowser",
          "webkitgtk:browserOptions": { binary: MINI_BROWSER, args: ["--automation"] },
        };
  const driver = await new Builder()
    .disableEnvironmentOverrides()
    .usingServer(`http://127.0.0.1:${port}`)
    .withCapabilities(capabilities)
    .build();
  if (!named.has(engine)) {
    const about = await driver.getCapabilities();
    console.log(`${about.get("browserName")} ${about.get("browserVersion")}`);
    named.add(engine);
  }
  await driver.manage().setTimeouts({ script: 60_000 });
  await driver.manage().window().setRect({ x: 0, y: 0, width: 1280, height: 900 });
  return driver;
}

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

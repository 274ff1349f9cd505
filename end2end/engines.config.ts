// How the checks in other browser engines run (scripts/browsers): one after the other, each with a
// server and browsers of its own.
import { defineConfig } from "@playwright/test";
import type { Options } from "./engines/user";

export default defineConfig<Options>({
  testDir: "./engines",
  outputDir: "./results",
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  retries: 0,
  reporter: [["list"]],
  projects: [
    { name: "firefox", use: { engine: "firefox" } },
    { name: "webkit", use: { engine: "webkit" } },
  ],
});

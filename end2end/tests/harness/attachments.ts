// Sample files, and choosing and sending them.
import { createHash } from "node:crypto";
import { pngImage } from "./images";
import { expect, type TestUser } from "./test-server";

export type Given = { name: string; mimeType: string; buffer: Buffer };

/** A second of silence (WAV). */
export function silence(): Buffer {
  const data = Buffer.alloc(8_000, 128);
  const head = Buffer.from(
    "524946460000000057415645666d74201000000001000100401f0000401f00000100080064617461",
    "hex",
  );
  const size = Buffer.alloc(4);
  size.writeUInt32LE(data.length);
  head.writeUInt32LE(36 + data.length, 4);
  return Buffer.concat([head, size, data]);
}

/** Bytes that nothing packs. */
export function noise(size: number): Buffer {
  const parts: Buffer[] = [];
  for (let n = 0; n * 32 < size; n++) parts.push(createHash("sha256").update(String(n)).digest());
  return Buffer.concat(parts).subarray(0, size);
}

export const PHOTO: Given = {
  name: "holiday.png",
  mimeType: "image/png",
  buffer: pngImage(900, 600, [200, 90, 40]),
};
export const PAPER: Given = {
  name: "paper.pdf",
  mimeType: "application/pdf",
  buffer: Buffer.from("%PDF-1.7\n%\xe2\xe3", "latin1"),
};
export const CODE: Given = {
  name: "main.rs",
  mimeType: "text/plain",
  buffer: Buffer.from('fn main() {\n    println!("```");\n}\n'),
};

export const tray = (user: TestUser) => user.page.getByRole("list", { name: "Files to send" });
export const field = (user: TestUser) => user.page.getByRole("textbox", { name: "Message" });

export async function choose(user: TestUser, ...files: Given[]): Promise<void> {
  const choosing = user.page.waitForEvent("filechooser");
  await user.page.getByRole("button", { name: "Attach files" }).click();
  await (await choosing).setFiles(files);
}

/** In the page: what its disk has of the tray, in its order. */
export async function trayOnDisk(): Promise<string[]> {
  const done = <T>(request: IDBRequest<T>) =>
    new Promise<T>((tell) => (request.onsuccess = () => tell(request.result)));
  const name =
    (await indexedDB.databases()).find(({ name }) => name?.startsWith("chatbox-"))?.name ?? "";
  const disk = await done(indexedDB.open(name));
  const files = (await done(disk.transaction("tray").objectStore("tray").getAll())).map((file) =>
    JSON.parse(file),
  );
  disk.close();
  return files.sort((a, b) => a.place - b.place).map((one) => one.file.name);
}

export async function send(user: TestUser, text = ""): Promise<void> {
  await field(user).fill(text);
  await user.page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(tray(user)).toHaveCount(0);
}

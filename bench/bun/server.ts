// The reference server Bun + SQLite. Messages that arrive in one event-loop turn are one
// transaction (WAL, synchronous=FULL); then they are published together and acknowledged.
// Usage: bun server.ts <port> <file>
import { Database } from "bun:sqlite";
import type { ServerWebSocket } from "bun";

type Client = { receives: boolean };

const [port, file] = Bun.argv.slice(2);
const database = new Database(file, { create: true, strict: true });
database.run("pragma journal_mode = wal");
database.run("pragma synchronous = full");
database.run(`create table if not exists messages
  (seq integer primary key, at integer not null, body text not null) strict`);
const insert = database.prepare<void, [number, number, string]>(
  "insert into messages (seq, at, body) values (?, ?, ?)",
);

let seq = 0;
// The messages of this turn and the sockets that sent them.
let bodies: string[] = [];
let senders: ServerWebSocket<Client>[] = [];

const store = database.transaction((first: number, batch: string[]) => {
  const now = Date.now();
  batch.forEach((body, n) => insert.run(first + n, now, body));
});

function commit() {
  const [batch, authors, first] = [bodies, senders, seq + 1];
  [bodies, senders] = [[], []];
  store.immediate(first, batch);
  seq += batch.length;
  batch.forEach((body, n) =>
    server.publish("room", `{"seq":${first + n},"body":${JSON.stringify(body)}}`),
  );
  for (const socket of authors) socket.send("ack");
}

const server = Bun.serve<Client>({
  hostname: "127.0.0.1",
  port: Number(port),
  fetch(request, server) {
    const receives = new URL(request.url).pathname === "/receive";
    if (server.upgrade(request, { data: { receives } })) return;
    return new Response(null, { status: 426 });
  },
  websocket: {
    perMessageDeflate: false,
    idleTimeout: 0,
    // Bun drops frames beyond this limit, which the load generator would report as lost.
    backpressureLimit: 64 * 1024 * 1024,
    open(socket) {
      if (socket.data.receives) socket.subscribe("room");
      socket.send('{"type":"current"}');
    },
    message(socket, body) {
      // setImmediate runs after all sockets of this turn have been read.
      if (bodies.push(String(body)) === 1) setImmediate(commit);
      senders.push(socket);
    },
  },
});

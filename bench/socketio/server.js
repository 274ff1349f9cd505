// What most people would write: Socket.IO 4 on Node; each message is a row in SQLite (WAL, synchronous=FULL) before it is delivered.
// Usage: node server.js <port> <file>
const { createServer } = require("node:http");
const { Server } = require("socket.io");
const Database = require("libsql");

const [port, file] = process.argv.slice(2);
const database = new Database(file);
database.pragma("journal_mode = wal");
database.pragma("synchronous = full");
database.exec("create table if not exists messages (seq integer primary key, at integer not null, body text not null)");
const insert = database.prepare("insert into messages (at, body) values (?, ?)");

const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false });
let seq = 0;
io.on("connection", (socket) => {
  if (socket.handshake.query.role === "receive") socket.join("room");
  socket.on("send", (body, acknowledge) => {
    insert.run(Date.now(), body);
    seq += 1;
    io.to("room").emit("message", { seq, body });
    acknowledge();
  });
});
http.listen(Number(port), "127.0.0.1");

// A TCP proxy between browser and server that can drop all traffic while the connections stay open.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export class TcpProxy {
  private readonly pairs: [Socket, Socket][] = [];
  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly url: string,
  ) {}

  static async before(address: string): Promise<TcpProxy> {
    const [host, port] = address.split(":");
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const proxy = new TcpProxy(
      server,
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    );
    server.on("connection", (near) => {
      const far = connect(Number(port), host);
      near.pipe(far);
      far.pipe(near);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ])
        one.on("error", () => other.destroy()).on("close", () => other.destroy());
      proxy.pairs.push([near, far]);
    });
    return proxy;
  }

  /** Drops all traffic of the connections that are open now; new connections work. */
  dropTraffic(): void {
    for (const [near, far] of this.pairs.splice(0)) {
      near.unpipe(far).resume();
      far.unpipe(near).resume();
    }
  }

  async close(): Promise<void> {
    for (const sockets of this.pairs) for (const socket of sockets) socket.destroy();
    await new Promise((closed) => this.server.close(closed));
  }
}

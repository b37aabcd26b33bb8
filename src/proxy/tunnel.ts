/** Bytes both ways, unread, and the end of a connection. */
import type { Socket } from "node:net";

/** Each side may end its half first. */
export function tunnel(client: Socket, server: Socket): void {
  join(client, server);
  join(server, client);
}

function join(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on("error", () => to.destroy());
  // what came before is still to be written
  from.on("close", (hadError) => (hadError ? to.destroy() : to.destroySoon()));
}

/** The last bytes for a client, which need not end its own half for that: it would keep its place among the connections. */
export function endWith(socket: Socket, bytes: string | Uint8Array): void {
  socket.write(bytes);
  socket.destroySoon();
}

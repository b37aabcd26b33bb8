/** The ways of a syslog message to its receiver. */
import * as net from "node:net";
import * as tls from "node:tls";
import { readSmallFile } from "../../files/index.ts";
import type { SyslogConfig } from "../config/outputs.ts";
import { DatagramSender } from "../datagram.ts";
import { StreamSender } from "../stream.ts";
import { UdpSender } from "../udp.ts";

export interface Transport {
  /** As Sink.send. */
  send(messages: readonly Buffer[]): Promise<number>;
  close(): void;
}

export function openTransport(config: SyslogConfig): Transport {
  const { endpoint, transport } = config;
  switch (transport) {
    case "unix": {
      const sender = new DatagramSender(config.path);
      return {
        send: async (messages) => sender.send(messages),
        close: () => sender.close(),
      };
    }
    case "udp":
      return new UdpSender(endpoint);
    case "tcp":
      return framed(new StreamSender(() => net.connect({ ...endpoint, ...NO_DELAY }), "connect"));
    case "tls":
      return framed(new StreamSender(() => connectTls(config), "secureConnect"));
  }
}

const NO_DELAY = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 };

/** Certificates are read at each attempt, so that renewed ones are used. */
function connectTls({ endpoint, tls: options }: SyslogConfig): tls.TLSSocket {
  const { ca, cert, key, serverName } = options;
  const name = serverName ?? endpoint.host;
  return tls.connect({
    ...endpoint,
    ...NO_DELAY,
    minVersion: "TLSv1.2",
    ...(net.isIP(name) === 0 ? { servername: name } : {}),
    checkServerIdentity: (_, certificate) => tls.checkServerIdentity(name, certificate),
    ...(ca === undefined ? {} : { ca: readSmallFile(ca) }),
    ...(cert === undefined ? {} : { cert: readSmallFile(cert) }),
    ...(key === undefined ? {} : { key: readSmallFile(key) }),
  });
}

/** Octet counting (RFC 6587, RFC 5425): the length goes first, so that no message can hold the end of another. */
function framed(sender: StreamSender): Transport {
  return {
    send: async (messages) => {
      const frames = messages.flatMap((message) => [Buffer.from(`${message.length} `), message]);
      await sender.write(Buffer.concat(frames));
      return messages.length;
    },
    close: () => sender.close(),
  };
}

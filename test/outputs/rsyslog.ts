/** An rsyslogd of the test's own: its sockets, its ports, and a file with what it understood of each message. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { freePort, makeCertificate, Receiver, temporaryDirectory } from "./receiver.ts";

export interface Message {
  readonly pri: string;
  readonly tag: string;
  readonly msgid: string;
  readonly structured: string;
  readonly msg: string;
}

export class Rsyslog {
  readonly directory: string;
  readonly socket: string;
  readonly output: string;
  readonly ca: string;
  readonly udpPort: number;
  readonly tcpPort: number;
  readonly tlsPort: number;
  private readonly t: TestContext;
  private receiver: Receiver | undefined;

  private constructor(t: TestContext, ports: readonly [number, number, number]) {
    this.t = t;
    this.directory = temporaryDirectory(t);
    this.socket = join(this.directory, "log");
    this.output = join(this.directory, "received");
    [this.udpPort, this.tcpPort, this.tlsPort] = ports;
    const { cert, key } = makeCertificate(this.directory);
    this.ca = cert;
    writeFileSync(join(this.directory, "rsyslog.conf"), this.config(cert, key));
  }

  static async start(t: TestContext): Promise<Rsyslog> {
    const ports = [await freePort(), await freePort(), await freePort()] as const;
    const rsyslog = new Rsyslog(t, ports);
    rsyslog.start();
    return rsyslog;
  }

  start(): void {
    const config = join(this.directory, "rsyslog.conf");
    const pid = join(this.directory, "pid");
    this.receiver = new Receiver(this.t, "/usr/sbin/rsyslogd", ["-n", "-f", config, "-i", pid]);
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    await this.receiver?.stop(signal);
  }

  /** One JSON object a line, made by rsyslog from what its parser found. */
  private config(cert: string, key: string): string {
    return `
global(workDirectory="${this.directory}" defaultNetstreamDriverCAFile="${cert}"
  defaultNetstreamDriverCertFile="${cert}" defaultNetstreamDriverKeyFile="${key}")
module(load="imuxsock" SysSock.Use="off")
module(load="imudp")
module(load="imtcp")
template(name="json" type="list" option.jsonf="on") {
  property(outname="pri" name="pri-text" format="jsonf")
  property(outname="tag" name="syslogtag" format="jsonf")
  property(outname="msgid" name="msgid" format="jsonf")
  property(outname="structured" name="structured-data" format="jsonf")
  property(outname="msg" name="msg" format="jsonf")
}
input(type="imuxsock" Socket="${this.socket}" UseSpecialParser="off" RateLimit.Interval="0" CreatePath="on")
input(type="imudp" port="${this.udpPort}" address="127.0.0.1")
input(type="imtcp" port="${this.tcpPort}" address="127.0.0.1")
input(type="imtcp" port="${this.tlsPort}" address="127.0.0.1"
  StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
action(type="omfile" file="${this.output}" template="json")
`;
  }
}

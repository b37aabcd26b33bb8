/** `127.0.0.1:80`, `[::1]:80`, `example.org:80`: a host or an address with its port, as policies and programs write it. */
export function endpointText(host: string, port: number | bigint | string): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

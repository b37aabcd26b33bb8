/** Which entry of a list decides about an address, as the rules of the policy do: the last one that fits. */
import type { AllowedAddress } from "../checked/policy.ts";
import { decodeNetwork } from "../parse/literals.ts";

/** `peer`: an address with its port, `10.0.0.1:443` or `[::1]:22`. Undefined: none fits, so that it is not allowed. */
export function decidingAddress(
  addresses: readonly AllowedAddress[],
  peer: string,
): AllowedAddress | undefined {
  const [, host = "", digits = ""] = WITH_PORT.exec(peer) ?? [];
  const own = decodeNetwork(host)?.address;
  return own && addresses.findLast((entry) => fitsAddress(entry, own, Number(digits)));
}

const WITH_PORT = /^\[?(.*?)\]?:(\d+)$/;

function fitsAddress({ network, port }: AllowedAddress, own: Uint8Array, at: number): boolean {
  if (port !== undefined && port !== at) return false;
  const wanted = network === undefined ? undefined : decodeNetwork(network);
  return wanted === undefined || isIn(own, wanted.address, wanted.prefixBits);
}

function isIn(own: Uint8Array, network: Uint8Array, bits: number): boolean {
  if (own.length !== network.length) return false;
  return own.every((byte, i) => {
    const left = Math.min(8, Math.max(0, bits - 8 * i));
    return (byte ^ (network[i] ?? 0)) >> (8 - left) === 0;
  });
}

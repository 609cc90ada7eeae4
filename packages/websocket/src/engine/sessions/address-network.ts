import { isIPv4, SocketAddress } from "node:net";

const WRAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;
const GROUPS = 8;

/**
 * What counts as one address: an IPv4 address, however it is written, or the /64 network of an IPv6 address, of which one
 * client may have all.
 *
 * @param address as `net.isIP` takes it.
 */
export function networkOf(address: string): string {
  if (isIPv4(address)) return address;
  // In its one canonical form.
  const { address: text } = new SocketAddress({ address, family: "ipv6" });
  const [, ipv4] = WRAPPED_IPV4.exec(text) ?? [];
  if (ipv4 !== undefined) return ipv4;
  const [left = [], right = []] = text.split("::").map(groupsOf);
  const zeros = new Array<string>(GROUPS - left.length - right.length).fill("0");
  return `${[...left, ...zeros, ...right].slice(0, GROUPS / 2).join(":")}::/64`;
}

function groupsOf(text: string): string[] {
  if (text === "") return [];
  // An IPv4 address at the end stands for two groups, which are beyond the first four.
  return text.split(":").flatMap((group) => (group.includes(".") ? [group, group] : [group]));
}

import { isIPv6 } from "node:net";
import fc from "fast-check";
import { networkOf } from "./address-network";

it.each([
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["::FFFF:cb00:7107", "203.0.113.7"],
  ["0:0:0:0:0:ffff:203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::1", "2001:db8:1:2::/64"],
  ["2001:db8:1:3::1", "2001:db8:1:3::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::", "0:0:0:0::/64"],
  ["1::", "1:0:0:0::/64"],
  ["64:ff9b::203.0.113.7", "64:ff9b:0:0::/64"],
  ["::203.0.113.7", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
])("%s counts as %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});

it("of any address of IPv6 the first half counts, however it is written", () => {
  // A bit that keeps it from being an IPv4 address in disguise.
  const group = fc.integer({ min: 0, max: 0xffff });
  const groups = fc.tuple(fc.integer({ min: 1, max: 0xffff }), ...new Array<typeof group>(7).fill(group));
  const property = fc.property(groups, fc.boolean(), (values, isLong) => {
    const written = values.map((value) => value.toString(16).padStart(isLong ? 4 : 1, "0"));
    const short = written.join(":").replace(/(^|:)0(:0)+(?=:|$)/, "$1:");
    for (const address of [written.join(":"), short, short.toUpperCase()].filter((each) => isIPv6(each))) {
      const first = values.slice(0, 4).map((value) => value.toString(16));
      expect(networkOf(address)).toBe(`${first.join(":")}::/64`);
    }
  });
  fc.assert(property);
});

import { PassThrough } from "node:stream";
import { Counters } from "../counters";
import { Admissions, type Seat } from "./admission";

const limits = { maxConnections: 2, maxConnectionsPerAddress: 2, maxConnectionsPerUser: 2 };

it("a seat that was given back takes nothing any more, and nothing is given back twice", () => {
  const admission = new Admissions(limits, new Counters()).for({})!;
  const first = admission.take(new PassThrough(), "203.0.113.7") as Seat;
  const second = admission.take(new PassThrough(), "203.0.113.7") as Seat;
  expect(second.changeUser("mara")).toBe(true);
  expect(admission.entries).toBe(3);
  first.giveBack();
  first.giveBack();
  expect(first.changeUser("noor")).toBe(true);
  expect(admission.entries).toBe(3);
  second.giveBack();
  expect(admission.entries).toBe(0);
});

it("what has no address is not limited by address", () => {
  const admission = new Admissions({ maxConnectionsPerAddress: 0 }, new Counters()).for({})!;
  expect(admission.take(new PassThrough(), undefined)).not.toBe("maxConnectionsPerAddress");
  expect(admission.take(new PassThrough(), "203.0.113.7")).toBe("maxConnectionsPerAddress");
});

it("without a limit there is no admission", () => {
  expect(new Admissions({ maxConnections: false }, new Counters()).for({})).toBeNull();
});

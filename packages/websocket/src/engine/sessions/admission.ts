import type { Duplex } from "node:stream";
import type { SeatOptions } from "../../options";
import type { UserSeat } from "../connection/profile";
import type { Counters } from "../counters";
import { networkOf } from "./address-network";

/** A limit that leaves no seat. */
export type SeatLimit = keyof SeatOptions;

/** Seats as one option limits them. */
class Seats {
  readonly #most: number;
  readonly #taken = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  hasFor(key: string): boolean {
    return (this.#taken.get(key) ?? 0) < this.#most;
  }

  take(key: string): void {
    this.#taken.set(key, (this.#taken.get(key) ?? 0) + 1);
  }

  giveBack(key: string): void {
    const left = this.#taken.get(key)! - 1;
    if (left === 0) this.#taken.delete(key);
    else this.#taken.set(key, left);
  }

  get entries(): number {
    return this.#taken.size;
  }
}

/** The seats of an application or of one handler, by the option that limits them; empty where none does. */
type SeatsByLimit = ReadonlyMap<SeatLimit, Seats>;

const LIMITS: readonly SeatLimit[] = ["maxConnections", "maxConnectionsPerAddress", "maxConnectionsPerUser"];
/** Whoever it is, a total has one count. */
const EVERYBODY = "";
const SEAT = Symbol("seat");

/** The seats of one application and of its handlers. */
export class Admissions {
  readonly #application: SeatsByLimit;
  readonly #counters: Counters;

  constructor(options: SeatOptions, counters: Counters) {
    this.#application = seatsOf(options);
    this.#counters = counters;
  }

  /** For one registration, with its own seats beside those of all; `null` where nothing is limited. */
  for(options: SeatOptions): Admission | null {
    const all = [this.#application, seatsOf(options)];
    const of = (limit: SeatLimit): Seats[] =>
      all.map((seats) => seats.get(limit)).filter((seats) => seats !== undefined);
    const admission = new Admission(
      of("maxConnections"),
      of("maxConnectionsPerAddress"),
      of("maxConnectionsPerUser"),
      this.#counters,
    );
    return all.every(({ size }) => size === 0) ? null : admission;
  }
}

/** Gives seats to the handshakes for one registration. */
export class Admission {
  readonly #total: readonly Seats[];
  readonly #byAddress: readonly Seats[];
  readonly #byUser: readonly Seats[];
  readonly #counters: Counters;

  constructor(
    total: readonly Seats[],
    byAddress: readonly Seats[],
    byUser: readonly Seats[],
    counters: Counters,
  ) {
    this.#total = total;
    this.#byAddress = byAddress;
    this.#byUser = byUser;
    this.#counters = counters;
  }

  /** A seat until the socket closes, or the limit that leaves none. */
  take(socket: Duplex, address: string | undefined): Seat | SeatLimit {
    if (!haveFor(this.#total, EVERYBODY)) return this.#refuse("maxConnections");
    // What has no address, as on a socket of the file system, is not told apart and not limited.
    const network = this.#byAddress.length === 0 || address === undefined ? undefined : networkOf(address);
    if (!haveFor(this.#byAddress, network)) return this.#refuse("maxConnectionsPerAddress");
    take(this.#total, EVERYBODY);
    take(this.#byAddress, network);
    const seat = new Seat(this, network);
    // One listener for all: a closure would be kept as long as the connection.
    (socket as Seated)[SEAT] = seat;
    if (socket.closed) seat.giveBack();
    else socket.on("close", giveBackSeat);
    return seat;
  }

  /** `false`, and nothing done, where the other user has no seat left. */
  changeUser(before: string | undefined, after: string | undefined): boolean {
    if (before === after) return true;
    if (!haveFor(this.#byUser, after)) {
      this.#refuse("maxConnectionsPerUser");
      return false;
    }
    take(this.#byUser, after);
    giveBack(this.#byUser, before);
    return true;
  }

  giveBack(network: string | undefined, user: string | undefined): void {
    giveBack(this.#total, EVERYBODY);
    giveBack(this.#byAddress, network);
    giveBack(this.#byUser, user);
  }

  /** How many counts are kept, the application's included; 0 when no seat is taken. */
  get entries(): number {
    const all = [...this.#total, ...this.#byAddress, ...this.#byUser];
    return all.reduce((sum, seats) => sum + seats.entries, 0);
  }

  #refuse(limit: SeatLimit): SeatLimit {
    this.#counters.limited(limit);
    return limit;
  }
}

/** What one connection occupies. */
export class Seat implements UserSeat {
  readonly #admission: Admission;
  readonly #network: string | undefined;
  #user: string | undefined;
  #isTaken = true;

  constructor(admission: Admission, network: string | undefined) {
    this.#admission = admission;
    this.#network = network;
  }

  changeUser(name: string | undefined): boolean {
    // A callback may say who it was when the socket has closed.
    if (!this.#isTaken) return true;
    if (!this.#admission.changeUser(this.#user, name)) return false;
    this.#user = name;
    return true;
  }

  giveBack(): void {
    if (!this.#isTaken) return;
    this.#isTaken = false;
    this.#admission.giveBack(this.#network, this.#user);
  }
}

interface Seated {
  [SEAT]?: Seat;
}

function giveBackSeat(this: Duplex): void {
  (this as Seated)[SEAT]!.giveBack();
}

function seatsOf(options: SeatOptions): SeatsByLimit {
  const seats = new Map<SeatLimit, Seats>();
  for (const limit of LIMITS) {
    const most = options[limit];
    if (typeof most === "number") seats.set(limit, new Seats(most));
  }
  return seats;
}

function haveFor(all: readonly Seats[], key: string | undefined): boolean {
  return key === undefined || all.every((seats) => seats.hasFor(key));
}

function take(all: readonly Seats[], key: string | undefined): void {
  if (key !== undefined) for (const seats of all) seats.take(key);
}

function giveBack(all: readonly Seats[], key: string | undefined): void {
  if (key !== undefined) for (const seats of all) seats.giveBack(key);
}

import { randomUUID } from "node:crypto";
import jwt from "jsonwebtoken";

/** What a token is good for. One that was made for something else is refused. */
export type Audience = "chat" | "ticket" | "cookie";

/** A token that was made here and has not expired. */
export interface VerifiedToken {
  readonly id: string;
  /** The user. */
  readonly name: string;
  readonly expiresAt: Date;
  /** Until when the login holds; of most tokens the same as `expiresAt`. */
  readonly loginUntil: Date;
}

interface IssueOptions {
  readonly seconds: number;
  readonly loginUntil?: Date;
}

/** Signed tokens (JSON Web Tokens, RFC 7519), made and checked with one secret. */
export class Tokens {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  issue(name: string, audience: Audience, { seconds, loginUntil }: IssueOptions): string {
    const claims = loginUntil === undefined ? {} : { until: Math.floor(loginUntil.getTime() / 1000) };
    return jwt.sign(claims, this.#secret, {
      algorithm: "HS256",
      subject: name,
      audience,
      expiresIn: seconds,
      jwtid: randomUUID(),
    });
  }

  /** The token, if it is in order; `undefined` for any other text and for none. */
  verify(token: string | undefined, audience: Audience): VerifiedToken | undefined {
    if (token === undefined) return undefined;
    const claims = this.#claimsOf(token, audience);
    if (claims?.sub === undefined || claims.exp === undefined || claims.jti === undefined) return undefined;
    const until: unknown = claims["until"];
    return {
      id: claims.jti,
      name: claims.sub,
      expiresAt: dateOf(claims.exp),
      loginUntil: dateOf(typeof until === "number" ? until : claims.exp),
    };
  }

  #claimsOf(token: string, audience: Audience): jwt.JwtPayload | undefined {
    try {
      // Without the list of algorithms, the token would choose.
      const claims = jwt.verify(token, this.#secret, { algorithms: ["HS256"], audience });
      return typeof claims === "string" ? undefined : claims;
    } catch (error) {
      if (error instanceof jwt.JsonWebTokenError) return undefined;
      throw error;
    }
  }
}

function dateOf(seconds: number): Date {
  return new Date(seconds * 1000);
}

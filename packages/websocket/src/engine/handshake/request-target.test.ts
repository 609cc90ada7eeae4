import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { originForm, rawPathOf } from "./request-target";

function requestFor(url: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.url = url;
  return request;
}

describe("the target of a request", () => {
  it.each([
    ["/ws", "/ws", "/ws"],
    ["/ws?a=b?c", "/ws", "/ws?a=b?c"],
    ["/ws/%2F%zz", "/ws/%2F%zz", "/ws/%2F%zz"],
    ["//elsewhere.example/ws", "//elsewhere.example/ws", "//elsewhere.example/ws"],
    ["http://a.example:80/ws?a", "/ws", "/ws?a"],
    ["WSS://a.example/ws", "/ws", "/ws"],
    ["http://a.example", "/", "/"],
    ["http://a.example?a=/b", "/", "/?a=/b"],
  ])("%s has the path %s and the origin form %s", (url, path, target) => {
    expect([rawPathOf(requestFor(url)), originForm(requestFor(url))]).toEqual([path, target]);
  });

  it.each(["*", "", "a.example:443", "ws", "ftp://a.example/ws"])("%j has no path", (url) => {
    expect(rawPathOf(requestFor(url))).toBe("");
  });
});

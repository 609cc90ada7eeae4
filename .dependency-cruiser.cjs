// Who may import whom. Type imports count: a knot of types is a knot.

const source = "^packages/websocket/src/";
const tests = "\\.test\\.ts$";
const doors = "(?:index|websocket-application|websocket-client|websocket-connection-manager)";

const rooms = {
  contracts: `${source}(?!${doors}\\.ts$)[^/]+\\.ts$`,
  instruments: `${source}engine/(?:logging|counters)(?:/|\\.ts$)`,
  connection: `${source}engine/connection/`,
  sessions: `${source}engine/sessions/`,
  handshake: `${source}engine/handshake/`,
  boot: `${source}engine/boot/`,
  client: `${source}engine/client/`,
  "websocket-application": `${source}websocket-application\\.ts$`,
  "websocket-client": `${source}websocket-client\\.ts$`,
  "websocket-connection-manager": `${source}websocket-connection-manager\\.ts$`,
};

// In each line, a room may import what stands left of it.
const lines = [
  ["contracts", "instruments", "connection", "sessions", "handshake", "boot", "websocket-application"],
  ["contracts", "instruments", "connection", "client", "websocket-client", "websocket-connection-manager"],
];

const directions = Object.keys(rooms).map((room) => {
  const allowed = lines.flatMap((line) => line.slice(0, line.indexOf(room) + 1));
  return {
    name: `direction-of-${room}`,
    comment: `${room} may import only: ${[...new Set(allowed)].join(", ")}.`,
    from: { path: rooms[room], pathNot: tests },
    to: { path: `${source}(?!index\\.ts$)`, pathNot: allowed.map((name) => rooms[name]) },
  };
});

const forbidden = [
  {
    name: "no-cycles",
    comment: "Two files that need each other are one file, or a third is missing.",
    from: {},
    to: { circular: true },
  },
  {
    name: "no-unresolved-imports",
    comment: "Not found: not built, not declared, or not exported by the package.",
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: "no-deep-imports",
    comment: "A package is imported by its name, never by a path into it.",
    from: { path: "^(packages|apps)/([^/]+)/" },
    to: {
      path: "^(packages|apps)/",
      pathNot: ["^$1/$2/", "^packages/[^/]+/dist/index\\.(js|d\\.ts)$", "^apps/visitor/src/index\\.ts$"],
    },
  },
  {
    name: "no-vague-names",
    comment: "A name that fits everything says nothing: name the file after what it holds.",
    from: {},
    module: {
      path: "^(packages|apps)/(?!.*node_modules/)(.*/)?(common|shared|utils|helpers|types|misc)(/|\\.[^/]+$)",
      numberOfDependentsLessThan: 100,
    },
  },
  ...directions,
  {
    name: "engine-files-have-a-room",
    comment: "A file in engine/ lies in one of the rooms named in this configuration.",
    from: {},
    to: { path: `${source}engine/`, pathNot: Object.values(rooms) },
  },
  {
    name: "nobody-imports-index",
    comment: "The barrel is for users; inside the package it would tie everything to everything.",
    from: { path: source, pathNot: tests },
    to: { path: "^packages/websocket/(src|dist)/index\\." },
  },
  {
    name: "leaves-import-nothing",
    comment: "errors, class-metadata, options and stats import nothing of the package.",
    from: { path: `${source}(errors|class-metadata|options|stats)\\.ts$` },
    to: { path: "^packages/websocket/" },
  },
  {
    name: "other-errors-import-errors",
    comment:
      "wiring-errors, injection-errors and client-errors are the rest of the catalogue, and import only errors.",
    from: { path: `${source}(wiring|injection|client)-errors\\.ts$` },
    to: { path: "^packages/websocket/", pathNot: `${source}errors\\.ts$` },
  },
  {
    name: "testing-imports-no-index",
    comment: "The barrel of @vernal/testing is for users; its tests in test/ are users.",
    from: { path: "^packages/testing/src/" },
    to: { path: "^packages/testing/(src|dist)/index\\." },
  },
  {
    name: "testing-stands-on-websocket",
    comment: "Only tests in test/ use @vernal/testing: it stands on @vernal/websocket.",
    from: { path: "^(packages|apps)/(?!testing/)[^/]+/src/" },
    to: { path: "^packages/testing/" },
  },
  {
    name: "testing-dials-with-ws",
    comment: "Values of ws are used where a test client dials; everywhere else `import type`.",
    from: { path: "^packages/testing/src/", pathNot: [tests, "/dial\\.ts$"] },
    to: { path: "node_modules/(@types/)?ws/", dependencyTypesNot: ["type-only"] },
  },
  {
    name: "create-ws-app-stands-alone",
    comment:
      "It is downloaded to be run once: it uses nothing but Node, and the compiler of the project that it works in.",
    from: { path: "^packages/create-ws-app/src/", pathNot: tests },
    to: { pathNot: "^packages/create-ws-app/src/", dependencyTypesNot: ["core", "type-only"] },
  },
  {
    name: "ws-at-the-edge",
    comment: "Values of ws are used where sockets are made; everywhere else `import type`.",
    from: {
      path: source,
      pathNot: [tests, `${source}engine/(handshake/(accept|request-check)|client/dial)\\.ts$`],
    },
    to: { path: "node_modules/(@types/)?ws/", dependencyTypesNot: ["type-only"] },
  },
  {
    name: "one-container",
    comment: "tsyringe is behind engine/boot/container; everywhere else `import type`.",
    from: {
      path: source,
      pathNot: [tests, `${source}(engine/boot/(container|injection-check)|injection|index)\\.ts$`],
    },
    to: { path: "node_modules/tsyringe/", dependencyTypesNot: ["type-only"] },
  },
];

module.exports = {
  forbidden: forbidden.map((rule) => ({ severity: "error", ...rule })),
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "(^|/)(node_modules|dist)/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["require", "node", "default", "types"],
    },
  },
};

// Which part of the mesh may know which: run by `npm run check`. Services meet in the contracts and on the bus, never in
// each other's code; a core is pure. The parser is swc, for TypeScript 7 has none to lend; swc does not tell
// `import type` apart, so what a core may take as a type only is checked by scripts/check/types-only.mjs.
const service = "^services/([a-z]+)/";

module.exports = {
  forbidden: [
    {
      name: "services-do-not-know-each-other",
      comment: "call it over its contract, or listen to its facts",
      severity: "error",
      from: { path: service },
      to: { path: service, pathNot: "^services/$1/" },
    },
    {
      name: "the-kit-knows-no-service",
      comment: "a thing enters the kit when a third place needs it, and then without its words",
      severity: "error",
      from: { path: "^services/_kit/" },
      to: { path: "^(services/[a-z]+|gateway|adapters|replay|scripts|test|bench)/" },
    },
    {
      name: "a-core-is-pure",
      comment: "time, ids and what is stored come in as arguments; types of the contracts and the kit are fine",
      severity: "error",
      from: { path: "^services/[a-z]+/core/" },
      // zen-engine and xstate compute and nothing else; a document of the service's own is data.
      to: {
        pathNot: [
          "^services/[a-z]+/core/",
          "^services/[a-z]+/[a-z]+/[^/]+\\.json$",
          "^services/_kit/",
          "^gen/",
          "(^|/)node_modules/(@gorules/zen-engine|xstate)/",
        ],
      },
    },
    {
      name: "pure-is-pure",
      comment: "services/_kit/pure has no I/O and needs nobody",
      severity: "error",
      from: { path: "^services/_kit/pure/" },
      to: { pathNot: "^services/_kit/pure/" },
    },
    {
      name: "the-gateway-knows-no-domain",
      comment: "it routes by the descriptor set; what it needs of a domain belongs in the contract",
      severity: "error",
      from: { path: "^gateway/", pathNot: "^gateway/test/" },
      to: { path: "^(services/[a-z]+|replay|scripts|test|bench)/" },
    },
    {
      name: "adapters-are-partners",
      comment: "an adapter plays an outside system behind its contract: it knows no service, and none knows it",
      severity: "error",
      from: { path: "^adapters/", pathNot: "/test/" },
      to: { path: "^(services/[a-z]+|gateway|replay|scripts|test|bench)/" },
    },
    {
      name: "adapters-do-not-know-each-other",
      severity: "error",
      from: { path: "^adapters/([a-z]+)/" },
      to: { path: "^adapters/([a-z]+)/", pathNot: "^adapters/$1/" },
    },
    {
      name: "nobody-calls-an-adapter-but-over-its-contract",
      severity: "error",
      from: { path: "^(services|gateway|replay|scripts|test|bench)/" },
      to: { path: "^adapters/" },
    },
    {
      name: "the-client-package-carries-little",
      comment: "what it is made of goes into the tarball: contracts, and the kit's files that need nothing else",
      severity: "error",
      from: { path: "^client/", pathNot: "^client/test/" },
      to: {
        pathNot: [
          "^client/(?!test/)",
          "^gen/",
          "^services/_kit/(methods|refusal|trailers|pure/backoff)\\.ts$",
          "(^|/)node_modules/@grpc/grpc-js/",
        ],
        dependencyTypesNot: ["core"],
      },
    },
    {
      name: "what-the-client-package-shares-needs-nothing-else",
      severity: "error",
      from: { path: "^services/_kit/(methods|refusal|trailers)\\.ts$" },
      to: { pathNot: ["^gen/", "^services/_kit/(refusal|trailers)\\.ts$", "(^|/)node_modules/@grpc/grpc-js/"] },
    },
    {
      name: "the-mesh-does-not-need-its-client",
      severity: "error",
      from: { path: "^(services|gateway|adapters)/" },
      to: { path: "^client/" },
    },
    {
      name: "services-run-without-the-tools",
      comment: "an image holds services, adapters and the gateway; replay, scripts, tests and benchmarks stay behind",
      severity: "error",
      from: { path: "^(services|gateway|adapters)/", pathNot: "/test/" },
      to: { path: "^(replay|scripts|test|bench)/|/test/" },
    },
    {
      name: "only-tests-use-testing",
      severity: "error",
      from: { path: "^(services|gateway|adapters)/", pathNot: "(/test/|/testing/|\\.test\\.ts$)" },
      to: { path: "^services/_kit/testing/" },
    },
    {
      name: "no-circles",
      comment: "imports of types included",
      severity: "error",
      from: { pathNot: "^gen/|(^|/)node_modules/" },
      to: { circular: true },
    },
    {
      name: "all-is-found",
      comment: "a name that leads nowhere escapes every other rule",
      severity: "error",
      from: { pathNot: "^gen/|(^|/)node_modules/" },
      to: { couldNotResolve: true },
    },
    {
      name: "packages-are-declared",
      severity: "error",
      from: { pathNot: "^gen/|(^|/)node_modules/" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
  ],
  options: {
    parser: "swc",
    doNotFollow: { path: ["(^|/)node_modules/", "^gen/"] },
    // The example takes the package as a project of its own does: test/client.test.ts compiles it there.
    exclude: { path: "^(client/)?dist/|^examples/restock-alerts/" },
    enhancedResolveOptions: {
      conditionNames: ["source", "import", "node", "default"],
      exportsFields: ["exports"],
      extensions: [".ts", ".js", ".mjs", ".cjs", ".json"],
    },
  },
};

const { default: Sequencer } = require("@jest/test-sequencer");

// Short files that take long, the longest first. Jest begins with the largest files, and one core would wait for these.
const slow = [
  /docs\/test\/site\.browser/,
  /bench\/test\/trouble/,
  /\.browser\.test\.ts$/,
  /\/faults\.test\.ts$/,
];

module.exports = class SlowTestsFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const index = slow.findIndex((pattern) => pattern.test(path.replaceAll("\\", "/")));
      return index < 0 ? slow.length : index;
    };
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
};

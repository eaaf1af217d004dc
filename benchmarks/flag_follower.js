// A process with the stock Node SDK that says on its output when each state of flags arrived, as
// flag_follower.py does: node flag_follower.js SDK-FOLDER URL TOKEN streaming|delta|polling
const [sdk, url, token, mode] = process.argv.slice(2);
const { initialize, InMemStorageProvider } = require(sdk);

const modes = {
  streaming: { type: "streaming" },
  delta: { type: "polling", format: "delta" },
  polling: { type: "polling", format: "full" },
};
const client = initialize({
  url: `${url}/api`,
  appName: "follower-node",
  customHeaders: { Authorization: token },
  refreshInterval: 500,
  experimentalMode: modes[mode],
  storageProvider: new InMemStorageProvider(), // an unwritable backup path makes the SDK reconnect without end
});
const say = () => {
  const flags = {};
  for (const flag of client.getFeatureToggleDefinitions()) {
    flags[flag.name] = flag.enabled ? (flag.strategies?.[0]?.parameters?.rollout ?? "100") : "off";
  }
  console.log(JSON.stringify({ at: Date.now() * 1e6, flags }));
};
client.on("changed", say);
client.on("error", (error) => console.error(error.message));
client.on("warn", (message) => console.error(message));
process.stdin.on("end", () => process.exit(0)).resume();

// Reacts to: time[data-age], whose words grow older while the page is open
(() => {
  const EVERY_MS = 15000;
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
  const STEPS = [
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
  ];

  function age(element) {
    const seconds = (Date.parse(element.dateTime) - Date.now()) / 1000;
    const [unit, length] = STEPS.find(([, size]) => Math.abs(seconds) >= size * 1.2) ?? STEPS[3];
    if (Math.abs(seconds) > 5 && Math.abs(seconds) < 30 * 86400) element.textContent = words.format(Math.round(seconds / length), unit);
  }

  setInterval(() => document.querySelectorAll("time[data-age]").forEach(age), EVERY_MS);
})();

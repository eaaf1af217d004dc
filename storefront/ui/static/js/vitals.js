// <script src="…/vitals.js" data-vitals="/vitals" defer>: tells this address how the page felt, once, when it is left:
// largest contentful paint and interaction to next paint in seconds, layout shift as a score; null = not known.
(() => {
  const address = document.currentScript.dataset.vitals;
  const felt = { lcp: null, inp: null, cls: null };
  const durations = new Map(); // interaction → its longest event, in milliseconds
  let burst = { score: 0, first: 0, last: 0 };

  function observe(type, react, options = {}) {
    if (!window.PerformanceObserver?.supportedEntryTypes?.includes(type)) return false;
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(react));
    observer.observe({ type, buffered: true, ...options });
    return true;
  }

  observe("largest-contentful-paint", (entry) => { felt.lcp = entry.startTime / 1000; });

  // The worst burst of shifts: gaps under a second, five seconds at most. No shift at all is 0.
  const shifts = observe("layout-shift", (entry) => {
    if (entry.hadRecentInput) return;
    const goesOn = entry.startTime - burst.last < 1000 && entry.startTime - burst.first < 5000;
    burst = { score: goesOn ? burst.score : 0, first: goesOn ? burst.first : entry.startTime, last: entry.startTime };
    burst.score += entry.value;
    felt.cls = Math.max(felt.cls, burst.score);
  });
  if (shifts) felt.cls = 0;

  // The slowest interaction, leaving out one for every fifty.
  observe("event", (entry) => {
    if (!entry.interactionId) return;
    durations.set(entry.interactionId, Math.max(entry.duration, durations.get(entry.interactionId) ?? 0));
    const slowest = [...durations.values()].sort((a, b) => b - a);
    felt.inp = slowest[Math.floor(durations.size / 50)] / 1000;
  }, { durationThreshold: 40 });

  let told = false;
  addEventListener("visibilitychange", () => {
    if (told || document.visibilityState !== "hidden" || (felt.lcp === null && felt.cls === null)) return;
    told = true;
    navigator.sendBeacon(address, new Blob([JSON.stringify(felt)], { type: "application/json" }));
  });
})();

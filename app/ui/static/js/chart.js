// Reacts to: [data-chart] with data-chart-src (JSON of app/ui/chart.py), data-chart-title and data-chart-height
// All charts of a page share cursor and range; a zoom goes into the address as from= and to=, a double click resets it.
(() => {
  const SHARED = uPlot.sync("page");
  const plots = new Map(); // element → {plot, data}
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  // light-dark() is resolved by the browser only in a property that takes a colour.
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const color = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const lang = document.documentElement.lang;
  const DASHES = [[], [6, 3], [], [2, 3], [], [6, 3, 2, 3]];

  function formatter({ unit, currency }) {
    const plain = new Intl.NumberFormat(lang, { maximumSignificantDigits: 4 });
    const percent = new Intl.NumberFormat(lang, { style: "percent", maximumFractionDigits: 3 });
    const money = new Intl.NumberFormat(lang, { style: "currency", currency: currency || "EUR" });
    const units = {
      ratio: (value) => percent.format(value),
      cents: (value) => money.format(value / 100),
      seconds: (value) => (value < 1 ? `${plain.format(value * 1000)} ms` : `${plain.format(value)} s`),
      burn: (value) => `${plain.format(value)}×`,
    };
    return (value) => (value == null ? "–" : (units[unit] ?? plain.format)(value));
  }

  // Flags on the axis and bands for what lasted; the words stand in the list under the chart.
  function annotations(data) {
    return (plot) => {
      const { ctx, bbox } = plot;
      ctx.save();
      for (const note of data.annotations) {
        const bad = note.kind === "incident" || note.kind === "alert";
        const x = plot.valToPos(note.at, "x", true);
        ctx.strokeStyle = ctx.fillStyle = color(bad ? "--bad" : "--info");
        if (note.until) {
          ctx.globalAlpha = 0.12;
          const from = Math.max(x, bbox.left);
          const to = Math.min(plot.valToPos(note.until, "x", true), bbox.left + bbox.width);
          if (to > from) ctx.fillRect(from, bbox.top, to - from, bbox.height);
          ctx.globalAlpha = 1;
        }
        if (x < bbox.left || x > bbox.left + bbox.width) continue;
        ctx.setLineDash([2, 3]);
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
        ctx.fillRect(x, bbox.top, 6 * devicePixelRatio, 4 * devicePixelRatio);
      }
      if (data.target != null) {
        const y = plot.valToPos(data.target, "y", true);
        ctx.strokeStyle = color("--line-2");
        ctx.setLineDash([4, 3]);
        ctx.beginPath();
        ctx.moveTo(bbox.left, y);
        ctx.lineTo(bbox.left + bbox.width, y);
        ctx.stroke();
      }
      ctx.restore();
    };
  }

  function range(data) {
    return (plot, low, high) => {
      const bottom = data.zero ? Math.min(0, low ?? 0) : Math.min(low ?? 0, data.target ?? Infinity);
      const top = Math.max(high ?? 1, data.target ?? -Infinity);
      const air = (top - bottom || 1) * 0.06;
      return [data.zero ? bottom : bottom - air, top + air];
    };
  }

  function tip(data, words) {
    const box = document.createElement("div");
    box.className = "chart-tip";
    box.hidden = true;
    const time = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
    return {
      init: (plot) => plot.over.append(box),
      setCursor: (plot) => {
        const { idx, left } = plot.cursor;
        box.hidden = idx == null || left < 0;
        if (box.hidden) return;
        const rows = data.lines.map((line) => `${data.lines.length > 1 ? `${line.name}: ` : ""}${words(line.values[idx])}`);
        box.textContent = [`${time.format(data.x[idx] * 1000)} UTC`, ...rows].join(" · ");
        const room = plot.over.clientWidth - box.offsetWidth;
        box.style.left = `${Math.max(0, Math.min(room, left + 12))}px`;
      },
    };
  }

  function options(element, data) {
    const words = formatter(data);
    const axis = { stroke: color("--ink-3"), grid: { stroke: color("--line-1"), width: 1 }, ticks: { show: false }, font: `11px ${css("--sans")}` };
    const hover = tip(data, words);
    const stroke = (index) => color(`--series-${(index % 6) + 1}`);
    return {
      width: element.clientWidth,
      height: Number(element.dataset.chartHeight || 220),
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      legend: { show: false },
      cursor: { sync: { key: SHARED.key, setSeries: false }, drag: { x: true, y: false, setScale: false } },
      scales: { x: { range: () => [data.from, data.to] }, y: { range: range(data) } },
      axes: [{ ...axis, size: 28, values: times }, { ...axis, size: wide, values: (plot, marks) => marks.map(words) }],
      series: [{}, ...data.lines.map((line, index) => ({ label: line.name, stroke: stroke(index), width: 1.75, dash: DASHES[index % 6], spanGaps: false, points: { show: true, size: 4, filter: () => lonely(line.values) } }))],
      bands: (data.bands ?? []).map((pair) => ({ series: pair, fill: color("--accent-soft") })),
      hooks: { drawAxes: [annotations(data)], init: [hover.init], setCursor: [hover.setCursor], setSelect: [zoomed] },
    };
  }

  // As wide as its longest word: "€200,000.00" must not be cut.
  const wide = (plot, labels) => Math.max(56, 14 + 6.5 * Math.max(0, ...(labels || []).map((label) => String(label).length)));

  const times = (plot, marks, axis, space, step) => {
    const day = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short", timeZone: "UTC" });
    const hour = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "UTC" });
    return marks.map((mark) => (mark % 86400 ? hour : day).format(mark * 1000));
  };

  // A value between two gaps would be invisible as a line.
  const lonely = (values) => values.flatMap((value, at) => (value != null && values[at - 1] == null && values[at + 1] == null ? [at] : []));

  function zoomed(plot) {
    const { left, width } = plot.select;
    if (width < 8) return;
    const [from, to] = [left, left + width].map((x) => Math.round(plot.posToVal(x, "x")));
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    show(from, to);
  }

  function show(from, to) {
    const address = new URL(location.href);
    address.searchParams.set("from", from);
    address.searchParams.set("to", to);
    address.searchParams.delete("range");
    history.pushState({}, "", address);
    plots.forEach((kept, element) => load(element));
  }

  async function load(element) {
    const source = new URL(element.dataset.chartSrc, location.href);
    const here = new URL(location.href).searchParams;
    for (const name of ["range", "from", "to"]) if (here.has(name)) source.searchParams.set(name, here.get(name));
    try {
      const answer = await fetch(source, { headers: { Accept: "application/json" } });
      if (answer.ok) draw(element, await answer.json());
    } catch {
      element.dataset.chartOffline = ""; // the drawing that is there stays
    }
  }

  function draw(element, data) {
    if (!data.lines.some((line) => line.values.some((value) => value != null))) return;
    plots.get(element)?.plot.destroy();
    const holder = document.createElement("div");
    element.replaceChildren(holder);
    const plot = new uPlot(options(element, data), [data.x, ...data.lines.map((line) => line.values)], holder);
    plot.over.addEventListener("dblclick", reset);
    plots.set(element, { plot, data });
  }

  function reset() {
    const address = new URL(location.href);
    ["from", "to"].forEach((name) => address.searchParams.delete(name));
    history.pushState({}, "", address);
    plots.forEach((kept, element) => load(element));
  }

  function prepare(root) {
    root.querySelectorAll("[data-chart]").forEach((element) => {
      if (plots.has(element)) return;
      plots.set(element, { plot: { destroy() {} } });
      load(element);
    });
  }

  function redraw() {
    plots.forEach((kept, element) => {
      if (!element.isConnected) plots.delete(element);
      else if (kept.data) draw(element, kept.data);
    });
  }

  let waiting;
  addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(redraw, 150);
  });
  addEventListener("popstate", () => plots.forEach((kept, element) => load(element)));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  document.addEventListener("htmx:load", (event) => prepare(event.target));
  prepare(document);
})();

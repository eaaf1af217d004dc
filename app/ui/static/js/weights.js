// Reacts to: [data-variants] with [data-weight] inputs (percent) and one [data-weight-left] that says what they are short of
(() => {
  const read = (input) => Number(input.value.replace(",", "."));
  const say = (output, key, percent) => output.dataset[key].replace("{}", percent);

  function words(output, left) {
    if (left === 0) return output.dataset.wordsWhole;
    const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent", maximumFractionDigits: 1 }).format(Math.abs(left) / 1000);
    return say(output, left > 0 ? "wordsLeft" : "wordsOver", percent);
  }

  document.addEventListener("input", (event) => {
    const group = event.target.matches("[data-weight]") && event.target.closest("[data-variants]");
    if (!group) return;
    const output = group.querySelector("[data-weight-left]");
    const weights = [...group.querySelectorAll("[data-weight]")].map(read);
    if (!output || weights.some(Number.isNaN)) return;
    const left = 1000 - weights.reduce((sum, weight) => sum + Math.round(weight * 10), 0);
    output.textContent = words(output, left);
    output.classList.toggle("targeting-left--wrong", left !== 0);
  });
})();

// <div id="x" data-poll="/address" data-poll-seconds="3">: fetches the address and puts the answer in its place
// until the answer no longer carries data-poll. The page is complete without it: reload shows the same.
function watch(element) {
  setTimeout(async () => {
    let next = element;
    try {
      const answer = await fetch(element.dataset.poll, { headers: partHeaders() });
      if (outdated(answer)) return;
      if (answer.ok) {
        const piece = document.createRange().createContextualFragment(await answer.text()).firstElementChild;
        element.replaceWith(piece);
        next = piece;
      }
    } finally {
      if (next.dataset.poll && next.isConnected) watch(next);
    }
  }, 1000 * Number(element.dataset.pollSeconds || 5));
}
document.querySelectorAll("[data-poll]").forEach(watch);

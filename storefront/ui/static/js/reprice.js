// <select data-reprice="/en/checkout/summary">: when another option is chosen, fetches the address with it and
// puts the answer in place of #summary. Without this script the sums are put right when the form is sent.
document.querySelectorAll("select[data-reprice]").forEach((select) => {
  select.addEventListener("change", async () => {
    const address = `${select.dataset.reprice}?${select.name}=${encodeURIComponent(select.value)}`;
    const answer = await fetch(address, { headers: partHeaders() });
    if (outdated(answer) || !answer.ok) return;
    const piece = document.createRange().createContextualFragment(await answer.text());
    document.getElementById("summary").replaceWith(piece);
  });
});

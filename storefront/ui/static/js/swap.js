// <form data-swap="#element-id" data-said="Added to your cart">: sends the form in the background, puts the
// answer in place of the element and reads `data-said` out. Without this script the form works as any form.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-swap]");
  if (!form) return;
  event.preventDefault();
  const button = event.submitter;
  const body = new FormData(form);
  if (button?.name) body.append(button.name, button.value);
  button?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: partHeaders() });
    if (outdated(answer)) return;
    const place = document.querySelector(answer.ok ? form.dataset.swap : form.dataset.problem || form.dataset.swap);
    if (answer.redirected || !place) return form.submit();
    const piece = document.createRange().createContextualFragment(await answer.text());
    if (answer.ok) place.replaceWith(piece);
    else place.replaceChildren(piece);
    if (answer.ok) document.getElementById("announcement").textContent = form.dataset.said || "";
  } catch {
    form.submit();
  } finally {
    button?.removeAttribute("aria-busy");
  }
});
